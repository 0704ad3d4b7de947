"""The folder of requests and the folder of results: which request is next, and that each is carried out once."""

import json
import os
import re
import time
import traceback

from failure import Failure
from guest_files import sync_folder, write_file

NAME = re.compile(r"[a-z0-9-]+\.json")
LOOK_AGAIN_SECONDS = 0.05
# A file is written in place, so a reader may see half of it.
HALF_WRITTEN_SECONDS = 10
# Whatever else lies here would have systemd start the agent over and over.
STRAY_SECONDS = 60


class RequestQueue:
    def __init__(self, requests, results, handle, is_going_down, clock=time.time, sleep=time.sleep):
        self.requests = requests
        self.results = results
        self.handle = handle
        self.is_going_down = is_going_down
        self.clock = clock
        self.sleep = sleep

    def serve(self):
        """Ends when the folder is empty."""
        while True:
            entries = sorted(self.requests.iterdir())
            if not entries:
                return
            named = [entry for entry in entries if NAME.fullmatch(entry.name)]
            done = self._take(named[0]) if named else self._remove_strays(entries)
            if not done:
                self.sleep(LOOK_AGAIN_SECONDS)

    def _take(self, path):
        """True if the request is dealt with."""
        result = Result(self.results / path.name)
        if not result.is_final():
            try:
                request = json.loads(path.read_bytes())
                if not isinstance(request, dict):
                    raise ValueError
            except ValueError:
                if self._age(path) < HALF_WRITTEN_SECONDS:
                    return False
                result.fail(Failure("invalid_request", "the request is no JSON object"))
            else:
                self._carry_out(request, result)
        path.unlink(missing_ok=True)
        sync_folder(self.requests)
        return True

    def _carry_out(self, request, result):
        try:
            result.report("begin")
            result.succeed(self.handle(request, result.report))
        except Exception as error:
            if self.is_going_down():
                # Whatever failed, failed of that: the request stays, and the next boot carries it out.
                raise SystemExit from None
            result.fail(error if isinstance(error, Failure) else unexpected(error))

    def _remove_strays(self, entries):
        old = [entry for entry in entries if self._age(entry) > STRAY_SECONDS]
        for entry in old:
            if entry.is_file():
                entry.unlink(missing_ok=True)
        return bool(old)

    def _age(self, path):
        try:
            return self.clock() - path.stat().st_mtime
        except FileNotFoundError:
            return 0


def unexpected(error):
    """Its text may quote what it was given; the journal gets the place only."""
    for frame in traceback.extract_tb(error.__traceback__):
        print(f"{frame.filename}:{frame.lineno} {frame.name}", flush=True)
    return Failure("internal_error", f"unexpected {type(error).__name__}")


class Result:
    def __init__(self, path):
        self.path = path
        self.step = None

    def is_final(self):
        """One that is still running was interrupted, one that can't be read was cut off by a power cut: neither is an end."""
        try:
            return json.loads(self.path.read_text())["status"] in ("succeeded", "failed")
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return False

    def report(self, step):
        self.step = step
        self._write("running")

    def succeed(self, data):
        self._write("succeeded", data=data)

    def fail(self, failure):
        self._write("failed", code=failure.code, message=failure.message)

    def _write(self, status, code=None, message=None, data=None):
        content = {"status": status, "step": self.step, "code": code, "message": message, "data": data or {}}
        write_file(self.path, json.dumps(content) + "\n", mode=0o600, is_durable=status != "running")
        note = f" ({code}: {message})" if code else ""
        print(f"{os.path.splitext(self.path.name)[0]}: {status}, {self.step}{note}", flush=True)
