"""The socket under abuse: slow, half-open and too many clients, hangers at the stop, sockets of others and sockets handed over."""

import json
import os
import socket
import subprocess
import sys
import time

import pytest

from test_callers import OWNER, pytestmark as needs_users
from tools import BIN_DIR, answers, wait_until

PER_USER = 240


@pytest.fixture
def generation():
    """One kind of card will do: this is about the door."""
    return "cps4"


def connected(agent):
    connection = socket.socket(socket.AF_UNIX)
    # Without a timeout yet: with one, Python does not wait while the queue of the listener is full.
    connection.connect(str(agent.socket))
    connection.settimeout(30)
    return connection


def closed(connection):
    """Waits for the end of a connection; gives what came before it."""
    received = b""
    try:
        while part := connection.recv(65536):
            received += part
    except ConnectionError:
        pass
    return received


def is_served(agent):
    return agent.get("/readers")[0] == 200


def test_slow_and_half_open_clients_are_cut_while_others_are_served(agent):
    running = agent()
    begin = time.monotonic()
    silent, half_open, trickle, head, body = (connected(running) for _ in range(5))
    half_open.sendall(b"GET /v1/readers HTTP/1.1\r\nHost: x\r\n")
    half_open.shutdown(socket.SHUT_WR)
    head.sendall(b"GET /v1/readers HTTP/1.1\r\nHost: x\r\n")
    body.sendall(b"POST /v1/logins HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
    trickle.sendall(b"GET /v1/readers HTTP/1.1\r\nHost: x\r\nA: ")
    trickle.settimeout(0.5)
    while True:
        assert time.monotonic() - begin < 30, "one byte now and then keeps a connection for ever"
        try:
            trickle.sendall(b"a")
            if trickle.recv(1) == b"":
                break
        except TimeoutError:
            assert is_served(running)
        except OSError:
            break
    for connection in (silent, half_open, head, body):
        closed(connection)
    assert 5 < time.monotonic() - begin < 30
    assert is_served(running)


def test_two_hundred_clients_at_once(ready):
    listeners = [connected(ready) for _ in range(200)]
    for each in listeners:
        each.sendall(b"GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n")
    for each in listeners:
        received = b""
        while b"event: state" not in received:
            received += each.recv(65536)
    assert ready.login()["session"]["state"] == "active"
    for each in listeners:
        received = b""
        while b"event: session" not in received:
            received += each.recv(65536)
    for each in listeners:
        each.close()


@needs_users
def test_a_user_with_too_many_connections_is_told_so_and_others_are_served(agent):
    running = agent()
    held = []
    wait_until(lambda: is_served(running), "the agent serves")
    for _ in range(PER_USER):
        held.append(connected(running))
        held[-1].sendall(b"GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n")
        assert held[-1].recv(12) == b"HTTP/1.1 200"
    descriptors = len(os.listdir(f"/proc/{running.process.pid}/fd"))
    for _ in range(300):
        refused = closed(connected(running))
        assert refused.startswith(b"HTTP/1.1 429 ") and b"rate_limited" in refused and b"Retry-After: 1" in refused.title()
    assert len(os.listdir(f"/proc/{running.process.pid}/fd")) <= descriptors + 5
    assert running.request_as(OWNER, "GET", "/readers")[0] == 200
    for each in held:
        each.close()
    wait_until(lambda: is_served(running), "places are given back")


def test_a_request_of_more_than_64_kib_is_refused(agent):
    running = agent()
    status, refusal = running.post("/logins", {"audience": "x" * 70_000})
    assert (status, refusal["code"]) == (413, "payload_too_large")
    connection = connected(running)
    connection.sendall(b"GET /v1/readers HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 100_000)
    assert not closed(connection).startswith(b"HTTP/1.1 200")
    connection = connected(running)
    connection.sendall(
        b"POST /v1/logins HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"10000\r\n" + b" " * 65536 + b"\r\n" + b"1\r\n{\r\n0\r\n\r\n")
    assert connection.recv(12) == b"HTTP/1.1 413"
    assert is_served(running)


@pytest.mark.parametrize(
    "sent", [b"\0" * 100, b"GET\r\n\r\n", b"GET /v1/status HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
             b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET /v1/status HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
    ids=["zeros", "no target", "version", "TLS", "HTTP/2", "two framings"])
def test_what_is_not_http_is_refused_and_closed(agent, sent):
    running = agent()
    connection = connected(running)
    connection.sendall(sent)
    received = closed(connection)
    assert received == b"" or received.startswith(b"HTTP/1.1 400"), received
    assert is_served(running)


def test_a_stop_does_not_wait_for_clients_that_hang(ready):
    silent, half, deaf = (connected(ready) for _ in range(3))
    half.sendall(b"POST /v1/logins HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
    deaf.sendall(b"GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n" + b"GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n" * 500)
    session = ready.login()["session"]["id"]
    begin = time.monotonic()
    assert ready.stop() == 0, ready.log.read_text()
    assert time.monotonic() - begin < 15
    assert not ready.socket.exists()
    ready.start()
    assert ready.session(session)["end_reason"] == "agent_restarted"
    assert ready.traces("agent.stopped")


# Whose socket it is

def second(agent, **changes):
    """Another agent with the same configuration but for these keys of `agent`."""
    configuration = json.loads(agent.config.read_text())
    configuration["agent"].update(changes)
    path = agent.folder / "second.yaml"
    path.write_text(json.dumps(configuration))
    return subprocess.run([str(BIN_DIR / "cps-agentd"), "--config", str(path)], capture_output=True, timeout=30)


def test_a_second_agent_takes_neither_the_socket_nor_the_files(agent, tmp_path):
    running = agent()
    inode = running.socket.stat().st_ino
    other = tmp_path / "other"
    other.mkdir(mode=0o700)
    same_socket = second(running, state_dir=str(other))
    assert same_socket.returncode == 8 and b"agent.socket" in same_socket.stderr and b"another agent answers" in same_socket.stderr
    same_files = second(running, socket=str(tmp_path / "s"))
    assert same_files.returncode == 8 and b"agent.state_dir" in same_files.stderr
    assert str(running.process.pid).encode() in same_files.stderr
    assert running.is_alive() and running.socket.stat().st_ino == inode


def test_a_socket_left_behind_is_replaced(agent):
    running = agent()
    running.kill()
    assert running.socket.exists() and not answers(running.socket)
    running.start()
    assert is_served(running)


def test_what_is_not_a_socket_is_left_alone(agent):
    configured = agent(start=False)
    configured.socket.write_text("precious")
    result = second(configured)
    assert result.returncode == 8 and b"not a socket" in result.stderr
    assert configured.socket.read_text() == "precious"


def test_a_socket_handed_over_is_served_and_not_removed(agent, tmp_path):
    """As a service manager does it: descriptor 3, LISTEN_FDS and LISTEN_PID (sd_listen_fds(3))."""
    configured = agent(start=False)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(configured.socket))
    listener.listen(64)
    launcher = (
        "import os, sys; os.dup2(int(sys.argv[1]), 3); os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid()));"
        " os.execv(sys.argv[2], sys.argv[2:])")
    with open(configured.log, "ab") as log:
        configured.process = subprocess.Popen(
            [sys.executable, "-c", launcher, str(listener.fileno()), str(BIN_DIR / "cps-agentd"), "--config", str(configured.config)],
            pass_fds=(listener.fileno(), ), stdout=log, stderr=log)
    # Connecting works before the agent does: the listener is there already.
    assert is_served(configured)
    assert configured.stop() == 0
    assert configured.socket.exists(), "whoever made the socket removes it"
    listener.close()


@pytest.mark.parametrize("environment", [{"LISTEN_FDS": "1", "LISTEN_PID": "1"}, {"LISTEN_FDS": "0"}, {"LISTEN_FDS": "x", "LISTEN_PID": "x"}])
def test_a_socket_meant_for_another_process_is_not_taken(agent, monkeypatch, environment):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    running = agent()
    assert is_served(running) and running.stop() == 0
    assert not running.socket.exists()


def test_a_descriptor_that_is_no_listening_socket_is_refused(agent):
    configured = agent(start=False)
    launcher = (
        "import os, sys; os.dup2(os.open('/dev/null', os.O_RDWR), 3); os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid()));"
        " os.execv(sys.argv[1], sys.argv[1:])")
    result = subprocess.run(
        [sys.executable, "-c", launcher, str(BIN_DIR / "cps-agentd"), "--config", str(configured.config)], capture_output=True, timeout=30)
    assert result.returncode == 8 and b"LISTEN_FDS" in result.stderr, result.stderr
