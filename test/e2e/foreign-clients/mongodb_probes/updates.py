from datetime import datetime

from .probing import Probes, WrongAnswer, same

PROBES = Probes()

# A document, an update and what it makes of it.
UPDATES = {
    "`$set`": ({"n": 1}, {"$set": {"n": 2, "at.town": "Ulm"}}, {"n": 2, "at": {"town": "Ulm"}}),
    "`$unset`": ({"n": 1, "m": 1}, {"$unset": {"m": ""}}, {"n": 1}),
    "`$inc`": ({"n": 1}, {"$inc": {"n": 4}}, {"n": 5}),
    "`$mul`": ({"n": 3}, {"$mul": {"n": 2}}, {"n": 6}),
    "`$min`": ({"n": 3}, {"$min": {"n": 2}}, {"n": 2}),
    "`$max`": ({"n": 3}, {"$max": {"n": 4}}, {"n": 4}),
    "`$rename`": ({"n": 3}, {"$rename": {"n": "m"}}, {"m": 3}),
    "`$bit`": ({"n": 12}, {"$bit": {"n": {"and": 10}}}, {"n": 8}),
    "`$push`": ({"list": [1]}, {"$push": {"list": 2}}, {"list": [1, 2]}),
    "`$push` with `$each`": ({"list": [1]}, {"$push": {"list": {"$each": [2, 3]}}}, {"list": [1, 2, 3]}),
    "`$push` with `$slice`": ({"list": [1]}, {"$push": {"list": {"$each": [2, 3], "$slice": -2}}}, {"list": [2, 3]}),
    "`$push` with `$sort`": ({"list": [2]}, {"$push": {"list": {"$each": [3, 1], "$sort": 1}}}, {"list": [1, 2, 3]}),
    "`$push` with `$position`": ({"list": [1]}, {"$push": {"list": {"$each": [0], "$position": 0}}}, {"list": [0, 1]}),
    "`$addToSet`": ({"list": [1]}, {"$addToSet": {"list": 1}}, {"list": [1]}),
    "`$addToSet` with `$each`": ({"list": [1]}, {"$addToSet": {"list": {"$each": [1, 2]}}}, {"list": [1, 2]}),
    "`$pop`": ({"list": [1, 2]}, {"$pop": {"list": 1}}, {"list": [1]}),
    "`$pull`": ({"list": [1, 2, 1]}, {"$pull": {"list": 1}}, {"list": [2]}),
    "`$pull` by condition": ({"list": [1, 5, 9]}, {"$pull": {"list": {"$gt": 4}}}, {"list": [1]}),
    "`$pullAll`": ({"list": [1, 2, 3]}, {"$pullAll": {"list": [1, 3]}}, {"list": [2]}),
    "a place in an array": ({"list": [1, 2]}, {"$set": {"list.1": 9}}, {"list": [1, 9]}),
    "`$[]`": ({"list": [1, 2]}, {"$inc": {"list.$[]": 1}}, {"list": [2, 3]}),
    "a pipeline": ({"n": 2}, [{"$set": {"m": {"$add": ["$n", 1]}}}], {"n": 2, "m": 3}),
}


def probe_of(document, update, expected):
    def probe(place):
        place.insert({"_id": 1, **document})
        place.collection.update_one({"_id": 1}, update)
        same(place.collection.find_one(), {"_id": 1, **expected})

    return probe


for name, (document, update, expected) in UPDATES.items():
    PROBES.add(name, probe_of(document, update, expected))


@PROBES("`$`")
def _(place):
    place.insert({"_id": 1, "list": [1, 2, 3]})
    place.collection.update_one({"list": 2}, {"$set": {"list.$": 9}})
    same(place.collection.find_one(), {"_id": 1, "list": [1, 9, 3]})


@PROBES("`$[name]` with array_filters")
def _(place):
    place.insert({"_id": 1, "list": [1, 5]})
    place.collection.update_one({}, {"$set": {"list.$[big]": 9}}, array_filters=[{"big": {"$gt": 3}}])
    same(place.collection.find_one(), {"_id": 1, "list": [1, 9]})


@PROBES("`$currentDate`")
def _(place):
    place.insert({"_id": 1})
    place.collection.update_one({}, {"$currentDate": {"at": True}})
    if not isinstance(place.collection.find_one()["at"], datetime):
        raise WrongAnswer("no date")


@PROBES("`$setOnInsert` leaves what is there")
def _(place):
    place.insert({"_id": 1, "n": 1})
    place.collection.update_one({"_id": 1}, {"$setOnInsert": {"n": 9}}, upsert=True)
    same(place.collection.find_one(), {"_id": 1, "n": 1})
