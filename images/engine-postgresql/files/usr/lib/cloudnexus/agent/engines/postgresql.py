"""
PostgreSQL. The database belongs to a role that cannot log in. Two login roles take turns as its members, and act as it from their first statement on, so that a
new password (with the other role's name) finds everything as the old one left it.
"""

import hmac
import re

import postgresql_cluster as cluster
import scram
import tls_files
from failure import Failure
from postgresql_cluster import identifier, literal, unless

SETTINGS = f"""\
listen_addresses = '0.0.0.0'
port = {{port}}
ssl = on
ssl_min_protocol_version = 'TLSv1.2'
ssl_cert_file = '{tls_files.CERTIFICATE}'
ssl_key_file = '{tls_files.KEY}'
ssl_ca_file = '{tls_files.AUTHORITY}'
"""
ITERATIONS = 4096
SALT_BYTES = 16
VERIFIER = re.compile(r"SCRAM-SHA-256\$(\d+):([^$]+)\$([^:]+):(.+)")


class Engine:
    def set_up(self, setup, settings, report):
        report("prepare the data")
        cluster.initialise()
        report("write the configuration")
        changed = tls_files.write(setup.tls, cluster.OWNER)
        changed = cluster.configure(setup, SETTINGS.format(port=setup.port), access_lines(settings)) or changed
        report("start the engine")
        cluster.start(changed)
        report("create user and database")
        return self._create(setup, settings)

    def add_password(self, password, settings):
        for role, verifier in self._verifiers(settings):
            if matches(password, verifier):
                return role
        cluster.query(f"ALTER ROLE {identifier(settings.other_user)} LOGIN PASSWORD {literal(verifier_of(password))}")
        return settings.other_user

    def drop_password(self, password, settings):
        """Sessions that are open stay: nobody is cut off who has the new password already or will fetch it."""
        kept = [role for role, verifier in self._verifiers(settings) if matches(password, verifier)]
        if not kept:
            raise Failure("unknown_password", "the password that is to stay is not one of the engine's")
        others = [role for role in settings.users if role != kept[0]]
        cluster.query(";".join(f"ALTER ROLE {identifier(role)} NOLOGIN PASSWORD NULL" for role in others))
        return kept[0]

    def set_trusted_sources(self, settings):
        cluster.write_access(access_lines(settings))
        cluster.reload()

    def _create(self, setup, settings):
        """Makes what is missing, in one session; answers the server's version."""
        owner = identifier(owner_of(settings))
        statements = [create_role(owner_of(settings), f"CREATE ROLE {owner} NOLOGIN")]
        for role in settings.users:
            statements.append(create_role(role, f"CREATE ROLE {identifier(role)} NOLOGIN IN ROLE {owner}"))
            statements.append(f"ALTER ROLE {identifier(role)} SET role = {owner};")
        statements.append(f"ALTER ROLE {identifier(setup.user)} LOGIN PASSWORD {literal(verifier_of(setup.password))};")
        create_database = f"CREATE DATABASE {identifier(setup.database)} OWNER {owner}"
        statements.append(unless(f"FROM pg_database WHERE datname = {literal(setup.database)}", create_database))
        databases = ", ".join(identifier(name) for name in ("postgres", "template1", setup.database))
        statements.append(f"REVOKE ALL ON DATABASE {databases} FROM PUBLIC;")
        statements.append("SHOW server_version;")
        return cluster.query("\n".join(statements))[-1][0].split()[0]

    def _verifiers(self, settings):
        names = ", ".join(literal(role) for role in settings.users)
        condition = f"rolname IN ({names}) AND rolcanlogin AND rolpassword IS NOT NULL"
        return [tuple(row) for row in cluster.query(f"SELECT rolname, rolpassword FROM pg_authid WHERE {condition}")]


def owner_of(settings):
    return f"{settings.user}_owner"


def create_role(name, statement):
    return unless(f"FROM pg_roles WHERE rolname = {literal(name)}", statement)


def access_lines(settings):
    """TLS and a password, from trusted sources, to the one database. Everything else finds no line and is refused."""
    database, group = identifier(settings.database), f"+{identifier(owner_of(settings))}"
    return [f"hostssl {database} {group} {source} scram-sha-256" for source in settings.trusted_sources]


def verifier_of(password):
    """What PostgreSQL would make of the password, so that the password itself never gets there."""
    salt = scram.new_salt(SALT_BYTES)
    stored_key, server_key = scram.stored_keys(password, salt, ITERATIONS)
    keys = f"{scram.encoded(stored_key)}:{scram.encoded(server_key)}"
    return f"SCRAM-SHA-256${ITERATIONS}:{scram.encoded(salt)}${keys}"


def matches(password, verifier):
    parts = VERIFIER.fullmatch(verifier)
    if parts is None:
        return False
    stored_key, _ = scram.stored_keys(password, scram.decoded(parts[2]), int(parts[1]))
    return hmac.compare_digest(stored_key, scram.decoded(parts[3]))
