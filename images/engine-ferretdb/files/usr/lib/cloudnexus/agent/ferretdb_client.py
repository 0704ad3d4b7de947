"""The one question of MongoDB's protocol that the agent asks: which version FerretDB passes for. Nobody has to log in for it."""

import socket
import ssl
import struct
import time

from failure import Failure

DEADLINE_SECONDS = 60
LOOK_AGAIN_SECONDS = 0.05
OP_MSG = 2013


def wait_for_version(port):
    """FerretDB does not tell systemd when it listens, so it is asked until it answers."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while True:
        try:
            return _ask(port)
        except OSError:
            if time.monotonic() > deadline:
                raise Failure("engine_start_failed", "the engine does not answer") from None
            time.sleep(LOOK_AGAIN_SECONDS)


def _ask(port):
    context = ssl.create_default_context()
    # It is ours, on the loopback device.
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:
        with context.wrap_socket(plain) as connection:
            connection.sendall(message(b"\x10buildInfo\x00" + struct.pack("<i", 1) + text(b"$db", b"admin")))
            length = struct.unpack("<i", _receive(connection, 4))[0]
            return string_field(_receive(connection, length - 4), b"version")


def message(fields):
    document = struct.pack("<i", len(fields) + 5) + fields + b"\x00"
    body = struct.pack("<iB", 0, 0) + document
    return struct.pack("<iiii", len(body) + 16, 1, 0, OP_MSG) + body


def text(name, value):
    return b"\x02" + name + b"\x00" + struct.pack("<i", len(value) + 1) + value + b"\x00"


def string_field(document, name):
    mark = b"\x02" + name + b"\x00"
    start = document.index(mark) + len(mark)
    length = struct.unpack_from("<i", document, start)[0]
    return document[start + 4 : start + 3 + length].decode()


def _receive(connection, count):
    data = b""
    while len(data) < count:
        part = connection.recv(count - len(data))
        if not part:
            raise ConnectionError
        data += part
    return data
