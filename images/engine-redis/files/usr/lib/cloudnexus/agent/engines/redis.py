"""
Redis. Its user may have several passwords at once, of which Redis keeps the SHA-256 only. The agent has a user of its own, whose password is made here and
never leaves the guest.
"""

import hashlib
import os

import programs
import tls_files
from failure import Failure
from guest_files import make_folder, write_file
from redis_client import RedisClient
from settings import DATA_FOLDER, FOLDER, mark_configured

UNIT = "cloudnexus-redis.service"
OWNER = "redis"
REDIS_FOLDER = DATA_FOLDER / "redis"
SOCKET = "/run/cloudnexus/redis.sock"
ADMINISTRATOR = "cloudnexus"
ADMINISTRATOR_PASSWORD = FOLDER / "redis-administrator"

# Everything on its own data. Of what Redis calls dangerous, only what reads or clears that data or tells about it.
RIGHTS = "~* &* +@all -@admin -@dangerous +info +keys +sort +sort_ro +flushdb +flushall +swapdb +client|list"

SETTINGS = f"""\
# Written by the CloudNexus agent.
bind 0.0.0.0
port 0
tls-port {{port}}
tls-cert-file {tls_files.CERTIFICATE}
tls-key-file {tls_files.KEY}
tls-ca-cert-file {tls_files.AUTHORITY}
tls-auth-clients no
tls-protocols "TLSv1.2 TLSv1.3"
protected-mode no
unixsocket {SOCKET}
unixsocketperm 700
aclfile {REDIS_FOLDER}/users.acl
enable-protected-configs no
enable-debug-command no
enable-module-command no
supervised systemd
daemonize no
logfile ""
dir {REDIS_FOLDER}
appendonly yes
maxmemory {{maxmemory_mib}}mb
maxmemory-policy noeviction
"""


class Engine:
    def set_up(self, setup, settings, report):
        report("prepare the data")
        make_folder(REDIS_FOLDER, mode=0o700, owner=OWNER)
        make_folder(FOLDER)
        report("write the configuration")
        changed = tls_files.write(setup.tls, OWNER)
        content = SETTINGS.format(port=setup.port, maxmemory_mib=setup.memory_mib * 75 // 100)
        changed = write_file(REDIS_FOLDER / "redis.conf", content) or changed
        changed = self._write_users(setup) or changed
        report("start the engine")
        mark_configured()
        if changed and programs.is_active(UNIT):
            programs.restart(UNIT)
        else:
            programs.start(UNIT)
        report("ask the engine")
        with administrator() as client:
            lines = client.call("INFO", "server").splitlines()
        return next(line.partition(":")[2] for line in lines if line.startswith("redis_version:"))

    def add_password(self, password, settings):
        with administrator() as client:
            client.call("ACL", "SETUSER", settings.user, f"#{digest(password)}")
            client.call("ACL", "SAVE")
        return settings.user

    def drop_password(self, password, settings):
        """Sessions that are open stay, as on every engine."""
        with administrator() as client:
            fields = client.call("ACL", "GETUSER", settings.user)
            if digest(password) not in fields[fields.index("passwords") + 1]:
                raise Failure("unknown_password", "the password that is to stay is not one of the engine's")
            client.call("ACL", "SETUSER", settings.user, "resetpass", f"#{digest(password)}")
            client.call("ACL", "SAVE")
        return settings.user

    def set_trusted_sources(self, settings):
        """The firewall is all there is."""

    def _write_users(self, setup):
        if not ADMINISTRATOR_PASSWORD.exists():
            write_file(ADMINISTRATOR_PASSWORD, os.urandom(32).hex(), mode=0o600)
        users = [
            "user default off -@all",
            f"user {ADMINISTRATOR} on #{digest(ADMINISTRATOR_PASSWORD.read_text())} ~* &* +@all",
            f"user {setup.user} on #{digest(setup.password)} {RIGHTS}",
        ]
        # Redis rewrites the file in a form of its own, so what was written last is kept beside it for the comparison.
        changed = write_file(FOLDER / "redis-users", "\n".join([*users, ""]), mode=0o600)
        if changed or not (REDIS_FOLDER / "users.acl").exists():
            write_file(REDIS_FOLDER / "users.acl", "\n".join([*users, ""]), mode=0o600, owner=OWNER)
        return changed


def administrator():
    if not programs.is_active(UNIT):
        raise Failure("engine_not_running", "the engine does not run")
    return RedisClient(SOCKET, ADMINISTRATOR, ADMINISTRATOR_PASSWORD.read_text())


def digest(password):
    return hashlib.sha256(password.encode()).hexdigest()
