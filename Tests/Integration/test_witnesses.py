"""Those who vouch for the log from outside: anchors, time-stamps, and what a start finds when the log was put back or replaced."""

import base64
import json
import shutil
import socket
import ssl
import subprocess
import threading

import pytest

from test_audit_log import open_note
from test_audit_proofs import cpsctl
from test_signatures import authority  # noqa: F401 - a fixture
from tools import run_tool, wait_until
from web_server import WebServer

QUICK = {"checkpoint": "1s"}


def kept_notes(path):
    """The signed checkpoints of a file, as anyone reads them: (text, whole note)."""
    if not path.exists():
        return []
    blocks = [block.strip("\n") for block in path.read_text().replace("\n\n\u2014", "\0\u2014").split("\n\n")]
    return [block.replace("\0", "\n\n") + "\n" for block in blocks if "\0" in block]


def sizes(notes):
    return [int(note.splitlines()[1]) for note in notes]


def audit(agent):
    return agent.get("/status")[1]["audit"]


def all_anchored(agent):
    return wait_until(lambda: (lambda now: now if now["unanchored_since"] is None else None)(audit(agent)), "an anchor has all of the log")


def test_checkpoints_go_to_a_file_and_to_a_server(agent, tmp_path):
    kept, server = tmp_path / "kept", WebServer()
    posted = []

    def keep(handler):
        posted.append(handler.rfile.read(int(handler.headers["Content-Length"])).decode())
        handler.plain(503 if len(posted) == 1 else 204)

    server.answers["/"] = keep
    running = agent(audit={**QUICK, "anchors": {"vault": {"file": str(kept)}, "site": {"url": f"{server.address}/"}}})
    key = running.get("/audit/key")[1].decode()
    state = all_anchored(running)
    assert state["last_anchor"]["size"] == state["size"]
    for note in kept_notes(kept):
        open_note(note, key)
    assert running.traces("audit.anchored")[0]["detail"]["anchor"] == "vault"
    # The server failed at first: told once, tried again after a pause, and then everything comes in order.
    wait_until(lambda: len(running.traces("audit.anchored")) == 2, "the server took them", 20)
    assert [trace["detail"]["anchor"] for trace in running.traces("audit.anchor_failed")] == ["site"]
    wait_until(lambda: len(posted) > 2 and sizes(posted[1:]) == sizes(kept_notes(kept)), "both have the same")
    assert sizes(posted[1:]) == sorted(set(sizes(posted[1:])))
    # Every trace above made checkpoints, and none of those another trace: it comes to rest.
    state = all_anchored(running)
    assert [each["failure"] for each in state["anchors"]] == [None, None]
    assert len(running.traces("audit.anchored")) == 2
    # A stop signs once more, and the anchor has it.
    assert running.stop() == 0
    assert sizes(kept_notes(kept))[-1] >= state["size"]
    server.stop()


def certificate(folder, name, authority=None):
    ec = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-keyout", f"{name}.key", "-subj", f"/CN={name}")
    signer = ("-CA", f"{authority}.pem", "-CAkey", f"{authority}.key") if authority else ()
    run_tool("openssl", "req", "-x509", *ec, *signer, "-addext", "subjectAltName=DNS:localhost", "-out", f"{name}.pem", cwd=folder)


def test_checkpoints_go_to_a_syslog_server_over_tls(agent, tmp_path):
    certificate(tmp_path, "root")
    certificate(tmp_path, "server", "root")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem", tmp_path / "server.key")
    listener = socket.create_server(("127.0.0.1", 0))
    received = bytearray()

    def serve():
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            with context.wrap_socket(plain, server_side=True) as connection:
                while part := connection.recv(65536):
                    received.extend(part)
                try:
                    connection.unwrap()
                except OSError:
                    pass  # the client has gone already

    threading.Thread(target=serve, daemon=True).start()
    settings = {"syslog": f"localhost:{listener.getsockname()[1]}", "authorities": str(tmp_path / "root.pem")}
    running = agent(audit={**QUICK, "anchors": {"log": settings}})
    all_anchored(running)
    length, _, rest = bytes(received).partition(b" ")
    message = rest[: int(length)].decode()
    header, _, text = message.partition("\ufeff")
    assert header.startswith("<85>1 2") and header.endswith(" ws-042 cps-agent - checkpoint - ")
    open_note(text.replace("\\n", "\n"), running.get("/audit/key")[1].decode())
    listener.close()


def test_checkpoints_are_stamped_and_caught_up(agent, tmp_path, authority):  # noqa: F811
    server, root = authority
    stamp, server.answers["/"] = server.answers["/"], 503
    timestamp = {"url": f"{server.address}/", "anchors": str(root), "every": "1s"}
    running = agent(audit={**QUICK, "timestamp": timestamp})
    wait_until(lambda: running.traces("audit.timestamp_failed"), "the authority fails")
    assert audit(running)["timestamp"]["failure"]
    server.answers["/"] = stamp
    state = wait_until(lambda: (lambda seen: seen if seen["size"] else None)(audit(running)["timestamp"]), "a checkpoint is stamped", 20)
    assert state["failure"] is None
    assert len(running.traces("audit.timestamp_failed")) == 1
    wait_until(lambda: running.traces("audit.timestamped"), "it is told")
    # What the authority signed is a time before which the clock cannot be right.
    assert running.get("/status")[1]["clock"]["floor"] >= state["stamped_at"][:19]
    # In an export each stamp lies beside the checkpoint that it is of, as openssl wants it.
    bundle = tmp_path / "bundle"
    key = running.get("/audit/key")[1].decode().strip()
    assert cpsctl(running, "audit", "export", "--out", bundle).returncode == 0
    stamps = sorted((bundle / "timestamps").glob("*.tsr"))
    assert stamps
    for stamp in stamps:
        run_tool(
            "openssl", "ts", "-verify", "-in", stamp, "-data", stamp.with_suffix(".checkpoint"), "-CAfile", root, "-untrusted",
            tmp_path / "tsa" / "tsa.pem")
        open_note(stamp.with_suffix(".checkpoint").read_text(), key)
    verify = ("audit", "verify", "--bundle", bundle, "--key", key, "--timestamp-anchors")
    done = cpsctl(running, "--json", *verify, root)
    assert done.returncode == 0 and json.loads(done.stdout)["timestamps"][0]["stamped_at"].startswith("20"), done
    # Of another authority, of another checkpoint, of another log.
    certificate(tmp_path, "root")
    assert cpsctl(running, *verify, tmp_path / "root.pem").returncode == 7
    first = stamps[0].with_suffix(".checkpoint")
    kept = first.read_text()
    first.write_text(cpsctl(running, "audit", "checkpoint").stdout)
    assert cpsctl(running, *verify, root).returncode == 7
    first.write_text(kept.replace("\n\u2014", "\n\n\u2014", 1))
    assert cpsctl(running, *verify, root).returncode == 7
    first.write_text(kept)
    assert cpsctl(running, *verify, root).returncode == 0
    assert cpsctl(running, *verify, first).returncode == 2


@pytest.mark.parametrize("settings", [
    {"anchors": {"a": {}}}, {"anchors": {"a": {"file": "/a", "url": "http://x/"}}}, {"anchors": {"a": {"syslog": "h:1"}}},
    {"anchors": {"a": {"file": "/a", "key": "/k"}}}, {"anchors": {"a": {"file": "relative"}}}, {"anchors": {"a": {"url": "ftp://x"}}},
    {"timestamp": {"anchors": "/a"}}, {"checkpoint_traces": 0}])
def test_a_configuration_that_cannot_work_is_refused(agent, settings):
    configured = agent(start=False, audit=settings)
    done = subprocess.run([*configured.command(), "--check-config"], capture_output=True, text=True, timeout=30)
    assert done.returncode == 2 and "audit." in done.stderr, done


# Rolled back


def copy_state(agent, folder):
    if folder.exists():
        shutil.rmtree(folder)
    shutil.copytree(agent.folder / "state", folder)


def put_back(agent, folder):
    shutil.rmtree(agent.folder / "state")
    shutil.copytree(folder, agent.folder / "state")
    (agent.folder / "state").chmod(0o700)


@pytest.fixture
def anchored(agent, tmp_path):
    """An agent whose checkpoints go to a file, and that file."""
    kept = tmp_path / "mount" / "kept"
    kept.parent.mkdir()
    running = agent(audit={**QUICK, "anchors": {"vault": {"file": str(kept)}}})
    all_anchored(running)
    return running, kept


def grow(agent, count=5):
    for _ in range(count):
        agent.leaves()  # reading is traced
    return all_anchored(agent)["size"]


def test_a_snapshot_that_is_put_back_is_found_at_start(anchored, tmp_path):
    running, kept = anchored
    assert running.stop() == 0
    copy_state(running, tmp_path / "copy")
    before = len(kept_notes(kept)) and sizes(kept_notes(kept))[-1]
    key = running.start().get("/audit/key")[1]
    signed = grow(running)
    running.kill()
    put_back(running, tmp_path / "copy")
    running.start()
    trace = running.traces("audit.rolled_back")[0]
    assert trace["outcome"] == "failed" and trace["detail"]["anchor"] == "vault" and trace["detail"]["signed"] is True
    assert (trace["detail"]["first"], trace["detail"]["last"] + 1) == (before, max(sizes(kept_notes(kept))[:-1]))
    assert signed <= trace["detail"]["last"] + 1
    # A new name and a new key; what was there before stays readable, and the log is sound.
    state = audit(running)
    assert state["rolled_back"]["first"] == before and state["rolled_back"]["origin"].startswith("ws-042.example#")
    assert running.get("/audit/key")[1] != key and running.get("/audit/key")[1].startswith(b"ws-042.example#")
    assert running.get("/audit/checkpoint")[1].decode().splitlines()[0] == state["rolled_back"]["origin"]
    running.verify_log()
    warnings = running.get("/status")[1]["warnings"]
    assert any("rolled back" in each and f"{before} to" in each for each in warnings)
    told = cpsctl(running, "doctor")
    assert "rolled back" in told.stdout, told
    # Told once: the next start finds nothing new, and the name stays.
    all_anchored(running)
    running.restart()
    assert len(running.traces("audit.rolled_back")) == 1
    assert audit(running)["rolled_back"]["origin"] == state["rolled_back"]["origin"]
    # An establishment that has looked names the new origin; the warning goes.
    assert running.stop() == 0
    settings = json.loads(running.config.read_text())
    settings["audit"]["origin"] = state["rolled_back"]["origin"]
    running.config.write_text(json.dumps(settings))
    running.start()
    assert audit(running)["rolled_back"] is None
    assert len(running.traces("audit.key_changed")) == 0


def test_a_log_that_was_replaced_is_found_at_start(anchored):
    running, kept = anchored
    size = grow(running)
    assert running.stop() == 0
    shutil.rmtree(running.folder / "state")
    (running.folder / "state").mkdir(mode=0o700)
    running.start()
    detail = running.traces("audit.rolled_back")[0]["detail"]
    assert detail["first"] == 0 and detail["last"] >= size - 1 and detail["signed"] is False


def test_kept_checkpoints_show_what_happened_to_the_log(anchored, tmp_path):
    running, kept = anchored
    grow(running)
    key = running.get("/audit/key")[1].decode().strip()
    done = cpsctl(running, "audit", "verify", "--against", kept, "--key", key)
    assert done.returncode == 0, done
    bundle = tmp_path / "bundle"
    assert cpsctl(running, "audit", "export", "--out", bundle).returncode == 0
    assert cpsctl(running, "audit", "verify", "--bundle", bundle, "--against", kept, "--key", key).returncode == 0
    # A checkpoint of a longer log than the export's.
    grow(running)
    done = cpsctl(running, "--json", "audit", "verify", "--bundle", bundle, "--against", kept, "--key", key)
    size = json.loads((bundle / "manifest.json").read_text())["size"]
    assert (done.returncode, json.loads(done.stdout)["first_bad"]) == (7, size), done
    # A key that nobody knows.
    assert cpsctl(running, "audit", "verify", "--against", kept, "--key", "other+00000000+AAAA").returncode == 2


def test_keys_change_and_the_old_one_leads_to_the_new(anchored, tmp_path):
    running, kept = anchored
    first = running.get("/audit/key")[1].decode().strip()
    done = cpsctl(running, "--json", "audit", "key", "--rotate")
    assert done.returncode == 0, done
    second = json.loads(done.stdout)["key"]
    assert second != first and running.get("/audit/key")[1].decode().strip() == second
    trace = running.traces("audit.key_changed")[0]
    assert trace["detail"]["key"] == second and trace["detail"]["before"] == first and trace["client"]["uid"] == 0
    text = open_note(trace["detail"]["endorsement"], first)
    assert text == f"cps-agent/log-key/v1\n{second}\n"
    # One checkpoint bears both signatures.
    all_anchored(running)
    both = [note for note in kept_notes(kept) if note.count("\u2014 ") == 2]
    assert both
    for key in (first, second):
        open_note(both[0], key)
    # The chain goes on over a restart, in lists, in verification, and in exports.
    assert cpsctl(running, "audit", "key", "--rotate").returncode == 0
    running.restart()
    causes = [each["cause"] for each in running.get("/audit/keys")[1]["keys"]]
    assert causes == ["first", "rotated", "rotated"]
    running.verify_log()
    bundle = tmp_path / "bundle"
    assert cpsctl(running, "audit", "export", "--out", bundle).returncode == 0
    for key in (first, second, running.get("/audit/key")[1].decode().strip()):
        assert cpsctl(running, "audit", "verify", "--bundle", bundle, "--key", key).returncode == 0, key
        assert cpsctl(running, "audit", "verify", "--against", kept, "--key", key).returncode == 0, key
    stranger = base64.b64encode(bytes([1]) + bytes(32)).decode()
    assert cpsctl(running, "audit", "verify", "--bundle", bundle, "--key", f"ws-042.example+00000000+{stranger}").returncode == 2
    # Only the machine's own users.
    status, refusal = running.request_as(65534, "POST", "/audit/keys")
    assert (status, refusal["code"]) == (403, "forbidden")


@pytest.mark.parametrize("generation", ["cps4"])
def test_logins_are_proven_again_from_an_export(ready, tmp_path, authorities_folder):
    for _ in range(2):
        ready.login()
    bundle = tmp_path / "bundle"
    assert cpsctl(ready, "audit", "export", "--out", bundle).returncode == 0
    check = ("--json", "audit", "verify", "--bundle", bundle, "--evidence", "--anchors")
    done = cpsctl(ready, *check, authorities_folder)
    assert done.returncode == 0 and json.loads(done.stdout)["logins_proven"] == 2, done
    # By other authorities nobody is proven.
    other = tmp_path / "other"
    other.mkdir()
    certificate(tmp_path, "root")
    shutil.copy(tmp_path / "root.pem", other)
    assert cpsctl(ready, *check, other).returncode in (2, 7)
    # A log that was made anew with evidence that does not fit, sealed with its own key: the tree is right, the login is not.
    lines = (bundle / "entries.jsonl").read_bytes().splitlines()
    at = next(i for i, line in enumerate(lines) if b'"event":"pin.verified"' in line)
    trace = json.loads(lines[at])
    trace["reader"]["insertion"] = "another"
    lines[at] = json.dumps(trace, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    (bundle / "entries.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
    done = cpsctl(ready, *check, authorities_folder)
    assert (done.returncode, json.loads(done.stdout)["first_bad"]) == (7, at), done
    assert cpsctl(ready, "audit", "verify", "--evidence", "--anchors", authorities_folder).returncode == 2


@pytest.fixture
def authorities_folder(pki):
    return pki / "anchors"


def test_a_key_file_that_was_lost_is_told(anchored):
    running, _ = anchored
    before = running.get("/audit/key")[1].decode().strip()
    assert running.stop() == 0
    (running.folder / "state" / "keys" / "log.key").unlink()
    running.start()
    detail = running.traces("audit.key_changed")[0]["detail"]
    assert detail["cause"] == "replaced" and detail["before"] == before and "endorsement" not in detail
    running.verify_log()
