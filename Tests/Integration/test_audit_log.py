"""The log, checked by arithmetic of our own: RFC 9162 tree, C2SP signed note, canonical JSON, and the evidence of a login."""

import base64
import hashlib
import json
import re
import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from agent_process import ISSUER
from tools import BIN_DIR, ROOT, decode64url, run_tool


def leaf_hash(leaf):
    return hashlib.sha256(b"\x00" + leaf).digest()


def root(leaves):
    """RFC 9162 §2.1.1, straight from its definition."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + root(leaves[:split]) + root(leaves[split:])).digest()


def open_note(note, vkey):
    """The signed text of a C2SP signed note, if this key signed it."""
    name, key_id, encoded = vkey.strip().split("+", 2)
    key = base64.b64decode(encoded)
    assert key[0] == 1, "Ed25519"
    assert hashlib.sha256(name.encode() + b"\n" + key).digest()[:4].hex() == key_id
    text, _, signatures = note.partition("\n\n")
    text += "\n"
    signed = [line.split(" ") for line in signatures.splitlines()]
    assert all(dash == "\u2014" for dash, _, _ in signed)
    # A change of keys has two of the same name.
    signature = next(
        value for value in (base64.b64decode(value) for _, signer, value in signed if signer == name) if value[:4].hex() == key_id)
    Ed25519PublicKey.from_public_bytes(key[1:]).verify(signature[4:], text.encode())
    return text


def checkpoint(agent):
    """Origin, size and root of a checkpoint made now."""
    note, vkey = agent.get("/audit/checkpoint")[1].decode(), agent.get("/audit/key")[1].decode()
    origin, size, head = open_note(note, vkey).splitlines()[:3]
    return origin, int(size), base64.b64decode(head)


def test_the_signed_head_is_the_root_of_the_listed_traces(worked):
    leaves = worked.leaves()
    worked.post("/logins", {})  # refused, and so one more trace: the head has to move
    more = worked.leaves()
    assert more[: len(leaves)] == leaves and len(more) > len(leaves)
    origin, size, head = checkpoint(worked)
    assert origin == ISSUER.removeprefix("https://")
    assert size >= len(more)
    assert root(worked.leaves()[:size]) == head


def test_every_trace_is_canonical_numbered_and_salted(worked):
    leaves = worked.leaves()
    salts = set()
    for number, leaf in enumerate(leaves):
        trace = json.loads(leaf)
        assert trace["seq"] == number and trace["v"] == 1
        assert trace["outcome"] in ("granted", "refused", "failed", "info")
        assert None not in trace.values()
        canonical = json.dumps(trace, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        assert leaf == canonical
        assert len(decode64url(trace["salt"])) == 16
        salts.add(trace["salt"])
    assert len(salts) == len(leaves)


def test_the_log_begins_with_the_start_and_its_configuration(worked):
    traces = worked.traces()
    assert [trace["event"] for trace in traces[:2]] == ["agent.started", "config.loaded"]
    assert traces[1]["detail"]["sha256"] == hashlib.sha256(worked.config.read_bytes()).hexdigest()


def test_the_evidence_proves_the_login_to_anyone(worked):
    trace = worked.traces("pin.verified")[0]
    evidence = trace["evidence"]
    challenge = evidence["challenge"].encode()
    certificate = x509.load_der_x509_certificate(decode64url(evidence["certificate"]))
    certificate.public_key().verify(decode64url(evidence["signature"]), challenge, padding.PKCS1v15(), hashes.SHA256())
    statement = json.loads(challenge)
    assert statement["purpose"] == "cps-agent/login/v1" and statement["issuer"] == ISSUER
    assert statement["insertion"] == trace["reader"]["insertion"]
    assert statement["token_key"] in [key["kid"] for key in worked.get("/jwks")[1]["keys"]]
    assert len(decode64url(statement["nonce"])) == 32
    # The head it names is that of the log as it was then.
    size = statement["log"]["size"]
    assert size <= trace["seq"]
    assert root(worked.leaves()[:size]) == decode64url(statement["log"]["root"])


def test_the_agent_verifies_its_own_log(worked):
    before = worked.get("/status")[1]["audit"]["size"]
    answer = worked.verify_log()
    assert answer["size"] >= before
    assert bytes.fromhex(answer["root"]) == root(worked.leaves()[: answer["size"]])


def test_a_check_of_the_log_can_be_watched(worked):
    size = worked.verify_log()["size"]
    status, check = worked.post("/audit/verifications?wait=false")
    assert status == 202, check
    assert check["of"] > size
    route = f"/audit/verifications/{check['id']}"
    while check["state"] == "running":
        status, check = worked.get(route)
        assert status == 200, check
    assert check["state"] == "done"
    assert check["result"]["valid"] is True
    assert check["done"] == check["of"] == check["result"]["size"]
    assert worked.traces("audit.verified")[-1]["detail"]["size"] == check["of"]
    assert worked.request("DELETE", route)[0] == 204
    assert worked.get(route)[0] == 404
    assert worked.post("/audit/verifications?wait=maybe")[0] == 400


def test_the_log_goes_on_after_a_restart(worked):
    before = worked.leaves()
    key = worked.get("/audit/key")[1]
    worked.restart()
    after = worked.leaves()
    assert after[: len(before)] == before
    assert "agent.stopped" in [json.loads(leaf)["event"] for leaf in after[len(before):]]
    assert worked.get("/audit/key")[1] == key
    _, size, head = checkpoint(worked)
    assert root(worked.leaves()[:size]) == head
    worked.verify_log()


def test_reading_the_log_is_traced(worked):
    worked.leaves()
    reads = worked.traces("audit.read")
    assert reads and reads[0]["client"]["uid"] == 0 and reads[0]["outcome"] == "granted"


@pytest.mark.parametrize("query", ["from=-1", "from=x", "limit=-1", "limit=1e3", "from=99999999999999999999"])
def test_a_malformed_range_is_refused(worked, query):
    status, refusal = worked.get(f"/audit/traces?{query}")
    assert (status, refusal["code"]) == (400, "invalid_request")


def test_reading_beyond_the_end_gives_nothing(worked):
    assert worked.get("/audit/traces?from=1000000") == (200, b"")


def test_the_lines_that_the_document_gives_an_inspector_verify_an_export(worked, tmp_path):
    folder = tmp_path / "export"
    run_tool(BIN_DIR / "cpsctl", "--socket", worked.socket, "audit", "export", "--out", folder)
    text = (ROOT / "Docs/Audit.md").read_text()
    (lines,) = re.findall(r"With tools that everybody has.*?```sh\n(.*?)```", text, re.S)
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", lines], cwd=folder, capture_output=True, text=True, timeout=30)
    first = (folder / "entries.jsonl").read_bytes().split(b"\n")[0]
    size, root_of_note = (folder / "checkpoint").read_text().split("\n")[1:3]
    assert done.stdout.split() == [
        "Signature", "Verified", "Successfully", size, root_of_note, size, root_of_note, leaf_hash(first).hex(), "-"], done
    # A signature of another text is none.
    (folder / "checkpoint").write_text((folder / "checkpoint").read_text().replace(f"\n{size}\n", f"\n{int(size) + 1}\n", 1))
    assert subprocess.run(["bash", "-euo", "pipefail", "-c", lines], cwd=folder, capture_output=True, timeout=30).returncode != 0
