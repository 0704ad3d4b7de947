"""MySQL's own client on the local socket. Statements and passwords reach it through its input and a file that root alone can read."""

import os
import subprocess

import programs
from failure import Failure

SOCKET = "/run/cloudnexus/mysql.sock"
UNIT = "cloudnexus-mysql.service"


def query(statements):
    """As the superuser; answers the lines of all results."""
    if not programs.is_active(UNIT):
        raise Failure("engine_not_running", "the engine does not run")
    # What it complains about may quote a statement, so it is left out of the journal as well.
    done = _client(["--no-defaults", "--user=root"], statements)
    if done.returncode != 0:
        raise Failure("engine_query_failed", f"MySQL answered {error_of(done.stderr)}")
    return done.stdout.splitlines()


def can_log_in(user, password):
    if not programs.is_active(UNIT):
        raise Failure("engine_not_running", "the engine does not run")
    reader, writer = os.pipe()
    with os.fdopen(writer, "w") as file:
        quoted = password.replace("\\", "\\\\").replace('"', '\\"')
        file.write(f'[client]\nuser={user}\npassword="{quoted}"\n')
    try:
        return _client([f"--defaults-file=/dev/fd/{reader}"], "SELECT 1;", pass_fds=[reader]).returncode == 0
    finally:
        os.close(reader)


def error_of(output):
    """The number that MySQL gives the error."""
    words = output.split()
    return words[1] if words[:1] == ["ERROR"] and len(words) > 1 else "an error"


def identifier(name):
    return "`" + name.replace("`", "``") + "`"


def pattern(name):
    """Where a grant takes the name of a database, an underscore stands for any character."""
    return identifier(name.replace("_", r"\_"))


def literal(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def _client(options, statements, pass_fds=()):
    return subprocess.run(
        ["mysql", *options, f"--socket={SOCKET}", "--batch", "--skip-column-names"],
        input=statements,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=programs.ENVIRONMENT,
        pass_fds=pass_fds,
        cwd="/",
    )
