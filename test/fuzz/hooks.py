"""What generated requests can't know: the names that this installation offers, what a public key looks like, and that a delete takes its time."""

import base64
import hashlib
import os
import struct

import requests
import schemathesis

SERVER = {"plan": "starter", "region": "us-east-1", "image": "debian-12", "ssh_keys": []}
DATABASE = {"plan": "standard", "region": "us-east-1", "engine": "postgresql", "version": "17", "trusted_sources": []}


def public_key(seed):
    kind = b"ssh-ed25519"
    blob = struct.pack(">I", len(kind)) + kind + struct.pack(">I", 32) + hashlib.sha256(seed.encode()).digest()
    return f"ssh-ed25519 {base64.b64encode(blob).decode()}"


ADDRESS = os.environ["CLOUDNEXUS_ADDRESS"]
HEADERS = {"Authorization": f"Bearer {os.environ['CLOUDNEXUS_API_KEY']}"}
OWN_KEYS = os.environ["CLOUDNEXUS_OWN_KEYS"].split(",")
NO_KEY = "ak_" + 24 * "a"

KNOWN = {
    "/v1/servers": lambda name: SERVER,
    "/v1/databases": lambda name: DATABASE,
    "/v1/ssh_keys": lambda name: {"public_key": public_key(name)},
}


@schemathesis.hook
def before_call(context, case, kwargs):
    """The keys that all this is asked with are left alone: without them nothing would be answered any more."""
    if case.path_parameters and case.path_parameters.get("id") in OWN_KEYS:
        case.path_parameters = {**case.path_parameters, "id": NO_KEY}
    name_what_there_is(case)


def name_what_there_is(case):
    """Three bodies of creates in four name what there is. Those that are wrong on purpose stay as they were made."""
    known = KNOWN.get(case.operation.path)
    if known is None or case.operation.method != "post" or not isinstance(case.body, dict):
        return
    if case.meta is None or case.meta.generation.mode.is_negative:
        return
    name = case.body.get("name")
    if isinstance(name, str) and len(name) % 4 != 0:
        case.body = {**case.body, **known(name)}


@schemathesis.hook
def after_call(context, case, response):
    """A delete is accepted at once and ends later: only then may nothing be found any more, which is checked by what follows."""
    if case.operation.method == "delete" and response.status_code == 202:
        action = response.json()["data"]["id"]
        requests.get(f"{ADDRESS}/v1/actions/{action}?wait=30", headers=HEADERS, timeout=40)
