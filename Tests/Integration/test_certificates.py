"""A card whose certificate is not good is refused before anybody is asked for a PIN."""

import pytest

KINDS = {
    "expired": "certificate_expired",
    "not-yet-valid": "certificate_not_yet_valid",
    "wrong-usage": "certificate_wrong_usage",
    "wrong-issuer": "certificate_untrusted",
    "foreign": "certificate_untrusted",
}


@pytest.mark.parametrize("generation", ["cps3", "cps4"])
@pytest.mark.parametrize(("kind", "code"), KINDS.items())
def test_a_bad_certificate_is_refused_before_the_pin(agent, persona, virtual_card, generation, kind, code):
    running = agent()
    card = virtual_card(persona(generation, cert=kind))
    running.wait_card()
    commands = card.status()["commands"]
    status, refusal = running.post("/logins", {"audience": "https://records.example"})
    assert (status, refusal["code"]) == (403, code)
    assert "id" not in refusal and refusal["remedy"]
    after = card.status()
    assert after["pin_tries_left"] == 3 and after["commands"] == commands, "the card is not asked for anything"
    assert running.get("/sessions")[1] == {"sessions": []}
    traces = running.traces("login.refused")
    assert [(trace["code"], trace["outcome"]) for trace in traces] == [(code, "refused")]
    assert traces[0]["card"]["serial"].endswith(after["serial"])
    assert running.traces("login.started") == []


def test_another_card_works_after_a_refused_one(agent, persona, virtual_card):
    running = agent()
    card = virtual_card(persona("cps3", cert="expired"))
    running.wait_card()
    assert running.post("/logins", {})[1]["code"] == "certificate_expired"
    card.change(persona("cps3"))
    running.wait_new_card()
    assert running.login()["session"]["state"] == "active"


def test_the_agent_does_not_start_without_anchors(agent, tmp_path):
    empty = tmp_path / "no-anchors"
    empty.mkdir()
    configured = agent(start=False, trust={"anchors": str(empty)})
    with pytest.raises(AssertionError, match="trust.anchors"):
        configured.start()
    assert configured.process.wait(10) == 2
