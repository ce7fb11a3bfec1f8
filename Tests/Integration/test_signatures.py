"""Documents signed with the card on the real road, and judged by the `openssl` program."""

import base64
import hashlib
import json
import subprocess

import pytest

from agent_process import READER
from tools import BIN_DIR, cps_card, run_tool, wait_until
from web_server import WebServer

LETTER = b"Compte rendu d'hospitalisation\n"


@pytest.fixture
def authorities(pki, tmp_path):
    """A file of the anchors and intermediates, in PEM: `openssl cms` looks for both in one place."""
    found = [file for name in ("anchors", "intermediates") for file in sorted((pki / name).iterdir())]
    file = tmp_path / "authorities.pem"
    file.write_bytes(b"".join(run_tool("openssl", "x509", "-in", each).stdout for each in found))
    return file


def sha256(content):
    return {"algorithm": "sha256", "value": hashlib.sha256(content).hexdigest()}


def item(name="letter.txt", content=LETTER):
    return {"name": name, "media_type": "text/plain", "hash": sha256(content)}


def begin(agent, session, *items, formats=("cms",), **members):
    status, batch = agent.post(
        f"/sessions/{session['id']}/signatures", {"items": list(items) or [item()], "formats": list(formats), **members})
    assert status == 201, batch
    return batch


def give_pin(agent, batch, pin="1234", accept_last_try=None):
    query = f"?accept_last_try={accept_last_try}" if accept_last_try else ""
    return agent.put(f"/sessions/{batch['session']}/signatures/{batch['id']}/pin{query}", pin)


def upload(agent, batch, place, content):
    return agent.put(f"/sessions/{batch['session']}/signatures/{batch['id']}/documents/{place}", content)


def signatures(batch, place=0):
    return {made["format"]: base64.b64decode(made["value"]) for made in batch["items"][place]["signatures"]}


def verify_cms(folder, message, document, authorities, check=True):
    (folder / "message.p7s").write_bytes(message)
    (folder / "document").write_bytes(document)
    return run_tool(
        "openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", folder / "message.p7s", "-content", folder / "document",
        "-CAfile", authorities, "-out", "/dev/null", check=check)


def verify_raw(folder, signature, document, certificate):
    (folder / "certificate.der").write_bytes(certificate)
    (folder / "key.pem").write_bytes(
        run_tool("openssl", "x509", "-inform", "DER", "-in", folder / "certificate.der", "-noout", "-pubkey").stdout)
    (folder / "signature").write_bytes(signature)
    (folder / "document").write_bytes(document)
    run_tool("openssl", "dgst", "-sha256", "-verify", folder / "key.pem", "-signature", folder / "signature", folder / "document")


def cpsctl(agent, *arguments, pin="1234\n", cwd=None):
    done = subprocess.run(
        [str(BIN_DIR / "cpsctl"), "--socket", str(agent.socket), *map(str, arguments)], input=pin, capture_output=True, text=True,
        timeout=60, cwd=cwd)
    return done


def test_one_pin_signs_a_batch_that_openssl_accepts(ready, card, tmp_path, authorities):
    session = ready.login()["session"]
    second = b"x" * 70_000
    batch = begin(
        ready, session, item(), {"name": "scan.pdf", "media_type": "application/pdf"}, formats=["raw", "cms"])
    assert batch["awaits"] == ["documents/1", "pin"] and "scan.pdf" in batch["prompt"] and batch["tries_left"] == 3
    assert give_pin(ready, batch)[1]["code"] == "document_missing"
    status, waiting = upload(ready, batch, 1, second)
    assert (status, waiting["awaits"]) == (200, ["pin"]), waiting
    assert waiting["items"][1]["hash"] == sha256(second)
    status, done = give_pin(ready, batch)
    assert (status, done["state"]) == (200, "done"), done
    certificate = base64.b64decode(done["certificate"])
    for place, document in enumerate((LETTER, second)):
        made = signatures(done, place)
        verify_raw(tmp_path, made["raw"], document, certificate)
        verify_cms(tmp_path, made["cms"], document, authorities)
        assert verify_cms(tmp_path, made["cms"], document + b" ", authorities, check=False).returncode != 0
    assert card.status()["pin_tries_left"] == 3
    again = ready.get(f"/sessions/{session['id']}/signatures/{batch['id']}")[1]
    assert again == done, "an answer that is lost can be read again"
    traces = ready.traces("signature.requested", "signature.made")
    assert [trace["event"] for trace in traces] == ["signature.requested", "signature.made"]
    named = traces[1]["detail"]
    assert [each["name"] for each in named["items"]] == ["letter.txt", "scan.pdf"]
    assert named["items"][1]["sha256"] == hashlib.sha256(second).hexdigest() and named["items"][1]["size"] == len(second)
    handed = {hashlib.sha256(made).hexdigest() for place in (0, 1) for made in signatures(done, place).values()}
    assert {each["sha256"] for each in named["signatures"]} == handed
    assert traces[1]["session"] == session["id"] and traces[1]["client"]["uid"] == 0
    ready.verify_log()


def test_nothing_of_the_pin_is_left_for_another_signature(ready, card):
    session = ready.login()["session"]
    batch = begin(ready, session)
    assert give_pin(ready, batch)[0] == 200
    assert give_pin(ready, batch)[1]["code"] == "login_state"
    assert begin(ready, session)["state"] == "awaiting_pin"
    text = ready.log.read_text() + "".join(leaf.decode() for leaf in ready.leaves())
    assert LETTER.decode().strip() not in text


def test_a_wrong_pin_stops_the_batch_and_costs_one_try(ready, card):
    session = ready.login()["session"]
    batch = begin(ready, session, *[item(f"{number}.txt") for number in range(4)], formats=["raw"])
    status, refusal = give_pin(ready, batch, "9999")
    assert (status, refusal["code"], refusal["tries_left"]) == (403, "pin_wrong", 2)
    assert card.status()["pin_tries_left"] == 2
    status, refusal = give_pin(ready, batch, "9999")
    assert (refusal["code"], refusal["tries_left"]) == ("pin_wrong", 1)
    before = card.status()["commands"]
    assert give_pin(ready, batch)[1]["code"] == "last_try_consent_required"
    assert card.status()["commands"] == before
    consent = ready.get(f"/sessions/{session['id']}/signatures/{batch['id']}")[1]["last_try_consent"]
    status, done = give_pin(ready, batch, accept_last_try=consent)
    assert (status, done["state"]) == (200, "done"), done
    assert all("raw" in signatures(done, place) for place in range(4))


def test_a_card_that_leaves_in_the_middle_signs_nothing(ready, card):
    session = ready.login()["session"]
    batch = begin(ready, session, *[item(f"{number}.txt") for number in range(8)], formats=["raw"])
    cps_card("fault", "--control", card.control, "remove-after=12")
    status, refusal = give_pin(ready, batch)
    assert refusal["code"] in ("card_removed", "card_mute", "card_failed", "card_absent", "card_reset"), refusal
    assert ready.wait_ended(session["id"], "card_removed")
    assert ready.traces("signature.made") == []
    assert len(ready.traces("signature.failed")) == 1
    assert card.status()["pin_tries_left"] == 3


@pytest.mark.parametrize("kind, code", [
    ("expired", "certificate_expired"), ("wrong-usage", "certificate_wrong_usage"), ("foreign", "certificate_untrusted"),
])
def test_a_signature_certificate_that_is_not_trusted_asks_for_no_pin(agent, persona, virtual_card, generation, kind, code):
    card = virtual_card(persona(generation, extra=("--sign-cert", kind)))
    running = agent()
    running.wait_card()
    session = running.login()["session"]
    status, refusal = running.post(f"/sessions/{session['id']}/signatures", {"items": [item()]})
    assert (status, refusal["code"]) == (403, code), refusal
    assert [trace["code"] for trace in running.traces("signature.refused")] == [code]
    assert card.status()["pin_tries_left"] == 3


def test_a_revoked_signature_certificate_is_refused(agent, persona, virtual_card, pki):
    virtual_card(persona("cps4", extra=("--sign-cert", "revoked")))
    running = agent(trust={"crls": str(pki / "crls")})
    running.wait_card()
    session = running.login()["session"]
    assert running.post(f"/sessions/{session['id']}/signatures", {"items": [item()]})[1]["code"] == "certificate_revoked"


def test_who_may_not_sign_is_told_why(agent, persona, virtual_card):
    virtual_card(persona("cps3"))
    running = agent(clients={
        "records": {"uid": 0, "operations": ["login", "token"]}, "signer": {"uid": 65534, "operations": ["login", "sign"]}})
    running.wait_card()
    session = running.login()["session"]
    route = f"/sessions/{session['id']}/signatures"
    status, refusal = running.post(route, {"items": [item()]})
    assert (status, refusal["code"], refusal["operation"]) == (403, "operation_denied", "sign")
    status, refusal = running.request_as(65534, "POST", route, json.dumps({"items": [item()]}))
    assert (status, refusal["code"]) == (404, "session_not_found")


def test_a_locked_session_signs_nothing(ready):
    session = ready.login()["session"]
    batch = begin(ready, session)
    ready.post(f"/sessions/{session['id']}/lock")
    assert give_pin(ready, batch)[1]["code"] == "session_locked"
    assert ready.post(f"/sessions/{session['id']}/signatures", {"items": [item()]})[1]["code"] == "session_locked"
    assert ready.put(f"/sessions/{session['id']}/unlock", "1234")[0] == 200
    batch = begin(ready, session)
    assert give_pin(ready, batch)[0] == 200


@pytest.mark.parametrize("generation", ["cps4"])
def test_what_is_asked_for_is_bounded(ready, generation):
    session = ready.login()["session"]
    route = f"/sessions/{session['id']}/signatures"
    for members, status, code in (
        ({"items": [item()] * 33}, 422, "batch_too_large"),
        ({"items": [{"name": "a", "hash": {"algorithm": "sha1", "value": "00" * 20}}]}, 422, "hash_invalid"),
        ({"items": [{"name": "a", "hash": {"algorithm": "sha256", "value": "00" * 31}}]}, 422, "hash_invalid"),
        ({"items": []}, 400, "invalid_request"),
        ({"items": [{"name": "a\u0007"}]}, 400, "invalid_request"),
        ({"items": [{"name": "a", "pages": 2}]}, 400, "invalid_request"),
        ({"items": [{"name": "a"}], "formats": ["pdf"]}, 400, "invalid_request"),
        ({}, 400, "invalid_request"),
    ):
        answer = ready.post(route, members)
        assert (answer[0], answer[1]["code"]) == (status, code), (members, answer)
    assert {trace["code"] for trace in ready.traces("signature.refused")} == {"batch_too_large", "hash_invalid"}
    batch = begin(ready, session, {"name": "big"}, formats=["raw"])
    assert upload(ready, batch, 0, b"\0" * ((16 << 20) + 1))[1]["code"] == "payload_too_large"
    status, waiting = upload(ready, batch, 0, b"\0" * (16 << 20))
    assert (status, waiting["awaits"]) == (200, ["pin"]), waiting
    assert upload(ready, batch, 0, b"again")[1]["code"] == "login_state"
    assert upload(ready, batch, 1, b"none")[0] == 404
    assert ready.delete(f"{route}/{batch['id']}")[0] == 204
    assert [trace["event"] for trace in ready.traces("signature.cancelled")] == ["signature.cancelled"]


def test_cpsctl_signs_files_and_openssl_agrees(ready, card, tmp_path, authorities):
    ready.login()
    letter = tmp_path / "letter.txt"
    letter.write_bytes(LETTER)
    done = cpsctl(ready, "sign", "--pin-stdin", letter)
    assert done.returncode == 0, done
    verify_cms(tmp_path, (tmp_path / "letter.txt.p7s").read_bytes(), LETTER, authorities)
    assert "letter.txt" in done.stderr and READER in done.stderr
    before = card.status()["commands"]
    assert cpsctl(ready, "sign", "--pin-stdin", letter).returncode == 2, "the signature is there already"
    assert card.status()["commands"] == before
    out = tmp_path / "out"
    out.mkdir()
    digest = hashlib.sha256(LETTER).hexdigest()
    done = cpsctl(ready, "--json", "sign", "--pin-stdin", "--format", "raw", "--out", out, letter, "--hash", f"sha256:{digest}")
    assert done.returncode == 0, done
    answer = json.loads(done.stdout)
    certificate = base64.b64decode(answer["certificate"])
    for name in ("letter.txt.sig", f"{digest[:16]}.sig"):
        verify_raw(tmp_path, (out / name).read_bytes(), LETTER, certificate)


@pytest.mark.parametrize("generation", ["cps3"])
def test_cpsctl_exits_as_its_help_says(ready, card, generation, tmp_path):
    letter = tmp_path / "letter.txt"
    letter.write_bytes(LETTER)
    assert cpsctl(ready, "sign", "--pin-stdin", letter).returncode == 1, "no session"
    session = ready.login()["session"]
    assert cpsctl(ready, "sign", "--pin-stdin", letter, pin="9999\n").returncode == 5
    assert cpsctl(ready, "sign", "--pin-stdin", tmp_path / "none").returncode == 2
    assert cpsctl(ready, "sign", "--hash", "md5:00").returncode == 2
    french = cpsctl(ready, "--lang", "fr", "sign", "--pin-stdin", letter)
    assert french.returncode == 0 and "letter.txt signé" in french.stdout, french
    card.eject()
    wait_until(lambda: ready.session(session["id"])["state"] == "ended", "the session has ended")
    assert cpsctl(ready, "sign", "--pin-stdin", "--session", session["id"], letter).returncode in (1, 2)


@pytest.fixture
def authority(tmp_path):
    """A time-stamping authority: `openssl ts` behind a web server. Gives the server and the file of its root."""
    folder = tmp_path / "tsa"
    folder.mkdir()
    ec = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    run_tool("openssl", "req", "-x509", *ec, "-keyout", "root.key", "-subj", "/CN=root", "-days", "30", "-out", "root.pem", cwd=folder)
    run_tool("openssl", "req", *ec, "-keyout", "tsa.key", "-subj", "/CN=tsa", "-out", "tsa.csr", cwd=folder)
    (folder / "tsa.ext").write_text("extendedKeyUsage = critical,timeStamping\n")
    run_tool(
        "openssl", "x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key", "-days", "30", "-extfile", "tsa.ext",
        "-out", "tsa.pem", cwd=folder)
    (folder / "tsa.cnf").write_text(
        "[tsa]\nserial = serial\nsigner_cert = tsa.pem\nsigner_key = tsa.key\nsigner_digest = sha256\ndefault_policy = 1.2.3.4.1\n"
        "digests = sha256\n")

    def stamp(handler):
        (folder / "question").write_bytes(handler.rfile.read(int(handler.headers["Content-Length"])))
        run_tool(
            "openssl", "ts", "-reply", "-queryfile", "question", "-config", "tsa.cnf", "-section", "tsa", "-out", "answer", cwd=folder)
        handler.plain(200, (folder / "answer").read_bytes(), Content_Type="application/timestamp-reply")

    server = WebServer()
    server.answers["/"] = stamp
    yield server, folder / "root.pem"
    server.stop()


def signature_value(message):
    """The PKCS#1 signature inside a CMS message: after sha256WithRSAEncryption and its NULL, 256 bytes."""
    mark = bytes.fromhex("06092a864886f70d01010b050004820100")
    return message[message.rindex(mark) + len(mark):][:256]


def verify_stamp(folder, token, content, root):
    (folder / "token").write_bytes(token)
    (folder / "stamped").write_bytes(content)
    run_tool(
        "openssl", "ts", "-verify", "-token_in", "-in", folder / "token", "-data", folder / "stamped", "-CAfile", root, "-untrusted",
        folder / "tsa" / "tsa.pem")


def test_signatures_are_stamped_when_wished(agent, persona, virtual_card, tmp_path, authorities, authority):
    server, root = authority
    virtual_card(persona("cps3"))
    running = agent(signatures={"timestamp": {"url": f"{server.address}/", "anchors": str(root)}})
    running.wait_card()
    session = running.login()["session"]
    batch = begin(running, session, formats=["raw", "cms"], timestamp=True)
    status, done = give_pin(running, batch)
    assert (status, done["state"]) == (200, "done"), done
    made = {each["format"]: each for each in done["items"][0]["signatures"]}
    values = {name: base64.b64decode(each["value"]) for name, each in made.items()}
    verify_cms(tmp_path, values["cms"], LETTER, authorities)
    for name, stamped in (("raw", values["raw"]), ("cms", signature_value(values["cms"]))):
        assert made[name]["timestamp"]["verified"] is True
        verify_stamp(tmp_path, base64.b64decode(made[name]["timestamp"]["token"]), stamped, root)
    assert base64.b64decode(made["cms"]["timestamp"]["token"]) in values["cms"]
    trace = running.traces("signature.made")[0]
    assert all(each["timestamp"]["verified"] for each in trace["detail"]["signatures"])
    # Not wished: not asked.
    before = len(server.seen)
    assert give_pin(running, begin(running, session))[1]["items"][0]["signatures"][0]["timestamp"] is None
    assert len(server.seen) == before
    # An authority that breaks: signed all the same, and told.
    for answer in (503, b"garbage"):
        server.answers["/"] = answer
        status, done = give_pin(running, begin(running, session, timestamp=True))
        assert (status, done["state"]) == (200, "done"), done
        message = signatures(done)["cms"]
        verify_cms(tmp_path, message, LETTER, authorities)
        assert done["items"][0]["signatures"][0]["timestamp"]["code"] == "timestamp_unavailable"
    assert running.traces("signature.made")[-1]["detail"]["signatures"][0]["timestamp"]["code"] == "timestamp_unavailable"
    letter = tmp_path / "letter.txt"
    letter.write_bytes(LETTER)
    told = cpsctl(running, "sign", "--pin-stdin", "--timestamp", letter)
    assert told.returncode == 0 and "without a stamp" in told.stderr, told


@pytest.mark.parametrize("generation", ["cps4"])
def test_a_stamp_without_an_authority_is_refused_before_the_pin(ready, generation):
    session = ready.login()["session"]
    status, refusal = ready.post(f"/sessions/{session['id']}/signatures", {"items": [item()], "timestamp": True})
    assert (status, refusal["code"]) == (503, "timestamp_unavailable")
