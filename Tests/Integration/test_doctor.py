"""`cpsctl doctor` against the real agent: each thing that can be wrong with a workstation is named, with a remedy and the exit code of a login."""

import json

import pytest

from test_certificates import KINDS
from tools import BIN_DIR, run_tool, wait_until


def ctl(agent, *arguments, **options):
    return run_tool(BIN_DIR / "cpsctl", "--socket", agent.socket, *arguments, check=False, **options)


def doctor(agent, language="en"):
    """The exit code and the checks that need attention, by name."""
    result = ctl(agent, "doctor", "--json", "--lang", language)
    document = json.loads(result.stdout)
    for check in document["checks"]:
        assert check["text"] and check["ok"] == (check["remedy"] is None), check
        assert check["ok"] or check["remedy"], check
    assert document["healthy"] == (result.returncode == 0)
    return result.returncode, {check["check"]: check for check in document["checks"] if not check["ok"]}


def found(agent, exit_code, check, code):
    """What doctor has to find; in both languages, and for people too."""
    status, attention = doctor(agent)
    assert status == exit_code and attention.get(check, {}).get("code") == code, attention
    french = doctor(agent, "fr")[1][check]
    assert french["text"] != attention[check]["text"] and french["remedy"] != attention[check]["remedy"]
    spoken = ctl(agent, "doctor", "--lang", "en")
    assert spoken.returncode == exit_code and attention[check]["remedy"].encode() in spoken.stdout
    return attention[check]


def test_a_workstation_that_is_ready(ready):
    status, attention = doctor(ready)
    assert status == 0 and not {"agent", "pcsc", "readers", "card", "certificate"} & set(attention), attention
    assert "TEST" in attention["trust"]["text"]


def test_an_agent_that_does_not_run(agent):
    found(agent(start=False), 3, "agent", "agent_unreachable")


def test_a_smart_card_service_that_is_down(agent):
    running = agent()
    running.wait_monitoring("service_down")
    found(running, 4, "pcsc", "pcsc_unavailable")


def test_a_smart_card_service_that_went_away(ready, pcscd):
    pcscd.kill()
    ready.wait_monitoring("service_down")
    found(ready, 4, "pcsc", "pcsc_unavailable")


def test_an_empty_reader_is_no_fault(agent, pcscd):
    running = agent()
    running.wait_monitoring("running")
    wait_until(lambda: running.get("/readers")[1]["readers"], "the reader is seen")
    assert doctor(running)[0] == 0


def test_a_card_that_is_mute(agent, persona, virtual_card):
    running = agent()
    virtual_card(persona("cps4"), faults=["mute-after=0"])
    running.wait_card("mute")
    found(running, 4, "card", "card_mute")


def test_a_card_of_another_kind(agent, persona, virtual_card):
    running = agent()
    virtual_card(persona("cps4"), faults=["sw=A4:6A82"])
    running.wait_card("foreign")
    found(running, 4, "card", "card_foreign")


def test_a_card_that_is_blocked(agent, persona, virtual_card):
    running = agent()
    virtual_card(persona("cps4"), faults=["tries=0"])
    running.wait_card("blocked")
    found(running, 5, "card", "pin_blocked")


def test_a_last_try_is_pointed_out(agent, persona, virtual_card):
    running = agent()
    virtual_card(persona("cps4"), faults=["tries=1"])
    running.wait_card()
    status, attention = doctor(running)
    assert status == 0 and "one PIN try" in attention["card"]["text"]


@pytest.mark.parametrize("cert, code", KINDS.items())
def test_a_card_whose_certificate_opens_nothing(agent, persona, virtual_card, cert, code):
    running = agent()
    virtual_card(persona("cps4", cert))
    running.wait_card()
    found(running, 6, "certificate", code)
