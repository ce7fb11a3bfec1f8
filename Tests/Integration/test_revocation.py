"""Revocation lists in a folder: whom they refuse, what they say of a session, and what becomes of it when they change."""

import json
import shutil
import subprocess

import pytest

from tools import BIN_DIR, wait_until


def cpsctl(agent, *arguments):
    done = subprocess.run(
        [str(BIN_DIR / "cpsctl"), "--socket", str(agent.socket), "--json", *arguments], capture_output=True, text=True, timeout=30
    )
    return done.returncode, json.loads(done.stdout)


@pytest.fixture
def lists(tmp_path, pki, persona):
    """An empty folder of lists, and a way to put in what the authorities have issued so far."""
    folder = tmp_path / "lists"
    folder.mkdir()

    def publish():
        for file in (pki / "crls").glob("*.crl"):
            shutil.copy(file, folder / file.name)

    return folder, publish


def events(agent):
    return [trace["event"] for trace in agent.traces()]


def test_a_card_on_no_list_is_checked_and_the_session_says_how_fresh(agent, persona, virtual_card, lists):
    folder, publish = lists
    virtual_card(persona("cps4"))
    publish()
    running = agent(trust={"crls": str(folder)})
    running.wait_card()
    session = running.login()["session"]
    assert session["revocation"]["status"] == "good"
    assert session["revocation"]["source"] == "crl"
    assert session["acr"].endswith("/acr/card")
    status, trust = cpsctl(running, "trust", "list")
    assert status == 0
    assert all(authority["list"]["this_update"] for authority in trust["authorities"])
    assert running.get("/status")[1]["revocation"]["status"] == "good"


def test_a_revoked_card_is_refused_before_its_pin_is_asked(agent, persona, virtual_card, lists):
    folder, publish = lists
    virtual_card(persona("cps4", cert="revoked"))
    publish()
    running = agent(trust={"crls": str(folder)})
    running.wait_card()
    status, problem = running.post("/logins", {})
    assert (status, problem["code"]) == (403, "certificate_revoked")


def test_a_list_that_comes_later_ends_the_session_of_a_revoked_card(agent, persona, virtual_card, lists):
    folder, publish = lists
    virtual_card(persona("cps4", cert="revoked"))
    running = agent(trust={"crls": str(folder)})
    running.wait_card()
    opened = running.login()
    assert opened["session"]["revocation"]["status"] == "unchecked"
    assert opened["session"]["acr"].endswith("/acr/card-unchecked")
    publish()
    status, update = cpsctl(running, "trust", "update")
    assert status == 0
    assert all(each["accepted"] for each in update["lists"])
    session = running.session(opened["session"]["id"])
    assert (session["state"], session["end_reason"]) == ("ended", "revoked")
    assert not running.introspect(opened["access_token"])["active"]
    assert events(running).count("trust.list_loaded") == 2


def test_a_folder_set_back_to_older_lists_is_found_out_after_a_restart(agent, persona, virtual_card, lists, pki):
    folder, publish = lists
    virtual_card(persona("cps4"))
    publish()
    for file in folder.glob("*.crl"):
        shutil.copy(file, folder.parent / file.name)
    persona("cps4", cert="revoked", family="PERRIN")
    publish()
    running = agent(trust={"crls": str(folder)})
    assert cpsctl(running, "trust", "update")[0] == 0
    for file in folder.glob("*.crl"):
        shutil.copy(folder.parent / file.name, file)
    running.restart()
    cpsctl(running, "trust", "update")
    assert "trust.list_refused" in events(running)
    assert running.get("/status")[1]["revocation"]["status"] == "good"


def test_without_fresh_data_a_strict_establishment_refuses(agent, persona, virtual_card, lists):
    folder, _ = lists
    virtual_card(persona("cps4"))
    running = agent(trust={"crls": str(folder), "revocation": {"when_stale": "refuse"}})
    running.wait_card()
    status, problem = running.post("/logins", {})
    assert (status, problem["code"]) == (503, "revocation_stale")


def test_a_broken_list_is_named_and_the_agent_goes_on(agent, lists):
    folder, _ = lists
    running = agent(trust={"crls": str(folder)})
    (folder / "broken.crl").write_bytes(b"not a list")
    # The look at the start, or this one, has found it; what is changed after that is for the next.
    cpsctl(running, "trust", "update")
    wait_until(lambda: "trust.list_refused" in events(running), "the list is refused")
    (folder / "broken.crl").write_bytes(b"not a list either")
    status, update = cpsctl(running, "trust", "update")
    assert status == 8
    assert update["lists"][0]["accepted"] is False
    assert running.get("/status")[0] == 200
