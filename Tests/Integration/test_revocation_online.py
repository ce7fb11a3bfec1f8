"""Revocation over the network: lists that are fetched, responders that are asked, and servers that do it badly."""

import base64
import json
import subprocess
import time

import pytest

from crl_maker import revocation_list
from test_revocation import cpsctl
from tools import stop, wait_until
from web_server import WebServer

NAMES = {"issuing": "ACI-FO-PP-TEST.crl", "root": "ACR-FO-TEST.crl"}


@pytest.fixture
def web():
    server = WebServer()
    yield server
    server.stop()


@pytest.fixture
def fetching(agent, web, pki, persona):
    """An agent that fetches two lists from `web`; it is started when it is called."""
    if not (pki / "anchors").exists():
        persona()

    def start(**trust):
        for name in NAMES.values():
            web.answers.setdefault(f"/{name}", (pki / "crls" / name).read_bytes())
        addresses = [f"{web.address}/{name}" for name in NAMES.values()]
        return agent(trust={"revocation": {"fetch": addresses, **trust.pop("revocation", {})}, **trust})

    return start


def fetched(update, name):
    return next(each for each in update["lists"] if each["file"].endswith(name))


def test_lists_are_fetched_without_being_asked_for_and_decide_about_a_card(fetching, persona, virtual_card):
    virtual_card(persona("cps4"))
    running = fetching()
    wait_until(lambda: running.get("/status")[1]["revocation"]["status"] == "good", "the lists are there")
    running.wait_card()
    revocation = running.login()["session"]["revocation"]
    assert (revocation["status"], revocation["source"]) == ("good", "crl")
    files = {trace["detail"]["file"] for trace in running.traces("trust.list_loaded")}
    assert len(files) == 2 and all(file.startswith("http://127.0.0.1:") for file in files)


def test_what_has_not_changed_is_not_sent_again_even_after_a_restart(fetching, web, pki):
    for name in NAMES.values():
        web.answers[f"/{name}"] = web.versioned((pki / "crls" / name).read_bytes(), f'"{name}"')
    running = fetching()
    wait_until(lambda: len(running.traces("trust.list_loaded")) == 2, "the lists are there")
    status, update = cpsctl(running, "trust", "update")
    assert status == 0 and [each["unchanged"] for each in update["lists"]] == [True, True]
    running.restart()
    seen = len(web.seen)
    status, update = cpsctl(running, "trust", "update")
    assert status == 0, update
    assert all("If-None-Match" in headers for _, _, headers in web.seen[seen:])
    assert running.get("/status")[1]["revocation"]["status"] == "good"


@pytest.mark.parametrize(
    "case, reason",
    [
        ("too-big", "larger than what is accepted"),
        ("circle", "sends on without end"),
        ("garbage", "not a revocation list"),
        ("missing", "status 404"),
        ("closed", "cannot be reached"),
        ("another-issuer", "not its issuer's"),
        ("rolled-back", "a newer list"),
    ],
)
def test_what_is_wrong_with_a_list_is_said_and_the_one_before_stays(fetching, web, pki, case, reason):
    path = f"/{NAMES['issuing']}"
    web.answers[path] = revocation_list(pki, number=1000)
    running = fetching()
    wait_until(lambda: len(running.traces("trust.list_loaded")) == 2, "the lists are there")
    before = cpsctl(running, "trust", "list")[1]["authorities"]
    web.answers.update({
        "/a": web.redirect("/b"), "/b": web.redirect("/a"),
        path: {
            "too-big": web.endless, "circle": web.redirect("/a"), "garbage": b"<html>no list</html>", "missing": 404, "closed": web.redirect_out("http://127.0.0.1:9/list"),
            "another-issuer": revocation_list(pki, key="root", number=1001), "rolled-back": revocation_list(pki, number=999),
        }[case],
    })
    status, update = cpsctl(running, "trust", "update")
    assert status == 8
    refused = fetched(update, NAMES["issuing"])
    assert refused["accepted"] is False and reason in refused["detail"]
    event = "trust.list_refused" if case in ("garbage", "another-issuer", "rolled-back") else "trust.fetch_failed"
    assert any(trace["detail"]["file"] == refused["file"] for trace in running.traces(event))
    assert cpsctl(running, "trust", "list")[1]["authorities"] == before


def test_a_server_that_says_nothing_holds_no_login_up(fetching, web, persona, virtual_card):
    for name in NAMES.values():
        web.answers[f"/{name}"] = web.silence
    virtual_card(persona("cps4"))
    running = fetching()
    wait_until(lambda: len(web.seen) == 2, "both lists are being fetched")
    running.wait_card()
    start = time.monotonic()
    assert running.login()["session"]["revocation"]["status"] == "unchecked"
    assert time.monotonic() - start < 5


def test_a_revoked_card_is_refused_by_a_fetched_list(fetching, web, persona, virtual_card):
    virtual_card(persona("cps4", cert="revoked", family="PERRIN"))
    running = fetching()
    running.wait_card()
    cpsctl(running, "trust", "update")
    status, problem = running.post("/logins", {})
    assert (status, problem["code"]) == (403, "certificate_revoked")


# OCSP, with the responder of OpenSSL


def leaf_serial(card):
    """Of the login certificate in a card's folder, as OpenSSL's index writes it."""
    done = subprocess.run(
        ["openssl", "x509", "-inform", "DER", "-in", str(card / "authentication.der"), "-noout", "-serial"], capture_output=True, check=True,
        text=True)
    return done.stdout.strip().split("=")[1]


def claims(token):
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


@pytest.fixture
def responder(tmp_path, pki, persona):
    """A factory of responders: responder(index) gives the address. `index` are lines of OpenSSL's index."""
    running = []

    def run(index, signer="delegated", purpose="OCSPSigning"):
        folder = tmp_path / f"ocsp-{len(running)}"
        folder.mkdir()
        (folder / "ext").write_text(
            f"basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage={purpose}\n"
            "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n")
        (folder / "index.txt").write_text(index)
        issuing, key = pki / "intermediates" / "issuing.pem", pki / "private" / "issuing.key.pem"
        for command in (
            f"req -newkey rsa:2048 -nodes -keyout {folder}/r.key -subj /C=FR/CN=TEST-OCSP -out {folder}/r.csr",
            f"x509 -req -in {folder}/r.csr -CA {issuing} -CAkey {key} -days 30 -extfile {folder}/ext -set_serial 0x1120 -out {folder}/r.pem",
        ):
            subprocess.run(["openssl", *command.split()], check=True, capture_output=True)
        process = subprocess.Popen(
            ["openssl", "ocsp", "-index", str(folder / "index.txt"), "-CA", str(issuing), "-rsigner", str(folder / "r.pem"), "-rkey",
             str(folder / "r.key"), "-port", "8888", "-nmin", "60"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        running.append(process)
        assert b"accept" in process.stdout.readline().lower()
        return "http://127.0.0.1:8888"

    yield run
    for process in running:
        stop(process)
        process.stdout.close()


def index_line(state, serial):
    revoked = "260101000000Z,keyCompromise" if state == "R" else ""
    return f"{state}\t330101000000Z\t{revoked}\t{serial}\tunknown\t/CN=card\n"


@pytest.fixture
def asking(agent, pki, tmp_path, persona, virtual_card):
    """An agent that asks a responder, with the root's list but none of the issuing authority."""
    virtual_card(persona("cps4"))

    def start(address, lists=("root",)):
        folder = tmp_path / "lists"
        folder.mkdir()
        for name in lists:
            (folder / NAMES[name]).write_bytes((pki / "crls" / NAMES[name]).read_bytes())
        running = agent(trust={"crls": str(folder), "ocsp": {"enabled": True, "responder": address}})
        running.wait_card()
        cpsctl(running, "trust", "update")
        return running

    return start


def test_a_good_answer_makes_the_session_checked_and_says_so(asking, responder, tmp_path):
    serial = leaf_serial(tmp_path / "card-0")
    running = asking(responder(index_line("V", serial)))
    opened = running.login()
    revocation = opened["session"]["revocation"]
    assert (revocation["status"], revocation["source"]) == ("good", "ocsp")
    assert opened["session"]["acr"].endswith("/acr/card")
    assert claims(opened["access_token"])["cps"]["revocation_as_of"] == revocation["as_of"]
    assert running.traces("session.opened")[-1]["detail"]["revocation"] == revocation


def test_a_revoked_answer_refuses(asking, responder, tmp_path):
    running = asking(responder(index_line("R", leaf_serial(tmp_path / "card-0"))))
    status, problem = running.post("/logins", {})
    assert (status, problem["code"]) == (403, "certificate_revoked")


@pytest.mark.parametrize("case", ["unknown", "wrong-responder"])
@pytest.mark.parametrize("lists", [("root",), ("root", "issuing")])
def test_an_answer_that_tells_nothing_leaves_it_to_the_lists(asking, responder, tmp_path, case, lists):
    if case == "unknown":
        address = responder(index_line("V", "112033"))
    else:
        address = responder(index_line("V", leaf_serial(tmp_path / "card-0")), purpose="clientAuth")
    running = asking(address, lists)
    revocation = running.login()["session"]["revocation"]
    assert revocation["status"] == ("good" if len(lists) == 2 else "unchecked")
    assert revocation["source"] == "crl"
    detail = running.traces("trust.ocsp_failed")[0]["detail"]["detail"]
    assert {"unknown": "does not know", "wrong-responder": "may not answer"}[case] in detail


def test_a_silent_responder_costs_its_budget_once(asking, web):
    web.answers["/"] = web.silence
    running = asking(f"{web.address}/", ("root", "issuing"))
    start = time.monotonic()
    assert running.login()["session"]["revocation"]["source"] == "crl"
    assert time.monotonic() - start < 5
    running.login()
    assert len([seen for seen in web.seen if seen[0] == "POST"]) == 1
    assert "in time" in running.traces("trust.ocsp_failed")[0]["detail"]["detail"]
