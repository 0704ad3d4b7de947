import psycopg

ERRORS = (psycopg.Error,)


class Session:
    def __init__(self, target):
        self._connection = psycopg.connect(
            host=target.host,
            port=target.port,
            user=target.user,
            password=target.password,
            dbname=target.database,
            sslmode="verify-full",
            sslrootcert=target.authority,
            connect_timeout=10,
            autocommit=True,
        )

    def write(self, note):
        self._connection.execute("CREATE TABLE IF NOT EXISTS notes (id serial PRIMARY KEY, value text NOT NULL)")
        self._connection.execute("INSERT INTO notes (value) VALUES (%s)", [note])

    def read(self):
        return [value for (value,) in self._connection.execute("SELECT value FROM notes ORDER BY id")]

    def close(self):
        self._connection.close()
