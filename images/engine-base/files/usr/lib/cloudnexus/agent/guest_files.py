"""Files that are there whole or not at all."""

import grp
import os
import pwd


def write_file(path, content, mode=0o644, owner="root", is_durable=False):
    """
    Replaces the file in one step. Answers whether its content is new; the same content is not written again. Most files need not outlive a power cut on their
    own: the request that wrote them counts only once its result is durable, after the whole volume was synced.
    """
    data = content.encode()
    if _is(path, data):
        return False
    partial = path.with_name(path.name + ".partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(descriptor, mode)
        if owner != "root":
            os.fchown(descriptor, *ids_of(owner))
        file.write(data)
        if is_durable:
            file.flush()
            os.fsync(descriptor)
    os.replace(partial, path)
    if is_durable:
        sync_folder(path.parent)
    return True


def make_folder(path, mode=0o755, owner="root"):
    path.mkdir(parents=True, exist_ok=True)
    os.chmod(path, mode)
    if owner != "root":
        os.chown(path, *ids_of(owner))


def sync_folder(path):
    """Makes a rename in the folder last."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def ids_of(owner):
    return pwd.getpwnam(owner).pw_uid, grp.getgrnam(owner).gr_gid


def _is(path, data):
    try:
        return path.read_bytes() == data
    except FileNotFoundError:
        return False
