"""Cards, PINs and passwords are for who sits where the reader stands (`readers.seat: active`), as systemd-logind has it."""

import json
import os
import subprocess
import sys

import pytest

import local_api
from logind import Logind
from tools import wait_until

UNIFIED = "/sys/fs/cgroup/unified" if os.path.isdir("/sys/fs/cgroup/unified") else "/sys/fs/cgroup"
PROGRAM = """
import json, sys
sys.path.insert(0, sys.argv[1])
import local_api
route, method, socket = sys.argv[2:5]
status, _, answer = local_api.request(socket, method, route, "{}" if method == "POST" else None, "application/json" if method == "POST" else None)
print(json.dumps([status, answer.get("code"), answer.get("id"), answer.get("detail"), answer.get("state")]))
"""


@pytest.fixture
def logind(tmp_path):
    mock = Logind(tmp_path)
    yield mock
    mock.close()


@pytest.fixture
def groups():
    """A factory: control groups with the names that systemd gives them."""
    made = []

    def make(name):
        path = f"{UNIFIED}/{name}"
        try:
            os.mkdir(path)
        except OSError as error:
            pytest.skip(f"control groups cannot be made here: {error}")
        made.append(path)
        return path

    yield make
    for path in reversed(made):
        os.rmdir(path)


def ask(agent, group, method, route):
    """The answer to a program in a control group."""
    child = subprocess.run(
        [sys.executable, "-c", PROGRAM, os.path.dirname(local_api.__file__), route, method, str(agent.socket)],
        preexec_fn=lambda: open(f"{group}/cgroup.procs", "w").write(str(os.getpid())), capture_output=True, text=True, timeout=30)
    assert child.returncode == 0, child.stderr
    return json.loads(child.stdout)


def test_only_programs_of_the_active_session_reach_the_card(agent, persona, virtual_card, logind, groups):
    mark = f"t{os.getpid()}"
    at_seat, elsewhere, greeter = groups(f"session-{mark}.scope"), groups(f"session-{mark}x.scope"), groups(f"getty@{mark}.service")
    logind.add_session(mark, 0)
    logind.activate(mark)
    virtual_card(persona("cps4"))
    running = agent(start=False, readers={"seat": "active"})
    running.environment = {"DBUS_SYSTEM_BUS_ADDRESS": logind.address}
    running.start()
    card = "/readers/virtual-pcd-00-00/card"
    wait_until(lambda: ask(running, at_seat, "GET", card)[4] == "ready", "the card is ready", 20)
    assert ask(running, elsewhere, "GET", card)[:2] == [403, "not_at_seat"]
    assert ask(running, at_seat, "GET", "/readers")[0] == ask(running, elsewhere, "GET", "/readers")[0] == 200
    for route in ("/logins", "/pin-changes", "/degraded/logins"):
        status, code, _, detail, _ = ask(running, elsewhere, "POST", route)
        assert (status, code) == (403, "not_at_seat") and "session that is active" in detail, route
    status, _, login, *_ = ask(running, at_seat, "POST", "/logins")
    assert status == 201
    # A login that was begun at the seat takes no PIN from elsewhere; this test runs in no session.
    status, refusal = running.put(f"/logins/{login}/pin", b"1234")
    assert (status, refusal["code"], refusal["seat"]) == (403, "not_at_seat", "seat0")
    # Nobody at the screen: who asks for the login there still may.
    logind.activate("")
    assert ask(running, at_seat, "POST", "/logins")[:2] == [403, "not_at_seat"]
    assert ask(running, greeter, "POST", "/logins")[0] == 201
    traced = {trace["event"] for trace in running.traces() if trace.get("code") == "not_at_seat"}
    assert traced == {"agent.refused", "login.refused", "pin.refused", "degraded.refused"}
    # Without logind nobody but those is at the seat.
    logind.close()
    status, code, _, detail, _ = ask(running, at_seat, "POST", "/logins")
    assert (status, code) == (403, "not_at_seat") and detail.startswith("systemd-logind: ")
    assert ask(running, greeter, "POST", "/logins")[0] == 201
