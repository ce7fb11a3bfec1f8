"""Every position of a login on the real pcscd, every fault: a clear answer soon, no session, no second try, and the next login works."""

import time

import pytest

from agent_process import AUDIENCE
from tools import cps_card, wait_until

# What fails at once is told within two seconds. A card that is slow costs the time of a command, and whoever comes behind it that of two.
SOON, SLOW = 2.0, 4.0
CODES = {
    "remove-after": {"card_removed", "card_absent"},
    "mute-after": {"card_mute", "card_removed", "card_timeout", "card_failed"},
    "flip": {
        "card_failed", "card_damaged", "card_foreign", "card_changed", "card_mute", "pin_tries_changed", "pin_wrong", "pin_blocked",
        "pin_state_lost", "proof_invalid", "certificate_malformed", "certificate_untrusted", "card_update_interrupted",
    },
}


def timed(action, *arguments, within=SOON):
    begun = time.monotonic()
    status, answer = action(*arguments)
    assert time.monotonic() - begun < within, answer
    return status, answer


def end_sessions(agent):
    for session in agent.get("/sessions")[1]["sessions"]:
        assert agent.delete(f"/sessions/{session['id']}")[0] in (200, 204)


def recover(agent, card, fault):
    """The same card, sound again, in the reader."""
    card.fault("none")
    if fault == "flip":
        agent.wait_card()
        return
    card.change()
    agent.wait_new_card()


@pytest.mark.parametrize("fault", CODES)
def test_at_each_command_of_a_login(ready, card, fault):
    before = card.status()["commands"]
    login = ready.begin()
    begun = card.status()["commands"]
    ready.enter_pin(login)
    count = card.status()["commands"] - begun
    assert before <= begun and 4 < count < 12
    for position in range(count):
        end_sessions(ready)
        login = ready.begin(audience=AUDIENCE)
        failures = len(ready.traces("login.failed", "pin.refused", "pin.blocked"))
        card.fault(f"{fault}={position + 1 if fault == 'flip' else position}")
        status, answer = timed(ready.enter_pin, login)
        if status == 200:
            assert fault == "flip", f"position {position}: {answer}"
        else:
            assert answer["code"] in CODES[fault], f"position {position}: {answer}"
            assert ready.nobody_is_in()
            told = ready.traces("login.failed", "pin.refused", "pin.blocked")[failures:]
            assert [trace["code"] for trace in told] == [answer["code"]]
        recover(ready, card, fault)
        assert card.status()["pin_tries_left"] >= 2, "one try at most"
        opened = ready.login()
        assert ready.introspect(opened["access_token"])["active"] is True
        assert card.status()["pin_tries_left"] == 3
    ready.verify_log()


@pytest.mark.parametrize("fault", CODES)
def test_at_commands_of_a_reading(ready, card, fault):
    """A sample: each position is tried without a reader by the unit tests."""
    for position in (0, 2, 3):
        card.eject()
        ready.wait_card("absent")
        card.fault(f"{fault}={position + 1 if fault == 'flip' else position}")
        cps_card("insert", "--control", card.control)
        if fault == "remove-after":
            wait_until(lambda: not card.status()["inserted"], "the card has left")
        elif fault == "mute-after":
            ready.wait_card("mute")
        else:
            wait_until(lambda: ready.card()["state"] not in ("absent", "reading"), "the card has been read")
        status, answer = timed(ready.post, "/logins", {})
        assert status == 201 or answer["code"] in CODES[fault] | {"card_absent"}, answer
        assert ready.nobody_is_in()
        card.fault("none")
        card.change()
        assert card.status()["pin_tries_left"] == 3
        ready.works(new=True)
        end_sessions(ready)


def test_a_command_without_an_answer_ends_the_login_soon(ready, card):
    login = ready.begin(audience=AUDIENCE)
    card.fault("delay=2500")
    status, answer = timed(ready.enter_pin, login, within=SLOW)
    assert (status, answer["code"]) == (504, "card_timeout")
    # Whoever comes next does not wait for what hangs either.
    status, answer = timed(ready.post, "/logins", {}, within=SLOW)
    assert (status, answer["code"]) == (504, "card_timeout")
    assert ready.nobody_is_in()
    assert [trace["code"] for trace in ready.traces("login.failed")] == ["card_timeout"]
    card.fault("none")
    assert card.status()["pin_tries_left"] == 3
    card.change()
    ready.works(new=True)


def test_the_time_for_a_command_can_be_set(agent, card):
    running = agent(cards={"command_timeout": "5s"})
    running.wait_card()
    login = running.begin(audience=AUDIENCE)
    card.fault("delay=1700")
    status, answer = running.enter_pin(login)
    # Each command is in time now; all of them together are not.
    assert (status, answer["code"]) == (504, "card_timeout")
    card.fault("none")
    assert card.status()["pin_tries_left"] == 3
