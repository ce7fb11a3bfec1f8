"""Cards of every family log in; only a professional's card carries a role."""

import json

import pytest

from agent_process import AUDIENCE
from tools import cps_card

STAFF = ("--structure", "1760021832")


@pytest.fixture
def person(tmp_path, pki, agent, virtual_card):
    """A factory of agents with one card in the reader, made as said."""

    def make(*switches):
        folder = tmp_path / "person"
        cps_card("new", "--generation", "cps4", "--pki", pki, "--out", folder, *switches)
        virtual_card(folder)
        running = agent()
        running.wait_card()
        return running

    return make


@pytest.mark.parametrize(
    ("switches", "holder"),
    [
        (("--family", "cpf", "--profession", "10", "--rpps", "99900063480"), {"training": "10", "profession": None}),
        (("--family", "cpe", "--national-id", "3760021832/000000018", *STAFF), {"structure_id": "1760021832"}),
        (("--family", "cpa", "--national-id", "5391722881/00A052", *STAFF, "--not-nominative"),
         {"given_name": None, "family_name": "EMPLOYE 18", "organization": "CENTRE HOSPITALIER NORD"}),
        (("--profession", "35", "--rpps", "99700237045"), {"warnings": []}),
        (("--profession", "777", "--national-id", "00B6087510"), {"rpps": None, "national_id": "00B6087510"}),
    ],
    ids=["in training", "staff", "staff without a name", "withdrawn profession", "unknown profession"],
)
def test_a_card_without_a_role_is_a_person_without_a_role(person, switches, holder):
    running = person("--family-name", "EMPLOYE 18", "--given-name", "LOU", *switches)
    session = running.login()["session"]
    assert {name: session["holder"][name] for name in holder} == holder
    assert session["scopes"] == ["identity:read"]
    asked = {"audience": AUDIENCE, "scopes": ["record:read"]}
    status, refusal = running.post(f"/sessions/{session['id']}/tokens", asked)
    assert (status, refusal["code"], refusal["scope"]) == (403, "scope_denied", "record:read")
    token = running.post(f"/sessions/{session['id']}/tokens", {"audience": AUDIENCE})[1]["access_token"]
    claims = running.introspect(token)
    assert claims["sub"] == session["holder"]["national_id"]
    assert claims["extensions"]["ihe_iua"]["subject_role"] == []


def test_a_wrong_key_on_a_card_is_a_warning(person):
    running = person("--family-name", "A", "--given-name", "B", "--rpps", "99900063481", "--profession", "60")
    session = running.login()["session"]
    assert session["holder"]["warnings"] == ["person_key"] and "record:read" in session["scopes"]
    assert json.dumps(running.card()["holder"]["warnings"]) == '["person_key"]'


def test_a_holder_in_training_may_name_a_supervisor(person):
    running = person("--family-name", "A", "--given-name", "B", "--family", "cpf", "--profession", "10", "--rpps", "99900063480")
    assert running.login()["session"]["supervisor"] is None
    for mistyped in ("99700237046", "899700237046", "", "8 99700237045", "99900063480"):
        status, refusal = running.post("/logins", {"supervisor": mistyped})
        assert (status, refusal["code"]) == (400, "invalid_request"), mistyped
    session = running.login(supervisor="99700237045")["session"]
    assert session["supervisor"] == "899700237045"
    assert running.traces("session.opened")[-1]["actor"]["supervisor"] == "899700237045"


def test_a_professional_has_no_supervisor(person):
    running = person("--family-name", "A", "--given-name", "B", "--profession", "10", "--rpps", "99900063480")
    status, refusal = running.post("/logins", {"supervisor": "99700237045"})
    assert (status, refusal["code"]) == (400, "invalid_request")
    assert running.traces("login.refused")
