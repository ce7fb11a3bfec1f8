"""The matrix of rights as a file: taken in while the agent runs, refused when it is bad, explained, and the roles it gives."""

import json
import os
import subprocess

import pytest

from agent_process import AUDIENCE
from tools import BIN_DIR, wait_until

DOCTOR, NURSE = "899900063480", "899700245667"
OWNER, STRANGER = 4100, 4200
READ, WRITE = "record:read", "record:write"


def matrix(path, *, grant=(READ, WRITE), people=None, more=None, samples=None):
    """Writes a matrix as whoever edits one safely does: a new file in the place of the old one."""
    rules = {"doctors": {"when": {"profession": ["10"]}, "grant": list(grant)}, **(more or {})}
    text = json.dumps({"rules": rules, "people": people or {}, "samples": samples or {}}, indent=1)  # JSON is YAML too
    new = path.with_suffix(".new")
    new.write_text(text)
    os.replace(new, path)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "habilitations.yaml"


@pytest.fixture
def ready(agent, persona, virtual_card, file):
    """A factory of agents with this file that have read the card of a doctor."""

    def run(**settings):
        virtual_card(persona("cps4"))
        running = agent(habilitations={"file": str(file)}, **settings)
        running.wait_card()
        return running

    return run


def cpsctl(agent, *arguments):
    done = subprocess.run(
        [str(BIN_DIR / "cpsctl"), "--socket", str(agent.socket), "--json", *arguments], capture_output=True, text=True, timeout=30
    )
    return done.returncode, json.loads(done.stdout)


def wait_matrix(agent, **members):
    def is_so():
        found = agent.get("/habilitation")[1]
        return found if all(found[name] == value for name, value in members.items()) else None

    return wait_until(is_so, f"the matrix is {members}", 20)


def token(agent, session, *scopes):
    return agent.post(f"/sessions/{session}/tokens", {"audience": AUDIENCE, "scopes": list(scopes)})


def test_rights_change_under_a_live_token(ready, file):
    matrix(file)
    agent = ready()
    before = agent.get("/habilitation")[1]
    assert (before["source"], before["rules"], before["refused"]) == ("file", 1, None)
    opened = agent.login()
    session = opened["session"]["id"]
    assert opened["session"]["scopes"] == [READ, WRITE]
    narrow = token(agent, session, READ)[1]["access_token"]
    events = agent.events()
    matrix(file, grant=[READ])
    revoked = events.wait("token_revoked", lambda data: data["session"] == session)
    assert revoked
    assert agent.introspect(opened["access_token"]) == {"active": False}
    assert agent.introspect(narrow)["active"] is True
    assert agent.session(session)["scopes"] == [READ]
    status, refusal = token(agent, session, READ, WRITE)
    assert (status, refusal["code"], refusal["scope"], refusal["rules"]) == (403, "scope_denied", WRITE, ["default"])
    loaded = agent.traces("habilitation.loaded")
    assert [trace["detail"]["sha256"] for trace in loaded] == [before["sha256"], agent.get("/habilitation")[1]["sha256"]]
    assert [trace["detail"]["rules"] for trace in agent.traces("session.reassessed")] == [["doctors"]]
    # Wider again, in the same session.
    matrix(file, grant=[READ, WRITE])
    wait_until(lambda: agent.session(session)["scopes"] == [READ, WRITE], "the rights are back", 20)
    assert token(agent, session, WRITE)[0] == 201
    agent.verify_log()


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ("rules:\n  one: {grant: 'a b'}\n", 2, "rules.one.grant"),
        ("rules:\n  one: {grant: a}\nsamples:\n  s: {deny: a}\n", 4, "samples.s.deny"),
    ],
    ids=["a mistake", "a sample that fails"],
)
def test_a_bad_file_leaves_the_old_one_in_force_and_says_so(ready, file, text, line, key):
    matrix(file)
    agent = ready()
    opened = agent.login()
    good = agent.get("/habilitation")[1]
    file.write_text(text)
    refused = wait_until(lambda: agent.get("/habilitation")[1]["refused"], "the file is refused", 20)
    assert [(problem["line"], problem["key"]) for problem in refused["problems"]] == [(line, key)]
    assert agent.get("/habilitation")[1]["sha256"] == good["sha256"]
    assert agent.introspect(opened["access_token"])["active"] is True
    assert any(str(file) in warning and f"line {line}" in warning for warning in agent.get("/status")[1]["warnings"])
    traces = agent.traces("habilitation.file_refused")
    assert [trace["detail"]["in_force"] for trace in traces] == [good["sha256"]]
    status, problem = cpsctl(agent, "habilitation", "check")
    assert (status, problem["code"], problem["problems"][0]["line"]) == (8, "habilitation_invalid", line)
    matrix(file, grant=[READ])
    wait_matrix(agent, refused=None)
    assert not any(str(file) in warning for warning in agent.get("/status")[1]["warnings"])
    assert cpsctl(agent, "habilitation", "check")[0] == 0


@pytest.mark.parametrize("spoil", ["mistake", "writable", "missing"])
def test_a_bad_file_keeps_the_agent_from_starting(agent, file, spoil):
    matrix(file)
    configured = agent(start=False, habilitations={"file": str(file)})
    if spoil == "mistake":
        file.write_text("rules:\n  one: {grants: a}\n")
    elif spoil == "writable":
        file.chmod(0o666)
    else:
        file.unlink()
    expected = {"mistake": "line 2: rules.one", "writable": f"chmod go-w {file}", "missing": "cannot be read"}[spoil]
    for check in ([], ["--check-config"]):
        done = subprocess.run(
            [str(BIN_DIR / "cps-agentd"), "--config", str(configured.config), *check], capture_output=True, text=True, timeout=30)
        assert done.returncode == 2 and expected in done.stderr, done


def test_check_needs_no_agent(tmp_path, file):
    def check():
        done = subprocess.run(
            [str(BIN_DIR / "cpsctl"), "--socket", str(tmp_path / "none"), "--json", "habilitation", "check", str(file)],
            capture_output=True, text=True, timeout=30)
        return done.returncode, json.loads(done.stdout)

    matrix(file, samples={"s": {"given": {"profession": "10"}, "grant": [READ]}})
    assert check()[0] == 0
    matrix(file, samples={"s": {"given": {"profession": "60"}, "grant": [READ]}})
    status, problem = check()
    assert (status, problem["code"], problem["problems"][0]["key"]) == (8, "habilitation_invalid", "samples.s.grant")


def test_a_refusal_is_explained_by_the_rules_that_decided(ready, file):
    matrix(file, more={"no_writing": {"when": {"mode": "unchecked"}, "deny": ["record:w*"]}, "never": {"deny": [WRITE]}})
    agent = ready()
    session = agent.login()["session"]["id"]
    status, refusal = token(agent, session, WRITE)
    assert (status, refusal["rule"], refusal["rules"]) == (403, "no_writing", ["no_writing", "never"])
    assert agent.traces("token.refused")[0]["detail"]["rules"] == ["no_writing", "never"]
    status, told = cpsctl(agent, "habilitation", "explain", "--session", session, "--scope", WRITE)
    assert status == 0
    assert told["decisions"] == [{"scope": WRITE, "granted": False, "rules": ["no_writing", "never"]}]
    status, told = cpsctl(agent, "habilitation", "explain", "--profession", "60", "--mode", "card", "--scope", READ)
    assert told["decisions"] == [{"scope": READ, "granted": False, "rules": ["default"]}]
    assert {"name": "doctors", "applies": False, "unmet": ["profession"]} in told["rules"]
    issued = agent.traces("session.opened")[0]
    assert (issued["detail"]["scopes"], issued["detail"]["rules"]) == ([READ], ["doctors"])


def test_only_those_concerned_learn_of_roles(ready, file):
    matrix(file, people={DOCTOR: ["audit"]})
    agent = ready()
    status, told = agent.post("/habilitation/explanations", {"person": DOCTOR, "scopes": ["audit:read"]})
    assert (status, told["decisions"][0]["rules"]) == (200, ["role.audit"])
    status, refusal = agent.request_as(STRANGER, "POST", "/habilitation/explanations", json.dumps({"person": DOCTOR}))
    assert (status, refusal["code"]) == (403, "forbidden")
    assert agent.request_as(STRANGER, "POST", "/habilitation/explanations", json.dumps({"profession": "10"}))[0] == 200


def open_as(agent, uid):
    """A session of this user with the card that is in; root gives the PIN."""
    status, login = agent.request_as(uid, "POST", "/logins", "{}")
    assert status == 201, login
    status, opened = agent.enter_pin(login)
    assert status == 200, opened
    return opened["session"]["id"]


def test_who_has_no_role_sees_their_own(ready, file):
    matrix(file, people={NURSE: ["administration", "audit"]})
    agent = ready()
    own, other = open_as(agent, OWNER), open_as(agent, STRANGER)
    assert [each["id"] for each in agent.request_as(OWNER, "GET", "/sessions")[1]["sessions"]] == [own]
    assert agent.request_as(OWNER, "GET", f"/sessions/{other}")[0] == 404
    assert agent.request_as(OWNER, "DELETE", f"/sessions/{other}")[0] == 404
    status, traces = agent.request_as(OWNER, "GET", "/audit/traces?limit=1000")
    assert status == 200
    actors = {json.loads(line)["actor"]["national_id"] for line in as_lines(traces)}
    assert actors == {DOCTOR}
    assert agent.request_as(OWNER, "POST", "/audit/verifications")[0] == 403


def as_lines(answer):
    return [json.dumps(answer)] if isinstance(answer, dict) else answer.splitlines()


def test_an_administrator_lists_and_ends_all_sessions_and_uses_none(ready, file):
    matrix(file, people={DOCTOR: ["administration"]})
    agent = ready()
    own, other = open_as(agent, OWNER), open_as(agent, STRANGER)
    assert {each["id"] for each in agent.request_as(OWNER, "GET", "/sessions")[1]["sessions"]} == {own, other}
    body = json.dumps({"audience": AUDIENCE})
    assert agent.request_as(OWNER, "POST", f"/sessions/{other}/tokens", body)[0] == 404
    assert agent.request_as(OWNER, "DELETE", f"/sessions/{other}")[0] == 204
    session = agent.session(other)
    assert (session["state"], session["end_reason"]) == ("ended", "administrator")
    ended = agent.traces("session.ended")[-1]
    assert (ended["detail"]["by"]["national_id"], ended["detail"]["rules"]) == (DOCTOR, ["role.administration"])
    # The role alone opens no log.
    assert agent.request_as(OWNER, "POST", "/audit/verifications")[0] == 403


@pytest.mark.parametrize("role", ["audit", "review"])
def test_an_auditor_reads_the_whole_log(ready, file, role):
    matrix(file, people={DOCTOR: [role]})
    agent = ready()
    assert agent.request_as(OWNER, "POST", "/audit/verifications")[0] == 403
    session = open_as(agent, OWNER)
    status, traces = agent.request_as(OWNER, "GET", "/audit/traces?limit=1000")
    assert status == 200
    assert any(json.loads(line)["event"] == "agent.started" for line in as_lines(traces))
    read = agent.traces("audit.read")[0]
    assert (read["actor"]["national_id"], read["session"], read["detail"]["rules"]) == (DOCTOR, session, [f"role.{role}"])
    assert agent.request_as(OWNER, "POST", "/audit/verifications")[0] == 200
    # With the role goes the right.
    matrix(file)
    wait_matrix(agent, people=0)
    assert agent.request_as(OWNER, "POST", "/audit/verifications")[0] == 403
