"""
FerretDB, which speaks MongoDB's protocol, on a PostgreSQL of its own behind a local socket. Its users are documents in a collection, one password each, so two
users take turns. They are written by SQL: FerretDB has no administrator apart from them, and takes a first password in its arguments only.
"""

import ferretdb_client
import ferretdb_users as users
import postgresql_cluster as cluster
import programs
import tls_files
from failure import Failure
from guest_files import write_file
from settings import FOLDER

UNIT = "cloudnexus-ferretdb.service"
OWNER = "ferretdb"
SOCKETS = "/run/cloudnexus"
# PostgreSQL's connections that FerretDB leaves to the agent and to itself.
SPARE_CONNECTIONS = 8

BACKEND_SETTINGS = "listen_addresses = ''\n"
BACKEND_ACCESS = [f"local {users.BACKEND_DATABASE} {OWNER} peer"]
SETTINGS = f"""\
FERRETDB_LISTEN_TLS=0.0.0.0:{{port}}
FERRETDB_LISTEN_TLS_CERT_FILE={tls_files.CERTIFICATE}
FERRETDB_LISTEN_TLS_KEY_FILE={tls_files.KEY}
FERRETDB_POSTGRESQL_URL=postgres://{OWNER}@/{users.BACKEND_DATABASE}?host={SOCKETS}&pool_max_conns={{connections}}
GOMEMLIMIT={{memory_limit_mib}}MiB
"""


class Engine:
    def set_up(self, setup, settings, report):
        report("prepare the data")
        cluster.initialise()
        report("write the configuration")
        changed_backend = cluster.configure(setup, BACKEND_SETTINGS, BACKEND_ACCESS)
        changed = tls_files.write(setup.tls, OWNER)
        changed = write_file(FOLDER / "ferretdb.env", settings_of(setup)) or changed
        report("start the backend")
        cluster.start(changed_backend)
        report("create the user")
        users.create_backend(OWNER)
        changed = users.create_collection(OWNER) or changed
        users.write(setup.user, setup.password, settings.database)
        report("start the engine")
        if changed and programs.is_active(UNIT):
            programs.restart(UNIT)
        else:
            programs.start(UNIT)
        report("ask the engine")
        return ferretdb_client.wait_for_version(setup.port)

    def add_password(self, password, settings):
        known = users.with_password(password)
        if known:
            return known
        self._ensure_collection()
        users.write(settings.other_user, password, settings.database)
        return settings.other_user

    def drop_password(self, password, settings):
        """Users that a client made go too: whoever knew the old password may have made them. Sessions that are open stay, as on every engine."""
        kept = users.with_password(password)
        if kept is None:
            raise Failure("unknown_password", "the password that is to stay is not one of the engine's")
        users.remove_others(kept)
        return kept

    def set_trusted_sources(self, settings):
        """The firewall is all there is."""

    def _ensure_collection(self):
        """A client may have dropped it. FerretDB learns of a new one at its start only."""
        if users.create_collection(OWNER) and programs.is_active(UNIT):
            programs.restart(UNIT)


def settings_of(setup):
    connections = cluster.memory_settings(setup.memory_mib, setup.vcpus)["max_connections"] - SPARE_CONNECTIONS
    return SETTINGS.format(port=setup.port, connections=connections, memory_limit_mib=setup.memory_mib // 4)
