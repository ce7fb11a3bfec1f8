"""Card in, PIN, token out; card out, token dead: with each generation of card, through the real pcscd."""

import json
import os
import re
import time

from agent_process import AUDIENCE, ISSUER, READER, READER_ID, WORKSTATION
from tools import wait_until

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
MAX_LIBRE = {
    "national_id": "899900063480", "rpps": "99900063480", "family_name": "LIBRE", "given_name": "MAX",
    "profession": {"code": "10", "label": "Médecin"}, "training": None, "structure_id": None, "organization": None, "warnings": [],
}
DOCTORS_SCOPES = ["identity:read", "prescription:write", "record:read", "record:write"]


def test_the_reader_is_seen(ready):
    status, answer = ready.get("/readers")
    assert (status, answer["monitoring"]) == (200, "running")
    assert answer["readers"][0] == {
        "id": READER_ID, "name": READER, "kind": "virtual", "keypad": False, "allowed": True, "card": "ready",
    }
    health = ready.get("/status")[1]
    assert (health["health"], health["workstation"], health["issuer"]) == ("ok", WORKSTATION, ISSUER)
    assert health["environment"] == "test" and health["cards"] == {"after_use": "reset"}


def test_the_card_is_recognised_with_its_holder_and_tries(ready, card, generation):
    shown = ready.card()
    assert shown["generation"] == generation and shown["serial"].endswith(card.status()["serial"])
    assert shown["holder"] == MAX_LIBRE
    assert shown["tries_left"] == 3
    assert TIME.fullmatch(shown["certificate"]["not_before"]) and TIME.fullmatch(shown["certificate"]["not_after"])


def test_the_reader_is_found_by_its_pcsc_name_too(ready):
    assert ready.get(f"/readers/{READER.replace(' ', '%20')}/card") == (200, ready.card())
    assert ready.get("/readers/none/card")[1]["code"] == "reader_not_found"


def test_looking_at_a_card_spends_no_try(ready, card):
    ready.begin()
    assert card.status()["pin_tries_left"] == 3


def test_a_login_tells_whose_card_it_is_before_the_pin(ready):
    login = ready.begin(audience=AUDIENCE)
    assert login["state"] == "awaiting_pin" and login["tries_left"] == 3
    assert login["holder"] == MAX_LIBRE and login["reader"] == READER
    assert "last_try_consent" not in login
    assert ready.get(f"/logins/{login['id']}") == (200, login)


def test_a_login_opens_a_session_of_the_promised_shape(ready, card, generation):
    began = ready.begin(audience=AUDIENCE)
    status, opened = ready.enter_pin(began)
    assert status == 200, opened
    session = opened["session"]
    assert set(session) == {
        "id", "state", "mode", "reader", "reader_kind", "insertion", "uid", "resumes", "card", "degraded", "mobile", "holder", "supervisor", "profile", "profiles", "scopes",
        "acr", "amr", "revocation", "break_glass", "test", "opened_at", "expires_at", "ended_at", "end_reason",
    }
    assert (session["state"], session["mode"], session["uid"]) == ("active", "card", os.geteuid())
    assert (session["reader"], session["reader_kind"]) == (READER, "virtual")
    assert session["insertion"] == began["insertion"]
    assert set(session["card"]) == {"generation", "type", "serial"}
    assert (session["card"]["generation"], session["card"]["type"]) == (generation, "CPS")
    assert session["card"]["serial"].endswith(card.status()["serial"])
    assert session["holder"] == MAX_LIBRE
    assert session["scopes"] == DOCTORS_SCOPES
    # No revocation data is installed: the login goes on, and says so everywhere.
    assert session["revocation"] == {"status": "unchecked", "source": None, "as_of": None}
    assert session["acr"] == ISSUER + "/acr/card-unchecked"
    assert session["amr"] == ["sc", "pin", "mfa", "hwk"]
    assert session["test"] is True
    assert TIME.fullmatch(session["opened_at"]) and TIME.fullmatch(session["expires_at"])
    assert [session[name] for name in ("resumes", "ended_at", "end_reason")] == [None, None, None]
    assert opened["expires_in"] == 120
    assert ready.get(f"/sessions/{session['id']}") == (200, session)
    assert ready.get("/sessions")[1] == {"sessions": [session]}
    assert ready.get(f"/logins/{began['id']}")[1]["state"] == "done"


def test_introspection_gives_the_claims(ready):
    opened = ready.login()
    answer = ready.introspect(opened["access_token"])
    assert answer["active"] is True
    assert (answer["sub"], answer["sid"], answer["aud"]) == ("899900063480", opened["session"]["id"], AUDIENCE)
    assert ready.introspect(opened["access_token"] + "x") == {"active": False}
    assert ready.introspect("not a token") == {"active": False}
    assert ready.post("/introspect", {"token": opened["access_token"]})[0] == 415


def test_a_revoked_token_is_dead_and_the_session_lives(ready):
    events = ready.events()
    opened = ready.login()
    token, session = opened["access_token"], opened["session"]["id"]
    jti = ready.introspect(token)["jti"]
    assert ready.post_form("/revoke", token=token)[0] == 200
    assert ready.introspect(token) == {"active": False}
    assert events.wait("token_revoked") == {"jti": jti, "session": session}
    assert ready.session(session)["state"] == "active"
    status, again = ready.post(f"/sessions/{session}/tokens", {"audience": AUDIENCE})
    assert status == 201 and ready.introspect(again["access_token"])["active"] is True
    assert ready.post_form("/revoke", token="not a token")[0] == 200
    assert [trace["detail"]["jti"] for trace in ready.traces("token.revoked")] == [jti]


def test_taking_the_card_out_ends_everything(ready, card):
    events = ready.events()
    opened = ready.login()
    session = opened["session"]["id"]
    events.wait("session", lambda data: data["id"] == session and data["state"] == "active")
    card.eject()
    told = events.wait("session", lambda data: data["id"] == session and data["state"] == "ended")
    assert told["end_reason"] == "card_removed"
    assert ready.introspect(opened["access_token"]) == {"active": False}
    assert ready.wait_ended(session, "card_removed") == told
    status, refusal = ready.post(f"/sessions/{session}/tokens", {"audience": AUDIENCE})
    assert (status, refusal["code"], refusal["end_reason"]) == (409, "session_ended", "card_removed")
    assert ready.get("/sessions")[1] == {"sessions": []}
    assert ready.card()["state"] == "absent"
    ended = ready.traces("session.ended")
    assert [(trace["session"], trace["reason"]) for trace in ended] == [(session, "card_removed")]


def test_putting_the_card_back_revives_nothing(ready, card):
    first = ready.login()
    card.eject()
    ready.wait_ended(first["session"]["id"], "card_removed")
    card.insert()
    ready.wait_new_card()
    assert ready.introspect(first["access_token"]) == {"active": False}
    assert ready.get("/sessions")[1] == {"sessions": []}
    # The PIN is asked again, and the new session may name the old one.
    began = ready.begin(audience=AUDIENCE, resumes=first["session"]["id"])
    assert began["state"] == "awaiting_pin" and began["insertion"] != first["session"]["insertion"]
    status, second = ready.enter_pin(began)
    assert status == 200, second
    assert second["session"]["resumes"] == first["session"]["id"] != second["session"]["id"]
    assert ready.introspect(first["access_token"]) == {"active": False}
    assert ready.introspect(second["access_token"])["active"] is True


def test_a_session_does_not_claim_to_resume_what_never_was(ready):
    status, answer = ready.post("/logins", {"resumes": "no-such-session"})
    if status == 201:
        status, answer = ready.enter_pin(answer)
        assert (status, answer["session"]["resumes"]) == (200, None)
    else:
        assert (status, answer["code"]) == (404, "session_not_found")


def test_a_session_does_not_resume_that_of_another_person(ready, card, persona, generation):
    """An application gives unsaved work back by this member: it must never be someone else's."""
    first = ready.login()["session"]["id"]
    card.change(persona(generation, family="AUTRE", given="ANNE", rpps="99900063498"))
    ready.wait_new_card()
    status, answer = ready.post("/logins", {"resumes": first})
    if status == 201:
        status, answer = ready.enter_pin(answer)
        assert (status, answer["session"]["resumes"]) == (200, None)
    else:
        assert status in (403, 404, 409)


def test_a_card_that_comes_back_at_once_is_another_insertion(ready, card):
    opened = ready.login()
    card.change()
    ready.wait_ended(opened["session"]["id"], "card_removed")
    assert ready.wait_new_card()["insertion"] != opened["session"]["insertion"]


def test_a_second_login_on_the_same_insertion_replaces_the_first(ready):
    first = ready.login()
    second = ready.login()
    assert ready.wait_ended(first["session"]["id"], "replaced")
    assert ready.introspect(first["access_token"]) == {"active": False}
    assert ready.introspect(second["access_token"])["active"] is True
    assert [session["id"] for session in ready.get("/sessions")[1]["sessions"]] == [second["session"]["id"]]
    assert first["session"]["insertion"] == second["session"]["insertion"]


def test_the_way_of_a_login_is_traced(ready, card):
    opened = ready.login()
    card.eject()
    ready.wait_ended(opened["session"]["id"], "card_removed")
    traces = ready.traces("login.started", "pin.verified", "session.opened", "token.issued", "session.ended")
    assert [trace["event"] for trace in traces] == [
        "login.started", "pin.verified", "session.opened", "token.issued", "session.ended",
    ]
    for trace in traces:
        assert trace["actor"]["national_id"] == "899900063480" and trace["workstation"] == WORKSTATION
        assert trace["v"] == 1 and TIME.fullmatch(trace["time"])
    for trace in traces[1:]:
        assert trace["session"] == opened["session"]["id"]
    everything = json.dumps(ready.traces())
    assert opened["access_token"] not in everything and '"1234"' not in everything


def test_a_token_is_dead_soon_after_the_card_left(ready, card):
    token = ready.login()["access_token"]
    card.eject()
    began = time.monotonic()
    wait_until(lambda: ready.introspect(token) == {"active": False}, "the token is dead")
    # Generous: the figure itself is a matter of `make bench`, not of a test on a busy machine.
    assert time.monotonic() - began < 5


def test_a_logout_ends_the_session_and_leaves_the_card(ready):
    opened = ready.login()
    assert ready.delete(f"/sessions/{opened['session']['id']}")[0] == 204
    ready.wait_ended(opened["session"]["id"], "logout")
    assert ready.introspect(opened["access_token"]) == {"active": False}
    assert ready.card()["state"] == "ready"


def test_a_cancelled_login_takes_no_pin(ready, card):
    began = ready.begin()
    assert ready.delete(f"/logins/{began['id']}")[0] == 204
    before = card.status()["commands"]
    status, refusal = ready.enter_pin(began)
    assert (status, refusal["code"]) == (409, "login_state")
    assert card.status()["commands"] == before
    assert ready.get("/sessions")[1] == {"sessions": []}
    assert len(ready.traces("login.cancelled")) == 1


def test_a_login_without_audience_gives_no_token(ready):
    status, opened = ready.enter_pin(ready.begin())
    assert status == 200 and set(opened) == {"session", "degraded_since_last_login"}
