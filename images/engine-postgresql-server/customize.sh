#!/bin/sh
# The binaries of the one version in this image, the cluster that the package made taken away, our unit instead of the package's.
set -eu
root=$1

ln -s "../postgresql/$(ls "$root/usr/lib/postgresql")" "$root/usr/lib/cloudnexus/postgresql"
rm -rf "$root"/etc/postgresql/* "$root"/var/lib/postgresql/* "$root"/var/log/postgresql/*
chroot "$root" systemctl --quiet disable postgresql.service
chroot "$root" systemctl --quiet mask postgresql.service
chroot "$root" systemctl --quiet enable cloudnexus-postgresql.service
