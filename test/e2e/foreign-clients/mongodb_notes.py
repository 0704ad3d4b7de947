import pymongo
import pymongo.errors

ERRORS = (pymongo.errors.PyMongoError,)


class Session:
    def __init__(self, target):
        self._client = connect(target)
        self._notes = self._client[target.database].notes

    def write(self, note):
        self._notes.insert_one({"place": self._notes.count_documents({}), "value": note})

    def read(self):
        return [note["value"] for note in self._notes.find(sort=[("place", pymongo.ASCENDING)])]

    def close(self):
        self._client.close()


def connect(target):
    return pymongo.MongoClient(
        target.host,
        target.port,
        username=target.user,
        password=target.password,
        authSource=target.database,
        tls=True,
        tlsCAFile=target.authority,
        directConnection=True,
        serverSelectionTimeoutMS=3_000,
    )
