"""Old traces lose their bodies when two persons want it, each with a card, and the log stays provable."""

import json

import pytest

from agent_process import READER_ID
from pcscd_process import VPCD_PORT
from test_clocks import YEAR, Clocks, shim  # noqa: F401 (a fixture)
from test_habilitation import DOCTOR, NURSE, matrix
from tools import BIN_DIR, run_tool, wait_until

SECOND_READER = "virtual-pcd-00-01"


@pytest.fixture
def old(agent, persona, start_card, pcscd, tmp_path, shim):  # noqa: F811
    """An agent whose first traces are three years old, and two persons at work who may let them go; gives it with both sessions."""
    file = tmp_path / "habilitations.yaml"
    matrix(file, people={DOCTOR: ["audit"], NURSE: ["administration"]})
    clocks = Clocks(tmp_path / "shifts")
    clocks.set(wall=-3 * YEAR)
    doctor = persona("cps4")
    nurse = persona("cps4", family="DURAND", given="ANNE", rpps="99700245667", profession="60")
    running = agent(start=False, habilitations={"file": str(file)}, audit={"retention": "365d"})
    running.environment = {"LD_PRELOAD": str(shim), "CLOCK_SHIFT": str(clocks.path)}
    running.start()
    for number in range(5):
        running.post("/logins", {"reader": f"none-{number}"})
    clocks.set()
    start_card(doctor)
    start_card(nurse, port=VPCD_PORT + 1)
    for reader in (READER_ID, SECOND_READER):
        wait_until(lambda reader=reader: running.get(f"/readers/{reader}/card")[1].get("state") == "ready", f"{reader} is ready")
    first = running.login(reader=READER_ID)["session"]["id"]
    return running, first, lambda: running.login(reader=SECOND_READER)["session"]["id"]


def cpsctl(agent, *arguments, check=True):
    return run_tool(BIN_DIR / "cpsctl", "--socket", agent.socket, "--json", *arguments, check=check)


def two_years_ago(agent):
    newest = cpsctl(agent, "audit", "list", "--newest", "--limit", "1").stdout
    year = int(json.loads(newest)["time"][:4])
    return f"{year - 2}-01-01"


def test_two_persons_let_old_bodies_go(old, tmp_path):
    agent, first, login_second = old
    before = two_years_ago(agent)
    leaves = agent.leaves()
    gone = [json.loads(leaf)["seq"] for leaf in leaves if json.loads(leaf)["time"] < before]
    assert len(gone) >= 8
    key = cpsctl(agent, "audit", "key").stdout
    vkey = json.loads(key)["key"]
    cpsctl(agent, "audit", "export", "--out", tmp_path / "before")
    asked = json.loads(cpsctl(agent, "audit", "retain", "--before", before, "--session", first).stdout)
    assert agent.leaves()[0] == leaves[0], "one person alone changes nothing"
    alone = cpsctl(agent, "audit", "retain", "--agree", asked["id"], "--session", first, check=False)
    assert alone.returncode == 1 and json.loads(alone.stdout)["code"] == "retention_denied"
    second = login_second()  # of the same user: it locks the first session
    done = json.loads(cpsctl(agent, "audit", "retain", "--agree", asked["id"], "--session", second).stdout)
    assert done["dropped"] == len(gone), done
    left = [json.loads(leaf)["seq"] for leaf in agent.leaves()]
    assert not set(gone) & set(left) and min(left) == len(gone)
    (act,) = agent.traces("audit.retained")
    assert {person["national_id"] for person in act["detail"]["by"]} == {DOCTOR, NURSE}
    assert act["detail"]["count"] == len(gone) and act["detail"]["ranges"] == [[0, len(gone) - 1]]
    # Bodies are gone from the files too; the salt of a trace is nowhere else.
    salt = json.loads(leaves[0])["salt"].encode()
    for path in agent.folder.glob("state/agent.sqlite*"):
        assert salt not in path.read_bytes(), path
    # The log, an old export and a new one verify.
    agent.verify_log()
    for bundle in ("before", "after"):
        if bundle == "after":
            cpsctl(agent, "audit", "export", "--out", tmp_path / bundle)
        told = json.loads(cpsctl(agent, "audit", "verify", "--bundle", tmp_path / bundle, "--key", vkey).stdout)
        assert told["valid"] and told["dropped"] == (len(gone) if bundle == "after" else 0)
    lines = (tmp_path / "after" / "entries.jsonl").read_bytes().splitlines()
    assert json.loads(lines[0])["seq"] == 0 and set(json.loads(lines[0])) == {"dropped", "seq", "v"}
    agent.restart()
    agent.verify_log()


def test_what_is_too_young_or_asked_without_a_role_stays(old):
    agent, first, _ = old
    size = len(agent.leaves())
    young = cpsctl(agent, "audit", "retain", "--before", "2999-01-01", "--session", first, check=False)
    assert young.returncode == 1 and json.loads(young.stdout)["code"] == "retention_denied"
    assert agent.post("/audit/retentions", {"before": "yesterday", "session": first})[0] == 400
    assert agent.put("/audit/retentions/none/agreement", json.dumps({"session": first}), "application/json")[0] == 404
    assert len(agent.traces("audit.refused")) >= 1 and len(agent.leaves()) > size
