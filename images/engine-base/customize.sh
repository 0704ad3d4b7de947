#!/bin/sh
# Run by mmdebstrap on the root file system ($1) of every engine image, after the shared files were copied and before the recipe's own step.
set -eu
root=$1

install -d -m 0700 "$root/var/lib/cloudnexus" "$root/var/lib/cloudnexus/requests" "$root/var/lib/cloudnexus/results"
install -d -m 0755 "$root/data"
chroot "$root" python3 -m compileall -q /usr/lib/cloudnexus/agent

chroot "$root" systemctl --quiet enable systemd-networkd.service cloudnexus-agent.path cloudnexus-firewall.service
# A container has no clock, no disks, no kernel modules and no screens of its own; nobody logs in; packages stay as they were built.
chroot "$root" systemctl --quiet mask \
  systemd-timesyncd.service modprobe@.service e2scrub_reap.service e2scrub_all.timer fstrim.timer systemd-firstboot.service \
  getty@.service console-getty.service container-getty@.service getty.target getty-static.service \
  systemd-logind.service systemd-user-sessions.service systemd-networkd-wait-online.service systemd-networkd-persistent-storage.service \
  systemd-pcrphase.service systemd-binfmt.service proc-sys-fs-binfmt_misc.automount sys-kernel-debug.mount sys-kernel-tracing.mount \
  systemd-sysctl.service systemd-update-utmp.service systemd-update-utmp-runlevel.service systemd-network-generator.service \
  systemd-sysusers.service ldconfig.service systemd-journal-catalog-update.service systemd-update-done.service systemd-pstore.service \
  systemd-modules-load.service systemd-sysext.socket systemd-sysext.service systemd-pcrextend.socket systemd-pcrlock.socket \
  apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer systemd-tmpfiles-clean.timer \
  systemd-hostnamed.socket systemd-creds.socket systemd-journald-audit.socket nftables.service
chroot "$root" systemctl --quiet set-default multi-user.target

# Whatever must differ between instances is made on the first boot.
: >"$root/etc/machine-id"
printf '127.0.0.1 localhost\n::1 localhost\n' >"$root/etc/hosts"
rm -f "$root/var/lib/dbus/machine-id" "$root/etc/hostname" "$root/etc/resolv.conf"
rm -f "$root/etc/ssl/private/ssl-cert-snakeoil.key" "$root/etc/ssl/certs/ssl-cert-snakeoil.pem"
rm -rf "$root"/var/log/*.log "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*.bin "$root"/var/cache/debconf/*-old
