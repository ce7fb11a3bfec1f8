"""The PIN: tries told, none spent by the machine, the last one only with consent, and a blocked card left alone."""

import pytest

from agent_process import AUDIENCE

WRONG = "9999"


@pytest.fixture(params=["cps3", "cps4"])
def card(request, persona, virtual_card):
    return virtual_card(persona(request.param))


def tries(card):
    return card.status()["pin_tries_left"]


def commands(card):
    return card.status()["commands"]


def come_with(agent, card, tries_left):
    """The card is put in again, with this many tries left."""
    card.change(fault=f"tries={tries_left}")
    agent.wait_new_card("ready" if tries_left else "blocked")


def spend(agent, login, left):
    """Gives a wrong PIN; the answer has to say how many tries are left then."""
    status, refusal = agent.enter_pin(login, WRONG)
    assert (status, refusal["code"], refusal["tries_left"]) == (403, "pin_wrong", left), refusal
    return refusal


def test_a_wrong_pin_tells_the_tries_left(ready, card):
    login = ready.begin(audience=AUDIENCE)
    refusal = spend(ready, login, 2)
    assert tries(card) == 2
    assert refusal["retry"] == "now" and "last_try_consent" not in refusal
    assert "access_token" not in refusal and "session" not in refusal
    assert ready.get(f"/logins/{login['id']}")[1]["tries_left"] == 2
    assert ready.card()["tries_left"] == 2
    assert ready.get("/sessions")[1] == {"sessions": []}
    trace = ready.traces("pin.refused")[0]
    assert (trace["code"], trace["outcome"], trace["actor"]["national_id"]) == ("pin_wrong", "refused", "899900063480")


def test_the_same_login_takes_the_right_pin_after_a_wrong_one(ready, card):
    login = ready.begin(audience=AUDIENCE)
    spend(ready, login, 2)
    status, opened = ready.enter_pin(login)
    assert status == 200 and ready.introspect(opened["access_token"])["active"] is True
    assert tries(card) == 3


def test_the_tries_left_are_told_at_once_after_a_login_too(ready):
    ready.login()
    assert ready.begin()["tries_left"] == 3


def test_the_last_try_needs_consent(ready, card):
    login = ready.begin(audience=AUDIENCE)
    spend(ready, login, 2)
    consent = spend(ready, login, 1)["last_try_consent"]
    before = commands(card)
    status, refusal = ready.enter_pin(login)
    assert (status, refusal["code"], refusal["tries_left"]) == (409, "last_try_consent_required", 1)
    assert tries(card) == 1 and commands(card) == before, "the card must not be touched without consent"
    # Only the value of the answer just before counts: the older one is over.
    newer = refusal["last_try_consent"]
    assert newer != consent
    status, refusal = ready.enter_pin(login, accept_last_try=consent)
    assert (status, refusal["code"]) == (409, "last_try_consent_required")
    assert tries(card) == 1 and commands(card) == before
    status, opened = ready.enter_pin(login, accept_last_try=refusal["last_try_consent"])
    assert status == 200, opened
    assert tries(card) == 3


@pytest.mark.parametrize("value", ["yes", "true", "1", "AAAAAAAAAAAAAAAAAAAAAA"])
def test_a_made_up_consent_is_no_consent(ready, card, value):
    come_with(ready, card, 1)
    login = ready.begin()
    before = commands(card)
    status, refusal = ready.enter_pin(login, accept_last_try=value)
    assert (status, refusal["code"]) == (409, "last_try_consent_required")
    assert (tries(card), commands(card)) == (1, before)


def test_a_login_on_a_card_with_one_try_tells_so_at_once(ready, card):
    come_with(ready, card, 1)
    login = ready.begin()
    assert login["tries_left"] == 1 and login["last_try_consent"]
    # Another login's consent is none for this one.
    other = ready.begin()
    status, refusal = ready.enter_pin(other, accept_last_try=login["last_try_consent"])
    assert (status, refusal["code"]) == (409, "last_try_consent_required")
    assert tries(card) == 1
    assert ready.enter_pin(other, accept_last_try=refusal["last_try_consent"])[0] == 200


def test_a_wrong_last_try_blocks_and_nothing_is_verified_afterwards(ready, card):
    login = ready.begin(audience=AUDIENCE)
    spend(ready, login, 2)
    consent = spend(ready, login, 1)["last_try_consent"]
    status, refusal = ready.enter_pin(login, WRONG, accept_last_try=consent)
    assert (status, refusal["code"], refusal["tries_left"], refusal["retry"]) == (403, "pin_blocked", 0, "never")
    assert tries(card) == 0
    before = commands(card)
    status, refusal = ready.enter_pin(login)
    assert status in (403, 409) and refusal["code"] in ("pin_blocked", "login_state")
    status, refusal = ready.enter_pin(login, accept_last_try=consent)
    assert status in (403, 409) and refusal["code"] in ("pin_blocked", "login_state")
    assert commands(card) == before, "no VERIFY on a blocked card"
    assert ready.wait_card("blocked")["tries_left"] == 0
    status, refusal = ready.post("/logins", {})
    assert (status, refusal["code"], refusal["tries_left"]) == (403, "pin_blocked", 0)
    assert ready.get("/sessions")[1] == {"sessions": []}
    blocked = ready.traces("pin.blocked")
    assert [trace["code"] for trace in blocked] == ["pin_blocked"]
    ready.verify_log()


def test_a_card_that_comes_blocked_is_recognised(persona, ready, card):
    come_with(ready, card, 0)
    assert ready.card()["tries_left"] == 0
    status, refusal = ready.post("/logins", {})
    assert (status, refusal["code"]) == (403, "pin_blocked")
    # Another card in the same reader works.
    card.change(persona(family="AUTRE", given="ANNE", rpps="99900063498"))
    ready.wait_new_card()
    assert ready.login()["session"]["holder"]["family_name"] == "AUTRE"


@pytest.mark.parametrize(
    "pin",
    ["", "1", "123", "12345678901234567", "abcd", "12a4", "123 ", " 1234", "1234\n", "12\x004", "１２３４", "-123", b"\xff\xff\xff\xff"],
    ids=ascii,
)
def test_what_cannot_be_a_pin_never_reaches_the_card(ready, card, pin):
    login = ready.begin()
    before = commands(card)
    status, refusal = ready.enter_pin(login, pin.encode() if isinstance(pin, str) else pin)
    assert (status, refusal["code"]) == (422, "pin_format")
    assert (tries(card), commands(card)) == (3, before)
    # The login goes on.
    assert ready.enter_pin(login)[0] == 200


def test_a_pin_is_not_echoed_anywhere(ready):
    login = ready.begin()
    for pin in ("7391739173917391739173", "7391"):
        _, refusal = ready.enter_pin(login, pin)
        assert pin not in str(refusal)
    assert ready.enter_pin(login)[0] == 200
    # A random salt may hold four digits by chance; a member of its own may not hold them.
    for trace in ready.traces():
        assert "7391" not in str({name: trace[name] for name in trace if name in ("code", "reason", "detail")})
    assert "7391" not in ready.log.read_text()


def test_the_pin_has_to_come_as_raw_bytes(ready, card):
    login = ready.begin()
    before = commands(card)
    status, refusal = ready.put(f"/logins/{login['id']}/pin", '{"pin":"1234"}', "application/json")
    assert (status, refusal["code"]) == (415, "unsupported_media_type")
    assert commands(card) == before


def test_a_pin_longer_than_any_is_cut_off(ready, card):
    login = ready.begin()
    before = commands(card)
    status, refusal = ready.enter_pin(login, "1" * 100_000)
    assert (status, refusal["code"]) in ((413, "payload_too_large"), (422, "pin_format"))
    assert (tries(card), commands(card)) == (3, before)


def test_fewer_tries_than_shown_spend_nothing(ready, card):
    """Another program uses up a try between the prompt and the PIN."""
    login = ready.begin()
    assert login["tries_left"] == 3
    card.fault("tries=2")
    status, refusal = ready.enter_pin(login)
    assert (status, refusal["code"], refusal["tries_left"]) == (409, "pin_tries_changed", 2)
    assert tries(card) == 2
    assert ready.enter_pin(login)[0] == 200
    assert tries(card) == 3


def test_a_try_that_others_left_as_the_last_one_needs_consent(ready, card):
    login = ready.begin()
    card.fault("tries=1")
    status, refusal = ready.enter_pin(login)
    assert (status, refusal["code"], refusal["tries_left"]) == (409, "pin_tries_changed", 1)
    assert refusal["last_try_consent"] and tries(card) == 1
    assert ready.enter_pin(login)[1]["code"] == "last_try_consent_required"
    assert tries(card) == 1


def test_a_refusal_speaks_both_languages(ready):
    login = ready.begin()
    route = f"/logins/{login['id']}/pin"
    english = ready.put(route, "abcd", headers={"Accept-Language": "en"})[1]
    french = ready.put(route, "abcd", headers={"Accept-Language": "fr-FR"})[1]
    assert english["code"] == french["code"]
    assert english["title"] != french["title"] and english["remedy"] != french["remedy"]
