"""Declared emergencies: rights that are widened for a while, people who are told, somebody else who reviews."""

import json
import stat
import subprocess

import jwt
import pytest

from agent_process import AUDIENCE, READER_ID
from pcscd_process import VPCD_PORT
from test_clocks import Clocks, shim  # noqa: F401 (a fixture)
from test_habilitation import DOCTOR, NURSE, matrix
from test_reserve import Disk, disk, in_order, reserve, settings  # noqa: F401 (a fixture)
from test_retention import SECOND_READER, cpsctl
from tools import wait_until
from web_server import WebServer

EMERGENCY = {"reason": "vital_emergency", "patient": "unknown"}
SCOPE = "record:emergency"
COLUMN = {"emergencies": {"when": {"break_glass": True}, "grant": [SCOPE]}}


@pytest.fixture
def generation():
    return "cps4"


def declare(agent, session, **members):
    status, answer = agent.post("/break-glass", {"session": session, **EMERGENCY, **members})
    assert status == 201, answer
    return answer


def token(agent, session, scope=SCOPE):
    return agent.post(f"/sessions/{session}/tokens", {"audience": AUDIENCE, "scopes": [scope]})


def claims(answer):
    return jwt.decode(answer["access_token"], options={"verify_signature": False})


def shown(agent, *arguments, check=True):
    return json.loads(cpsctl(agent, "break-glass", *arguments, check=check).stdout)


def listener(path, log):
    """A program that is told: it keeps what it reads, and its environment."""
    path.write_text(f"#!/bin/sh\nenv >> {log}.env\ncat >> {log}\necho >> {log}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.fixture
def server():
    made = WebServer()
    yield made
    made.stop()


@pytest.fixture
def two(agent, persona, start_card, pcscd, tmp_path, shim, server):  # noqa: F811
    """A doctor, and a nurse who reviews; gives the agent, its clocks, and who logs each of them in."""
    file = tmp_path / "habilitations.yaml"
    matrix(file, people={NURSE: ["review"]}, more=COLUMN)
    clocks = Clocks(tmp_path / "shifts")
    command = [listener(tmp_path / "told", tmp_path / "heard")]
    server.answers["/told"] = 503
    running = agent(
        start=False, habilitations={"file": str(file)},
        break_glass={"usual": "2s", "review_within": "1h", "notify": {"command": command, "webhook": f"{server.address}/told"}})
    running.environment = {"LD_PRELOAD": str(shim), "CLOCK_SHIFT": str(clocks.path), "CPS_SECRET": "hush"}
    running.start()
    start_card(persona("cps4"))
    start_card(persona("cps4", family="DURAND", given="ANNE", rpps="99700245667", profession="60"), port=VPCD_PORT + 1)
    for reader in (READER_ID, SECOND_READER):
        wait_until(lambda reader=reader: running.get(f"/readers/{reader}/card")[1].get("state") == "ready", f"{reader} is ready")
    return running, clocks, lambda reader: running.login(reader=reader)["session"]["id"]


def test_an_emergency_from_its_declaration_to_its_review(two, server, tmp_path):
    agent, clocks, login = two
    events, session = agent.events(), login(READER_ID)
    before = token(agent, session, "record:read")[1]["access_token"]
    assert token(agent, session)[1]["code"] == "scope_denied"
    for hostile in ("a\nb", "\u001b[2J", "\u202eabc", ""):
        assert agent.post("/break-glass", {"session": session, **EMERGENCY, "patient": hostile})[1]["code"] == "invalid_request"
    declared = shown(
        agent, "declare", "centre_15", "--patient", "P-42", "--minutes", "10", "--session", session, "--note", "appel de 14 h 05")
    id = declared["id"]
    # Another user neither sees it nor fills the log with their wishes for it.
    stranger = [
        agent.request_as(4100, "POST", "/break-glass", json.dumps({"session": f"{number}", **EMERGENCY}))[1]["code"] for number in range(22)]
    assert stranger[:20] == ["session_not_found"] * 20 and stranger[-1] == "rate_limited"
    assert len(agent.traces("breakglass.refused")) <= 20
    assert agent.request_as(4100, "GET", f"/break-glass/{id}")[1]["code"] == "break_glass_not_found"
    assert agent.request_as(4100, "DELETE", f"/break-glass/{id}")[1]["code"] == "break_glass_not_found"
    assert declared["scopes"] == [SCOPE, "record:read", "record:write"] and declared["person"]["national_id"] == DOCTOR
    assert events.wait("break_glass", lambda data: data["change"] == "declared")["id"] == id
    assert agent.session(session)["break_glass"] == [id]
    under = token(agent, session)[1]
    said = claims(under)
    assert said["cps"]["break_glass"] == id and "P-42" not in json.dumps(said)
    assert [purpose["code"] for purpose in said["extensions"]["ihe_iua"]["purpose_of_use"]] == ["BTG", "ETREAT"]
    assert shown(agent, "extend", id, "--minutes", "20")["expires_at"] > declared["expires_at"]
    status, noted = agent.put(f"/break-glass/{id}/note", json.dumps({"note": "arrêt cardiaque"}), "application/json")
    assert status == 200 and noted["note"] == "arrêt cardiaque"
    # People outside are told: the program at once, the server as soon as it takes it.
    heard = wait_until(lambda: (tmp_path / "heard").exists() and (tmp_path / "heard").read_text().endswith("}\n"), "the program is told")
    assert heard and json.loads((tmp_path / "heard").read_text())["id"] == id
    assert "hush" not in (tmp_path / "heard.env").read_text()
    (failed,) = wait_until(lambda: agent.traces("breakglass.notice_failed"), "that the server fails is traced")
    assert failed["detail"]["channel"] == "webhook" and failed["detail"]["break_glass"] == id
    server.answers["/told"] = 204
    wait_until(lambda: len(server.seen) >= 2, "the server is tried again", 20)
    assert shown(agent, "review", id, "--accepted", "--comment", "x", "--session", session, check=False)["code"] == "scope_denied"
    assert shown(agent, "close", id)["end_reason"] == "closed"
    assert agent.introspect(under["access_token"]) == {"active": False}
    assert agent.introspect(before)["active"] is True
    # One that runs out by itself, and one that ends with the session.
    short = declare(agent, session)["id"]
    events.wait("break_glass", lambda data: data["change"] == "expired" and data["id"] == short)
    last = declare(agent, session, minutes=10)["id"]
    assert agent.delete(f"/sessions/{session}")[0] == 204
    assert events.wait("break_glass", lambda data: data["change"] == "ended")["id"] == last

    reviewer = login(SECOND_READER)
    clocks.set(wall=3700)
    wait_until(lambda: len(agent.traces("breakglass.overdue")) == 3, "all are overdue")
    status = agent.get("/status")[1]
    assert status["break_glass"] == {"active": 0, "unreviewed": 3, "overdue": 3, "reciprocal": 0} and status["warnings"]
    assert [found["id"] for found in shown(agent, "list", "--overdue")["break_glass"]] == [id, short, last]
    reviewed = shown(agent, "review", id, short, "--accepted", "--comment", "vu avec le service", "--session", reviewer)
    assert {found["review"]["by"]["national_id"] for found in reviewed["break_glass"]} == {NURSE}
    again = {"session": reviewer, "outcome": "questioned", "comment": "?"}
    assert agent.post(f"/break-glass/{id}/review", again)[1]["code"] == "review_exists"
    assert [found["id"] for found in shown(agent, "list", "--state", "to_review")["break_glass"]] == [last]

    report = shown(agent, "report", id)
    events = [json.loads(trace["trace"])["event"] for trace in report["traces"]]
    assert events[0] == "breakglass.declared" and events[-1] == "breakglass.reviewed"
    assert {"token.issued", "breakglass.extended", "breakglass.noted", "breakglass.closed", "breakglass.overdue"} < set(events)
    assert all(json.loads(trace["trace"])["detail"]["break_glass"] == id for trace in report["traces"]) and report["complete"] is True
    cpsctl(agent, "break-glass", "report", id, "--out", tmp_path / "report.json")
    assert json.loads((tmp_path / "report.json").read_text())["emergency"]["id"] == id
    agent.verify_log()


def test_an_emergency_is_declared_with_the_disk_full(disk, agent, card, tmp_path):  # noqa: F811
    running = agent(**settings(tmp_path, disk))
    running.wait_card()
    session = running.login()["session"]["id"]
    disk.fill()
    assert token(running, session, "record:read")[0] == 503
    id = declare(running, session)["id"]
    under = token(running, session)[1]
    assert running.introspect(under["access_token"])["active"] is True
    assert running.delete(f"/break-glass/{id}")[0] == 204
    assert running.introspect(under["access_token"]) == {"active": False}
    # Nobody gets in, but with an emergency.
    assert running.post("/logins", {})[1]["code"] == "trace_unavailable"
    opened = running.login(break_glass=EMERGENCY, scopes=[SCOPE])
    assert claims(opened)["cps"]["break_glass"] == opened["session"]["break_glass"][0]
    assert running.introspect(opened["access_token"])["active"] is True
    # What one person may have in the reserve has an end; others are not kept out by it.
    answers = []
    for _ in range(40):
        status, answer = running.post("/break-glass", {"session": opened["session"]["id"], **EMERGENCY})
        answers.append(answer.get("code"))
        if status not in (200, 201):
            break
        assert running.delete(f"/break-glass/{answer['id']}")[0] == 204
    assert answers[-1] == "trace_unavailable" and reserve(running)["used"] < reserve(running)["size"]
    disk.free()
    wait_until(lambda: reserve(running)["state"] == "ready", "the agent recovers by itself")
    in_order(
        running, "audit.reserve_used", "breakglass.declared", "token.issued", "breakglass.closed", "session.opened", "breakglass.declared",
        "token.issued", "audit.reserve_emptied")
    running.works()


def test_an_agent_that_started_read_only_lets_an_emergency_in_and_starts_anew_when_it_is_over(disk, agent, card, tmp_path):  # noqa: F811
    running = agent(**settings(tmp_path, disk))
    running.wait_card()
    assert running.stop() == 0
    subprocess.run(["mount", "-o", "remount,ro", disk.path], check=True)
    running.start()
    running.wait_card()
    assert running.post("/logins", {})[1]["code"] == "trace_unavailable"
    session = running.login(break_glass=EMERGENCY, scopes=[SCOPE])["session"]["id"]
    subprocess.run(["mount", "-o", "remount,rw", disk.path], check=True)
    wait_until(lambda: "writable again" in running.log.read_text(), "the agent sees that it can write")
    assert running.session(session)["state"] == "active", "nobody is put out for it"
    assert running.delete(f"/sessions/{session}")[0] == 204
    # What systemd starts again: `Restart=on-failure`.
    assert running.process.wait(20) == 8
    running.start()
    running.wait_card()
    running.works()
    in_order(running, "audit.reserve_used", "session.opened", "breakglass.declared", "session.ended", "agent.stopped", "audit.reserve_emptied")
