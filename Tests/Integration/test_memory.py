"""PINs and passwords leave no copy (promise P4): the memory of the running agent is searched after every way they may take."""

import os
import re
import secrets
import signal
import socket

import pytest

import local_api
import memory
from agent_process import AUDIENCE

PIN, WRONG, LAST, NEW = b"7391", b"8264", b"9157", b"6428"

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root reads the memory of another process that forbids it")


@pytest.fixture
def card(persona, virtual_card, generation):
    return virtual_card(persona(generation, extra=("--pin", PIN.decode())))


class Connections:
    """Connections that stay open, so that no buffer of theirs is given back before the search."""

    def __init__(self, agent):
        self.agent = agent
        self.open = []

    def send(self, *parts):
        """Sends raw bytes, each part by itself, on a new connection."""
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(20)
        connection.connect(str(self.agent.socket))
        self.open.append(connection)
        for part in parts:
            connection.sendall(part)
        return connection

    def pin(self, login, *body, length=None, fields="", method="PUT", media=local_api.SECRET, query=""):
        """A PIN request; gives the status of its answer."""
        size = sum(map(len, body)) if length is None else length
        framing = f"Content-Length: {size}\r\n" if size >= 0 else ""
        head = f"{method} /v1/logins/{login['id']}/pin{query} HTTP/1.1\r\nHost: x\r\nContent-Type: {media}\r\n{framing}{fields}\r\n"
        return status(self.send(head.encode() + b"".join(body[:1]), *body[1:]))

    def code(self, route, code):
        """The same for a code of a PIN operation."""
        head = f"PUT /v1/{route} HTTP/1.1\r\nHost: x\r\nContent-Type: {local_api.SECRET}\r\nContent-Length: {len(code)}\r\n\r\n"
        return status(self.send(head.encode() + code))

    def close(self):
        for connection in self.open:
            connection.close()


def status(connection):
    """The status of the next answer. It is read whole where it is short."""
    received = connection.recv(65536)
    return int(received.split(b" ", 2)[1]) if received else None


@pytest.fixture
def connections(ready):
    made = Connections(ready)
    yield made
    made.close()


def long_secret():
    return secrets.token_bytes(40)


def is_copy(name, before, after):
    """Four digits are found by chance: of these, only what has the surroundings of their way counts."""
    if not name.startswith("digits"):
        return True
    in_frame = before.endswith((b"\r\n\r\n", b"\r\n4\r\n"))
    is_padded = after.startswith((b"\xff" * 4, b"\0" * 4 + b"\xff"))
    in_command = re.search(rb"[\x00-\x0f]\x20\x00.[\x04-\x10]$", before, re.DOTALL) is not None
    return in_frame or is_padded or in_command


def test_no_way_of_a_pin_leaves_a_copy(ready, card, connections):
    needles = {f"digits {pin}": pin for pin in (PIN, WRONG, LAST, NEW)}

    def secret(way):
        value = long_secret()
        # The half of it is enough to be a copy.
        needles[way] = value[:20]
        return value

    login = ready.begin(audience=AUDIENCE)
    assert connections.pin(login, secret("refused form")) == 422
    assert connections.pin(login, b"%x\r\n%b\r\n0\r\n\r\n" % (40, secret("chunked")), length=-1, fields="Transfer-Encoding: chunked\r\n") == 422
    value = secret("in pieces")
    assert connections.pin(login, *[value[i:i + 1] for i in range(40)]) == 422
    assert connections.pin(login, secret("oversized") + b"1" * 2000) == 413
    assert connections.pin(login, secret("much oversized") + b"1" * 70_000) == 413
    assert connections.pin(login, secret("wrong media type"), media="text/plain") == 415
    assert connections.pin(login, secret("wrong method"), method="POST") in (404, 405)
    assert connections.pin({"id": "nobody"}, secret("no login")) == 404
    assert connections.pin(login, secret("longer than said"), length=2) == 422
    dying = connections.send(
        f"PUT /v1/logins/{login['id']}/pin HTTP/1.1\r\nHost: x\r\nContent-Type: {local_api.SECRET}\r\nContent-Length: 80\r\n\r\n".encode()
        + secret("client that dies"))
    dying.close()
    one = f"PUT /v1/logins/{login['id']}/pin HTTP/1.1\r\nHost: x\r\nContent-Type: {local_api.SECRET}\r\nContent-Length: 40\r\n\r\n".encode()
    pipelined = connections.send(one + secret("pipelined first") + one + secret("pipelined second"))
    answers = b""
    while answers.count(b"HTTP/1.1 422") < 2:
        received = pipelined.recv(65536)
        assert received, answers
        answers += received
    # On the way to the card.
    assert connections.pin(login, WRONG) == 403
    assert connections.pin(login, b"4\r\n" + WRONG + b"\r\n0\r\n\r\n", length=-1, fields="Transfer-Encoding: chunked\r\n") == 403
    consent = ready.get(f"/logins/{login['id']}")[1]["last_try_consent"]
    assert connections.pin(login, LAST) == 409
    consent = ready.get(f"/logins/{login['id']}")[1]["last_try_consent"]
    assert connections.pin(login, PIN, query=f"?accept_last_try={consent}") == 200
    login = ready.begin(audience=AUDIENCE)
    assert connections.pin(login, PIN) == 200
    session = ready.get("/sessions")[1]["sessions"][0]["id"]
    batch = ready.post(f"/sessions/{session}/signatures", {"items": [{"name": "a", "hash": {"algorithm": "sha256", "value": "00" * 32}}]})
    signing = f"sessions/{session}/signatures/{batch[1]['id']}/pin"
    assert connections.code(signing, secret("refused for a signature")) == 422
    assert connections.code(signing, WRONG) == 403
    assert connections.code(signing, PIN) == 200
    # Held for each other until the card takes both, or until they are given up.
    change = f"pin-changes/{ready.post('/pin-changes', {})[1]['id']}"
    assert connections.code(f"{change}/new", secret("refused new")) == 422
    assert connections.code(f"{change}/new", NEW) == 200
    assert connections.code(f"{change}/current", WRONG) == 403
    assert connections.code(f"{change}/current", PIN) == 200
    change = f"pin-changes/{ready.post('/pin-changes', {})[1]['id']}"
    assert connections.code(f"{change}/current", NEW) == 200
    assert ready.delete(f"/{change}")[0] == 204
    assert memory.find(ready.process.pid, needles, is_copy) == []


def test_the_search_finds_what_is_kept(ready):
    """The same kind of bytes where nobody promises to forget them: in a member of a login that goes on."""
    kept = secrets.token_hex(20)
    ready.begin(audience=f"\r\n\r\n7391 {kept}")
    found = memory.find(ready.process.pid, {"long": kept.encode(), "digits": b"7391"}, is_copy)
    assert {name for name, _, _ in found} == {"long", "digits"}


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGILL, signal.SIGABRT], ids=lambda number: number.name)
def test_a_crash_leaves_neither_backtrace_nor_core(agent, monkeypatch, number):
    monkeypatch.setenv("SWIFT_BACKTRACE", "enable=yes,color=no,interactive=no")
    running = agent()
    pid = running.process.pid
    limits = open(f"/proc/{pid}/limits").read()
    assert re.search(r"Max core file size\s+0\s+0\s", limits), limits
    assert b"SWIFT_BACKTRACE=enable=no" in open(f"/proc/{pid}/environ", "rb").read().split(b"\0")
    logged = running.log.stat().st_size
    running.process.send_signal(number)
    running.process.wait(20)
    assert running.process.returncode == -number
    assert running.log.read_bytes()[logged:] == b"", "a crash prints nothing"
    assert not [each for each in running.folder.iterdir() if each.name.startswith("core")]
    running.process = None
