import unittest

import agent_path  # noqa: F401
import request_fields
from failure import Failure
from image import Image

IMAGE = Image("postgresql", "17")
PEM = "-----BEGIN CERTIFICATE-----\n"
REQUEST = {
    "kind": "setup",
    "engine": "postgresql",
    "major": "17",
    "address": "10.88.0.42",
    "prefix_length": 24,
    "port": 5432,
    "memory_mib": 1024,
    "vcpus": 1,
    "tls": {"certificate": PEM, "key": PEM, "ca": PEM},
    "trusted_sources": ["10.88.0.0/24"],
    "user": "app",
    "password": "a-long-password",
    "database": "app",
}
WRONG = {
    "major": ["16", 17, None],
    "engine": ["mysql", None],
    "address": ["10.88.0.300", "x; drop", None],
    "port": [0, 70000, "5432", True, None],
    "memory_mib": [0, -1, "1024", 1.5, None],
    "vcpus": [0, None],
    "tls": [None, {}, {"certificate": PEM, "key": "no", "ca": PEM}],
    "trusted_sources": [None, [], ["10.88.0.0/33"], ["any"], [{}], "10.88.0.0/24", ["10.0.0.0/8", 7]],
    "user": ["App", "a'b", "", "postgres;", None, "é"],
    "password": ["short", "has a space in it", "line\nbreak-line", "ünïcode-password", None, 7],
    "database": ["a-b", "", 'x"', 7],
}


class SetupTest(unittest.TestCase):
    def test_a_whole_request_is_taken(self):
        setup = request_fields.Setup(REQUEST, IMAGE)
        self.assertEqual((setup.user, setup.database, setup.memory_mib), ("app", "app", 1024))

    def test_an_engine_without_names_has_no_database(self):
        self.assertIsNone(request_fields.Setup({**REQUEST, "database": None}, IMAGE).database)

    def test_what_is_wrong_is_named_and_not_quoted(self):
        for name, values in WRONG.items():
            for value in values:
                with self.subTest(name=name, value=value), self.assertRaises(Failure) as caught:
                    request_fields.Setup({**REQUEST, name: value}, IMAGE)
                self.assertIn(caught.exception.code, ("invalid_request", "engine_mismatch"))
                if isinstance(value, str) and len(value) > 2:
                    self.assertNotIn(value, caught.exception.message)

    def test_overlapping_sources_become_one(self):
        sources = ["10.0.0.5", "10.0.0.0/8", "fd00::/64", "192.168.1.7/24"]
        self.assertEqual(
            request_fields.trusted_sources({"trusted_sources": sources}),
            ["10.0.0.0/8", "192.168.1.0/24", "fd00::/64"],
        )
