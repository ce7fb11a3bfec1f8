"""The card is at home: in by password or by a colleague, with fewer rights, seen by others, over when the card is back."""

import json

import pytest

from agent_process import AUDIENCE, DEGRADED, ISSUER, PASSWORD
from tools import BIN_DIR, run_tool

RPPS = "99900063480"


@pytest.fixture
def generation():
    return "cps4"


@pytest.fixture
def enrolled(agent, card):
    """An agent whose card's holder has set a password, and has logged out."""
    running = agent(degraded=DEGRADED)
    running.wait_card()
    session = running.login()["session"]["id"]
    status, entry = running.post("/degraded/enrolments", {"session": session})
    assert status == 201, entry
    status, account = running.put(f"/degraded/enrolments/{entry['id']}/password", PASSWORD)
    assert status == 200, account
    assert running.delete(f"/sessions/{session}")[0] == 204
    return running


def cpsctl(agent, *arguments, input=None):
    done = run_tool(BIN_DIR / "cpsctl", "--socket", agent.socket, "--json", *arguments, check=False, input=input and input.encode())
    return done.returncode, json.loads(done.stdout)


def begin(agent, identifier=RPPS, **members):
    status, login = agent.post("/degraded/logins", {"identifier": identifier, "reason": "card_forgotten", **members})
    assert status == 201, login
    return login


def come_in(agent, **members):
    """A login without the card that has to succeed."""
    login = begin(agent, audience=AUDIENCE, **members)
    status, opened = agent.put(f"/degraded/logins/{login['id']}/password", PASSWORD)
    assert status == 200, opened
    return opened


def test_a_night_without_the_card(enrolled, card):
    card.eject()
    events = enrolled.events()
    opened = come_in(enrolled, note="carte à la maison")
    session = opened["session"]
    assert (session["mode"], session["acr"], session["amr"]) == ("degraded", ISSUER + "/acr/degraded", ["pwd"])
    assert session["scopes"] == ["identity:read", "record:read"]
    assert [session[name] for name in ("reader", "insertion", "card", "revocation")] == [None] * 4
    assert session["degraded"]["origin"] == "holder" and session["degraded"]["reason"] == "card_forgotten"
    claims = enrolled.introspect(opened["access_token"])
    assert claims["active"] is True and claims["acr"] == session["acr"]
    assert claims["cps"]["way_in"] == {"origin": "holder"}
    events.wait("session", lambda data: data["id"] == session["id"])
    # Neither a signature nor more rights than the degraded column.
    assert enrolled.post(f"/sessions/{session['id']}/tokens", {"audience": AUDIENCE, "scopes": ["record:write"]})[1]["code"] == "scope_denied"
    item = {"items": [{"name": "a", "hash": {"algorithm": "sha256", "value": "00" * 32}}]}
    assert enrolled.post(f"/sessions/{session['id']}/signatures", item)[1]["code"] == "card_session_required"
    # It is made longer, and goes on when the agent is started again; its tokens do not.
    status, longer = enrolled.post(f"/sessions/{session['id']}/extension", {"seconds": "2h"})
    assert status == 200 and longer["expires_at"] > session["expires_at"]
    enrolled.restart()
    again = enrolled.session(session["id"])
    assert again == longer
    assert enrolled.introspect(opened["access_token"])["active"] is False
    status, token = enrolled.post(f"/sessions/{session['id']}/tokens", {"audience": AUDIENCE})
    assert status == 201 and enrolled.introspect(token["access_token"])["active"] is True
    # The card is back: it alone ends nothing, a login with it does, and tells what was done without it.
    card.insert()
    enrolled.wait_new_card()
    assert enrolled.session(session["id"])["state"] == "active"
    back = enrolled.login()
    assert [(use["kind"], use["session"], use["note"]) for use in back["degraded_since_last_login"]] == [
        ("use", session["id"], "carte à la maison")]
    assert enrolled.wait_ended(session["id"], "replaced")
    assert enrolled.introspect(token["access_token"])["active"] is False
    assert enrolled.login()["degraded_since_last_login"] == []
    # The traces of it.
    trace = enrolled.traces("degraded.homologation")[-1]
    assert trace["detail"]["reference"] == DEGRADED["homologation"]["reference"] and trace["detail"]["expired"] is False
    opening = next(trace for trace in enrolled.traces("session.opened") if trace["session"] == session["id"])
    assert opening["mode"] == "degraded" and opening["detail"]["degraded"]["note"] == "carte à la maison"
    assert enrolled.traces("session.extended")[0]["session"] == session["id"]
    enrolled.verify_log()


def test_who_has_an_account_is_told_to_nobody(enrolled):
    answers = []
    for identifier in (RPPS, "99900000011", "local:nobody"):
        login = begin(enrolled, identifier)
        status, problem = enrolled.put(f"/degraded/logins/{login['id']}/password", "neuf mots qui ne sont pas les bons")
        login.pop("id"), login.pop("expires_at")
        answers.append((login, status, problem))
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][1] == 401 and answers[0][2]["code"] == "credentials_refused"
    # What was typed is not in the log where it may be a password.
    begin(enrolled, "secret-typed-here")
    assert b"secret-typed-here" not in b"".join(enrolled.leaves())


@pytest.mark.parametrize("members", [{"note": "a\nb"}, {"note": "\u001b[2J"}, {"identifier": "a\r\nX-Injected: 1"}, {"reason": "tired"}])
def test_what_is_injected_is_refused(enrolled, members):
    status, problem = enrolled.post("/degraded/logins", {"identifier": RPPS, "reason": "card_forgotten", **members})
    assert (status, problem["code"]) == (400, "invalid_request")
    assert enrolled.traces("degraded.refused")[-1]["code"] == "invalid_request"


def test_a_password_that_was_used_opens_no_second_session(enrolled):
    login = begin(enrolled)
    route = f"/degraded/logins/{login['id']}/password"
    assert enrolled.put(route, PASSWORD)[0] == 200
    assert enrolled.put(route, PASSWORD)[1]["code"] == "login_state"
    assert len(enrolled.get("/sessions")[1]["sessions"]) == 1


def test_a_lost_card_is_refused_until_its_holder_has_all_three(enrolled, card):
    come_in(enrolled, reason="card_lost")
    login = enrolled.begin()
    assert login["reported_lost"]["cause"] == "lost" and login["reported_lost"]["awaits_password"] is True
    assert enrolled.enter_pin(login)[1]["code"] == "card_reported_lost"
    assert card.status()["pin_tries_left"] == 3
    status, login = enrolled.put(f"/logins/{login['id']}/password", PASSWORD)
    assert status == 200 and login["reported_lost"]["awaits_password"] is False
    assert enrolled.enter_pin(login)[0] == 200
    assert [trace["event"] for trace in enrolled.traces("card.reported_lost", "card.lifted")] == ["card.reported_lost", "card.lifted"]
    assert enrolled.login()["session"]["mode"] == "card"


def test_a_colleague_lets_somebody_in(enrolled):
    session = enrolled.login()["session"]["id"]
    person = {
        "session": session, "national_id": "99900000011", "family_name": "MARTIN", "given_name": "ANNE", "profession": "60",
        "reason": "card_forgotten", "minutes": 30, "audience": AUDIENCE,
    }
    status, vouching = enrolled.post("/degraded/vouchings", person)
    assert status == 201 and vouching["person"]["family_name"] == "MARTIN", vouching
    assert enrolled.put(f"/degraded/vouchings/{vouching['id']}/pin", "9999")[1]["code"] == "pin_wrong"
    status, opened = enrolled.put(f"/degraded/vouchings/{vouching['id']}/pin", "1234")
    assert status == 200, opened
    assert opened["session"]["amr"] == ["vouched"] and opened["session"]["degraded"]["origin"] == "vouched"
    assert enrolled.introspect(opened["access_token"])["sub"] == "899900000011"
    trace = enrolled.traces("degraded.vouched")[0]
    assert trace["actor"]["national_id"] == "8" + RPPS and trace["detail"]["session"] == opened["session"]["id"]
    assert enrolled.post("/degraded/vouchings", {**person, "national_id": RPPS})[1]["code"] == "vouching_denied"


def test_the_command_line_comes_in_by_password(enrolled):
    status, shown = cpsctl(enrolled, "degraded", "status")
    assert status == 0 and shown["enabled"] is True
    status, opened = cpsctl(
        enrolled, "degraded", "login", RPPS, "--reason", "card_forgotten", "--audience", AUDIENCE, "--password-stdin", input=PASSWORD + "\n")
    assert status == 0 and opened["session"]["mode"] == "degraded" and opened["access_token"]
    status, session = cpsctl(enrolled, "session", "extend", opened["session"]["id"], "--for", "2h")
    assert status == 0 and session["expires_at"] > opened["session"]["expires_at"]
    status, problem = cpsctl(
        enrolled, "degraded", "login", RPPS, "--reason", "card_forgotten", "--password-stdin", input="not this one at all\n")
    assert status == 1 and problem["code"] == "credentials_refused"


def test_nothing_goes_on_where_it_was_turned_off(enrolled):
    session = come_in(enrolled)["session"]["id"]
    enrolled.configure(degraded={"enabled": False})
    enrolled.restart()
    assert enrolled.session(session)["end_reason"] == "agent_restarted"
    assert enrolled.post("/degraded/logins", {"identifier": RPPS, "reason": "card_forgotten"})[1]["code"] == "degraded_disabled"
    assert enrolled.get("/status")[1]["modes"]["degraded"] is False


def test_who_works_alone_reviews_the_night_at_the_next_login_with_the_card(enrolled, card):
    enrolled.configure(degraded={**DEGRADED, "solo": True})
    enrolled.restart()
    opened = come_in(enrolled, break_glass={"reason": "vital_emergency", "patient": "unknown"}, scopes=["record:emergency"])
    night = opened["session"]["id"]
    (emergency,) = opened["session"]["break_glass"]
    assert enrolled.introspect(opened["access_token"])["cps"]["break_glass"] == emergency
    review = {"outcome": "accepted", "comment": "seul au cabinet"}
    assert enrolled.post(f"/break-glass/{night}/review", {"session": night, **review})[0] == 403
    enrolled.wait_card()
    session = enrolled.login()["session"]["id"]
    assert enrolled.wait_ended(night, "replaced")
    for id in (night, emergency):
        status, reviewed = enrolled.post(f"/break-glass/{id}/review", {"session": session, **review})
        assert status == 200 and reviewed["review"]["self"] is True, reviewed
    assert enrolled.traces("degraded.reviewed")[0]["detail"]["session"] == night
    assert enrolled.traces("breakglass.reviewed")[0]["detail"]["break_glass"] == emergency
