"""
Tries what an application may ask of MongoDB, one feature after the other, and tells how it went, by area and feature: "works", "wrong" (it was taken, and
something else came of it), "refused" with the code, or "disconnected".

On standard input, as JSON: `target` (host, port, user, password, database, authority: the path of its certificate).
"""

import json
import sys
from types import SimpleNamespace

from mongodb_notes import connect
from mongodb_probes import AREAS
from mongodb_probes.probing import Place
from pymongo.errors import BulkWriteError, ConnectionFailure, InvalidOperation, OperationFailure


def main():
    target = SimpleNamespace(**json.load(sys.stdin)["target"])
    with connect(target) as client:
        outcomes = {}
        for area, probes in AREAS.items():
            outcomes[area] = {}
            for number, (feature, probe) in enumerate(probes.items()):
                name = f"{area.split()[0].lower()}_{number}"
                outcomes[area][feature] = outcome_of(probe, Place(client, client[target.database], name))
    json.dump(outcomes, sys.stdout)


def outcome_of(probe, place):
    try:
        probe(place)
    except BulkWriteError as failure:
        [error, *_] = failure.details["writeErrors"]
        return {"outcome": f"refused ({error['code']})", "message": error["errmsg"]}
    except OperationFailure as failure:
        return {"outcome": f"refused ({failure.code})", "message": str(failure)}
    except InvalidOperation as error:
        return {"outcome": "refused by PyMongo", "message": str(error)}
    except ConnectionFailure as error:
        return {"outcome": "disconnected", "message": str(error)}
    # Beside WrongAnswer what a probe stumbles over: an answer that lacks a field or a document.
    except Exception as wrong:
        return {"outcome": "wrong", "message": f"{type(wrong).__name__}: {wrong}"}
    return {"outcome": "works"}


if __name__ == "__main__":
    main()
