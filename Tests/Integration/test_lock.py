"""Sessions that are locked, and unlocked with the PIN of the same card in the same stay."""

import json

from agent_process import AUDIENCE, READER


def unlock(agent, session, pin="1234", accept_last_try=None):
    query = f"?accept_last_try={accept_last_try}" if accept_last_try else ""
    return agent.put(f"/sessions/{session['id']}/unlock{query}", pin)


def lock(agent, session):
    status, locked = agent.post(f"/sessions/{session['id']}/lock")
    assert (status, locked["state"]) == (200, "locked"), locked
    return locked


def test_a_locked_session_gives_nothing_until_the_pin(ready, card):
    opened = ready.login()
    session, token = opened["session"], opened["access_token"]
    events = ready.events()
    lock(ready, session)
    assert ready.introspect(token) == {"active": False}
    status, refusal = ready.post(f"/sessions/{session['id']}/tokens", {"audience": AUDIENCE})
    assert (status, refusal["code"]) == (409, "session_locked")
    assert ready.post(f"/sessions/{session['id']}/activity")[1]["code"] == "session_locked"
    lock(ready, session)  # once more changes nothing

    status, refusal = unlock(ready, session, "9999")
    assert (status, refusal["code"], refusal["tries_left"]) == (403, "pin_wrong", 2)
    assert ready.introspect(token) == {"active": False} and card.status()["pin_tries_left"] == 2
    status, unlocked = unlock(ready, session)
    assert (status, unlocked["state"]) == (200, "active"), unlocked
    assert ready.introspect(token)["active"] is True and card.status()["pin_tries_left"] == 3

    states = [data["state"] for data in (events.wait("session"), events.wait("session"))]
    assert states == ["locked", "active"]
    traces = ready.traces("session.locked", "session.unlocked", "pin.verified", "pin.refused")
    told = [(trace["event"], trace["outcome"]) for trace in traces]
    assert told == [
        ("pin.verified", "granted"), ("session.locked", "granted"), ("pin.refused", "refused"), ("pin.verified", "granted"),
        ("session.unlocked", "granted"),
    ]
    assert all(trace["session"] == session["id"] for trace in traces)
    assert json.loads(traces[3]["evidence"]["challenge"])["insertion"] == session["insertion"]
    ready.verify_log()


def test_the_last_try_needs_consent_to_unlock_too(ready, card):
    session = ready.login()["session"]
    lock(ready, session)
    card.fault("tries=1")
    status, refusal = unlock(ready, session)
    assert status == 409 and refusal["tries_left"] == 1, refusal
    assert unlock(ready, session, accept_last_try="yes")[1]["code"] == "last_try_consent_required"
    assert card.status()["pin_tries_left"] == 1
    consent = unlock(ready, session)[1]["last_try_consent"]
    assert unlock(ready, session, accept_last_try=consent)[0] == 200
    assert card.status()["pin_tries_left"] == 3


def test_a_card_that_left_unlocks_nothing(ready, card):
    session = ready.login()["session"]
    lock(ready, session)
    card.change()
    ready.wait_new_card()
    status, refusal = unlock(ready, session)
    assert (status, refusal["code"]) == (409, "session_ended")
    assert ready.session(session["id"])["end_reason"] == "card_removed"
    assert ready.login()["session"]["reader"] == READER


def test_only_a_locked_session_takes_the_pin(ready, card):
    session = ready.login()["session"]
    before = card.status()["commands"]
    assert unlock(ready, session)[1]["code"] == "session_not_locked"
    lock(ready, session)
    status, refusal = ready.request_as(65534, "POST", f"/sessions/{session['id']}/lock")
    assert (status, refusal["code"]) == (404, "session_not_found")
    assert ready.put(f"/sessions/{session['id']}/unlock", '{"pin":"1234"}', "application/json")[0] == 415
    assert card.status()["commands"] == before


def test_a_session_left_alone_is_locked_until_the_pin(agent, card):
    running = agent(sessions={"inactivity": "2s"})
    running.wait_card()
    opened = running.login()
    session = opened["session"]
    events = running.events()
    events.wait("session", lambda data: data["id"] == session["id"] and data["state"] == "locked" and data["reason"] == "inactivity")
    assert running.introspect(opened["access_token"]) == {"active": False}
    assert running.post(f"/sessions/{session['id']}/activity")[1]["code"] == "session_locked"
    assert unlock(running, session)[1]["state"] == "active"
    assert running.introspect(opened["access_token"])["active"] is True
    assert [trace["reason"] for trace in running.traces("session.locked")][:1] == ["inactivity"]
    assert running.session(session["id"])["end_reason"] is None
    running.verify_log()
