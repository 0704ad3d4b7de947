#!/bin/sh
# FerretDB runs as a user of its own, which PostgreSQL knows it by.
set -eu
root=$1

chroot "$root" useradd --system --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin ferretdb
chroot "$root" systemctl --quiet enable cloudnexus-ferretdb.service
