"""Programs are run without a shell; what is secret goes through their standard input, never through arguments or environment."""

import subprocess

from failure import Failure

UP_STATES = ["initializing", "starting", "running", "degraded", "maintenance"]
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}


def run(arguments, input=None, user=None, failure="program_failed"):
    """Answers the standard output. What the program complains about goes to the journal, not into the result."""
    identity = {} if user is None else {"user": user, "group": user, "extra_groups": []}
    done = subprocess.run(
        [str(argument) for argument in arguments],
        input=input if input is not None else "",
        stdout=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
        cwd="/",
        **identity,
    )
    if done.returncode != 0:
        raise Failure(failure, f"{arguments[0]} ended with code {done.returncode}")
    return done.stdout


def sync_volume(path):
    """One sync of everything written takes a fraction of the many that programs make file by file."""
    run(["sync", "--file-system", path])


def is_going_down():
    """True where the instance is being stopped; without an init process not even a program can be started any more."""
    try:
        asked = subprocess.run(["systemctl", "is-system-running"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    except OSError:
        return True
    return asked.stdout.decode().strip() not in UP_STATES


def is_active(unit):
    return subprocess.run(["systemctl", "--quiet", "is-active", unit]).returncode == 0


def start(unit):
    """Waits until the engine says that it is ready."""
    run(["systemctl", "start", unit], failure="engine_start_failed")


def restart(unit):
    run(["systemctl", "restart", unit], failure="engine_start_failed")


def reload(unit):
    run(["systemctl", "reload", unit], failure="engine_start_failed")
