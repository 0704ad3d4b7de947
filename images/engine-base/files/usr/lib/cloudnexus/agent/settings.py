"""What the agent remembers between requests, on the data volume. Nothing of it is secret."""

import json
from pathlib import Path

from failure import Failure
from guest_files import make_folder, write_file

DATA_FOLDER = Path("/data")
FOLDER = DATA_FOLDER / "cloudnexus"
SETTINGS_FILE = FOLDER / "settings.json"
# The engine's units start at boot if this file is there.
CONFIGURED_FILE = FOLDER / "configured"


class Settings:
    def __init__(self, user, database, current_user=None, port=None, trusted_sources=()):
        self.user = user
        self.database = database
        # Engines with one password a user have two users that take turns.
        self.current_user = current_user or user
        self.port = port
        self.trusted_sources = list(trusted_sources)

    @property
    def users(self):
        return [self.user, f"{self.user}_b"]

    @property
    def other_user(self):
        return next(user for user in self.users if user != self.current_user)

    def take(self, setup):
        """The later set-ups of an engine may name the user whose turn it is."""
        if setup.user not in self.users or setup.database != self.database:
            raise Failure("invalid_request", "this engine was set up for another user or database")
        self.current_user = setup.user
        self.port = setup.port
        self.trusted_sources = setup.trusted_sources

    def write(self):
        make_folder(FOLDER)
        write_file(SETTINGS_FILE, json.dumps(vars(self)) + "\n")

    @staticmethod
    def read():
        try:
            return Settings(**json.loads(SETTINGS_FILE.read_text()))
        except FileNotFoundError:
            return None


def mark_configured():
    make_folder(FOLDER)
    write_file(CONFIGURED_FILE, "")
    CONFIGURED_FILE.touch()
