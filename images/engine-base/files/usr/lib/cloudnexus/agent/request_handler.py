"""What each kind of request does. Each may be carried out again after a crash in its middle, with the same end."""

import os

import firewall
import programs
import request_fields
from failure import Failure
from settings import DATA_FOLDER, Settings


class RequestHandler:
    def __init__(self, image, engine):
        self.image = image
        self.engine = engine
        self.kinds = {
            "setup": self._set_up,
            "add_password": self._add_password,
            "drop_password": self._drop_password,
            "trusted_sources": self._set_trusted_sources,
        }

    def handle(self, request, report):
        kind = self.kinds.get(request.get("kind"))
        if kind is None:
            raise Failure("invalid_request", "kind is missing or not known")
        data = kind(request, report)
        programs.sync_volume(DATA_FOLDER)
        return data

    def _set_up(self, request, report):
        setup = request_fields.Setup(request, self.image)
        if not os.path.ismount(DATA_FOLDER):
            raise Failure("no_data_volume", f"nothing is mounted at {DATA_FOLDER}")
        settings = Settings.read() or Settings(setup.user, setup.database)
        settings.take(setup)
        report("write the firewall")
        firewall.allow(settings)
        version = self.engine.set_up(setup, settings, report)
        settings.write()
        return {"user": settings.current_user, "version": version}

    def _add_password(self, request, report):
        settings = self._settings()
        report("add the password")
        return {"user": self.engine.add_password(request_fields.password(request), settings)}

    def _drop_password(self, request, report):
        settings = self._settings()
        report("drop the other password")
        settings.current_user = self.engine.drop_password(request_fields.password(request), settings)
        settings.write()
        return {"user": settings.current_user}

    def _set_trusted_sources(self, request, report):
        settings = self._settings()
        settings.trusted_sources = request_fields.trusted_sources(request)
        report("write the firewall")
        settings.write()
        firewall.allow(settings)
        self.engine.set_trusted_sources(settings)
        return {}

    def _settings(self):
        settings = Settings.read()
        if settings is None:
            raise Failure("not_set_up", "the engine was not set up yet")
        return settings
