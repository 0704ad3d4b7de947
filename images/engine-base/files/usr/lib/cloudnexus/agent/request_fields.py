"""The requests, checked: whatever passes here can be put into a configuration file or a statement as it is."""

import ipaddress
import re

from failure import Failure

NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
# The engines prepare other characters in ways of their own (SASLprep); passwords are made by the control plane, from these.
PASSWORD = re.compile(r"[!-~]{12,128}")
MIN_MEMORY_MIB = 128
MAX_MEMORY_MIB = 4 * 1024 * 1024


class Setup:
    def __init__(self, request, image):
        if request.get("engine") != image.engine or request.get("major") != image.major:
            raise Failure("engine_mismatch", f"this image holds {image.engine} {image.major}")
        self.address = _address(request.get("address"))
        self.port = _number(request, "port", 1, 65535)
        self.memory_mib = _number(request, "memory_mib", MIN_MEMORY_MIB, MAX_MEMORY_MIB)
        self.vcpus = _number(request, "vcpus", 1, 1024)
        self.tls = _tls(request.get("tls"))
        self.trusted_sources = trusted_sources(request)
        self.user = _matching(request, "user", NAME)
        self.password = password(request)
        # Redis has numbered databases only.
        self.database = None if request.get("database") is None else _matching(request, "database", NAME)


class Tls:
    def __init__(self, certificate, key, authority):
        self.certificate = certificate
        self.key = key
        self.authority = authority


def password(request):
    return _matching(request, "password", PASSWORD)


def trusted_sources(request):
    sources = request.get("trusted_sources")
    if not isinstance(sources, list) or not sources:
        raise _invalid("trusted_sources")
    try:
        networks = [ipaddress.ip_network(source, strict=False) for source in sources if isinstance(source, str)]
    except ValueError:
        raise _invalid("trusted_sources") from None
    if len(networks) != len(sources):
        raise _invalid("trusted_sources")
    collapsed = []
    for version in (4, 6):
        collapsed += ipaddress.collapse_addresses([network for network in networks if network.version == version])
    return [str(network) for network in collapsed]


def _tls(value):
    parts = value if isinstance(value, dict) else {}
    texts = [parts.get(name) for name in ("certificate", "key", "ca")]
    if not all(isinstance(text, str) and text.startswith("-----BEGIN ") for text in texts):
        raise _invalid("tls")
    return Tls(*texts)


def _address(value):
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        raise _invalid("address") from None


def _number(request, name, least, most):
    value = request.get(name)
    if type(value) is not int or not least <= value <= most:
        raise _invalid(name)
    return value


def _matching(request, name, pattern):
    value = request.get(name)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise _invalid(name)
    return value


def _invalid(name):
    return Failure("invalid_request", f"{name} is missing or not valid")
