"""Accounts of people who may come in without their card: made, confirmed, closed; passwords that leave no copy."""

import json
import os

import pytest

import memory
from agent_process import READER_ID
from pcscd_process import VPCD_PORT
from test_habilitation import DOCTOR, NURSE, matrix
from test_retention import SECOND_READER
from tools import BIN_DIR, run_tool, wait_until

DEGRADED = {
    "enabled": True, "contact": "Mme Martin, 12 34",
    "homologation": {"authority": "CH Test", "reference": "H-1", "valid_until": "2099-12-31"},
}
PASSWORD, BETTER = "Xq7#mw2Kp!vT-9z", "Kp!vT-Xq7#mw2-zz"


@pytest.fixture
def site(agent, persona, start_card, pcscd, tmp_path):
    """An agent with a doctor and, in the second reader, a nurse who is référent; gives it with a way to log each in."""
    file = tmp_path / "habilitations.yaml"
    matrix(file, people={NURSE: ["administration"]})
    doctor, nurse = persona("cps4"), persona("cps4", family="DURAND", given="ANNE", rpps="99700245667", profession="60")
    running = agent(habilitations={"file": str(file)}, degraded=DEGRADED)
    start_card(doctor)
    start_card(nurse, port=VPCD_PORT + 1)
    for reader in (READER_ID, SECOND_READER):
        wait_until(lambda reader=reader: running.get(f"/readers/{reader}/card")[1].get("state") == "ready", f"{reader} is ready")
    return running, lambda reader: running.login(reader=reader)["session"]["id"]


def cpsctl(agent, *arguments, check=True, lines=()):
    done = run_tool(
        BIN_DIR / "cpsctl", "--socket", agent.socket, "--json", *arguments, check=check, input="".join(f"{line}\n" for line in lines).encode())
    return json.loads(done.stdout)


def attempt(agent, identifier, password):
    """A password given to be changed; the status and the refusal."""
    status, begun = agent.post("/degraded/password-changes", {"identifier": identifier})
    assert status == 201, begun
    agent.put(f"/degraded/password-changes/{begun['id']}/new-password", "whatever comes after")
    answer = agent.put(f"/degraded/password-changes/{begun['id']}/current-password", password)
    agent.delete(f"/degraded/password-changes/{begun['id']}")
    return answer


@pytest.mark.skipif(os.geteuid() != 0, reason="only root reads the memory of another process that forbids it")
def test_an_account_from_its_beginning_to_its_end(site):
    agent, login = site
    # The doctor chooses a password with the card there.
    session = login(READER_ID)
    own = cpsctl(agent, "degraded", "enrol", "--session", session, "--password-stdin", lines=[PASSWORD])
    assert own["state"] == "enabled" and own["way_in"]["origin"] == "holder"
    changed = cpsctl(agent, "degraded", "password", DOCTOR, "--password-stdin", lines=[PASSWORD, BETTER])
    assert changed["id"] == own["id"]
    weak = cpsctl(agent, "degraded", "password", DOCTOR, "--password-stdin", lines=[BETTER, "Bonjour-2026!"], check=False)
    assert (weak["code"], weak["reason"]) == ("password_weak", "dictionary")
    # The référent makes another account, and the doctor confirms it.
    referent = login(SECOND_READER)  # of the same user: it locks the first session
    made = cpsctl(
        agent, "account", "add", "local:m.roux", "--family-name", "ROUX", "--given-name", "MARIE", "--profession", "60", "--session", referent)
    initial = made["initial_password"]
    assert made["state"] == "awaiting_confirmation"
    assert cpsctl(agent, "account", "confirm", made["id"], "--session", referent, check=False)["code"] == "second_person_required"
    reset = cpsctl(agent, "account", "reset", own["id"], "--session", referent)
    assert reset["pending"] and reset["state"] == "enabled"
    session = login(READER_ID)
    confirmed = cpsctl(agent, "account", "confirm", made["id"], "--session", session)
    assert confirmed["way_in"]["confirmed_by"]["national_id"] == DOCTOR
    assert cpsctl(agent, "degraded", "password", "m.roux", "--password-stdin", lines=[initial, PASSWORD])["way_in"]["initial"] is False
    # The référent closes it and opens it again.
    referent = login(SECOND_READER)
    assert cpsctl(agent, "account", "disable", made["id"], "--session", referent)["state"] == "disabled"
    # Unknown, wrong and closed are one answer.
    told = [attempt(agent, identifier, "Wr0ng-Passw0rd-7") for identifier in (DOCTOR, "local:m.roux", "99900000001", "local:nobody")]
    assert told == [told[0]] * 4 and told[0][0] == 401 and told[0][1]["code"] == "credentials_refused"
    assert attempt(agent, "local:m.roux", PASSWORD)[1]["code"] == "account_disabled"
    assert cpsctl(agent, "account", "enable", made["id"], "--session", referent)["state"] == "enabled"
    # Whoever fails has to wait, and a user who fails all day is locked; locks outlive the agent.
    for _ in range(2):
        attempt(agent, DOCTOR, "Wr0ng-Passw0rd-7")
    assert attempt(agent, DOCTOR, BETTER)[1]["code"] == "password_wait"
    needles = [PASSWORD.encode(), BETTER.encode(), b"Wr0ng-Passw0rd-7", b"Zt5!rKb-Wq8#nm-p", initial.encode()]
    assert memory.find(agent.process.pid, dict(zip(("first", "second", "wrong"), needles))) == []
    for number in range(20):
        attempt(agent, f"local:{number}", "Wr0ng-Passw0rd-7")
    agent.restart()
    status, refusal = attempt(agent, DOCTOR, BETTER)
    assert (status, refusal["code"], refusal["contact"]) == (429, "source_locked", DEGRADED["contact"])
    wait_until(lambda: agent.get(f"/readers/{SECOND_READER}/card")[1].get("state") == "ready", "the card is ready")
    referent = login(SECOND_READER)
    cpsctl(agent, "account", "unlock", "--uid", "0", "--session", referent)
    cpsctl(agent, "account", "unlock", own["id"], "--session", referent)
    again = cpsctl(agent, "degraded", "password", DOCTOR, "--password-stdin", lines=[BETTER, "Zt5!rKb-Wq8#nm-p"])
    assert again["id"] == own["id"]
    assert [each["id"] for each in cpsctl(agent, "account", "list")["accounts"]] == sorted([own["id"], made["id"]])
    # What was typed is nowhere, what happened is in the log.
    for needle in needles:
        for path in agent.folder.rglob("*"):
            assert not path.is_file() or needle not in path.read_bytes(), path
    causes = [trace["detail"].get("cause") for trace in agent.traces("degraded.refused") if trace["code"] == "credentials_refused"]
    assert causes.count("wrong_password") == 4 and causes.count("unknown_account") == 16
    agent.verify_log()


def test_a_lost_pepper_is_told(site):
    agent, login = site
    cpsctl(agent, "degraded", "enrol", "--session", login(READER_ID), "--password-stdin", lines=[PASSWORD])
    (agent.state / "keys" / "pepper").unlink()
    agent.restart()
    assert attempt(agent, DOCTOR, PASSWORD)[1]["code"] == "credentials_refused"
    assert "no password fits any more" in agent.log.read_text()
