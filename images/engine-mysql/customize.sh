#!/bin/sh
# Our unit instead of the package's, and an empty data folder to be copied by the agent.
set -eu
root=$1
template=/usr/lib/cloudnexus/mysql-template

rm -rf "$root"/var/lib/mysql "$root"/var/log/mysql "$root"/etc/mysql/debian.cnf "$root"/etc/mysql/debian-start
chroot "$root" systemctl --quiet disable mysql.service
chroot "$root" systemctl --quiet mask mysql.service
chroot "$root" systemctl --quiet enable cloudnexus-mysql.service

# Twice: the plugin that lets root in by who it is can be had from the second start on only.
mysqld() {
  chroot "$root" /usr/sbin/mysqld --no-defaults --user=mysql --datadir="$template" --innodb-redo-log-capacity=8M --innodb-use-native-aio=OFF \
    --innodb-undo-log-truncate=OFF --auto-generate-certs=OFF --caching-sha2-password-auto-generate-rsa-keys=OFF --disable-log-bin "$@"
}
install -d -m 0755 "$root/run/mysqld"
chroot "$root" chown mysql: /run/mysqld
mysqld --initialize-insecure
cat >"$root/tmp/template.sql" <<'SQL'
INSTALL PLUGIN auth_socket SONAME 'auth_socket.so';
ALTER USER 'root'@'localhost' IDENTIFIED WITH auth_socket;
SHUTDOWN;
SQL
mysqld --skip-networking --mysqlx=OFF --socket=/run/mysqld/template.sock --pid-file=/run/mysqld/template.pid --init-file=/tmp/template.sql
rm -rf "$root/tmp/template.sql" "$root/run/mysqld"
# The server's identity, and what a server makes anew.
(cd "$root$template" && rm -rf auto.cnf ./*.pem ib_buffer_pool '#innodb_temp')
