"""Carries out the requests of the control plane, one after the other, and ends when none is left. Started by systemd as soon as a request file is there."""

from pathlib import Path

import programs
from image import Image, load_engine
from request_handler import RequestHandler
from request_queue import RequestQueue

STATE_FOLDER = Path("/var/lib/cloudnexus")


def main():
    image = Image.read()
    handler = RequestHandler(image, load_engine(image))
    folders = STATE_FOLDER / "requests", STATE_FOLDER / "results"
    RequestQueue(*folders, handler.handle, programs.is_going_down).serve()


if __name__ == "__main__":
    main()
