"""The HTTPS listener for devices and servers in the running agent: certificates, servers, and what is kept out."""

import hashlib
import http.client
import json
import os
import pathlib
import socket
import ssl
import subprocess

import pytest

from tools import certificate, free_port, wait_until


@pytest.fixture
def generation():
    """One kind of card will do: this is about the door."""
    return "cps4"


class Listener:
    def __init__(self, folder):
        self.port = free_port()
        self.certificate, self.key = certificate(folder, "listener")
        self.server = certificate(folder, "records")
        digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(self.server[0].read_text())).hexdigest()
        self.settings = {"listen": f"127.0.0.1:{self.port}", "certificate": str(self.certificate), "key": str(self.key)}
        self.clients = {"records": {"certificates": [digest], "audiences": ["https://records.example"]}}

    def connect(self, shows=None, trusts=None, **limits):
        context = ssl.create_default_context(cafile=trusts or self.certificate)
        for name, value in limits.items():
            setattr(context, name, value)
        if shows:
            context.load_cert_chain(*shows)
        return http.client.HTTPSConnection("localhost", self.port, context=context, timeout=30)

    def ask(self, method, path, body=None, headers=None, **options):
        connection = self.connect(**options)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, json.loads(answer.read() or b"null")
        finally:
            connection.close()

    def replace(self, folder):
        """Another certificate in the place of the one of before, each file at once; gives the new one."""
        files = certificate(folder, "renewed")
        renewed = pathlib.Path(f"{files[0]}.kept")
        renewed.write_bytes(files[0].read_bytes())
        os.replace(files[0], self.certificate)
        os.replace(files[1], self.key)
        return renewed


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def listener(tmp_path):
    return Listener(tmp_path)


def test_the_listener_serves_what_it_should_and_nothing_of_the_local_api(agent, listener):
    running = agent(mobile=listener.settings, clients=listener.clients)
    wait_until(lambda: reachable(listener), "the listener listens")
    status, headers, metadata = listener.ask("GET", "/.well-known/oauth-authorization-server")
    assert status == 200 and "Server" not in headers and headers["Strict-Transport-Security"]
    assert metadata["token_endpoint"] == f"{metadata['issuer']}/token"
    status, headers, keys = listener.ask("GET", "/.well-known/jwks.json")
    assert keys == running.get("/jwks")[1] and headers["ETag"]
    for method, path in ("GET", "/v1/status"), ("POST", "/v1/introspect"), ("GET", "/v1/events"), ("OPTIONS", "/token"):
        assert listener.ask(method, path)[0] == 404
    for limits in {"maximum_version": ssl.TLSVersion.TLSv1_1, "minimum_version": ssl.TLSVersion.TLSv1}, {
            "maximum_version": ssl.TLSVersion.TLSv1_2, "ciphers": "ECDHE-ECDSA-AES128-SHA"}:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            refused(listener, limits)


def test_a_server_is_known_by_its_certificate_alone(agent, listener, tmp_path):
    agent(mobile=listener.settings, clients=listener.clients)
    wait_until(lambda: reachable(listener), "the listener listens")
    status, headers, answer = listener.ask("POST", "/introspect", "token=x", FORM, shows=listener.server)
    assert (status, answer) == (200, {"active": False}) and "max-age=5" in headers["Cache-Control"]
    for shows in None, certificate(tmp_path, "stranger"):
        status, headers, answer = listener.ask("POST", "/introspect", "token=x&client_id=records", FORM, shows=shows)
        assert (status, answer["error"]) == (401, "invalid_client") and headers["WWW-Authenticate"]


def test_a_new_certificate_is_shown_while_connections_go_on(agent, listener, tmp_path):
    agent(mobile=listener.settings, clients=listener.clients)
    wait_until(lambda: reachable(listener), "the listener listens")
    lasting = listener.connect()
    lasting.request("GET", "/device")
    lasting.getresponse().read()
    before = tmp_path / "before.pem"
    before.write_bytes(listener.certificate.read_bytes())
    renewed = listener.replace(tmp_path)
    wait_until(lambda: reachable(listener, renewed), "the new certificate is shown", 20)
    lasting.request("GET", "/device")
    assert lasting.getresponse().status == 200
    lasting.close()


@pytest.mark.parametrize("fault", ["key", "port"])
def test_what_keeps_the_listener_from_starting_is_said(agent, listener, fault):
    running = agent(start=False, mobile=listener.settings, clients=listener.clients)
    if fault == "key":
        listener.key.chmod(0o644)
    with socket.create_server(("127.0.0.1", listener.port)):
        done = subprocess.run(running.command(), capture_output=True, text=True, timeout=60)
    assert done.returncode == (2 if fault == "key" else 8), done.stderr
    assert ("nobody else may read it" if fault == "key" else "another program, or another agent, listens") in done.stderr


def reachable(listener, trusts=None):
    try:
        return listener.ask("GET", "/.well-known/jwks.json", trusts=trusts)[0] == 200
    except OSError:
        return False


def refused(listener, limits):
    limits = dict(limits)
    context = ssl.create_default_context(cafile=listener.certificate)
    if "ciphers" in limits:
        context.set_ciphers(limits.pop("ciphers"))
    else:
        context.set_ciphers("ALL:@SECLEVEL=0")
    for name, value in reversed(limits.items()):
        setattr(context, name, value)
    with socket.create_connection(("localhost", listener.port), timeout=30) as bare, context.wrap_socket(bare, server_hostname="localhost"):
        pass
