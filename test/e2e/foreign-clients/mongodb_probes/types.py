import re
import uuid
from datetime import datetime, timezone

from bson import Binary, Code, DBRef, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp
from bson.binary import UuidRepresentation

from .probing import Probes, same

PROBES = Probes()

# Values that come back as they were.
VALUES = {
    "int": 1,
    "long": Int64(2**40),
    "double": 1.5,
    "infinity": float("inf"),
    "decimal": Decimal128("0.10"),
    "string": "Ünïcödé ✓",
    "bool": True,
    "null": None,
    "date": datetime(2024, 2, 29, 12, 30, 15, 123000, tzinfo=timezone.utc).replace(tzinfo=None),
    "date before 1970": datetime(1815, 12, 10),
    "ObjectId": ObjectId(),
    "binary": b"\x00\xff",
    "UUID": Binary.from_uuid(uuid.UUID(int=1), UuidRepresentation.STANDARD),
    "regular expression": Regex("^a", re.IGNORECASE),
    "timestamp": Timestamp(1, 2),
    "array": [1, "a", {"b": None}],
    "document": {"a": {"b": {}}},
    "DBRef": DBRef("things", 1),
    "code": Code("function() {}"),
    "min and max key": [MinKey(), MaxKey()],
}


def probe_of(value):
    def probe(place):
        place.insert({"_id": 1, "value": value})
        same(place.collection.find_one()["value"], value)

    return probe


for name, value in VALUES.items():
    PROBES.add(name, probe_of(value))


@PROBES("not a number")
def _(place):
    place.insert({"_id": 1, "value": float("nan")})
    value = place.collection.find_one()["value"]
    same(value != value, True)


@PROBES("numbers of several types are compared as numbers")
def _(place):
    place.insert({"_id": 1, "n": 1}, {"_id": 2, "n": Int64(2)}, {"_id": 3, "n": 3.0})
    same(place.ids({"n": {"$gte": 2.0}}), [2, 3])


@PROBES("values of several types are sorted as MongoDB does")
def _(place):
    place.insert({"_id": 1, "v": "a"}, {"_id": 2, "v": 1}, {"_id": 3, "v": None}, {"_id": 4, "v": True})
    same([one["_id"] for one in place.collection.find(sort=[("v", 1)])], [3, 2, 1, 4])


@PROBES("documents as _id")
def _(place):
    place.insert({"_id": {"a": 1, "b": 2}})
    same(place.collection.count_documents({"_id": {"a": 1, "b": 2}}), 1)


@PROBES("field names with a dollar sign")
def _(place):
    place.insert({"_id": 1, "$price": 1})
    same(place.collection.find_one(), {"_id": 1, "$price": 1})


@PROBES("field names with a dot")
def _(place):
    place.insert({"_id": 1, "a.b": 1})
    same(place.collection.find_one(), {"_id": 1, "a.b": 1})


@PROBES("nested arrays")
def _(place):
    place.insert({"_id": 1, "v": [[1, 2], [3]]})
    same(place.ids({"v": [3]}), [1])


@PROBES("documents of 15 MiB")
def _(place):
    place.insert({"_id": 1, "text": "x" * (15 * 1024**2)})
    same(len(place.collection.find_one()["text"]), 15 * 1024**2)
