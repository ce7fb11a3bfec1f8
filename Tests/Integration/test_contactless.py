"""A CPS3 over the air: recognised, proven by its technical key, never a session. Data objects, and a PIN that OpenSC changed."""

import base64

import pytest

from tools import run_tool


@pytest.fixture
def contactless(persona, virtual_card):
    return lambda faults=(): virtual_card(persona("cps3-contactless"), faults)


def test_a_contactless_card_proves_itself_and_opens_no_session(agent, contactless):
    card = contactless()
    running = agent()
    shown = running.wait_card("foreign")
    assert (shown["generation"], shown["technical_key_proven"]) == ("cps3-contactless", True), shown
    assert shown["certificate"] and shown["holder"] is None and shown["code"] == "card_contactless"
    status, refusal = running.post("/logins", {})
    assert (status, refusal["code"]) == (409, "card_contactless")
    assert running.get("/sessions")[1] == {"sessions": []}
    assert card.status()["pin_tries_left"] == 3


def test_a_card_with_a_wrong_signature_is_no_genuine_one(agent, contactless):
    contactless(["bad-signature"])
    running = agent()
    shown = running.wait_card("foreign")
    assert (shown["code"], shown["technical_key_proven"]) == ("card_unproven", False), shown
    assert running.post("/logins", {})[1]["code"] == "card_unproven"


def test_data_objects_are_shown_without_the_pin(ready, card):
    reader = ready.get("/readers")[1]["readers"][0]["id"]
    status, answer = ready.get(f"/readers/{reader}/card/objects")
    assert status == 200, answer
    name = next(item for item in answer["objects"] if item["label"] == "CPS_NAME_PS")
    assert b"LIBRE" in base64.urlsafe_b64decode(name["content"] + "==") and name["access"] == "free"
    assert card.status()["pin_tries_left"] == 3


def test_a_pin_that_opensc_changed_logs_in(agent, persona, virtual_card):
    card = virtual_card(persona())
    run_tool("pkcs11-tool", "--login", "--pin", "1234", "--change-pin", "--new-pin", "4711")
    running = agent()
    running.wait_card()
    status, refusal = running.enter_pin(running.begin(), "1234")
    assert (status, refusal["code"]) == (403, "pin_wrong")
    running.login("4711")
    assert card.status()["pin_tries_left"] == 3
