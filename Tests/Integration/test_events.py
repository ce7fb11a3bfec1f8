"""Events that no other test has a reason to make: what is given up, runs out of time, or is refused in passing."""

import pytest

from event_list import documented
from test_clocks import clocks, shim  # noqa: F401 (fixtures)
from test_signatures import begin as begin_signature
from tools import ROOT, wait_until

STRANGER = 65_533


@pytest.fixture
def generation():
    return "cps4"


@pytest.fixture
def ready(agent, card, clocks, shim):  # noqa: F811
    running = agent(start=False)
    running.environment = {"LD_PRELOAD": str(shim), "CLOCK_SHIFT": str(clocks.path)}
    running.start()
    running.wait_card()
    return running


def wait_trace(agent, event):
    return wait_until(lambda: agent.traces(event), f"{event} is traced", 40)[0]


def test_the_list_of_events_is_that_of_the_code():
    source = (ROOT / "Sources" / "Record" / "Audit" / "TraceEvent.swift").read_text()
    assert sorted(line.split('"')[1] for line in source.splitlines() if line.startswith("    case ")) == sorted(documented())


def run_out(agent, clocks, begin, event):  # noqa: F811
    """Begins something and lets its minute pass. On a busy machine the jump may look like a hung PC/SC service, which ends it otherwise."""
    for attempt in range(1, 6):
        agent.wait_card()
        begun = begin()
        outcomes = (event, event.replace("expired", "failed"))
        before = len(agent.traces(*outcomes))
        clocks.set(wall=61 * attempt, boot=61 * attempt)
        wait_until(lambda: len(agent.traces(*outcomes)) > before, f"{event} is traced", 40)
        if found := agent.traces(event):
            return begun, found[0]
    raise AssertionError(f"{event} was never traced")


@pytest.mark.parametrize("kind", ["login", "pin"])
def test_what_waits_for_a_pin_runs_out_of_time(ready, clocks, kind):  # noqa: F811
    route = "/logins" if kind == "login" else "/pin-changes"

    def begin():
        status, begun = ready.post(route, {})
        assert status == 201, begun
        return begun

    begun, trace = run_out(ready, clocks, begin, f"{kind}.expired")
    assert trace["code"] == "login_expired"
    assert ready.get(f"{route}/{begun['id']}")[1]["state"] == "expired"


def test_a_batch_of_signatures_runs_out_of_time(ready, clocks):  # noqa: F811
    run_out(ready, clocks, lambda: begin_signature(ready, ready.login()["session"]), "signature.expired")


def test_an_operation_on_the_pin_is_given_up(ready):
    status, begun = ready.post("/pin-changes", {})
    assert status == 201, begun
    assert ready.delete(f"/pin-changes/{begun['id']}")[0] in (200, 204)
    assert ready.traces("pin.cancelled")


def test_a_session_of_others_is_not_locked(ready):
    session = ready.login()["session"]["id"]
    assert ready.request_as(STRANGER, "POST", f"/sessions/{session}/lock")[0] == 404
    assert ready.traces("session.refused")[0]["code"] == "session_not_found"


def test_a_stranger_reads_no_traces(ready):
    status, refusal = ready.request_as(STRANGER, "GET", "/audit/traces")
    assert (status, refusal["code"]) == (403, "forbidden")
    assert ready.traces("audit.refused")[0]["client"]["uid"] == STRANGER


def test_a_card_is_traced_as_it_was_found(ready):
    found = ready.traces("card.read")
    assert [trace["card"]["generation"] for trace in found] == ["cps4"] and found[0]["outcome"] == "granted"


def test_a_card_whose_certificate_is_over_is_traced(agent, persona, virtual_card):
    virtual_card(persona("cps4", "expired"))
    running = agent()
    running.wait_card()
    assert [trace["code"] for trace in running.traces("card.refused")] == ["certificate_expired"]


@pytest.mark.parametrize("fault, state", [("mute-after=0", "mute"), ("sw=A4:6A82", "foreign")])
def test_a_card_that_cannot_be_read_is_traced(agent, persona, virtual_card, fault, state):
    running = agent()
    virtual_card(persona("cps4"), faults=[fault])
    running.wait_card(state)
    assert wait_trace(running, f"card.{state}")["outcome"] == "info"


def test_a_check_of_the_log_is_traced(ready):
    ready.verify_log()
    trace = ready.traces("audit.verified")[0]
    assert trace["outcome"] == "granted" and trace["detail"]["size"] >= 1 and len(trace["detail"]["root"]) == 64
