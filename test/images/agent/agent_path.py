"""Makes the agent's modules importable, which lie in several folders until an image is built."""

import sys
from pathlib import Path

IMAGES = Path(__file__).resolve().parents[3] / "images"
FOLDERS = sorted(IMAGES.glob("*/files/usr/lib/cloudnexus/agent"))

sys.path[:0] = [str(folder) for folder in FOLDERS]

import engines  # noqa: E402

engines.__path__[:] = [str(folder / "engines") for folder in FOLDERS]
