"""SCRAM-SHA-256 (RFC 7677): what a server keeps of a password. Passwords are ASCII, which SASLprep leaves as it is."""

import base64
import hashlib
import hmac
import os


def stored_keys(password, salt, iterations):
    """The stored key and the server key."""
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    return hashlib.sha256(client_key).digest(), hmac.digest(salted, b"Server Key", "sha256")


def new_salt(length):
    return os.urandom(length)


def encoded(data):
    return base64.b64encode(data).decode()


def decoded(text):
    return base64.b64decode(text)
