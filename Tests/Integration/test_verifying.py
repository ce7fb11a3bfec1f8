"""The examples of Docs/examples stand in front of records: what they let through, and what not. All of them by the same list."""

import hashlib
import hmac
import http.client
import os
import pathlib
import re
import socket
import subprocess
import sys
import time

import pytest

from token_maker import Issuer, encode64url
from tools import BIN_DIR, ROOT, free_port, stop, wait_until
from web_server import WebServer

EXAMPLES = ROOT / "Docs" / "examples"
ORIGIN = "https://records.example"
PATH = "/patients/1"
URL = ORIGIN + PATH


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Front:
    """One of the examples at work, and the agent whose tokens it takes."""

    def __init__(self, folder):
        self.folder = folder
        self.web = WebServer()
        self.issuer = Issuer("https://ws-042.example", ORIGIN)
        self.web.answers["/jwks"] = self.issuer.jwks
        self.processes = []
        self.port = None
        # What the records behind nginx saw.
        self.records = WebServer()
        self.records.answers[PATH] = b'{"reader":"899900063480"}\n'

    def start(self, *command):
        port = free_port()
        own = {"AUDIENCE": ORIGIN, "ISSUER": self.issuer.address, "JWKS": f"{self.web.address}/jwks", "PORT": str(port)}
        self.run(command, port, {**os.environ, **own})
        self.port = port
        return self

    def start_nginx(self):
        """nginx with the example's file, in which nothing but the ports is changed."""
        self.start(sys.executable, EXAMPLES / "python" / "resource_server.py")
        verifier, self.port = self.port, free_port()
        text = (EXAMPLES / "nginx" / "records.conf").read_text()
        for before, after in ((8080, self.port), (8081, verifier), (8082, self.records.server.server_address[1])):
            text = text.replace(f"127.0.0.1:{before}", f"127.0.0.1:{after}")
        temporary = "".join(f"{kind}_temp_path {self.folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        configuration = self.folder / "nginx.conf"
        configuration.write_text(
            f"pid {self.folder}/pid; error_log {self.folder}/error.log; daemon off;"
            f" events {{}} http {{ access_log off; {temporary} {text} }}"
        )
        self.run(("/usr/sbin/nginx", "-p", self.folder, "-c", configuration), self.port, os.environ)
        return self

    def run(self, command, port, environment):
        with open(self.folder / f"{port}.log", "wb") as log:
            process = subprocess.Popen([str(part) for part in command], stdout=log, stderr=log, env=environment)
        self.processes.append(process)
        wait_until(lambda: process.poll() is not None or listens(port), f"{command[0]} listens")
        assert process.poll() is None, (self.folder / f"{port}.log").read_text()

    def stop(self):
        for process in reversed(self.processes):
            stop(process)
        self.web.stop()
        self.records.stop()

    def ask(self, authorization=None, proofs=(), method="GET", path=PATH):
        """Status, headers and body of the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.putrequest(method, path)
            if authorization is not None:
                connection.putheader("Authorization", authorization)
            for proof in proofs:
                connection.putheader("DPoP", proof)
            connection.endheaders()
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def send(self, token, header=(), **claims):
        """Asks with a token and a proof of the client's key for it."""
        return self.ask(f"DPoP {token}", [self.issuer.client.proof(token, "GET", URL, header, **claims)])


@pytest.fixture(scope="module", params=["swift", "python", "nginx"])
def front(request, tmp_path_factory):
    front = Front(tmp_path_factory.mktemp("front"))
    try:
        if request.param == "swift":
            front.start(BIN_DIR / "example-resource-server")
        elif request.param == "python":
            front.start(sys.executable, EXAMPLES / "python" / "resource_server.py")
        else:
            front.start_nginx()
        yield front
    finally:
        front.stop()


def shared_secret(issuer):
    """The public key, which everybody knows, as the secret of an HMAC."""
    head, payload, _ = issuer.token({"alg": "HS256"}).split(".")
    code = hmac.new(issuer.jwks, f"{head}.{payload}".encode(), hashlib.sha256)
    return f"{head}.{payload}.{encode64url(code.digest())}"


def bad_tokens(issuer):
    now = int(time.time())
    thief = type(issuer.key)()
    return {
        "alg none": issuer.token({"alg": "none"}).rsplit(".", 1)[0] + ".",
        "HS256 with the public key": shared_secret(issuer),
        "another alg": issuer.token({"alg": "EdDSA"}),
        "typ JWT": issuer.token({"typ": "JWT"}),
        "a proof as a token": issuer.token({"typ": "dpop+jwt"}),
        "unknown kid": issuer.token({"kid": "other"}),
        "key inside": issuer.token({"jwk": thief.jwk}, key=thief),
        "crit": issuer.token({"crit": ["exp"]}),
        "another issuer": issuer.token(iss="https://other.example"),
        "another audience": issuer.token(aud="https://other.example"),
        "expired": issuer.token(exp=now - 61),
        "not yet valid": issuer.token(nbf=now + 65),
        "unbound": issuer.token(cnf=None),
        "bound to a certificate": issuer.token(cnf={"x5t#S256": "abc"}),
        "of another key": issuer.token(cnf={"jkt": thief.thumbprint}),
        "degraded": issuer.token(acr=f"{issuer.address}/acr/degraded"),
        "of a test card": issuer.token(cps={"test": True}),
        "nothing": "x",
    }


def bad_proofs(issuer, token):
    now, client = int(time.time()), issuer.client
    thief = type(client)()
    return {
        "another method": [client.proof(token, "POST", URL)],
        "another address": [client.proof(token, "GET", ORIGIN + "/patients/2")],
        "another host": [client.proof(token, "GET", "https://other.example" + PATH)],
        "stale": [client.proof(token, "GET", URL, iat=now - 65)],
        "from the future": [client.proof(token, "GET", URL, iat=now + 65)],
        "another token": [client.proof("x", "GET", URL)],
        "no jti": [client.proof(token, "GET", URL, jti=None)],
        "another key": [thief.proof(token, "GET", URL)],
        "a key that did not sign": [thief.proof(token, "GET", URL, {"jwk": client.jwk})],
        "private key inside": [client.proof(token, "GET", URL, {"jwk": {**client.jwk, "d": client.private_value}})],
        "no key": [client.proof(token, "GET", URL, {"jwk": None})],
        "typ JWT": [client.proof(token, "GET", URL, {"typ": "JWT"})],
        "alg none": [client.proof(token, "GET", URL, {"alg": "none"})],
        "none": [],
        "two": [client.proof(token, "GET", URL), client.proof(token, "GET", URL)],
    }


def test_good_token_is_served_and_each_proof_once(front):
    token = front.issuer.token()
    proof = front.issuer.client.proof(token, "GET", URL)
    status, _, body = front.ask(f"DPoP {token}", [proof])
    assert status == 200 and b'"899900063480"' in body
    assert front.ask(f"DPoP {token}", [proof])[0] == 401
    for seconds in (-55, 55):
        assert front.send(token, iat=int(time.time()) + seconds)[0] == 200
    assert front.send(front.issuer.token(exp=int(time.time()) - 50))[0] == 200


def test_bad_tokens_are_refused(front):
    for name, token in bad_tokens(front.issuer).items():
        status, headers, body = front.send(token)
        assert status == 401, name
        assert headers["WWW-Authenticate"].startswith("DPoP "), name
        assert b"899900063480" not in body, name
    assert "acr_values=" in front.send(front.issuer.token(acr="x"))[1]["WWW-Authenticate"]
    assert front.send(front.issuer.token(scope="record:write"))[0] == 403


def test_bad_proofs_are_refused(front):
    token = front.issuer.token()
    for name, proofs in bad_proofs(front.issuer, token).items():
        status, headers, body = front.ask(f"DPoP {token}", proofs)
        assert status == 401, name
        assert 'error="invalid_dpop_proof"' in headers["WWW-Authenticate"], name
        assert b"899900063480" not in body, name
    assert front.ask(f"Bearer {token}", [front.issuer.client.proof(token, "GET", URL)])[0] == 401
    assert front.ask(f"Bearer {token}")[0] == 401
    status, headers, _ = front.ask()
    assert status == 401 and headers["WWW-Authenticate"] == 'DPoP algs="ES256 EdDSA"'
    assert front.ask("Basic abc")[0] in (400, 401)


def test_steps_in_a_path_do_not_lead_elsewhere(front):
    token = front.issuer.token()
    for path in ("/patients/../verify", "/patients/%2e%2e/verify", "/patients/x/../1"):
        assert front.ask(f"DPoP {token}", [front.issuer.client.proof(token, "GET", URL)], path=path)[0] in (400, 401, 404), path
    assert front.records.seen == [] or all(seen[1] == PATH for seen in front.records.seen)


def test_records_behind_nginx_learn_who_asks_but_not_the_token(tmp_path):
    front = Front(tmp_path)
    try:
        front.start_nginx()
        assert front.send(front.issuer.token())[0] == 200
        # nobody but nginx reaches the verifier through it
        assert front.ask(path="/verify")[0] == 404
    finally:
        front.stop()
    ((method, path, headers),) = front.records.seen
    assert (method, path) == ("GET", PATH)
    assert (headers["X-Subject"], headers["X-Trace"]) == ("899900063480", "1234")
    assert "Authorization" not in headers and "DPoP" not in headers


def test_page_shows_the_examples_that_run_here():
    page = pathlib.Path(ROOT / "Docs" / "Verifying-tokens.md").read_text()
    for link in re.findall(r"\]\((examples/[^)]+)\)", page):
        assert (ROOT / "Docs" / link).exists(), link
    assert {"examples/swift/ResourceServer.swift", "examples/python/resource_server.py", "examples/nginx/records.conf"} <= set(
        re.findall(r"\]\((examples/[^)]+)\)", page)
    )
