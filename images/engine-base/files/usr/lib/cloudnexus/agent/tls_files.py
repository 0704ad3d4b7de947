"""The engine's certificate and key, on the data volume, readable by the engine alone."""

from guest_files import make_folder, write_file
from settings import DATA_FOLDER

FOLDER = DATA_FOLDER / "tls"
CERTIFICATE = FOLDER / "server.crt"
KEY = FOLDER / "server.key"
AUTHORITY = FOLDER / "ca.crt"


def write(tls, owner):
    """Answers whether anything of it is new."""
    make_folder(FOLDER)
    written = [
        write_file(KEY, tls.key, mode=0o600, owner=owner),
        write_file(CERTIFICATE, tls.certificate),
        write_file(AUTHORITY, tls.authority),
    ]
    return any(written)
