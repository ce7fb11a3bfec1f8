"""Notes and proofs of the log, judged by software that we did not write: the Go project's sumdb packages, and pymerkle."""

import base64
import json
import os
import subprocess

import pytest
from pymerkle import InmemoryTree

from tools import BIN_DIR, ROOT, run_tool


@pytest.fixture(scope="session")
def verify_log(tmp_path_factory):
    """A program on golang.org/x/mod/sumdb, built from Debian's packages."""
    folder = tmp_path_factory.mktemp("go")
    environment = {
        **os.environ, "GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": str(folder / "cache"), "GOFLAGS": "", "CGO_ENABLED": "0"}
    run_tool("go", "build", "-o", folder / "verify_log", ROOT / "Tests/Integration/go/verify_log.go", env=environment)

    def verify(**question):
        return subprocess.run([folder / "verify_log"], input=json.dumps(question), capture_output=True, text=True, timeout=30)

    return verify


@pytest.fixture
def worked(agent):
    """An agent with a log of some length."""
    running = agent()
    while running.get("/status")[1]["audit"]["size"] < 21:
        running.leaves()  # reading is traced
    return running


def cpsctl(agent, *arguments):
    return subprocess.run(
        [str(BIN_DIR / "cpsctl"), "--socket", str(agent.socket), *map(str, arguments)], capture_output=True, text=True, timeout=60)


def proof(agent, kind, **numbers):
    query = "&".join(f"{name}={number}" for name, number in numbers.items())
    status, answer = agent.get(f"/audit/proofs/{kind}?{query}")
    assert status == 200, answer
    return answer


def hashes(answer):
    return [base64.b64decode(each) for each in answer["hashes"]]


def test_go_accepts_notes_and_proofs(worked, verify_log):
    key, note = (worked.get(f"/audit/{name}")[1].decode() for name in ("key", "checkpoint"))
    leaves = [leaf.decode() for leaf in worked.leaves()]
    size = int(note.splitlines()[1])
    sizes = range(1, size + 1)
    inclusions = [proof(worked, "inclusion", seq=seq, size=size) for seq in range(size)]
    inclusions += [proof(worked, "inclusion", seq=each - 1, size=each) for each in sizes]
    consistencies = [proof(worked, "consistency", **{"from": each}, size=size) for each in sizes]
    question = {"key": key.strip(), "note": note, "leaves": leaves, "inclusions": inclusions, "consistencies": consistencies}
    judged = verify_log(**question)
    assert judged.returncode == 0 and judged.stdout.endswith("ok\n"), judged
    assert judged.stdout.split()[:3] == note.splitlines()[:3]
    assert inclusions[0]["checkpoint"] == note and inclusions[0]["root"] == note.splitlines()[2]
    # The judge does judge.
    leaves[3] = leaves[3].replace("info", "Info").replace("granted", "refused")
    assert verify_log(**question).returncode == 1
    assert verify_log(**{**question, "note": note.replace(f"\n{size}\n", f"\n{size + 1}\n")}).returncode == 1


def test_pymerkle_makes_the_same_roots_and_inclusion_proofs(worked):
    leaves = worked.leaves()
    tree = InmemoryTree(algorithm="sha256")
    for leaf in leaves:
        tree.append_entry(leaf)
    size = len(leaves)
    for seq in range(size):
        ours = proof(worked, "inclusion", seq=seq, size=size)
        theirs = tree.prove_inclusion(seq + 1, size)
        assert theirs.path == [base64.b64decode(ours["leaf"]), *hashes(ours)]
        assert base64.b64decode(ours["root"]) == tree.get_root(size)
    for earlier in range(1, size + 1):
        ours = proof(worked, "consistency", **{"from": earlier}, size=size)
        assert base64.b64decode(ours["from_root"]) == tree.get_root(earlier)


def test_a_trace_is_proved_on_the_command_line(worked, tmp_path):
    done = cpsctl(worked, "audit", "prove", 5)
    assert done.returncode == 0, done
    head, note = done.stdout.split("\n\n", 1)
    assert head.splitlines()[:2] == ["c2sp.org/tlog-proof@v1", "index 5"]
    assert head.splitlines()[2:] == proof(worked, "inclusion", seq=5, size=int(note.splitlines()[1]))["hashes"]
    # In a checkpoint that was kept.
    kept = tmp_path / "kept"
    kept.write_text(cpsctl(worked, "audit", "checkpoint").stdout)
    worked.leaves()
    done = cpsctl(worked, "--json", "audit", "prove", 5, "--against", kept)
    assert done.returncode == 0 and json.loads(done.stdout)["checkpoint"] == kept.read_text(), done
    # The log only grew since.
    done = cpsctl(worked, "--json", "audit", "prove", "--against", kept, "--key", worked.get("/audit/key")[1].decode().strip())
    answer = json.loads(done.stdout)
    assert done.returncode == 0 and answer["from"] == int(kept.read_text().splitlines()[1]) < answer["size"], done
    # Anyone may ask, and nothing is traced for it.
    before = worked.get("/status")[1]["audit"]["size"]
    assert worked.request_as(65534, "GET", "/audit/proofs/inclusion?seq=0&size=1")[0] == 200
    assert worked.get("/status")[1]["audit"]["size"] == before


@pytest.mark.parametrize("route", [
    "inclusion", "inclusion?seq=x", "inclusion?seq=1000000", "inclusion?seq=3&size=3", "inclusion?seq=0&size=1000000", "consistency",
    "consistency?from=1000000", "consistency?from=3&size=2", "consistency?from=-1"])
def test_a_proof_of_what_is_not_there_is_refused(worked, route):
    status, refusal = worked.get(f"/audit/proofs/{route}")
    assert (status, refusal["code"]) == (400, "invalid_request")
    if "1000000" in route:
        assert refusal["size"] <= worked.get("/status")[1]["audit"]["size"]


def test_a_checkpoint_that_is_not_of_this_log_is_told(worked, tmp_path):
    key = worked.get("/audit/key")[1].decode().strip()
    kept = tmp_path / "kept"
    note = worked.get("/audit/checkpoint")[1].decode()
    kept.write_text(note.replace(note.splitlines()[2], base64.b64encode(bytes(32)).decode()))
    done = cpsctl(worked, "--json", "audit", "prove", "--against", kept, "--key", key)
    assert (done.returncode, json.loads(done.stdout)["code"]) == (7, "trace_invalid")
    kept.write_text("nothing\n")
    assert cpsctl(worked, "audit", "prove", "--against", kept).returncode == 2
    assert cpsctl(worked, "audit", "prove").returncode == 2
