"""The machine sleeps, and somebody sets its clock: what is over is over, and nothing else ends."""

import pathlib
import shutil
import struct

import pytest

from test_doctor import doctor
from tools import run_tool, wait_until

HOUR = 3600
YEAR = 365 * 24 * HOUR


class Clocks:
    """The agent's wall clock and its clock since boot."""

    def __init__(self, path):
        self.path = path
        path.write_bytes(bytes(16))
        self.file = open(path, "r+b", buffering=0)

    def set(self, wall=0, boot=0):
        self.file.seek(0)
        self.file.write(struct.pack("=qq", wall, boot))


@pytest.fixture(scope="session")
def shim(tmp_path_factory):
    library = tmp_path_factory.mktemp("shim") / "clock_shift.so"
    compiler = shutil.which("cc") or shutil.which("clang")
    run_tool(compiler, "-shared", "-fPIC", "-O1", "-o", library, pathlib.Path(__file__).with_name("clock_shift.c"))
    return library


@pytest.fixture
def clocks(tmp_path):
    return Clocks(tmp_path / "shifts")


@pytest.fixture
def generation():
    return "cps4"


@pytest.fixture
def ready(agent, card, clocks, shim):
    running = agent(start=False)
    running.environment = {"LD_PRELOAD": str(shim), "CLOCK_SHIFT": str(clocks.path)}
    running.start()
    running.wait_card()
    return running


def jumps(agent):
    return [(trace["detail"]["direction"], trace["detail"]["milliseconds"]) for trace in agent.traces("clock.jumped")]


def wait_jumps(agent, count):
    return wait_until(lambda: len(jumps(agent)) >= count and jumps(agent), "the jump is traced")


def test_a_machine_that_slept_has_no_card_session(ready, clocks):
    opened = ready.login()
    # Asleep, the wall clock goes on too.
    clocks.set(wall=60, boot=60)
    assert ready.introspect(opened["access_token"]) == {"active": False}
    ready.wait_ended(opened["session"]["id"], "suspended")
    assert jumps(ready) == []
    again = ready.works()
    assert ready.introspect(opened["access_token"]) == {"active": False}
    assert ready.introspect(again["access_token"])["active"] is True
    ready.verify_log()


def test_a_wall_clock_set_back_ends_and_revives_nothing(ready, clocks):
    opened = ready.login()
    revoked = ready.login()["access_token"]
    session = ready.get("/sessions")[1]["sessions"][0]["id"]
    assert ready.introspect(opened["access_token"]) == {"active": False}, "replaced"
    clocks.set(wall=-HOUR)
    ((direction, milliseconds),) = wait_jumps(ready, 1)
    assert direction == "back" and abs(milliseconds - HOUR * 1000) < 2000
    assert ready.introspect(revoked)["active"] is True, "its time has not passed"
    assert ready.introspect(opened["access_token"]) == {"active": False}
    assert ready.post_form("/revoke", token=revoked)[0] == 200
    clocks.set()
    assert len(wait_jumps(ready, 2)) == 2
    assert ready.introspect(revoked) == {"active": False}, "what was revoked under the wrong clock stays revoked"
    assert ready.session(session)["state"] == "active"
    ready.verify_log()
    sequences = [trace["seq"] for trace in ready.traces()]
    assert sequences == list(range(len(sequences)))


def test_a_wall_clock_set_forward_ends_nothing_but_certificates_are_out_of_date(ready, clocks):
    opened = ready.login()
    clocks.set(wall=20 * YEAR)
    assert [direction for direction, _ in wait_jumps(ready, 1)] == ["forward"]
    assert ready.introspect(opened["access_token"])["active"] is True
    assert ready.session(opened["session"]["id"])["state"] == "active"
    status, refusal = ready.post("/logins", {})
    assert status == 403 and refusal["code"].startswith("certificate_"), refusal
    clocks.set()
    wait_jumps(ready, 2)
    ready.works()


def test_a_start_with_a_clock_before_the_last_trace_goes_on_in_order(ready, clocks):
    ready.login()
    before = len(ready.leaves())
    assert ready.stop() == 0
    clocks.set(wall=-HOUR)
    ready.start()
    traces = ready.traces()
    assert [trace["seq"] for trace in traces] == list(range(len(traces)))
    assert len(traces) > before and traces[-1]["time"] < traces[0]["time"]
    ready.verify_log()


DAY = 24 * HOUR


@pytest.fixture
def listed(agent, virtual_card, persona, clocks, shim, pki, tmp_path):
    """An agent with revocation lists and a card of this kind; it begins with the right time."""

    def start(cert):
        virtual_card(persona("cps4", cert))
        lists = tmp_path / "lists"
        lists.mkdir()
        for file in (pki / "crls").glob("*.crl"):
            shutil.copy(file, lists)
        running = agent(start=False, trust={"crls": str(lists)})
        running.environment = {"LD_PRELOAD": str(shim), "CLOCK_SHIFT": str(clocks.path)}
        running.start()
        running.wait_card()
        return running

    return start


def test_a_clock_set_behind_a_signed_time_is_told_and_believed_no_longer(listed, clocks):
    running = listed("valid")
    assert running.get("/status")[1]["clock"]["seconds_behind"] is None and running.traces("clock.behind") == []
    floor = running.get("/status")[1]["clock"]["floor"]
    clocks.set(wall=-60 * DAY)
    (behind,) = wait_until(lambda: running.traces("clock.behind"), "it is told")
    assert behind["detail"]["floor"] == floor and behind["detail"]["seconds"] > 55 * DAY
    assert running.get("/status")[1]["clock"]["seconds_behind"] > 55 * DAY
    assert "behind" in doctor(running)[1]["clock"]["text"]
    # At the wall clock's time this certificate was not valid yet, nor were the lists issued.
    assert running.works()["session"]["revocation"]["status"] == "good"
    # What was signed is remembered over a restart.
    running.restart()
    running.wait_card()
    assert running.get("/status")[1]["clock"]["seconds_behind"] > 55 * DAY
    assert wait_until(lambda: len(running.traces("clock.behind")) == 2, "it is told again")
    assert running.works()["session"]["revocation"]["status"] == "good"
    clocks.set()
    wait_until(lambda: running.get("/status")[1]["clock"]["seconds_behind"] is None, "the clock is right again")
    running.verify_log()


def test_a_clock_set_back_makes_no_expired_certificate_valid(listed, clocks):
    running = listed("expired")
    assert running.post("/logins", {})[1]["code"] == "certificate_expired"
    clocks.set(wall=-60 * DAY)
    status, refusal = running.post("/logins", {})
    assert (status, refusal["code"]) == (403, "certificate_expired")
    assert running.card()["code"] == "certificate_expired"
