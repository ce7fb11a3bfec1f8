"""Who calls: the kernel names the user, and another user's sessions, tokens and traces are nobody else's business."""

import os

import pytest

from agent_process import AUDIENCE
import local_api

OWNER, STRANGER = 65532, 65533

pytestmark = pytest.mark.skipif(
    len(open("/proc/self/uid_map").read().splitlines()) == 1 and open("/proc/self/uid_map").read().split()[2] == "1",
    reason="this user namespace knows one user only; other users need root",
)


@pytest.fixture
def ready(agent, persona, virtual_card):
    virtual_card(persona("cps4"))
    running = agent()
    running.wait_card()
    return running


@pytest.fixture
def opened(ready):
    """A session that root opened for the owner, by a login of the owner's own."""
    status, login = ready.request_as(OWNER, "POST", "/logins", '{"audience":"%s"}' % AUDIENCE)
    assert status == 201, login
    status, answer = ready.enter_pin(login)
    assert status == 200, answer
    assert answer["session"]["uid"] == OWNER
    return answer


def test_the_owner_sees_the_session(ready, opened):
    session = opened["session"]
    assert ready.request_as(OWNER, "GET", f"/sessions/{session['id']}") == (200, session)
    assert ready.request_as(OWNER, "GET", "/sessions") == (200, {"sessions": [session]})


def test_a_stranger_does_not_see_the_session(ready, opened):
    assert ready.request_as(STRANGER, "GET", "/sessions") == (200, {"sessions": []})
    status, refusal = ready.request_as(STRANGER, "GET", f"/sessions/{opened['session']['id']}")
    assert (status, refusal["code"]) == (404, "session_not_found")


def test_a_stranger_cannot_end_the_session(ready, opened):
    session = opened["session"]["id"]
    status, refusal = ready.request_as(STRANGER, "DELETE", f"/sessions/{session}")
    assert (status, refusal["code"]) == (404, "session_not_found")
    assert ready.session(session)["state"] == "active"


def test_a_stranger_gets_no_token_of_the_session(ready, opened):
    body = '{"audience":"%s"}' % AUDIENCE
    status, refusal = ready.request_as(STRANGER, "POST", f"/sessions/{opened['session']['id']}/tokens", body)
    assert (status, refusal["code"]) == (404, "session_not_found")
    status, answer = ready.request_as(OWNER, "POST", f"/sessions/{opened['session']['id']}/tokens", body)
    assert status == 201 and answer["access_token"]


def test_a_strangers_introspection_finds_nothing(ready, opened):
    token = local_api.form(token=opened["access_token"])
    assert ready.request_as(STRANGER, "POST", "/introspect", token) == (200, {"active": False})
    assert ready.request_as(OWNER, "POST", "/introspect", token)[1]["active"] is True


def test_a_stranger_cannot_revoke(ready, opened):
    token = local_api.form(token=opened["access_token"])
    assert ready.request_as(STRANGER, "POST", "/revoke", token)[0] == 200
    assert ready.introspect(opened["access_token"])["active"] is True
    assert ready.request_as(OWNER, "POST", "/revoke", token)[0] == 200
    assert ready.introspect(opened["access_token"]) == {"active": False}


def test_the_log_is_not_for_everybody(ready, opened):
    for method, route in (
        ("GET", "/audit/traces"), ("GET", "/audit/manifest"), ("POST", "/audit/verifications"),
    ):
        status, refusal = ready.request_as(STRANGER, method, route)
        assert (status, refusal["code"]) == (403, "forbidden"), route
    status, refusal = ready.request_as(OWNER, "POST", "/audit/verifications")
    assert (status, refusal["code"]) == (403, "forbidden")


def test_somebody_reads_the_traces_about_themself(ready, opened):
    status, lines = ready.request_as(OWNER, "GET", "/audit/traces")
    assert status == 200
    assert '"session.opened"' in lines and '"agent.started"' not in lines
    assert all('"899900063480"' in line for line in lines.splitlines())


def test_nobody_logs_in_for_another_user(ready):
    status, refusal = ready.request_as(STRANGER, "POST", "/logins", '{"for_uid":%d}' % OWNER)
    assert (status, refusal["code"]) == (403, "forbidden")
    traces = ready.traces("login.refused")
    assert [(trace["code"], trace["client"]["uid"]) for trace in traces] == [("forbidden", STRANGER)]


def test_root_logs_in_for_another_user(ready):
    session = ready.login(for_uid=OWNER)["session"]
    assert session["uid"] == OWNER
    assert ready.request_as(OWNER, "GET", f"/sessions/{session['id']}")[0] == 200
    assert ready.request_as(STRANGER, "GET", f"/sessions/{session['id']}")[0] == 404


def test_another_users_login_is_neither_seen_nor_taken_over(ready):
    status, login = ready.request_as(OWNER, "POST", "/logins", "{}")
    assert status == 201
    for method in ("GET", "DELETE"):
        status, refusal = ready.request_as(STRANGER, method, f"/logins/{login['id']}")
        assert (status, refusal["code"]) == (404, "login_not_found")
    status, refusal = ready.request_as(STRANGER, "POST", "/logins", "{}")
    assert (status, refusal["code"]) == (409, "login_busy") and refusal["retry_after"] > 0
    assert ready.request_as(OWNER, "GET", f"/logins/{login['id']}")[1]["state"] == "awaiting_pin"


def test_the_trace_names_the_caller_as_the_kernel_does(ready, opened):
    started = ready.traces("login.started")[0]["client"]
    assert (started["uid"], started["gid"], started["name"]) == (OWNER, OWNER, "default")
    assert started["pid"] > 0


def test_each_user_has_a_session_of_their_own_on_the_same_card(ready, opened):
    mine = ready.login()["session"]
    assert mine["uid"] == os.geteuid() and mine["insertion"] == opened["session"]["insertion"]
    assert ready.session(opened["session"]["id"])["state"] == "active"
    assert ready.request_as(OWNER, "GET", f"/sessions/{mine['id']}")[0] == 404
    assert ready.request_as(OWNER, "GET", "/sessions")[1] == {"sessions": [opened["session"]]}
