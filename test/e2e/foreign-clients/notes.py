"""
A customer's program in Python: `notes.py ENGINE` keeps a note in a database, over TLS that is verified, then reads all notes in a second session.

On standard input, as JSON: `target` (host, port, user, password, database, authority: the path of its certificate) and `note`. On standard output, as JSON: what
was read, or the library's refusal. The password is in no argument.
"""

import importlib
import json
import sys
from types import SimpleNamespace


def main():
    engine = importlib.import_module(f"{sys.argv[1]}_notes")
    order = json.load(sys.stdin)
    target = SimpleNamespace(**order["target"])
    try:
        answer = keep(engine, target, order["note"])
    except engine.ERRORS as error:
        answer = {"refusal": f"{type(error).__name__}: {error}"}
    json.dump(answer, sys.stdout)


def keep(engine, target, note):
    first = engine.Session(target)
    try:
        first.write(note)
        read = first.read()
    finally:
        first.close()
    second = engine.Session(target)
    try:
        return {"read": read, "read_again": second.read()}
    finally:
        second.close()


if __name__ == "__main__":
    main()
