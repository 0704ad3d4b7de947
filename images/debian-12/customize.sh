#!/bin/sh
# Run by mmdebstrap on the finished root file system ($1), after files/ was copied into it and before it is packed.
set -eu
root=$1

chroot "$root" systemctl --quiet enable ssh.service
# A container has no clock, no disks, no kernel modules and no screens of its own.
chroot "$root" systemctl --quiet mask systemd-timesyncd.service modprobe@.service e2scrub_reap.service \
  e2scrub_all.timer fstrim.timer systemd-journal-flush.service systemd-firstboot.service getty@.service console-getty.service

# Whatever must differ between servers is made on the first boot: host keys by cloud-init, the machine id by systemd.
rm -f "$root"/etc/ssh/ssh_host_* "$root/etc/resolv.conf"
ln -s ../run/resolvconf/resolv.conf "$root/etc/resolv.conf"
: >"$root/etc/machine-id"
rm -f "$root/var/lib/dbus/machine-id" "$root/etc/hostname"
rm -rf "$root"/var/lib/cloud/* "$root"/var/log/*.log "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*.bin
