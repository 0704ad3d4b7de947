"""
FerretDB's collection of users, as FerretDB 1.24 itself lays it out in PostgreSQL: a table of documents in its JSON form, and an entry in the table of collections.
"""

import base64
import hmac
import json
import uuid

import postgresql_cluster as cluster
import scram
from postgresql_cluster import identifier, literal

BACKEND_DATABASE = "ferretdb"
# FerretDB derives this name from the collection's.
TABLE = "admin.system_users_aff2f7ce"
INDEX = "system_users_aff2f7ce__id__67399184_idx"
COLLECTIONS = "admin._ferretdb_database_metadata"
ITERATIONS = 15000
SALT_BYTES = 28

SCHEMA = f"""\
CREATE SCHEMA IF NOT EXISTS admin;
CREATE TABLE IF NOT EXISTS {COLLECTIONS} (_jsonb jsonb);
CREATE UNIQUE INDEX IF NOT EXISTS _ferretdb_database_metadata_id_idx ON {COLLECTIONS} ((_jsonb->'_id'));
CREATE UNIQUE INDEX IF NOT EXISTS _ferretdb_database_metadata_table_idx ON {COLLECTIONS} ((_jsonb->'table'));
CREATE TABLE IF NOT EXISTS {TABLE} (_jsonb jsonb);
CREATE UNIQUE INDEX IF NOT EXISTS {INDEX} ON {TABLE} ((_jsonb->'_id'));
"""

STRING = {"t": "string"}
KEYS_TYPE = {"p": {"iterationCount": {"t": "int"}, "salt": STRING, "storedKey": STRING, "serverKey": STRING}}
KEYS_TYPE["$k"] = ["iterationCount", "salt", "storedKey", "serverKey"]
CREDENTIALS_TYPE = {"p": {"SCRAM-SHA-256": {"t": "object", "$s": KEYS_TYPE}}, "$k": ["SCRAM-SHA-256"]}
USER_TYPE = {
    "p": {
        "_id": STRING,
        "credentials": {"t": "object", "$s": CREDENTIALS_TYPE},
        "user": STRING,
        "db": STRING,
        "roles": {"t": "array", "i": []},
        "userId": {"t": "binData", "s": 4},
    },
    "$k": ["_id", "credentials", "user", "db", "roles", "userId"],
}
INDEX_TYPE = {
    "p": {
        "pgindex": STRING,
        "name": STRING,
        "key": {"t": "object", "$s": {"p": {"_id": {"t": "int"}}, "$k": ["_id"]}},
        "unique": {"t": "bool"},
    },
    "$k": ["pgindex", "name", "key", "unique"],
}
COLLECTION_TYPE = {
    "p": {
        "_id": STRING,
        "uuid": STRING,
        "table": STRING,
        "indexes": {"t": "array", "i": [{"t": "object", "$s": INDEX_TYPE}]},
        "cappedSize": {"t": "long"},
        "cappedDocs": {"t": "long"},
    },
    "$k": ["_id", "uuid", "table", "indexes", "cappedSize", "cappedDocs"],
}


def create_backend(role):
    """FerretDB's role and database, where they are missing."""
    name, database = identifier(role), identifier(BACKEND_DATABASE)
    cluster.query(
        "\n".join(
            [
                cluster.unless(f"FROM pg_roles WHERE rolname = {literal(role)}", f"CREATE ROLE {name} LOGIN"),
                cluster.unless(
                    f"FROM pg_database WHERE datname = {literal(BACKEND_DATABASE)}",
                    f"CREATE DATABASE {database} OWNER {name}",
                ),
                f"REVOKE ALL ON DATABASE postgres, template1, {database} FROM PUBLIC;",
            ]
        )
    )


def create_collection(role):
    """Answers whether it was missing."""
    collection = {
        "$s": COLLECTION_TYPE,
        "_id": "system.users",
        "uuid": str(uuid.uuid4()),
        "table": TABLE.partition(".")[2],
        "indexes": [{"pgindex": INDEX, "name": "_id_", "key": {"_id": 1}, "unique": True}],
        "cappedSize": 0,
        "cappedDocs": 0,
    }
    insert = f"INSERT INTO {COLLECTIONS} VALUES ({literal(json.dumps(collection))}) ON CONFLICT DO NOTHING RETURNING 1;"
    statements = f"SET client_min_messages = warning;\nSET ROLE {identifier(role)};\n{SCHEMA}{insert}"
    return bool(cluster.query(statements, BACKEND_DATABASE))


def write(user, password, database):
    """The user with this password, found whichever of the two databases a client names as the one to log in to."""
    salt = scram.new_salt(SALT_BYTES)
    stored_key, server_key = scram.stored_keys(password, salt, ITERATIONS)
    keys = {
        "iterationCount": ITERATIONS,
        "salt": scram.encoded(salt),
        "storedKey": scram.encoded(stored_key),
        "serverKey": scram.encoded(server_key),
    }
    statements = []
    for source in ("admin", database):
        document = {
            "$s": USER_TYPE,
            "_id": f"{source}.{user}",
            "credentials": {"SCRAM-SHA-256": keys},
            "user": user,
            "db": source,
            "roles": [],
            "userId": base64.b64encode(uuid.uuid4().bytes).decode(),
        }
        statements.append(
            f"INSERT INTO {TABLE} VALUES ({literal(json.dumps(document))})"
            " ON CONFLICT ((_jsonb->'_id')) DO UPDATE SET _jsonb = EXCLUDED._jsonb;"
        )
    cluster.query("BEGIN;\n" + "\n".join(statements) + "\nCOMMIT;", BACKEND_DATABASE)


def with_password(password):
    """The user whose password it is, if there is one."""
    exists = cluster.query(f"SELECT 1 WHERE to_regclass({literal(TABLE)}) IS NOT NULL;", BACKEND_DATABASE)
    for (line,) in cluster.query(f"SELECT _jsonb FROM {TABLE};", BACKEND_DATABASE) if exists else []:
        document = json.loads(line)
        keys = document["credentials"].get("SCRAM-SHA-256")
        if keys is None:
            continue
        stored_key, _ = scram.stored_keys(password, scram.decoded(keys["salt"]), keys["iterationCount"])
        if hmac.compare_digest(stored_key, scram.decoded(keys["storedKey"])):
            return document["user"]
    return None


def remove_others(user):
    cluster.query(f"DELETE FROM {TABLE} WHERE _jsonb->>'user' <> {literal(user)};", BACKEND_DATABASE)
