"""Reading the log with filters and page by page, by root and by a practitioner about themself."""

import json

import pytest

from agent_process import WORKSTATION
from tools import BIN_DIR, run_tool


@pytest.fixture
def worked(agent, persona, virtual_card):
    """An agent with a login, a removal and a refusal in its log."""
    card = virtual_card(persona("cps3"))
    running = agent()
    running.wait_card()
    running.session_id = running.login()["session"]["id"]
    card.eject()
    running.wait_ended(running.session_id, "card_removed")
    running.post("/logins", {})
    return running


def found(agent, query):
    """The traces that match, over as many pages as there are."""
    traces, rest = [], ""
    while True:
        status, fields, body = agent.request_whole("GET", f"/audit/traces?{query}{rest}")
        assert status == 200, body
        traces += [json.loads(line) for line in body.splitlines()]
        if "next-from" not in fields:
            return traces
        rest = f"&from={fields['next-from']}"


def test_filters_find_what_a_full_reading_finds(worked):
    everything = worked.traces()
    opened = next(trace for trace in everything if trace["event"] == "session.opened")
    serial, person = opened["card"]["serial"], opened["actor"]["national_id"]
    for query, matches in {
        f"session={worked.session_id}": lambda trace: trace.get("session") == worked.session_id,
        f"person={person}": lambda trace: trace.get("actor", {}).get("national_id") == person,
        f"card={serial}": lambda trace: trace.get("card", {}).get("serial") == serial,
        "event=session.*": lambda trace: trace["event"].startswith("session."),
        "event=login.refused": lambda trace: trace["event"] == "login.refused",
        "outcome=refused": lambda trace: trace["outcome"] == "refused",
        f"since={opened['time']}&event=session.*": lambda trace: trace["event"].startswith("session.") and trace["time"] >= opened["time"],
        f"until={opened['time']}": lambda trace: trace["time"] < opened["time"],
        "patient=nobody": lambda trace: False,
        f"workstation={WORKSTATION}&event=session.ended": lambda trace: trace["event"] == "session.ended",
    }.items():
        expected = [trace["seq"] for trace in everything if matches(trace)]
        assert [trace["seq"] for trace in found(worked, query)] == expected, query
        assert [trace["seq"] for trace in found(worked, f"{query}&limit=1")] == expected, query
        newest = [trace["seq"] for trace in found(worked, f"{query}&order=newest&from={everything[-1]['seq']}")]
        assert newest == expected[::-1], query
        assert expected or "patient" in query


def test_the_filter_is_in_the_trace_of_the_reading(worked):
    found(worked, "outcome=refused&order=newest&card=80&limit=7")
    assert worked.traces("audit.read")[-2]["detail"] == {"outcome": "refused", "order": "newest", "card": "80", "limit": 7}


@pytest.mark.parametrize(
    "query", ["order=up", "event=log.*", "outcome=good", "since=yesterday", "person=", "colour=red", "limit=1&limit=2", "form=pdf"])
def test_a_filter_that_is_none_is_refused(worked, query):
    status, refusal = worked.get(f"/audit/traces?{query}")
    assert (status, refusal["code"]) == (400, "invalid_request")


def test_practitioners_read_about_themselves_alone(agent, persona, virtual_card):
    virtual_card(persona("cps3"))
    running = agent()
    running.wait_card()
    session = running.login(for_uid=1000)["session"]
    person = session["holder"]["national_id"]
    status, body = running.request_as(1000, "GET", "/audit/traces?event=session.*")
    assert status == 200 and [json.loads(line)["event"] for line in body.splitlines()] == ["session.opened"]
    assert running.request_as(1000, "GET", f"/audit/traces?person={person}&limit=1")[0] == 200
    status, refusal = running.request_as(1000, "GET", "/audit/traces?person=899900000001")
    assert (status, refusal["code"]) == (403, "forbidden")
    assert running.traces("audit.refused")[-1]["client"]["uid"] == 1000


def test_cpsctl_lists_and_shows(worked):
    ctl = [BIN_DIR / "cpsctl", "--socket", worked.socket, "--lang", "en"]
    listed = run_tool(*ctl, "audit", "list", "--session", worked.session_id).stdout.decode().splitlines()
    assert listed[0].startswith("No.") and "session.ended" in listed[-1]
    lines = run_tool(*ctl, "--json", "audit", "list", "--newest", "--event", "session.*", "--limit", "1").stdout.splitlines()
    trace = json.loads(lines[0])
    assert len(lines) == 1 and trace["event"] == "session.ended"
    assert json.loads(run_tool(*ctl, "--json", "audit", "show", trace["seq"]).stdout) == trace
