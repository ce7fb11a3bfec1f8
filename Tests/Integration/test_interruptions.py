"""Programs that break off or get in the way: pcscd, another user of the card, the client, the agent itself."""

import json
import signal
import socket
import threading
import time

import pytest

from agent_process import AUDIENCE, READER_ID
from tools import run_tool, wait_until

SOON = 4.0


class InBackground:
    """A call that goes on while the test does something else."""

    def __init__(self, action, *arguments):
        self.outcome = None
        self.thread = threading.Thread(target=self.run, args=(action, *arguments), daemon=True)
        self.begun = time.monotonic()
        self.thread.start()

    def run(self, action, *arguments):
        self.outcome = action(*arguments)
        self.took = time.monotonic() - self.begun

    def result(self):
        self.thread.join(30)
        assert self.outcome is not None, "no answer within 30 s"
        return self.outcome


def pin_at_work(agent, card):
    """A PIN that the card, slow as it is, has just begun with."""
    login = agent.begin(audience=AUDIENCE)
    before = card.status()["commands"]
    card.fault("delay=300")
    pending = InBackground(agent.enter_pin, login)
    wait_until(lambda: card.status()["commands"] > before, "the card is at work")
    return pending


# pcscd


def test_pcscd_that_hangs_under_a_pin_is_told_soon_and_ends_the_sessions(ready, card, pcscd):
    session = ready.login()["session"]["id"]
    pending = pin_at_work(ready, card)
    pcscd.process.send_signal(signal.SIGSTOP)
    try:
        hung = time.monotonic()
        status, answer = pending.result()
        assert (status, answer["code"]) == (504, "card_timeout"), answer
        assert time.monotonic() - hung < SOON
        # Nobody can tell any more whether the card is there.
        ready.wait_ended(session, "monitoring_lost", 20)
        begun = time.monotonic()
        status, answer = ready.post("/logins", {})
        assert (status, answer["code"]) == (503, "pcsc_unavailable")
        assert time.monotonic() - begun < SOON
    finally:
        pcscd.process.send_signal(signal.SIGCONT)
    card.fault("none")
    ready.wait_monitoring("running")
    ready.works(new=True)
    assert card.status()["pin_tries_left"] == 3
    ready.verify_log()


def test_pcscd_killed_under_a_pin_opens_nothing(ready, card, pcscd):
    pending = pin_at_work(ready, card)
    pcscd.kill()
    status, answer = pending.result()
    # A service that ends before its first answer on a new connection looks like one that refuses the connection.
    told = ("pcsc_unavailable", "pcsc_not_authorised", "card_removed", "card_mute", "card_timeout")
    assert status in (409, 503, 504) and answer["code"] in told, answer
    assert ready.nobody_is_in()
    card.fault("none")
    pcscd.start()
    ready.wait_monitoring("running")
    ready.works(new=True)
    assert card.status()["pin_tries_left"] == 3


@pytest.mark.parametrize("way", ["killed", "hung"])
def test_pcscd_that_fails_under_a_reading_is_told_soon(ready, card, pcscd, way):
    card.eject()
    ready.wait_card("absent")
    card.fault("delay=200")
    card.insert()
    wait_until(lambda: ready.card()["state"] == "reading", "the card is being read")
    pending = InBackground(ready.post, "/logins", {})
    try:
        if way == "killed":
            pcscd.kill()
        else:
            pcscd.process.send_signal(signal.SIGSTOP)
        status, answer = pending.result()
        assert answer["code"] in ("pcsc_unavailable", "card_removed", "card_timeout", "card_absent", "card_mute", "no_reader"), answer
        assert pending.took < SOON + 1
    finally:
        if way == "hung":
            pcscd.process.send_signal(signal.SIGCONT)
    card.fault("none")
    if way == "killed":
        pcscd.start()
    ready.wait_monitoring("running")
    ready.works(new=True)
    assert card.status()["pin_tries_left"] == 3


# Another program


def test_logins_beside_opensc_in_a_loop(agent, persona, virtual_card):
    card = virtual_card(persona())
    running = agent()
    running.wait_card()
    over = threading.Event()
    rounds = []

    def fight():
        while not over.is_set():
            run_tool("pkcs15-tool", "-D", check=False)
            run_tool("pkcs11-tool", "--module", "opensc-pkcs11.so", "--login", "--pin", "1234", "--list-objects", check=False)
            rounds.append(1)

    other = threading.Thread(target=fight, daemon=True)
    other.start()
    opened = 0
    try:
        for _ in range(20):
            status, login = running.post("/logins", {"audience": AUDIENCE})
            if status == 201:
                assert login["tries_left"] in (3, "unknown")
                status, login = running.enter_pin(login)
            if status == 200:
                opened += 1
            else:
                assert login["code"] in ("card_busy", "card_reset", "pin_state_lost", "pin_tries_changed"), login
                assert login["remedy"]
    finally:
        over.set()
        other.join(60)
    assert opened and rounds
    assert card.status()["pin_tries_left"] == 3
    running.works()


# The client


def raw_request(agent, route, body, length=None):
    """Sends a PUT with a secret, or only the beginning of one; the connection is left open."""
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(str(agent.socket))
    head = (
        f"PUT /v1{route} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\n"
        f"Content-Length: {len(body) if length is None else length}\r\n\r\n"
    )
    connection.sendall(head.encode() + body)
    return connection


def test_a_client_that_leaves_after_the_login_began_blocks_nobody(ready):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(ready.socket))
        body = json.dumps({"audience": AUDIENCE}).encode()
        connection.sendall(
            b"POST /v1/logins HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        wait_until(lambda: ready.traces("login.started"), "the login began")
    ready.works()


def test_a_client_that_leaves_in_the_middle_of_a_pin_spends_nothing(ready, card):
    login = ready.begin(audience=AUDIENCE)
    before = card.status()["commands"]
    raw_request(ready, f"/logins/{login['id']}/pin", b"12", length=4).close()
    status, opened = ready.enter_pin(login)
    assert status == 200, opened
    assert card.status()["commands"] > before and card.status()["pin_tries_left"] == 3
    assert ready.traces("pin.refused") == []


def test_a_pin_that_came_whole_is_tried_as_it_came_though_its_client_left(ready, card):
    for _ in range(20):
        login = ready.begin(audience=AUDIENCE)
        raw_request(ready, f"/logins/{login['id']}/pin", b"1234").close()
        wait_until(lambda: ready.get(f"/logins/{login['id']}")[1]["state"] == "done", "the login is over")
    assert ready.traces("pin.refused") == []


def test_a_session_whose_opener_left_is_seen_and_can_be_ended(ready, card):
    events = ready.events()
    login = ready.begin(audience=AUDIENCE)
    before = card.status()["commands"]
    card.fault("delay=100")
    connection = raw_request(ready, f"/logins/{login['id']}/pin", b"1234")
    wait_until(lambda: card.status()["commands"] > before, "the card is at work")
    connection.close()
    card.fault("none")
    wait_until(lambda: ready.get(f"/logins/{login['id']}")[1]["state"] != "awaiting_pin", "the login is over")
    state = ready.get(f"/logins/{login['id']}")[1]["state"]
    assert state in ("done", "failed")
    if state == "done":
        session = events.wait("session", lambda data: data["state"] == "active")["id"]
        assert [each["id"] for each in ready.get("/sessions")[1]["sessions"]] == [session]
        assert ready.delete(f"/sessions/{session}")[0] in (200, 204)
    assert ready.nobody_is_in()
    assert card.status()["pin_tries_left"] == 3
    ready.works()
    ready.verify_log()


# The agent


@pytest.mark.parametrize("step", ["begun", "wrong PIN", "opened", "second token"])
def test_an_agent_killed_at_any_step_revives_nothing(ready, card, step):
    tokens = []
    left = 3
    login = ready.begin(audience=AUDIENCE)
    if step == "wrong PIN":
        assert ready.enter_pin(login, "9999")[1]["tries_left"] == 2
        left = 2
    if step in ("opened", "second token"):
        status, opened = ready.enter_pin(login)
        assert status == 200
        tokens.append(opened["access_token"])
    if step == "second token":
        status, issued = ready.post(f"/sessions/{opened['session']['id']}/tokens", {"audience": AUDIENCE})
        assert status in (200, 201), issued
        tokens.append(issued["access_token"])
    before = ready.leaves()
    ready.kill()
    ready.start()
    ready.wait_card()
    assert ready.nobody_is_in()
    assert ready.get(f"/logins/{login['id']}")[0] == 404
    for token in tokens:
        assert ready.introspect(token) == {"active": False}
    assert ready.leaves()[: len(before)] == before
    ready.verify_log()
    assert card.status()["pin_tries_left"] == left
    assert ready.begin()["tries_left"] == left
    ready.works()


def killed_and_back(agent):
    """Kills the agent and starts it again: what was written is still there, nobody is in."""
    before = agent.leaves()
    agent.kill()
    agent.start()
    assert agent.leaves()[: len(before)] == before
    assert agent.nobody_is_in()


@pytest.mark.parametrize("step", ["locked", "wrong PIN to unlock", "unlocking", "unlocked"])
def test_an_agent_killed_at_any_step_of_unlocking_revives_nothing(ready, card, step):
    opened = ready.login()
    session, left = opened["session"]["id"], 3
    assert ready.post(f"/sessions/{session}/lock")[1]["state"] == "locked"
    unlock = f"/sessions/{session}/unlock"
    if step == "wrong PIN to unlock":
        assert ready.put(unlock, "9999")[1]["tries_left"] == 2
        left = 2
    if step == "unlocking":
        before = card.status()["commands"]
        card.fault("delay=300")
        raw_request(ready, unlock, b"1234")
        wait_until(lambda: card.status()["commands"] > before, "the card is at work")
    if step == "unlocked":
        assert ready.put(unlock, "1234")[1]["state"] == "active"
    killed_and_back(ready)
    card.fault("none")
    ready.wait_card()
    assert ready.put(unlock, "1234")[1]["code"] == "session_ended"
    status, refusal = ready.post(f"/sessions/{session}/tokens", {"audience": AUDIENCE})
    assert (refusal["code"], refusal["end_reason"]) == ("session_ended", "agent_restarted")
    assert ready.session(session)["end_reason"] == "agent_restarted"
    assert ready.introspect(opened["access_token"]) == {"active": False}
    assert card.status()["pin_tries_left"] == left
    ready.verify_log()
    ready.works()


@pytest.mark.parametrize("kind, codes", [
    ("pin-changes", {"new": "4711", "current": "1234"}),
    ("pin-unblocks", {"new": "4711", "puk": "12345678"}),
])
@pytest.mark.parametrize("step", ["begun", "new PIN given", "at work", "done"])
def test_an_agent_killed_at_any_step_of_a_pin_operation_leaves_the_card_with_one_of_both_pins(ready, card, kind, codes, step):
    puk_tries = ready.get(f"/readers/{READER_ID}/codes")[1]["puk"]["tries_left"]
    status, operation = ready.post(f"/{kind}", {})
    assert status == 201, operation
    names = list(codes)
    if step != "begun":
        assert ready.put(f"/{kind}/{operation['id']}/{names[0]}", codes[names[0]])[0] == 200
    last = f"/{kind}/{operation['id']}/{names[1]}"
    if step == "at work":
        before = card.status()["commands"]
        card.fault("delay=300")
        raw_request(ready, last, codes[names[1]].encode())
        wait_until(lambda: card.status()["commands"] > before, "the card is at work")
    if step == "done":
        assert ready.put(last, codes[names[1]])[1]["state"] == "done"
    killed_and_back(ready)
    card.fault("none")
    ready.wait_card()
    assert ready.get(f"/{kind}/{operation['id']}")[0] == 404
    assert [trace["event"] for trace in ready.traces("pin.requested")] == ["pin.requested"]
    assert card.status()["pin_tries_left"] == 3
    assert ready.get(f"/readers/{READER_ID}/codes")[1]["puk"]["tries_left"] == puk_tries
    if step == "at work":
        # Whether the card heard the command before the agent died is the card's to say.
        status, answer = ready.enter_pin(ready.begin(), "4711")
        assert status == 200 or ready.login()["session"]["state"] == "active", answer
    else:
        assert ready.login("4711" if step == "done" else "1234")["session"]["state"] == "active"
    ready.verify_log()
