"""What goes wrong with cards, pcscd and the agent itself: a clear error, no try lost, no session that should not be, and a way on."""

import os
import signal
import sqlite3
import subprocess

import pytest

import pcsc

from agent_process import AUDIENCE
from tools import BIN_DIR, wait_until


@pytest.fixture(params=["cps3", "cps4"])
def generation(request):
    return request.param


@pytest.fixture
def card(persona, virtual_card, generation):
    return virtual_card(persona(generation))


@pytest.fixture
def ready(agent, card):
    running = agent()
    running.wait_card()
    return running


def nobody_is_in(agent):
    return agent.get("/sessions")[1] == {"sessions": []}


def works(agent, new=False):
    """A login from beginning to end; with a card that was put in since one was last waited for, if it is new."""
    if new:
        agent.wait_new_card()
    else:
        agent.wait_card()
    opened = agent.login()
    assert agent.introspect(opened["access_token"])["active"] is True
    return opened


# Cards that leave


def test_a_card_pulled_before_the_pin_opens_nothing(ready, card):
    events = ready.events()
    login = ready.begin(audience=AUDIENCE)
    card.eject()
    events.wait("card", lambda data: data["state"] == "absent")
    status, refusal = ready.enter_pin(login)
    assert (status, refusal["code"]) == (409, "card_removed")
    assert ready.get(f"/logins/{login['id']}")[1]["state"] == "failed"
    assert nobody_is_in(ready)
    failed = ready.traces("login.failed")
    assert [(trace["code"], trace["outcome"]) for trace in failed] == [("card_removed", "failed")]
    card.insert()
    assert card.status()["pin_tries_left"] == 3
    works(ready, new=True)


def test_a_login_fails_by_itself_when_the_card_leaves(ready, card):
    events = ready.events()
    login = ready.begin()
    card.eject()
    told = events.wait("login", lambda data: data["id"] == login["id"] and data["state"] == "failed", 10)
    assert told["code"] == "card_removed"


def test_a_pin_is_never_given_to_a_card_that_took_the_place_of_another(ready, card, persona, generation):
    login = ready.begin(audience=AUDIENCE)
    card.change(persona(generation, family="AUTRE", given="ANNE", rpps="99900063498"))
    shown = ready.wait_new_card()
    assert shown["holder"]["family_name"] == "AUTRE"
    before = card.status()
    for _ in range(2):
        status, refusal = ready.enter_pin(login)
        assert status == 409 and refusal["code"] in ("card_changed", "card_removed"), refusal
    after = card.status()
    assert after["pin_tries_left"] == 3 and after["commands"] == before["commands"], "the other card is not touched"
    assert nobody_is_in(ready)
    assert len(ready.traces("login.failed")) == 1
    assert ready.login()["session"]["holder"]["family_name"] == "AUTRE"


def test_a_pin_is_not_given_to_the_same_card_put_in_again(ready, card):
    login = ready.begin()
    card.change()
    ready.wait_new_card()
    status, refusal = ready.enter_pin(login)
    assert (status, refusal["code"]) == (409, "card_removed")
    assert card.status()["pin_tries_left"] == 3
    assert nobody_is_in(ready)


@pytest.mark.parametrize("position", range(0, 8))
def test_a_card_pulled_in_the_middle_of_a_login_opens_nothing(ready, card, position):
    login = ready.begin(audience=AUDIENCE)
    card.fault(f"remove-after={position}")
    status, answer = ready.enter_pin(login)
    if status == 200:
        # The card had done all it had to; if it left afterwards, everything ended with it.
        if not card.status()["inserted"]:
            ready.wait_ended(answer["session"]["id"], "card_removed")
            assert ready.introspect(answer["access_token"]) == {"active": False}
    else:
        assert (status, answer["code"]) == (409, "card_removed"), answer
        assert [trace["code"] for trace in ready.traces("login.failed")] == ["card_removed"]
        assert nobody_is_in(ready)
    has_left = not card.status()["inserted"]
    if has_left:
        card.insert()
    else:
        card.fault("none")
    assert card.status()["pin_tries_left"] in (2, 3), "one try at most"
    works(ready, new=has_left)


# Cards that misbehave


@pytest.mark.parametrize("position", range(0, 6))
def test_a_card_that_falls_silent_in_a_login_opens_nothing(ready, card, position):
    login = ready.begin(audience=AUDIENCE)
    card.fault(f"mute-after={position}")
    status, answer = ready.enter_pin(login)
    if status != 200:
        assert status in (409, 504) and answer["code"] in ("card_mute", "card_timeout", "card_removed", "card_failed"), answer
        assert nobody_is_in(ready)
        assert ready.traces("login.failed")
    card.fault("none")
    card.change()
    assert card.status()["pin_tries_left"] in (2, 3)
    works(ready, new=True)


def test_a_card_that_never_speaks_is_mute(agent, persona, virtual_card, generation):
    running = agent()
    card = virtual_card(persona(generation), faults=["mute-after=0"])
    shown = running.wait_card("mute", 30)
    assert shown["holder"] is None and shown["tries_left"] == "unknown"
    status, refusal = running.post("/logins", {})
    assert (status, refusal["code"]) == (409, "card_mute")
    card.fault("none")
    card.change()
    works(running, new=True)


def test_a_card_that_answers_nothing_known_is_foreign(agent, persona, virtual_card, generation):
    running = agent()
    # SELECT is refused for every file and application: no CPS application can be found.
    card = virtual_card(persona(generation), faults=["sw=A4:6A82"])
    shown = running.wait_card("foreign", 30)
    assert shown["holder"] is None and shown["tries_left"] == "unknown"
    status, refusal = running.post("/logins", {})
    assert status == 409 and refusal["code"] in ("card_foreign", "card_damaged"), refusal
    assert card.status()["pin_tries_left"] == 3


def test_a_wrong_signature_opens_nothing(ready, card):
    card.fault("bad-signature")
    status, refusal = ready.enter_pin(ready.begin(audience=AUDIENCE))
    assert (status, refusal["code"]) == (403, "proof_invalid")
    assert nobody_is_in(ready)
    assert [trace["code"] for trace in ready.traces("login.failed")] == ["proof_invalid"]
    assert ready.traces("pin.verified", "session.opened") == []
    card.fault("none")
    works(ready)


@pytest.mark.parametrize("instruction", ["20", "22", "88", "2A"])
@pytest.mark.parametrize("word", ["6F00", "6985", "6D00"])
def test_a_card_that_refuses_a_step_opens_nothing(ready, card, instruction, word):
    login = ready.begin(audience=AUDIENCE)
    card.fault(f"sw={instruction}:{word}")
    status, answer = ready.enter_pin(login)
    if status == 200:
        assert instruction != "20", "a PIN that was not verified"
    else:
        assert answer["code"] in ("card_failed", "card_damaged", "card_foreign", "pin_state_lost", "pin_blocked"), answer
        assert nobody_is_in(ready)
    card.fault("none")
    assert card.status()["pin_tries_left"] == 3
    works(ready)


def test_a_slow_card_works(ready, card):
    card.fault("delay=50")
    works(ready)


def test_a_card_that_is_too_slow_is_not_called_foreign(agent, persona, virtual_card, generation):
    running = agent()
    card = virtual_card(persona(generation), faults=["delay=2000"])
    shown = wait_until(lambda: running.card() if running.card()["state"] != "reading" else None, "the deadline", 30)
    assert shown["state"] == "mute", shown
    status, refusal = running.post("/logins", {})
    assert (status, refusal["code"]) == (504, "card_timeout")
    card.fault("none")
    card.change()
    works(running, new=True)


def test_a_card_that_is_held_by_another_program_is_busy_and_then_works(agent, card):
    with pcsc.held():
        running = agent()
        wait_until(lambda: running.get("/status")[1]["readers"], "the reader is seen")
        status, refusal = running.post("/logins", {})
        assert (status, refusal["code"], refusal["retry"]) == (409, "card_busy", "later")
        assert running.card()["state"] != "foreign"
    works(running)


def test_a_card_that_another_program_takes_before_the_pin_spends_no_try(ready, card):
    login = ready.begin()
    with pcsc.held():
        status, refusal = ready.enter_pin(login)
        assert (status, refusal["code"]) == (409, "card_busy")
    assert card.status()["pin_tries_left"] == 3 and nobody_is_in(ready)
    works(ready)


# pcscd


def test_pcscd_killed_in_a_session_ends_it_and_the_agent_lives(ready, card, pcscd):
    events = ready.events()
    opened = ready.login()
    session = opened["session"]["id"]
    pcscd.kill()
    told = events.wait("session", lambda data: data["id"] == session and data["state"] == "ended")
    assert told["end_reason"] == "monitoring_lost"
    assert ready.introspect(opened["access_token"]) == {"active": False}
    ready.wait_ended(session, "monitoring_lost")
    ready.wait_monitoring("service_down")
    status, refusal = ready.post("/logins", {})
    assert (status, refusal["code"]) == (503, "pcsc_unavailable")
    assert ready.is_alive()
    assert ready.traces("monitoring.lost")

    pcscd.start()
    ready.wait_monitoring("running")
    assert nobody_is_in(ready), "nothing is revived"
    again = works(ready)
    assert again["session"]["insertion"] != opened["session"]["insertion"]
    assert ready.introspect(opened["access_token"]) == {"active": False}
    assert ready.traces("monitoring.restored")
    ready.verify_log()


def test_pcscd_restarted_in_good_order_ends_the_session_too(ready, pcscd):
    opened = ready.login()
    pcscd.stop()
    ready.wait_ended(opened["session"]["id"], "monitoring_lost")
    pcscd.start()
    works(ready)


def test_pcscd_killed_between_card_and_pin_spends_no_try(ready, card, pcscd):
    login = ready.begin()
    pcscd.kill()
    status, refusal = ready.enter_pin(login)
    assert status in (409, 503) and refusal["code"] in ("pcsc_unavailable", "card_removed"), refusal
    assert card.status()["pin_tries_left"] == 3
    assert nobody_is_in(ready)
    pcscd.start()
    works(ready)


def test_pcscd_may_come_after_the_agent(agent, persona, virtual_card, pcscd):
    pcscd.stop()
    running = agent()
    assert running.wait_monitoring("service_down")
    assert running.get("/readers") == (200, {"monitoring": "service_down", "readers": []})
    assert running.post("/logins", {})[1]["code"] == "pcsc_unavailable"
    pcscd.start()
    running.wait_monitoring("running")
    virtual_card(persona())
    works(running)


def test_pcscd_that_hangs_does_not_hang_the_agent(ready, card, pcscd):
    """It is stopped, not gone: whatever waits for it waits, everything else goes on."""
    opened = ready.login()
    pcscd.process.send_signal(signal.SIGSTOP)
    try:
        assert ready.introspect(opened["access_token"])["active"] is True
        login = ready.post("/logins", {})
        if login[0] == 201:
            status, refusal = ready.enter_pin(login[1])
            assert status in (409, 503, 504), refusal
        assert ready.get("/status")[0] == 200
    finally:
        pcscd.process.send_signal(signal.SIGCONT)
    assert card.status()["pin_tries_left"] == 3
    card.change()
    works(ready, new=True)


def test_no_card_and_no_reader_are_told_apart(ready, card):
    card.eject()
    ready.wait_card("absent")
    status, refusal = ready.post("/logins", {})
    assert (status, refusal["code"], refusal["retry"]) == (409, "card_absent", "now")
    status, refusal = ready.post("/logins", {"reader": "no such reader"})
    assert (status, refusal["code"]) == (404, "reader_not_found")


# The agent


def test_a_killed_agent_leaves_no_session_behind(ready):
    opened = ready.login()
    before = ready.leaves()
    ready.kill()
    ready.start()
    ready.wait_card()
    assert ready.introspect(opened["access_token"]) == {"active": False}
    assert nobody_is_in(ready)
    ended = ready.traces("session.ended")
    assert [(trace["session"], trace["reason"]) for trace in ended] == [(opened["session"]["id"], "agent_restarted")]
    assert ready.leaves()[: len(before)] == before
    ready.verify_log()
    again = works(ready)
    assert again["session"]["insertion"] != opened["session"]["insertion"]
    assert ready.introspect(opened["access_token"]) == {"active": False}


def test_an_ended_session_is_still_told_about_after_a_restart(ready):
    opened = ready.login()
    ready.kill()
    ready.start()
    status, session = ready.get(f"/sessions/{opened['session']['id']}")
    assert status == 200, session
    assert (session["state"], session["end_reason"]) == ("ended", "agent_restarted")


def test_an_agent_stopped_in_good_order_ends_its_sessions(ready):
    opened = ready.login()
    ready.restart()
    ready.wait_card()
    assert ready.introspect(opened["access_token"]) == {"active": False}
    assert [trace["reason"] for trace in ready.traces("session.ended")] == ["agent_restarted"]
    assert len(ready.traces("agent.started")) == 2 and len(ready.traces("agent.stopped")) == 1
    ready.verify_log()
    works(ready)


def test_an_agent_killed_while_a_pin_is_tried_starts_again(ready, card):
    login = ready.begin()
    card.fault("delay=500")
    connection = subprocess.Popen(
        ["curl", "-s", "--unix-socket", str(ready.socket), "-X", "PUT", "-H", "content-type: application/octet-stream",
         "--data-binary", "1234", f"http://localhost/v1/logins/{login['id']}/pin"], stdout=subprocess.DEVNULL,
    )
    try:
        before = card.status()["commands"]
        wait_until(lambda: card.status()["commands"] > before, "the card is at work")
        ready.kill()
    finally:
        connection.kill()
        connection.wait()
    card.fault("none")
    ready.start()
    assert nobody_is_in(ready)
    ready.verify_log()
    works(ready)


def test_a_changed_trace_is_found(ready):
    ready.login()
    assert ready.stop() == 0
    database = ready.folder / "state" / "agent.sqlite"
    with sqlite3.connect(database) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        changed = 0
        for table in tables:
            columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
            if "leaf" in columns:
                cursor = connection.execute(
                    f"UPDATE \"{table}\" SET leaf = CAST(replace(CAST(leaf AS TEXT), 'LIBRE', 'LIBRA') AS BLOB) "
                    "WHERE CAST(leaf AS TEXT) LIKE '%session.opened%'"
                )
                changed += cursor.rowcount
    assert changed == 1
    connection.close()
    ready.start()
    status, refusal = ready.post("/audit/verifications")
    assert (status, refusal["code"]) == (500, "trace_invalid")
    assert "first_bad" in refusal


def test_a_second_agent_on_the_same_files_does_not_start(ready):
    second = subprocess.run(
        [str(BIN_DIR / "cps-agentd"), "--config", str(ready.config)], capture_output=True, timeout=30, cwd="/", env=dict(os.environ)
    )
    assert second.returncode != 0 and second.stderr
    assert ready.is_alive()
    works(ready)
