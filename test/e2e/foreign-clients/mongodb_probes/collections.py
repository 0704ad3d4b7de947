from datetime import datetime

from pymongo.errors import CollectionInvalid, WriteError

from .probing import Probes, refused, same

PROBES = Probes()


@PROBES("create, list and drop")
def _(place):
    place.database.create_collection(place.name)
    same(place.database.list_collection_names(filter={"name": place.name}), [place.name])
    refused(lambda: place.database.create_collection(place.name), CollectionInvalid)
    place.collection.drop()
    same(place.database.list_collection_names(filter={"name": place.name}), [])


@PROBES("rename")
def _(place):
    place.insert({"_id": 1})
    place.collection.rename(place.other().name)
    same(place.other().count_documents({}), 1)


@PROBES("capped")
def _(place):
    capped = place.database.create_collection(place.name, capped=True, size=4096, max=2)
    for number in range(3):
        capped.insert_one({"_id": number})
    same(place.ids(), [1, 2])


@PROBES("validation by `$jsonSchema`")
def _(place):
    schema = {"$jsonSchema": {"required": ["n"]}}
    place.database.create_collection(place.name, validator=schema)
    refused(lambda: place.collection.insert_one({}), WriteError, 121)


@PROBES("validation by a query")
def _(place):
    place.database.create_collection(place.name, validator={"n": {"$gt": 0}})
    refused(lambda: place.collection.insert_one({"n": 0}), WriteError, 121)


@PROBES("views")
def _(place):
    place.insert({"_id": 1, "n": 1}, {"_id": 2, "n": 2})
    view = place.database.create_collection(
        place.other().name, viewOn=place.name, pipeline=[{"$match": {"n": 2}}]
    )
    same([one["_id"] for one in view.find()], [2])


@PROBES("time series")
def _(place):
    series = place.database.create_collection(place.name, timeseries={"timeField": "at"})
    series.insert_one({"at": datetime(2024, 1, 1)})
    same(place.database.list_collections(filter={"name": place.name}).next()["type"], "timeseries")


@PROBES("clustered")
def _(place):
    place.database.create_collection(place.name, clusteredIndex={"key": {"_id": 1}, "unique": True})
    same("clusteredIndex" in place.collection.options(), True)


@PROBES("with collation")
def _(place):
    place.database.create_collection(place.name, collation={"locale": "en", "strength": 2})
    place.insert({"_id": 1, "name": "ada"})
    same(place.ids({"name": "ADA"}), [1])


@PROBES("`collMod`")
def _(place):
    place.database.create_collection(place.name)
    place.database.command("collMod", place.name, validator={"n": {"$gt": 0}})
    refused(lambda: place.collection.insert_one({"n": 0}), WriteError, 121)


@PROBES("`collStats`")
def _(place):
    place.insert({"_id": 1})
    same(int(place.database.command("collStats", place.name)["count"]), 1)


@PROBES("`dbStats`")
def _(place):
    place.insert({"_id": 1})
    same(place.database.command("dbStats")["db"], place.database.name)


@PROBES("`validate`")
def _(place):
    place.insert({"_id": 1})
    same(place.database.validate_collection(place.name)["valid"], True)


@PROBES("`compact`")
def _(place):
    place.insert({"_id": 1})
    place.database.command("compact", place.name)


@PROBES("further databases")
def _(place):
    name = f"{place.database.name}_{place.name}"
    place.client[name].things.insert_one({"_id": 1})
    same(name in place.client.list_database_names(), True)
    place.client.drop_database(name)
    same(name in place.client.list_database_names(), False)
