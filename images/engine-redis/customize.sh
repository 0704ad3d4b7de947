#!/bin/sh
# Our unit instead of the package's.
set -eu
root=$1

rm -rf "$root"/etc/redis/redis.conf "$root"/var/lib/redis/* "$root"/var/log/redis/*
chroot "$root" systemctl --quiet disable redis-server.service
chroot "$root" systemctl --quiet mask redis-server.service
chroot "$root" systemctl --quiet enable cloudnexus-redis.service
