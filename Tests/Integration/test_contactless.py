"""A CPS3 over the air: recognised, proven by its technical key, never a session. Data objects, and a PIN that OpenSC changed."""

import base64

import pytest

from tools import run_tool, wait_until


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


def test_objects_behind_the_pin_are_read_by_choice_and_kept_while_the_session_lives(agent, persona, virtual_card):
    card = virtual_card(persona("cps4", extra=("--situation", "SA07:499900063480001:CABINET LIBRE")))
    running = agent(cards={"protected_objects": "read"})
    running.wait_card()
    session = running.works()["session"]["id"]
    status, answer = running.get(f"/sessions/{session}/card/objects")
    assert status == 200 and answer["read"] is True, answer
    (situation,) = answer["objects"]
    assert situation["label"] == "CPS_ACTIVITY_01_PS" and situation["access"] == "pin"
    assert b"499900063480001" in base64.urlsafe_b64decode(situation["content"] + "==")
    (proof,) = [trace for trace in running.traces() if trace["event"] == "pin.verified"]
    assert proof["detail"] == {"protected_objects": 1}
    running.post(f"/sessions/{session}/lock")
    assert running.get(f"/sessions/{session}/card/objects")[1]["code"] == "session_locked"
    card.eject()
    wait_until(running.nobody_is_in, "the session has ended")
    assert running.get(f"/sessions/{session}/card/objects")[1]["code"] == "session_ended"


def test_objects_behind_the_pin_are_left_alone_unless_the_establishment_wants_them(ready, card):
    session = ready.works()["session"]["id"]
    status, answer = ready.get(f"/sessions/{session}/card/objects")
    assert (status, answer["read"], answer["objects"]) == (200, False, [])
    assert ready.get("/sessions/nobody/card/objects")[1]["code"] == "session_not_found"


def test_a_pin_that_opensc_changed_logs_in(agent, persona, virtual_card):
    card = virtual_card(persona())
    run_tool("pkcs11-tool", "--login", "--pin", "1234", "--change-pin", "--new-pin", "4711")
    running = agent()
    running.wait_card()
    status, refusal = running.enter_pin(running.begin(), "1234")
    assert (status, refusal["code"]) == (403, "pin_wrong")
    running.login("4711")
    assert card.status()["pin_tries_left"] == 3
