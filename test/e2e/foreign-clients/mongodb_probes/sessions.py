import gridfs
from pymongo import ReadPreference

from .probing import Probes, same

PROBES = Probes()


@PROBES("sessions")
def _(place):
    with place.client.start_session() as session:
        place.collection.insert_one({"_id": 1}, session=session)
        same(place.collection.find_one(session=session), {"_id": 1})


@PROBES("causal consistency")
def _(place):
    with place.client.start_session(causal_consistency=True) as session:
        place.collection.insert_one({"_id": 1}, session=session)
        same(session.operation_time is not None, True)


@PROBES("transactions that commit")
def _(place):
    place.database.create_collection(place.name)
    with place.client.start_session() as session, session.start_transaction():
        place.collection.insert_one({"_id": 1}, session=session)
    same(place.ids(), [1])


@PROBES("transactions that abort")
def _(place):
    place.database.create_collection(place.name)
    with place.client.start_session() as session:
        session.start_transaction()
        place.collection.insert_one({"_id": 1}, session=session)
        session.abort_transaction()
    same(place.ids(), [])


@PROBES("snapshot reads")
def _(place):
    place.insert({"_id": 1})
    with place.client.start_session(snapshot=True) as session:
        same(place.collection.find_one(session=session), {"_id": 1})
        place.insert({"_id": 2})
        same([one["_id"] for one in place.collection.find(session=session)], [1])


@PROBES("change streams of a collection")
def _(place):
    with place.collection.watch(max_await_time_ms=500) as stream:
        place.collection.insert_one({"_id": 1})
        same(stream.try_next()["operationType"], "insert")


@PROBES("change streams of a database")
def _(place):
    with place.database.watch(max_await_time_ms=500) as stream:
        place.collection.insert_one({"_id": 1})
        same(stream.try_next()["operationType"], "insert")


@PROBES("read preference")
def _(place):
    place.insert({"_id": 1})
    same(place.collection.with_options(read_preference=ReadPreference.SECONDARY_PREFERRED).find_one(), {"_id": 1})


@PROBES("GridFS")
def _(place):
    bucket = gridfs.GridFSBucket(place.database, bucket_name=place.name)
    content = bytes(range(256)) * 4096
    file_id = bucket.upload_from_stream("file", content, metadata={"kind": "test"})
    same(bucket.open_download_stream(file_id).read(), content)
    same([one.filename for one in bucket.find({"metadata.kind": "test"})], ["file"])
    bucket.delete(file_id)
    same(list(bucket.find({})), [])
