"""The disk of the log is full or read-only: nobody gets in, what is over ends and is traced in the reserve, and all of it comes right by itself."""

import os
import signal
import subprocess

import pytest

from agent_process import AUDIENCE
from test_doctor import doctor
from tools import wait_until

RESERVE = 262_144


class Disk:
    """A small file system of its own, for the state folder."""

    def __init__(self, path):
        self.path = path
        self.filler = path / "filler"

    def fill(self):
        """To the last block."""
        with open(self.filler, "ab", buffering=0) as file:
            for size in (1 << 16, 1 << 12, 1):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError:
                    pass

    def free(self):
        self.filler.unlink()


@pytest.fixture
def generation():
    return "cps4"


@pytest.fixture
def disk(tmp_path):
    path = tmp_path / "disk"
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m,mode=0700", "tmpfs", path], check=True)
    yield Disk(path)
    subprocess.run(["umount", "-l", path], check=True)


def settings(tmp_path, disk):
    return {
        "agent": {"state_dir": str(disk.path / "state")},
        "audit": {"reserve": str(tmp_path / "reserve"), "reserve_size": RESERVE},
    }


@pytest.fixture
def ready(disk, agent, card, tmp_path):
    running = agent(**settings(tmp_path, disk))
    running.wait_card()
    return running


def reserve(agent):
    return agent.get("/status")[1]["audit"]["reserve"]


def refused(agent):
    """A login, which cannot be traced."""
    status, refusal = agent.post("/logins", {})
    assert (status, refusal["code"]) == (503, "trace_unavailable"), refusal
    assert refusal["remedy"]


def in_order(agent, *events):
    """The places of these events, one behind the other."""
    agent.verify_log()
    traces = agent.traces()
    assert [trace["seq"] for trace in traces] == list(range(len(traces)))
    start = 0
    for event in events:
        start += next(place for place, trace in enumerate(traces[start:], 1) if trace["event"] == event)
    return traces


def test_a_full_disk_lets_nobody_in_and_ends_what_is_over(ready, card, disk):
    assert reserve(ready) == {
        "state": "ready", "size": RESERVE, "used": 0, "traces": 0, "since": None, "problem": None, "shares_file_system": False}
    assert "trace" not in doctor(ready)[1]
    opened = ready.login()
    session, events = opened["session"]["id"], ready.events()
    disk.fill()
    refused(ready)
    assert ready.introspect(opened["access_token"])["active"] is True, "what is there goes on"
    assert ready.post(f"/sessions/{session}/tokens", {"audience": AUDIENCE})[0] == 503
    card.eject()
    events.wait("session", lambda data: data["id"] == session and data["state"] == "ended")
    assert ready.introspect(opened["access_token"]) == {"active": False}
    state = wait_until(lambda: reserve(ready)["state"] == "in_use" and reserve(ready), "the reserve is in use")
    assert state["traces"] >= 2 and 0 < state["used"] < RESERVE and state["since"]
    assert "in use" in doctor(ready)[1]["trace"]["text"]
    refused_before = ready.get("/status")[1]["audit"]["size"]
    card.insert()
    ready.wait_new_card()
    refused(ready)
    assert ready.get("/status")[1]["audit"]["size"] == refused_before, "the log stands still"

    disk.free()
    wait_until(lambda: reserve(ready)["state"] == "ready", "the agent recovers by itself")
    in_order(ready, "session.opened", "audit.reserve_used", "session.ended", "audit.reserve_emptied")
    ready.works()


def test_refusals_and_logins_in_a_loop_do_not_use_the_reserve(ready, disk):
    disk.fill()
    for _ in range(100):
        status, refusal = ready.post("/logins", {})
        assert status in (429, 503), refusal
    assert reserve(ready)["traces"] == 0


@pytest.mark.parametrize("is_full_at_start", [False, True])
def test_an_agent_killed_with_a_reserve_in_use_loses_nothing(ready, card, disk, is_full_at_start):
    opened = ready.login()
    session = opened["session"]["id"]
    disk.fill()
    refused(ready)
    card.eject()
    ready.wait_ended(session, "card_removed")
    wait_until(lambda: reserve(ready)["traces"] >= 2, "the end is traced")
    ready.kill()
    if is_full_at_start:
        ready.start()
        assert ready.nobody_is_in()
        assert ready.session(session)["end_reason"] == "card_removed", "told from the reserve"
        refused(ready)
        disk.free()
        wait_until(lambda: reserve(ready)["state"] == "ready", "the agent recovers by itself")
    else:
        disk.free()
        ready.start()
        assert reserve(ready)["state"] == "ready"
    traces = in_order(ready, "session.opened", "audit.reserve_used", "session.ended", "audit.reserve_emptied")
    ended = [trace for trace in traces if trace["event"] == "session.ended"]
    assert [(trace["session"], trace["reason"]) for trace in ended] == [(session, "card_removed")]


def test_an_agent_stopped_on_a_full_disk_stops_in_good_order(ready, disk):
    opened = ready.login()
    disk.fill()
    assert ready.stop() == 0
    disk.free()
    ready.start()
    traces = in_order(ready, "session.opened", "audit.reserve_used", "session.ended", "agent.stopped", "audit.reserve_emptied", "agent.started")
    assert [trace["session"] for trace in traces if trace["event"] == "session.ended"] == [opened["session"]["id"]]


def test_damage_in_the_reserve_is_told(ready, card, disk, tmp_path):
    session = ready.login()["session"]["id"]
    disk.fill()
    card.eject()
    ready.wait_ended(session, "card_removed")
    wait_until(lambda: reserve(ready)["traces"] >= 2, "the end is traced")
    assert ready.stop() == 0  # one more frame
    with open(tmp_path / "reserve", "r+b") as file:
        file.seek(100)
        byte = file.read(1)[0]
        file.seek(100)
        file.write(bytes([byte ^ 1]))
    disk.free()
    ready.start()
    (damaged,) = ready.traces("audit.reserve_damaged")
    assert damaged["outcome"] == "failed" and os.path.getsize(damaged["detail"]["copy"]) == RESERVE
    assert [trace["reason"] for trace in ready.traces("session.ended")] == ["agent_restarted"], "told as well as it can be"
    ready.verify_log()
    card.insert()
    ready.works()


@pytest.fixture
def loop_disk(tmp_path):
    """An ext4 that can be made read-only under the agent, as the kernel does after an error of the device."""
    image, path = tmp_path / "image", tmp_path / "loop"
    path.mkdir()
    with open(image, "wb") as file:
        file.truncate(32 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-m", "0", image], check=True)
    if subprocess.run(["mount", "-o", "loop", image, path], capture_output=True).returncode != 0:
        pytest.skip("no loop mounts here: they need root outside of a user namespace")
    yield Disk(path)
    subprocess.run(["umount", "-l", path], check=True)


def test_a_state_folder_that_goes_read_only_keeps_ends_until_it_is_mounted_again(loop_disk, agent, card, tmp_path):
    running = agent(**settings(tmp_path, loop_disk))
    running.wait_card()
    opened = running.login()
    session = opened["session"]["id"]
    subprocess.run(["mount", "-o", "remount,abort", loop_disk.path], check=True)
    refused(running)
    card.eject()
    running.wait_ended(session, "card_removed")
    assert running.introspect(opened["access_token"]) == {"active": False}
    wait_until(lambda: reserve(running)["traces"] >= 2, "the end is traced")
    running.kill()
    subprocess.run(["umount", loop_disk.path], check=True)
    subprocess.run(["mount", "-o", "loop", tmp_path / "image", loop_disk.path], check=True)
    running.start()
    in_order(running, "session.opened", "audit.reserve_used", "session.ended", "audit.reserve_emptied")


def test_a_full_ext4_is_no_other(loop_disk, agent, card, tmp_path):
    running = agent(**settings(tmp_path, loop_disk))
    running.wait_card()
    session = running.login()["session"]["id"]
    loop_disk.fill()
    # What is there already of the write-ahead log takes some traces yet.
    wait_until(lambda: running.post(f"/sessions/{session}/tokens", {"audience": AUDIENCE})[0] == 503, "nothing can be written")
    card.eject()
    running.wait_ended(session, "card_removed")
    wait_until(lambda: reserve(running)["state"] == "in_use", "the end is traced")
    loop_disk.free()
    wait_until(lambda: reserve(running)["state"] == "ready", "the agent recovers by itself")
    in_order(running, "session.opened", "audit.reserve_used", "session.ended", "audit.reserve_emptied")


def test_a_workstation_without_reserve_says_so(agent, tmp_path):
    running = agent(audit={"reserve": str(tmp_path / "nowhere" / "reserve")})
    assert reserve(running)["state"] == "missing" and reserve(running)["problem"]
    assert "missing" in doctor(running)[1]["trace"]["text"]
    (tmp_path / "nowhere").mkdir()
    wait_until(lambda: reserve(running)["state"] == "ready", "it is made as soon as it can be")


def test_a_configuration_whose_trace_cannot_be_written_is_not_taken(disk, agent, tmp_path):
    running = agent(
        agent={"state_dir": str(disk.path / "state")}, audit={"reserve": str(tmp_path / "nowhere" / "reserve")},
        clients={"first": {"uid": [os.getuid()], "operations": ["audit"]}})
    before = running.get("/status")[1]["clients"]
    running.configure(clients={"second": {"uid": [os.getuid()], "operations": ["audit", "login"]}})

    def reload(is_taken, what):
        running.process.send_signal(signal.SIGHUP)

        def told():
            status = running.get("/status")[1]
            untraced = any(str(running.config) in warning and "trace" in warning for warning in status["warnings"])
            return untraced != is_taken and (status["clients"] != before) == is_taken

        wait_until(told, what)

    disk.fill()
    reload(False, "the agent says that it did not take the file")
    disk.free()
    reload(True, "the file is taken")
    assert [each["detail"]["changed"] for each in running.traces("config.loaded")[1:]] == [["clients"]]
    running.verify_log()


def test_a_reserve_beside_the_log_is_spoken_of(agent):
    running = agent()
    assert reserve(running)["shares_file_system"] is True
    assert "same file system" in doctor(running)[1]["trace"]["text"]


@pytest.mark.parametrize("was_killed", [False, True])
def test_an_agent_starts_on_a_disk_that_is_read_only(disk, ready, was_killed):
    session = ready.login()["session"]["id"]
    if was_killed:
        ready.kill()
    else:
        assert ready.stop() == 0
    subprocess.run(["mount", "-o", "remount,ro", disk.path], check=True)
    ready.start()
    status = ready.get("/status")[1]
    assert [warning for warning in status["warnings"] if "read-only" in warning], status["warnings"]
    assert ready.session(session)["state"] == "ended"
    refused(ready)
    assert reserve(ready)["traces"] > 0
    assert ready.get("/audit/traces?limit=1")[0] == 503  # who reads the log would have to be traced
    assert ready.stop() == 0
    subprocess.run(["mount", "-o", "remount,rw", disk.path], check=True)
    ready.start()
    ready.wait_card()
    ready.login()
    in_order(
        ready, "session.opened", "audit.reserve_used", "agent.started", "agent.stopped", "audit.reserve_emptied", "agent.started",
        "session.opened")
