from pymongo import ASCENDING, DESCENDING, HASHED, TEXT, IndexModel
from pymongo.errors import DuplicateKeyError, OperationFailure

from .probing import Probes, refused, same

PROBES = Probes()

# Indexes that are made, listed and used for a query.
INDEXES = {
    "of one field": ([("n", ASCENDING)], {}),
    "descending": ([("n", DESCENDING)], {}),
    "compound": ([("n", ASCENDING), ("text", DESCENDING)], {}),
    "of a nested field": ([("of.n", ASCENDING)], {}),
    "of an array (multikey)": ([("list", ASCENDING)], {}),
    "TTL (`expireAfterSeconds`)": ([("at", ASCENDING)], {"expireAfterSeconds": 3600}),
    "sparse": ([("n", ASCENDING)], {"sparse": True}),
    "partial": ([("n", ASCENDING)], {"partialFilterExpression": {"n": {"$gt": 1}}}),
    "text": ([("text", TEXT)], {}),
    "hashed": ([("n", HASHED)], {}),
    "2dsphere": ([("at", "2dsphere")], {}),
    "wildcard": ([("$**", ASCENDING)], {}),
    "hidden": ([("n", ASCENDING)], {"hidden": True}),
    "with collation": ([("text", ASCENDING)], {"collation": {"locale": "en", "strength": 2}}),
}


def probe_of(keys, options):
    def probe(place):
        place.insert({"_id": 1, "n": 1, "text": "alpha", "list": [1, 2], "of": {"n": 1}})
        name = place.collection.create_index(keys, **options)
        made = place.collection.index_information()[name]
        for option, value in options.items():
            if option != "collation":
                same(made.get(option), value)
        same(place.ids({"n": 1}), [1])

    return probe


for name, (keys, options) in INDEXES.items():
    PROBES.add(name, probe_of(keys, options))


@PROBES("unique")
def _(place):
    place.collection.create_index("n", unique=True)
    place.insert({"_id": 1, "n": 1})
    refused(lambda: place.collection.insert_one({"_id": 2, "n": 1}), DuplicateKeyError, 11000)


@PROBES("unique compound")
def _(place):
    place.collection.create_index([("a", 1), ("b", 1)], unique=True)
    place.insert({"_id": 1, "a": 1, "b": 1}, {"_id": 2, "a": 1, "b": 2})
    refused(lambda: place.collection.insert_one({"a": 1, "b": 2}), DuplicateKeyError, 11000)


@PROBES("unique over a nested field")
def _(place):
    place.collection.create_index("of.n", unique=True)
    place.insert({"_id": 1, "of": {"n": 1}})
    refused(lambda: place.collection.insert_one({"of": {"n": 1}}), DuplicateKeyError, 11000)


@PROBES("unique over an array")
def _(place):
    place.collection.create_index("list", unique=True)
    place.insert({"_id": 1, "list": [1, 2]})
    refused(lambda: place.collection.insert_one({"list": [2, 3]}), DuplicateKeyError, 11000)


def make_doubles_by_update(place):
    place.collection.create_index("n", unique=True)
    place.insert({"_id": 1, "n": 1}, {"_id": 2, "n": 2})
    place.collection.update_one({"_id": 2}, {"$set": {"n": 1}})


def make_index_on_doubles(place):
    place.insert({"_id": 1, "n": 1}, {"_id": 2, "n": 1})
    place.collection.create_index("n", unique=True)


def refusal_probe(work, code):
    return lambda place: refused(lambda: work(place), OperationFailure, code)


for name, work in {"by an update": make_doubles_by_update, "under a new index": make_index_on_doubles}.items():
    PROBES.add(f"doubles {name} are refused", refusal_probe(work, None))
    PROBES.add(f"doubles {name} are refused with the code of duplicates", refusal_probe(work, 11000))


@PROBES("several at once")
def _(place):
    same(place.collection.create_indexes([IndexModel("a"), IndexModel("b", name="mine")]), ["a_1", "mine"])


@PROBES("list and drop")
def _(place):
    place.collection.create_index("n")
    same([one["name"] for one in place.collection.list_indexes()], ["_id_", "n_1"])
    place.collection.drop_index("n_1")
    place.collection.create_index("m")
    place.collection.drop_indexes()
    same(list(place.collection.index_information()), ["_id_"])


@PROBES("the same one twice is no error")
def _(place):
    same([place.collection.create_index("n") for _ in range(2)], ["n_1", "n_1"])
