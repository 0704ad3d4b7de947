import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

ERRORS = (redis.RedisError,)


class Session:
    def __init__(self, target):
        self._client = redis.Redis(
            host=target.host,
            port=target.port,
            username=target.user,
            password=target.password,
            ssl=True,
            ssl_cert_reqs="required",
            ssl_check_hostname=True,
            ssl_ca_certs=target.authority,
            socket_timeout=10,
            decode_responses=True,
            # A refusal is told at once.
            retry=Retry(NoBackoff(), 0),
        )

    def write(self, note):
        self._client.rpush("notes", note)

    def read(self):
        return self._client.lrange("notes", 0, -1)

    def close(self):
        self._client.close()
