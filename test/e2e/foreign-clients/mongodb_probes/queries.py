from .probing import Probes, same

PROBES = Probes()

THINGS = (
    {"_id": 1, "n": 1, "text": "alpha", "list": [1, 2], "at": {"town": "Ulm"}, "parts": [{"a": 1, "b": 2}]},
    {"_id": 2, "n": 5, "text": "Beta", "list": [2, 3, 4], "at": {"town": "Bonn"}, "parts": [{"a": 1, "b": 9}]},
    {"_id": 3, "n": None, "text": "gamma", "list": []},
    {"_id": 4, "text": "delta"},
)

# A query and the things that it finds.
QUERIES = {
    "`$eq`": ({"n": {"$eq": 5}}, [2]),
    "`$ne`": ({"n": {"$ne": 5}}, [1, 3, 4]),
    "`$gt`": ({"n": {"$gt": 1}}, [2]),
    "`$gte`": ({"n": {"$gte": 1}}, [1, 2]),
    "`$lt`": ({"n": {"$lt": 5}}, [1]),
    "`$lte`": ({"n": {"$lte": 5}}, [1, 2]),
    "`$in`": ({"n": {"$in": [1, 5, 9]}}, [1, 2]),
    "`$nin`": ({"n": {"$nin": [1, None]}}, [2]),
    "null finds what is missing": ({"n": None}, [3, 4]),
    "`$and`": ({"$and": [{"n": 5}, {"text": "Beta"}]}, [2]),
    "`$or`": ({"$or": [{"n": 5}, {"text": "delta"}]}, [2, 4]),
    "`$nor`": ({"$nor": [{"n": 5}, {"text": "delta"}]}, [1, 3]),
    "`$not`": ({"n": {"$not": {"$gt": 1}}}, [1, 3, 4]),
    "`$exists`": ({"n": {"$exists": False}}, [4]),
    "`$type`": ({"n": {"$type": "int"}}, [1, 2]),
    "`$regex`": ({"text": {"$regex": "^b", "$options": "i"}}, [2]),
    "`$mod`": ({"n": {"$mod": [4, 1]}}, [1, 2]),
    "a value in an array": ({"list": 2}, [1, 2]),
    "a whole array": ({"list": [1, 2]}, [1]),
    "`$all`": ({"list": {"$all": [2, 3]}}, [2]),
    "`$size`": ({"list": {"$size": 2}}, [1]),
    "`$elemMatch`": ({"parts": {"$elemMatch": {"a": 1, "b": {"$gt": 5}}}}, [2]),
    "`$elemMatch` of values": ({"list": {"$elemMatch": {"$gt": 2, "$lt": 4}}}, [2]),
    "a field of a document": ({"at.town": "Ulm"}, [1]),
    "a whole document": ({"at": {"town": "Ulm"}}, [1]),
    "a field of documents in an array": ({"parts.b": 9}, [2]),
    "a place in an array": ({"list.0": 2}, [2]),
    "`$bitsAllSet`": ({"n": {"$bitsAllSet": [0, 2]}}, [2]),
    "`$bitsAnySet`": ({"n": {"$bitsAnySet": 4}}, [2]),
    "`$bitsAllClear`": ({"n": {"$bitsAllClear": 4}}, [1]),
    "`$bitsAnyClear`": ({"n": {"$bitsAnyClear": 4}}, [1]),
    "`$expr`": ({"$expr": {"$gt": ["$n", 3]}}, [2]),
    "`$comment`": ({"n": 5, "$comment": "why"}, [2]),
    "`$jsonSchema`": ({"$jsonSchema": {"required": ["at"]}}, [1, 2]),
    "`$where`": ({"$where": "this.n == 5"}, [2]),
}


def probe_of(query, expected):
    def probe(place):
        place.insert(*THINGS)
        same(place.ids(query), expected)

    return probe


for name, (query, expected) in QUERIES.items():
    PROBES.add(name, probe_of(query, expected))


@PROBES("`$text`")
def _(place):
    place.insert(*THINGS)
    place.collection.create_index([("text", "text")])
    same(place.ids({"$text": {"$search": "alpha"}}), [1])


@PROBES("`$geoWithin`")
def _(place):
    place.insert({"_id": 1, "at": [1, 1]}, {"_id": 2, "at": [9, 9]})
    same(place.ids({"at": {"$geoWithin": {"$box": [[0, 0], [2, 2]]}}}), [1])


@PROBES("`$near`")
def _(place):
    place.insert({"_id": 1, "at": {"type": "Point", "coordinates": [1, 1]}})
    place.collection.create_index([("at", "2dsphere")])
    same(place.ids({"at": {"$near": {"$geometry": {"type": "Point", "coordinates": [1, 1]}}}}), [1])
