from .probing import Probes, same

PROBES = Probes()


def answers(command, database=None, **arguments):
    """A command that is answered with ok, nothing more."""

    def probe(place):
        on = place.database if database is None else place.client[database]
        same(float(on.command(command, **arguments)["ok"]), 1.0)

    return probe


COMMANDS = ("ping", "hello", "buildInfo", "connectionStatus", "serverStatus", "hostInfo", "listCommands", "whatsmyuri")
for name in COMMANDS:
    PROBES.add(f"`{name}`", answers(name))
PROBES.add("`currentOp`", answers("currentOp", "admin"))
PROBES.add("`getParameter`", answers("getParameter", "admin", allParameters=True))
PROBES.add("`getLog`", answers("getLog", "admin", **{"getLog": "global"}))
PROBES.add("`profile`", answers("profile", profile=0))
PROBES.add("`usersInfo`", answers("usersInfo"))
PROBES.add("`rolesInfo`", answers("rolesInfo", rolesInfo="read"))


@PROBES("`createUser`, `updateUser` and `dropUser`")
def _(place):
    place.database.command("createUser", place.name, pwd="first-password", roles=[])
    place.database.command("updateUser", place.name, pwd="second-password")
    place.database.command("dropUser", place.name)


@PROBES("users with roles")
def _(place):
    place.database.command("createUser", place.name, pwd="first-password", roles=["read"])
    place.database.command("dropUser", place.name)


@PROBES("`createRole`")
def _(place):
    place.database.command("createRole", place.name, privileges=[], roles=[])
    place.database.command("dropRole", place.name)


@PROBES("`killCursors`")
def _(place):
    place.insert({"_id": 1}, {"_id": 2}, {"_id": 3})
    cursor = place.collection.find({}, batch_size=1)
    next(cursor)
    answer = place.database.command("killCursors", place.name, cursors=[cursor.cursor_id])
    same(answer["cursorsKilled"], [cursor.cursor_id])
