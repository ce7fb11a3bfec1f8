"""What goes wrong with cards: a clear error, no try lost, no session that should not be, and a way on."""

import pytest

import pcsc
from agent_process import AUDIENCE
from tools import wait_until


def test_a_card_pulled_before_the_pin_opens_nothing(ready, card):
    events = ready.events()
    login = ready.begin(audience=AUDIENCE)
    card.eject()
    events.wait("card", lambda data: data["state"] == "absent")
    status, refusal = ready.enter_pin(login)
    assert (status, refusal["code"]) == (409, "card_removed")
    assert ready.get(f"/logins/{login['id']}")[1]["state"] == "failed"
    assert ready.nobody_is_in()
    failed = ready.traces("login.failed")
    assert [(trace["code"], trace["outcome"]) for trace in failed] == [("card_removed", "failed")]
    card.insert()
    assert card.status()["pin_tries_left"] == 3
    ready.works(new=True)


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
    assert ready.nobody_is_in()
    assert len(ready.traces("login.failed")) == 1
    assert ready.login()["session"]["holder"]["family_name"] == "AUTRE"


def test_a_pin_is_not_given_to_the_same_card_put_in_again(ready, card):
    login = ready.begin()
    card.change()
    ready.wait_new_card()
    status, refusal = ready.enter_pin(login)
    assert (status, refusal["code"]) == (409, "card_removed")
    assert card.status()["pin_tries_left"] == 3
    assert ready.nobody_is_in()


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
        assert ready.nobody_is_in()
    has_left = not card.status()["inserted"]
    if has_left:
        card.insert()
    else:
        card.fault("none")
    assert card.status()["pin_tries_left"] in (2, 3), "one try at most"
    ready.works(new=has_left)


# Cards that misbehave


@pytest.mark.parametrize("position", range(0, 6))
def test_a_card_that_falls_silent_in_a_login_opens_nothing(ready, card, position):
    login = ready.begin(audience=AUDIENCE)
    card.fault(f"mute-after={position}")
    status, answer = ready.enter_pin(login)
    if status != 200:
        assert status in (409, 504) and answer["code"] in ("card_mute", "card_timeout", "card_removed", "card_failed"), answer
        assert ready.nobody_is_in()
        assert ready.traces("login.failed")
    card.fault("none")
    card.change()
    assert card.status()["pin_tries_left"] in (2, 3)
    ready.works(new=True)


def test_a_card_that_never_speaks_is_mute(agent, persona, virtual_card, generation):
    running = agent()
    card = virtual_card(persona(generation), faults=["mute-after=0"])
    shown = running.wait_card("mute", 30)
    assert shown["holder"] is None and shown["tries_left"] == "unknown"
    status, refusal = running.post("/logins", {})
    assert (status, refusal["code"]) == (409, "card_mute")
    card.fault("none")
    card.change()
    running.works(new=True)


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
    assert ready.nobody_is_in()
    assert [trace["code"] for trace in ready.traces("login.failed")] == ["proof_invalid"]
    assert ready.traces("session.opened") == []
    # The card did accept the PIN, which is traced; what it signed proves nothing and is no evidence.
    assert ["evidence" in trace for trace in ready.traces("pin.verified")] == [False]
    card.fault("none")
    ready.works()


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
        assert ready.nobody_is_in()
    card.fault("none")
    assert card.status()["pin_tries_left"] == 3
    ready.works()


def test_a_slow_card_works(ready, card):
    card.fault("delay=50")
    ready.works()


def test_a_card_that_is_too_slow_is_not_called_foreign(agent, persona, virtual_card, generation):
    running = agent()
    card = virtual_card(persona(generation), faults=["delay=2000"])
    shown = wait_until(lambda: running.card() if running.card()["state"] != "reading" else None, "the deadline", 30)
    assert shown["state"] == "mute", shown
    status, refusal = running.post("/logins", {})
    assert (status, refusal["code"]) == (504, "card_timeout")
    card.fault("none")
    card.change()
    running.works(new=True)


def test_a_card_that_is_held_by_another_program_is_busy_and_then_works(agent, card):
    with pcsc.held():
        running = agent()
        wait_until(lambda: running.get("/status")[1]["readers"], "the reader is seen")
        status, refusal = running.post("/logins", {})
        assert (status, refusal["code"], refusal["retry"]) == (409, "card_busy", "later")
        assert running.card()["state"] != "foreign"
    running.works()


def test_a_card_that_another_program_takes_before_the_pin_spends_no_try(ready, card):
    login = ready.begin()
    with pcsc.held():
        status, refusal = ready.enter_pin(login)
        assert (status, refusal["code"]) == (409, "card_busy")
    assert card.status()["pin_tries_left"] == 3 and ready.nobody_is_in()
    ready.works()


def test_no_card_and_no_reader_are_told_apart(ready, card):
    card.eject()
    ready.wait_card("absent")
    status, refusal = ready.post("/logins", {})
    assert (status, refusal["code"], refusal["retry"]) == (409, "card_absent", "now")
    status, refusal = ready.post("/logins", {"reader": "no such reader"})
    assert (status, refusal["code"]) == (404, "reader_not_found")
