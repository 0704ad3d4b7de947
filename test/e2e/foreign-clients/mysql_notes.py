import pymysql
import strict_tls

ERRORS = (pymysql.MySQLError,)


class Session:
    def __init__(self, target):
        self._connection = pymysql.connect(
            host=target.host,
            port=target.port,
            user=target.user,
            password=target.password,
            database=target.database,
            ssl=strict_tls.context(target.authority),
            connect_timeout=10,
            autocommit=True,
        )

    def write(self, note):
        with self._connection.cursor() as cursor:
            cursor.execute(
                "CREATE TABLE IF NOT EXISTS notes (id int AUTO_INCREMENT PRIMARY KEY, value text NOT NULL)"
            )
            cursor.execute("INSERT INTO notes (value) VALUES (%s)", [note])

    def read(self):
        return [value for (value,) in self._rows("SELECT value FROM notes ORDER BY id")]

    def close(self):
        self._connection.close()

    def _rows(self, statement):
        with self._connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall()
