"""
MySQL. Its own initialisation takes seconds and hundreds of syncs, so the image holds an empty data folder, made when the image was built; what must differ
between servers was left out of it and is made at the first start. Superuser is the guest's root alone, through the local socket.
"""

import re
import shutil

import mysql_client
import programs
import tls_files
from failure import Failure
from guest_files import make_folder, sync_folder, write_file
from mysql_client import identifier, literal, pattern
from settings import DATA_FOLDER, FOLDER, mark_configured

UNIT = "cloudnexus-mysql.service"
OWNER = "mysql"
TEMPLATE = "/usr/lib/cloudnexus/mysql-template"
MYSQL_FOLDER = DATA_FOLDER / "mysql"
# Its instruments take a hundred MiB.
MIN_PERFORMANCE_SCHEMA_MIB = 2048

SETTINGS = f"""\
# Written by the CloudNexus agent.
[mysqld]
user = {OWNER}
datadir = {MYSQL_FOLDER}
socket = {mysql_client.SOCKET}
pid_file = /run/cloudnexus/mysqld.pid
log_error = stderr
bind_address = 0.0.0.0
port = {{port}}
mysqlx = OFF
skip_name_resolve = ON
require_secure_transport = ON
tls_version = TLSv1.2,TLSv1.3
ssl_ca = {tls_files.AUTHORITY}
ssl_cert = {tls_files.CERTIFICATE}
ssl_key = {tls_files.KEY}
auto_generate_certs = OFF
caching_sha2_password_auto_generate_rsa_keys = OFF
secure_file_priv = NULL
local_infile = OFF
disable_log_bin
# The kernel's asynchronous requests are counted for the whole host, and an instance takes thousands.
innodb_use_native_aio = OFF
innodb_buffer_pool_size = {{buffer_pool_mib}}M
innodb_redo_log_capacity = {{redo_log_mib}}M
max_connections = {{max_connections}}
temptable_max_ram = {{temporary_tables_mib}}M
performance_schema = {{performance_schema}}
"""


class Engine:
    def set_up(self, setup, settings, report):
        report("prepare the data")
        self._initialise()
        make_folder(FOLDER)
        report("write the configuration")
        changed = tls_files.write(setup.tls, OWNER)
        content = SETTINGS.format(port=setup.port, **memory_settings(setup.memory_mib))
        changed = write_file(FOLDER / "mysql.cnf", content) or changed
        report("start the engine")
        mark_configured()
        if changed and programs.is_active(UNIT):
            programs.restart(UNIT)
        else:
            programs.start(UNIT)
        report("create user and database")
        return self._create(setup)

    def add_password(self, password, settings):
        """MySQL keeps two passwords of a user. A third would push out the older one, whichever of them is in use."""
        if mysql_client.can_log_in(settings.user, password):
            return settings.user
        user = account(settings.user)
        second = "SELECT COUNT(*) FROM mysql.user WHERE User_attributes->'$.additional_password' IS NOT NULL"
        if mysql_client.query(f"{second} AND User = {literal(settings.user)};") == ["1"]:
            raise Failure("two_passwords", "there are two passwords already: drop one first")
        mysql_client.query(f"ALTER USER {user} IDENTIFIED BY {literal(password)} RETAIN CURRENT PASSWORD;")
        return settings.user

    def drop_password(self, password, settings):
        """Sessions that are open stay, as on every engine."""
        if not mysql_client.can_log_in(settings.user, password):
            raise Failure("unknown_password", "the password that is to stay is not one of the engine's")
        self._set_only_password(settings.user, password)
        return settings.user

    def set_trusted_sources(self, settings):
        """The firewall is all there is."""

    def _initialise(self):
        """Beside its place, so that a crash leaves none or a whole one."""
        if MYSQL_FOLDER.exists():
            return
        partial = MYSQL_FOLDER.with_name("mysql.partial")
        shutil.rmtree(partial, ignore_errors=True)
        # Where volume and image share a file system, this copies nothing but the names.
        programs.run(["cp", "--archive", "--reflink=auto", TEMPLATE, partial], failure="prepare_data_failed")
        programs.sync_volume(DATA_FOLDER)
        partial.rename(MYSQL_FOLDER)
        sync_folder(DATA_FOLDER)

    def _create(self, setup):
        """Makes what is missing, in one session; answers the server's version."""
        user, database = account(setup.user), identifier(setup.database)
        statements = [
            f"CREATE DATABASE IF NOT EXISTS {database} CHARACTER SET utf8mb4;",
            f"CREATE USER IF NOT EXISTS {user};",
            f"ALTER USER {user} IDENTIFIED WITH caching_sha2_password BY {literal(setup.password)};",
            f"ALTER USER {user} DISCARD OLD PASSWORD;",
            f"GRANT ALL ON {pattern(setup.database)}.* TO {user};",
            "SELECT VERSION();",
        ]
        return re.match(r"[0-9.]+", mysql_client.query("\n".join(statements))[-1])[0]

    def _set_only_password(self, name, password):
        user = account(name)
        mysql_client.query(
            f"ALTER USER {user} IDENTIFIED BY {literal(password)};\nALTER USER {user} DISCARD OLD PASSWORD;"
        )


def memory_settings(memory_mib):
    return {
        "buffer_pool_mib": memory_mib // 2,
        "redo_log_mib": max(64, min(2048, memory_mib // 8)),
        "max_connections": max(25, min(1000, memory_mib // 8)),
        "temporary_tables_mib": max(16, memory_mib // 16),
        "performance_schema": "ON" if memory_mib >= MIN_PERFORMANCE_SCHEMA_MIB else "OFF",
    }


def account(user):
    return f"{literal(user)}@'%'"
