"""The agent as a service of systemd: what it tells the service manager."""

import hashlib
import json
import os
import pathlib
import signal
import socket
import time

import pytest

from tools import BIN_DIR, run_tool, wait_until


class Manager:
    """The socket that a service manager hears on (sd_notify(3))."""

    def __init__(self, path):
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.socket.settimeout(30)

    def next(self):
        """The assignments of the next message."""
        return dict(line.split("=", 1) for line in self.socket.recv(65536).decode().splitlines())

    def until(self, name):
        """The next message that has this name."""
        while True:
            message = self.next()
            if name in message:
                return message


@pytest.fixture
def manager(socket_folder):
    manager = Manager(os.path.join(socket_folder, "notify.sock"))
    yield manager
    manager.socket.close()


@pytest.fixture
def service(agent, manager):
    """A factory of agents that a service manager has started: service(watchdog=1)."""

    def start(watchdog=None, **settings):
        running = agent(start=False, **settings)
        running.environment = {"NOTIFY_SOCKET": str(manager.path)}
        if watchdog:
            running.environment["WATCHDOG_USEC"] = str(int(watchdog * 1_000_000))
            # The number of a process is known once it runs; the agent begins in its place.
            command = running.command()
            running.command = lambda: ["/bin/sh", "-c", 'WATCHDOG_PID=$$ exec "$0" "$@"', *command]
        return running.start()

    return start


@pytest.fixture
def journal():
    """The socket of the journal, in the /run of these tests."""
    path = pathlib.Path("/run/systemd/journal/socket")
    path.parent.mkdir(parents=True, exist_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(path))
        listener.settimeout(30)
        yield listener
    path.unlink()


def journal_entry(datagram):
    """The fields of an entry, each behind its length."""
    fields = {}
    while datagram:
        name, rest = datagram.split(b"\n", 1)
        length = int.from_bytes(rest[:8], "little")
        fields[name.decode()] = rest[8 : 8 + length].decode()
        datagram = rest[8 + length + 1 :]
    return fields


def test_ready_alive_and_stopping_are_told(service, manager, pcscd):
    running = service(watchdog=1)
    message = manager.next()
    assert message == {"READY": "1", "STATUS": "Readers: 2, sessions: 0"}
    assert running.get("/status")[1]["monitoring"] == "running"
    for _ in range(3):
        assert manager.next() == {"WATCHDOG": "1"}
    assert running.stop() == 0
    assert manager.until("STOPPING") == {"STOPPING": "1"}


def test_a_reload_is_told_and_takes_in_what_has_changed(service, manager, tmp_path):
    matrix = tmp_path / "rights.yaml"
    result = run_tool(BIN_DIR / "cpsctl", "habilitation", "print")
    matrix.write_bytes(result.stdout)
    running = service(habilitations={"file": str(matrix)}, clients={"first": {"uid": [os.getuid()], "operations": ["audit"]}})
    manager.until("READY")
    matrix.write_bytes(result.stdout + b"# changed\n")
    running.process.send_signal(signal.SIGHUP)
    told = manager.until("RELOADING")
    assert int(told["MONOTONIC_USEC"]) <= time.monotonic_ns() // 1000
    assert manager.until("READY")["STATUS"] == "Readers: service_down, sessions: 0"
    assert running.is_alive()
    # Once the file has settled.
    wait_until(lambda: len(running.traces("habilitation.loaded")) == 2, "the new matrix is in force")

    def reload():
        running.process.send_signal(signal.SIGHUP)
        manager.until("RELOADING")
        manager.until("READY")
        return running.get("/status")[1]

    good = running.config.read_text()
    sha256 = hashlib.sha256(good.encode()).hexdigest()
    # All of it or nothing: what is right beside the mistake is not taken in.
    running.configure(clients={"second": {"uid": [os.getuid()]}}, log={"level": "loud"})
    status = reload()
    (refused,) = running.traces("config.refused")
    assert refused["detail"]["in_force"] == sha256 and refused["detail"]["count"] == 1
    assert [problem["key"] for problem in refused["detail"]["problems"]] == ["log.level"]
    assert status["client"] == "first" and "log.level" in [each for each in status["warnings"] if "was refused" in each][0]
    assert "configuration refused" in running.log.read_text()
    # A file that it names is checked too.
    running.config.write_text(good)
    running.configure(trust={"anchors": str(tmp_path / "nowhere")})
    assert any("nowhere" in each for each in reload()["warnings"])

    running.config.write_text(good)
    running.configure(log={"level": "debug"}, sessions={"max": "8h"}, agent={"budgets": {"requests": 7}})
    sections = json.loads(running.config.read_text())
    sections["clients"] = {"second": {"uid": [os.getuid()], "operations": ["audit"]}}
    running.config.write_text(json.dumps(sections))
    status = reload()
    loaded = running.traces("config.loaded")[-1]["detail"]
    assert loaded["sha256"] == hashlib.sha256(running.config.read_bytes()).hexdigest()
    assert (loaded["changed"], loaded["restart"]) == (["agent.budgets", "clients", "log.level"], ["sessions.max"])
    assert status["client"] == "second"
    assert status["warnings"][0] == "Changed in the configuration, in force after a restart: sessions.max."
    assert not any("refused" in each for each in status["warnings"])
    # Set back.
    running.config.write_text(good)
    status = reload()
    assert status["client"] == "first" and not any("restart" in each for each in status["warnings"])


def test_an_agent_without_pcsc_is_ready_and_says_so_to_the_journal(agent, manager, journal):
    running = agent(start=False)
    running.log.touch()
    stream = running.log.stat()
    running.environment = {"NOTIFY_SOCKET": str(manager.path), "JOURNAL_STREAM": f"{stream.st_dev}:{stream.st_ino}"}
    running.start()
    entry = journal_entry(journal.recv(65536))
    assert entry["SYSLOG_IDENTIFIER"] == "cps-agentd"
    assert (entry["PRIORITY"], entry["CPS_SOCKET"]) == ("6", str(running.socket))
    assert entry["MESSAGE"].startswith("ready socket=")
    assert running.log.read_text() == ""
    assert manager.next() == {"READY": "1", "STATUS": "Readers: service_down, sessions: 0"}
    assert running.get("/status")[1]["health"] == "degraded"


def test_why_a_start_failed_is_told(service, manager):
    with pytest.raises(AssertionError, match="the agent ended"):
        service(agent={"socket": "/proc/agent.sock"})
    assert "agent.socket" in manager.next()["STATUS"]
