"""A PostgreSQL cluster on the data volume: made, configured, started, and asked as its superuser through the local socket."""

import re
import shutil

import programs
from failure import Failure
from guest_files import make_folder, sync_folder, write_file
from settings import DATA_FOLDER, mark_configured

UNIT = "cloudnexus-postgresql.service"
OWNER = "postgres"
# A link to the binaries of the version in this image.
BINARIES = "/usr/lib/cloudnexus/postgresql/bin"
FOLDER = DATA_FOLDER / "postgresql"
MIN_BUILTIN_LOCALE_VERSION = 17

SETTINGS = """\
# Written by the CloudNexus agent.
cluster_name = 'cloudnexus'
unix_socket_directories = '/run/cloudnexus'
hba_file = '{folder}/pg_hba.conf'
timezone = 'Etc/UTC'
log_timezone = 'Etc/UTC'
password_encryption = 'scram-sha-256'
huge_pages = off
jit = off
max_connections = {max_connections}
superuser_reserved_connections = 3
shared_buffers = {shared_buffers_mib}MB
effective_cache_size = {effective_cache_size_mib}MB
maintenance_work_mem = {maintenance_work_mem_mib}MB
work_mem = {work_mem_kib}kB
max_worker_processes = {workers}
max_parallel_workers = {vcpus}
max_parallel_workers_per_gather = {parallel_per_gather}
"""


def initialise():
    """Makes the cluster beside its place, so that a crash leaves none or a whole one."""
    if FOLDER.exists():
        return
    partial = FOLDER.with_name("postgresql.partial")
    shutil.rmtree(partial, ignore_errors=True)
    make_folder(partial, mode=0o700, owner=OWNER)
    # An image's locales may change with its C library, and indexes with them; these do not.
    locale = ["--encoding=UTF8", "--locale=C.UTF-8"]
    if version() >= MIN_BUILTIN_LOCALE_VERSION:
        locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    programs.run(
        [f"{BINARIES}/initdb", f"--pgdata={partial}", f"--username={OWNER}", "--data-checksums", *locale]
        + ["--auth-local=peer", "--auth-host=reject", "--no-sync"],
        user=OWNER,
        failure="prepare_data_failed",
    )
    programs.sync_volume(DATA_FOLDER)
    partial.rename(FOLDER)
    sync_folder(DATA_FOLDER)


def version():
    """The major version."""
    return int(re.search(r" (\d+)\.", programs.run([f"{BINARIES}/postgres", "--version"])).group(1))


def configure(setup, lines, access):
    """`lines`: further settings; `access`: lines of pg_hba.conf beside the superuser's. Answers whether anything is new."""
    content = SETTINGS.format(folder=FOLDER, **memory_settings(setup.memory_mib, setup.vcpus)) + lines
    changed = write_file(FOLDER / "postgresql.conf", content, mode=0o600, owner=OWNER)
    return write_access(access) or changed


def write_access(lines):
    content = "\n".join(["# Written by the CloudNexus agent.", f"local all {OWNER} peer", *lines, ""])
    return write_file(FOLDER / "pg_hba.conf", content, mode=0o600, owner=OWNER)


def memory_settings(memory_mib, vcpus):
    max_connections = max(25, min(500, memory_mib // 10))
    return {
        "max_connections": max_connections,
        "shared_buffers_mib": memory_mib // 4,
        "effective_cache_size_mib": memory_mib * 60 // 100,
        "maintenance_work_mem_mib": max(16, min(1024, memory_mib // 16)),
        # A quarter of the memory if every connection sorts at once.
        "work_mem_kib": max(1024, memory_mib * 1024 // 4 // max_connections),
        "vcpus": vcpus,
        "workers": max(8, vcpus),
        "parallel_per_gather": min(vcpus, max(0, vcpus // 2)),
    }


def start(changed):
    """Starts the server; one that runs on other settings is started anew."""
    mark_configured()
    if changed and programs.is_active(UNIT):
        programs.restart(UNIT)
    else:
        programs.start(UNIT)


def reload():
    if programs.is_active(UNIT):
        programs.reload(UNIT)


def query(statements, database="postgres"):
    """Runs statements as the superuser; answers the rows, columns parted by tabs. Errors carry their code only: their text quotes the statement."""
    if not programs.is_active(UNIT):
        raise Failure("engine_not_running", "the engine does not run")
    arguments = ["psql", "--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--field-separator=\t"]
    arguments += ["--host=/run/cloudnexus", f"--dbname={database}"]
    arguments += ["--set=ON_ERROR_STOP=1", "--set=VERBOSITY=sqlstate", "--file=-"]
    output = programs.run(arguments, input=statements, user=OWNER, failure="engine_query_failed")
    return [line.split("\t") for line in output.splitlines()]


def unless(found, statement):
    """psql runs the statement that the query answers, if it answers one."""
    return f"SELECT {literal(statement)} WHERE NOT EXISTS (SELECT {found}) \\gexec"


def identifier(name):
    return '"' + name.replace('"', '""') + '"'


def literal(text):
    return "'" + text.replace("'", "''") + "'"
