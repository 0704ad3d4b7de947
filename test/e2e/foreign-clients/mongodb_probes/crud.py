from pymongo import ASCENDING, DeleteOne, InsertOne, ReplaceOne, ReturnDocument, UpdateMany, UpdateOne, WriteConcern
from pymongo.cursor import CursorType
from pymongo.errors import BulkWriteError, DuplicateKeyError
from pymongo.read_concern import ReadConcern

from .probing import Probes, refused, same

PROBES = Probes()

PEOPLE = (
    {"_id": 1, "name": "Ada", "age": 36},
    {"_id": 2, "name": "Bob", "age": 41},
    {"_id": 3, "name": "Cy", "age": 41},
)


@PROBES("insert_one")
def _(place):
    same(place.collection.insert_one({"_id": 1}).inserted_id, 1)
    same(place.collection.find_one(), {"_id": 1})


@PROBES("a second document with the same _id is refused")
def _(place):
    place.insert({"_id": 1})
    refused(lambda: place.collection.insert_one({"_id": 1}), DuplicateKeyError, 11000)


@PROBES("insert_many")
def _(place):
    same(place.collection.insert_many([{"_id": number} for number in range(1000)]).inserted_ids, list(range(1000)))
    same(place.collection.count_documents({}), 1000)


@PROBES("insert_many, unordered, goes on after an error")
def _(place):
    documents = [{"_id": 1}, {"_id": 1}, {"_id": 2}]
    refused(lambda: place.collection.insert_many(documents, ordered=False), BulkWriteError)
    same(place.ids(), [1, 2])


@PROBES("insert_many, ordered, stops at an error")
def _(place):
    refused(lambda: place.collection.insert_many([{"_id": 1}, {"_id": 1}, {"_id": 2}]), BulkWriteError)
    same(place.ids(), [1])


@PROBES("find")
def _(place):
    place.insert(*PEOPLE)
    same(place.ids({"age": 41}), [2, 3])


@PROBES("find in batches")
def _(place):
    place.insert(*({"_id": number} for number in range(500)))
    same(len(list(place.collection.find({}, batch_size=7))), 500)


@PROBES("sort, skip and limit")
def _(place):
    place.insert(*PEOPLE)
    found = place.collection.find({}, sort=[("age", -1), ("name", 1)], skip=1, limit=1)
    same([one["name"] for one in found], ["Cy"])


@PROBES("projection")
def _(place):
    place.insert(*PEOPLE)
    same(place.collection.find_one({"_id": 1}, {"name": 1, "_id": 0}), {"name": "Ada"})
    same(place.collection.find_one({"_id": 1}, {"name": 0}), {"_id": 1, "age": 36})


@PROBES("projection of nested fields")
def _(place):
    place.insert({"_id": 1, "at": {"town": "Ulm", "zip": 1}})
    same(place.collection.find_one({}, {"at.town": 1}), {"_id": 1, "at": {"town": "Ulm"}})


@PROBES("projection with `$slice`")
def _(place):
    place.insert({"_id": 1, "list": [1, 2, 3]})
    same(place.collection.find_one({}, {"list": {"$slice": 2}}), {"_id": 1, "list": [1, 2]})


@PROBES("projection with `$elemMatch`")
def _(place):
    place.insert({"_id": 1, "list": [{"n": 1}, {"n": 2}]})
    same(place.collection.find_one({}, {"list": {"$elemMatch": {"n": 2}}}), {"_id": 1, "list": [{"n": 2}]})


@PROBES("projection with `$`")
def _(place):
    place.insert({"_id": 1, "list": [1, 5, 9]})
    same(place.collection.find_one({"list": {"$gt": 3}}, {"list.$": 1}), {"_id": 1, "list": [5]})


@PROBES("projection of expressions")
def _(place):
    place.insert({"_id": 1, "n": 2})
    same(place.collection.find_one({}, {"twice": {"$multiply": ["$n", 2]}}), {"_id": 1, "twice": 4})


@PROBES("count_documents")
def _(place):
    place.insert(*PEOPLE)
    same(place.collection.count_documents({"age": 41}), 2)


@PROBES("estimated_document_count")
def _(place):
    place.insert(*PEOPLE)
    same(place.collection.estimated_document_count(), 3)


@PROBES("distinct")
def _(place):
    place.insert(*PEOPLE)
    same(sorted(place.collection.distinct("age")), [36, 41])


@PROBES("update_one")
def _(place):
    place.insert(*PEOPLE)
    result = place.collection.update_one({"age": 41}, {"$set": {"age": 42}})
    same((result.matched_count, result.modified_count), (1, 1))


@PROBES("update_many")
def _(place):
    place.insert(*PEOPLE)
    same(place.collection.update_many({"age": 41}, {"$set": {"age": 42}}).modified_count, 2)


@PROBES("replace_one")
def _(place):
    place.insert(*PEOPLE)
    place.collection.replace_one({"_id": 1}, {"name": "Eve"})
    same(place.collection.find_one({"_id": 1}), {"_id": 1, "name": "Eve"})


@PROBES("delete_one")
def _(place):
    place.insert(*PEOPLE)
    same(place.collection.delete_one({"age": 41}).deleted_count, 1)
    same(place.collection.count_documents({}), 2)


@PROBES("delete_many")
def _(place):
    place.insert(*PEOPLE)
    same(place.collection.delete_many({"age": 41}).deleted_count, 2)


@PROBES("upsert by update_one")
def _(place):
    result = place.collection.update_one({"_id": 7}, {"$set": {"n": 1}, "$setOnInsert": {"made": True}}, upsert=True)
    same(result.upserted_id, 7)
    same(place.collection.find_one(), {"_id": 7, "made": True, "n": 1})


@PROBES("upsert by replace_one")
def _(place):
    place.collection.replace_one({"_id": 7}, {"n": 1}, upsert=True)
    same(place.collection.find_one(), {"_id": 7, "n": 1})


@PROBES("upsert by update_many")
def _(place):
    same(place.collection.update_many({"_id": 7}, {"$set": {"n": 1}}, upsert=True).upserted_id, 7)


@PROBES("find_one_and_update")
def _(place):
    place.insert(*PEOPLE)
    options = {"sort": [("name", -1)], "return_document": ReturnDocument.AFTER}
    after = place.collection.find_one_and_update({"age": 41}, {"$inc": {"age": 1}}, **options)
    same(after, {"_id": 3, "name": "Cy", "age": 42})


@PROBES("find_one_and_update with projection")
def _(place):
    place.insert(*PEOPLE)
    same(place.collection.find_one_and_update({"_id": 1}, {"$inc": {"age": 1}}, {"name": 1}), {"_id": 1, "name": "Ada"})


@PROBES("find_one_and_update with upsert")
def _(place):
    options = {"upsert": True, "return_document": ReturnDocument.AFTER}
    for number in (1, 2):
        counted = place.collection.find_one_and_update({"_id": "counter"}, {"$inc": {"n": 1}}, **options)
        same(counted, {"_id": "counter", "n": number})


@PROBES("find_one_and_replace")
def _(place):
    place.insert(*PEOPLE)
    same(place.collection.find_one_and_replace({"_id": 1}, {"name": "Eve"}), dict(PEOPLE[0]))


@PROBES("find_one_and_delete")
def _(place):
    place.insert(*PEOPLE)
    same(place.collection.find_one_and_delete({"_id": 1}), dict(PEOPLE[0]))
    same(place.ids(), [2, 3])


@PROBES("bulk_write")
def _(place):
    result = place.collection.bulk_write(
        [
            InsertOne({"_id": 1, "n": 1}),
            InsertOne({"_id": 2, "n": 1}),
            UpdateOne({"_id": 1}, {"$set": {"n": 2}}),
            UpdateMany({}, {"$inc": {"n": 1}}),
            ReplaceOne({"_id": 3}, {"n": 9}, upsert=True),
            DeleteOne({"_id": 2}),
        ]
    )
    counts = (result.inserted_count, result.modified_count, result.upserted_count, result.deleted_count)
    same(counts, (2, 3, 1, 1))
    same(list(place.collection.find(sort=[("_id", ASCENDING)])), [{"_id": 1, "n": 3}, {"_id": 3, "n": 9}])


@PROBES("bulk_write over several collections")
def _(place):
    place.client.bulk_write([InsertOne({"_id": 1}, namespace=f"{place.database.name}.{place.name}")])


@PROBES("collation")
def _(place):
    place.insert({"_id": 1, "name": "ada"}, {"_id": 2, "name": "Ada"})
    same(place.ids({"name": "ADA"}, collation={"locale": "en", "strength": 2}), [1, 2])


@PROBES("hint")
def _(place):
    place.insert(*PEOPLE)
    same(place.ids({"age": 41}, hint=[("_id", 1)]), [2, 3])


@PROBES("max_time_ms")
def _(place):
    place.insert(*PEOPLE)
    same(place.ids({}, max_time_ms=5_000), [1, 2, 3])


@PROBES("comment")
def _(place):
    place.insert(*PEOPLE)
    same(place.ids({}, comment="why"), [1, 2, 3])


@PROBES("allow_disk_use")
def _(place):
    place.insert(*PEOPLE)
    same(place.ids({}, allow_disk_use=True), [1, 2, 3])


@PROBES("let")
def _(place):
    place.insert(*PEOPLE)
    same(place.ids({"$expr": {"$eq": ["$age", "$$wanted"]}}, let={"wanted": 36}), [1])


@PROBES("min and max")
def _(place):
    place.insert(*PEOPLE)
    same(place.ids({}, hint=[("_id", 1)], min=[("_id", 2)], max=[("_id", 3)]), [2])


@PROBES("explain")
def _(place):
    place.insert(*PEOPLE)
    same("queryPlanner" in place.collection.find({"age": 41}).explain(), True)


@PROBES("tailable cursor")
def _(place):
    capped = place.database.create_collection(f"{place.name}_capped", capped=True, size=100_000)
    capped.insert_one({"_id": 1})
    cursor = capped.find({}, cursor_type=CursorType.TAILABLE)
    same(next(cursor), {"_id": 1})
    capped.insert_one({"_id": 2})
    same(next(cursor), {"_id": 2})


@PROBES("write concern majority")
def _(place):
    place.collection.with_options(write_concern=WriteConcern(w="majority", j=True)).insert_one({"_id": 1})


@PROBES("read concern majority")
def _(place):
    place.insert({"_id": 1})
    same(place.collection.with_options(read_concern=ReadConcern("majority")).find_one(), {"_id": 1})
