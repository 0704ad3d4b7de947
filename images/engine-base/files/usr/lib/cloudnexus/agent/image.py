"""What this image is, as its builder wrote it down, and the module that knows its engine."""

import importlib
import json
from pathlib import Path

IMAGE_FILE = Path("/usr/lib/cloudnexus/image.json")


class Image:
    def __init__(self, engine, major):
        self.engine = engine
        self.major = major

    @staticmethod
    def read(path=IMAGE_FILE):
        content = json.loads(path.read_text())
        return Image(content["engine"], content["major"])


def load_engine(image):
    """Every engine module has a class Engine with set_up, add_password, drop_password and set_trusted_sources."""
    return importlib.import_module(f"engines.{image.engine}").Engine()
