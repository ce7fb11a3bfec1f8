"""What an establishment that lets phones in has: a certificate for the listener, and a server that takes their tokens."""

import hashlib
import json
import subprocess
import sys

import requests

from tools import ROOT, certificate, free_port

# The examples that applications copy.
sys.path[:0] = [str(ROOT / "Docs" / "examples" / part) for part in ("phone", "python")]
from mobile_phone import DEVICE, PRE_AUTHORIZED, Phone  # noqa: E402, F401
from token_verifier import Keys, Rejection, Verifier  # noqa: E402, F401

AUDIENCE = "https://records.example"


class Site:
    """The settings of an agent with a listener, and a records server that asks it about tokens by its certificate."""

    def __init__(self, folder, port=None):
        self.port = port or free_port()
        self.issuer = f"https://localhost:{self.port}"
        self.chain, self.key = certificate(folder, "listener")
        self.server = certificate(folder, "records", "records.example")

    def settings(self, **mobile):
        der = subprocess.run(["openssl", "x509", "-in", self.server[0], "-outform", "DER"], check=True, capture_output=True).stdout
        return {
            "tokens": {"issuer": self.issuer},
            "mobile": {"listen": f"127.0.0.1:{self.port}", "certificate": str(self.chain), "key": str(self.key), **mobile},
            "clients": {
                "records": {"certificates": [hashlib.sha256(der).hexdigest()], "audiences": [AUDIENCE]},
                "default": {"operations": ["login", "pin", "token", "sign", "emergency", "mobile", "audit"]},
            },
        }

    def ask(self, path, identity=None, **form):
        """A request of the records server, by its certificate or another's."""
        identity = identity or self.server
        return requests.post(
            f"{self.issuer}{path}", data=form, cert=tuple(str(part) for part in identity), verify=str(self.chain), timeout=30)

    def is_active(self, token):
        answer = self.ask("/introspect", token=token)
        assert answer.status_code == 200, answer.text
        return answer.json()["active"]

    def poll(self, acknowledged=(), wait=False):
        """RFC 8936 §2.4."""
        answer = requests.post(
            f"{self.issuer}/events", data=json.dumps({"ack": list(acknowledged), "returnImmediately": not wait, "maxEvents": 10}),
            headers={"Content-Type": "application/json"}, cert=tuple(str(part) for part in self.server), verify=str(self.chain),
            timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.json()
