"""Redis' protocol (RESP 2) over its local socket, as far as the agent speaks it."""

import socket

from failure import Failure

TIMEOUT_SECONDS = 30


class RedisClient:
    def __init__(self, path, user, password):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(TIMEOUT_SECONDS)
        self.socket.connect(path)
        self.file = self.socket.makefile("rb")
        self.call("AUTH", user, password)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def call(self, *words):
        parts = [f"*{len(words)}\r\n".encode()]
        for word in words:
            data = word.encode()
            parts.append(b"$%d\r\n%s\r\n" % (len(data), data))
        self.socket.sendall(b"".join(parts))
        return self._read()

    def _read(self):
        line = self.file.readline()
        kind, rest = line[:1], line[1:-2].decode()
        if kind == b"-":
            # Some errors quote what they refuse: the first word tells the kind.
            raise Failure("engine_query_failed", f"Redis answered {rest.split()[0]}")
        if kind == b"+":
            return rest
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == "-1" else self.file.read(int(rest) + 2)[:-2].decode()
        if kind == b"*":
            return [self._read() for _ in range(int(rest))]
        raise Failure("engine_query_failed", "Redis closed the connection")
