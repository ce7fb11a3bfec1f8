"""Phones: let in by a code of the workstation or of their own, seen there, cut off from there. The phone is stock libraries alone."""

import json
import signal
import subprocess

import jwt
import pytest
import requests
from joserfc.jwk import ECKey

from agent_process import PASSWORD
from mobile_site import AUDIENCE, DEVICE, PRE_AUTHORIZED, Keys, Phone, Rejection, Site, Verifier
from test_clocks import clocks, shim  # noqa: F401: fixtures
from tools import BIN_DIR, run_tool, wait_until
from web_server import WebServer


@pytest.fixture
def generation():
    return "cps4"


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path)


@pytest.fixture
def clinic(agent, card, site, pki):
    """An agent with a listener, and its practitioner at work: (agent, session)."""
    running = agent(trust={"crls": str(pki / "crls")}, **site.settings())
    running.wait_card()
    return running, running.login()["session"]["id"]


@pytest.fixture
def phone(clinic, site):
    return Phone(site.issuer, site.chain)


class Records(WebServer):
    """A server that checks tokens as the example of Docs/examples/python does, and asks the agent whether they are good still."""

    def __init__(self, site):
        super().__init__()
        self.verifier = Verifier(
            site.issuer, AUDIENCE, ["card", "mobile"], ["record:read"], Keys(f"{site.issuer}/.well-known/jwks.json"), test_cards=True)
        self.site = site
        self.url = f"{self.address}/patients/1"
        self.answers["/patients/1"] = self.serve

    def serve(self, handler):
        authorization = handler.headers.get("Authorization")
        try:
            claims = self.verifier.verify(authorization, handler.headers.get_all("DPoP", []), handler.command, self.url)
        except Rejection as rejection:
            handler.plain(rejection.status, WWW_Authenticate=rejection.challenge)
        else:
            is_active = self.site.is_active(authorization.partition(" ")[2])
            handler.plain(200 if is_active else 401, claims["sub"].encode() if is_active else b"")


@pytest.fixture
def records(site, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(site.chain))
    server = Records(site)
    yield server
    server.stop()


def show_code(agent, session, **members):
    status, pairing = agent.post("/mobile/pairings", {"session": session, "resource": AUDIENCE, **members})
    assert status == 201, pairing
    assert pairing["state"] == "shown" and 0 < pairing["expires_in"] <= 60
    return pairing


def type_digits(agent, pairing, digits):
    return agent.post(f"/mobile/pairings/{pairing['id']}/digits", {"digits": digits})


def pair(agent, session, phone, **members):
    """The whole way, as a practitioner goes it."""
    pairing = show_code(agent, session, **members)
    code = phone.read_code(pairing["code_uri"])
    assert phone.refused(PRE_AUTHORIZED, **phone.redemption(code)) == "authorization_pending"
    seen = agent.get(f"/mobile/pairings/{pairing['id']}")[1]
    assert seen["state"] == "redeemed" and seen["device_name"] == phone.name and "digits" not in seen
    status, confirmed = type_digits(agent, pairing, phone.digits)
    assert status == 200 and confirmed["state"] == "confirmed", confirmed
    return phone.redeem(code)


def asks(approval):
    """Who asks, as the practitioner sees it before the PIN."""
    return tuple(approval["request"][name] for name in ("device_name", "client", "address"))


def test_a_phone_is_paired_works_and_is_cut_off(clinic, site, phone):
    agent, session = clinic
    events = agent.events()
    token = pair(agent, session, phone)
    assert token["token_type"].lower() == "dpop" and token["refresh_token"]
    # Any library verifies the token offline.
    keys = jwt.PyJWKSet.from_dict(requests.get(phone.metadata["jwks_uri"], verify=str(site.chain), timeout=30).json())
    header = jwt.get_unverified_header(token["access_token"])
    key = next(key for key in keys.keys if key.key_id == header["kid"])
    claims = jwt.decode(token["access_token"], key, algorithms=["ES256"], audience=AUDIENCE, issuer=site.issuer)
    assert header["typ"] == "at+jwt" and claims["acr"].endswith("/acr/mobile") and claims["client_id"] == "cps-mobile"
    assert claims["cnf"]["jkt"] == phone.thumbprint() and claims["exp"] - claims["iat"] <= 900
    assert site.is_active(token["access_token"])
    # The card leaves; the round goes on.
    assert events.wait("mobile", lambda data: data.get("state") == "done")["device_name"] == phone.name
    mobile = next(each for each in agent.get("/sessions")[1]["sessions"] if each["mode"] == "mobile")
    assert agent.delete(f"/sessions/{session}")[0] == 204
    first = token["access_token"]
    second = phone.refresh()["access_token"]
    assert second != first and site.is_active(second)
    # Whoever stands at the workstation ends it; the server hears of it.
    assert agent.delete(f"/sessions/{mobile['id']}")[0] == 204
    assert not site.is_active(second)
    assert phone.refused("refresh_token", refresh_token=phone.token["refresh_token"]) == "invalid_grant"
    told = site.poll()["sets"]
    ended = [jwt.decode(text, key, algorithms=["ES256"], audience="records", issuer=site.issuer) for text in told.values()]
    assert mobile["id"] in [each["sid"] for each in ended]
    assert "https://schemas.openid.net/secevent/caep/event-type/session-revoked" in ended[0]["events"]
    assert site.poll(acknowledged=told)["sets"] == {}
    agent.verify_log()


def test_a_phone_reads_records_until_it_is_cut_off(clinic, site, phone, records):
    agent, session = clinic
    pair(agent, session, phone)
    assert (phone.call(records.url).status_code, phone.call(records.url).text) == (200, "899900063480")
    phone.refresh()
    assert phone.call(records.url).status_code == 200
    for wrong in ({"htm": "POST"}, {"htu": f"{records.address}/patients/2"}, {"iat": 1_700_000_000}, {"key": ECKey.generate_key("P-256")}):
        assert phone.call(records.url, **wrong).status_code == 401, wrong
    device = agent.get("/mobile/devices")[1]["devices"][0]["id"]
    assert agent.delete(f"/mobile/devices/{device}")[0] == 204
    assert phone.call(records.url).status_code == 401


def test_a_server_that_is_no_client_any_more_is_refused_from_the_reload_on(clinic, site, phone):
    agent, session = clinic
    token = pair(agent, session, phone)["access_token"]
    assert site.is_active(token)
    good = json.loads(agent.config.read_text())

    def reload(clients, status):
        agent.config.write_text(json.dumps({**good, "clients": clients}))
        agent.process.send_signal(signal.SIGHUP)
        wait_until(lambda: site.ask("/introspect", token=token).status_code == status, f"the server is answered {status}")

    reload({name: entry for name, entry in good["clients"].items() if name != "records"}, 401)
    loaded = agent.traces("config.loaded")[-1]["detail"]
    assert loaded["changed"] == ["clients"] and loaded["restart"] == []
    reload(good["clients"], 200)
    assert agent.is_alive()


def test_a_code_that_two_have_read_lets_nobody_in(clinic, site, phone):
    agent, session = clinic
    thief = Phone(site.issuer, site.chain, name="Pixel de MAX")
    pairing = show_code(agent, session)
    code = phone.read_code(pairing["code_uri"])
    assert thief.refused(PRE_AUTHORIZED, **thief.redemption(code)) == "authorization_pending"
    assert phone.refused(PRE_AUTHORIZED, **phone.redemption(code)) == "invalid_grant"
    assert agent.get(f"/mobile/pairings/{pairing['id']}")[1]["state"] == "failed"
    assert type_digits(agent, pairing, phone.digits)[0] in (404, 409)
    assert thief.refused(PRE_AUTHORIZED, **thief.redemption(code)) == "invalid_grant"
    assert agent.traces("mobile.alarm")
    # One who comes after the phone is in ends what came of the code.
    pairing = show_code(agent, session)
    code = phone.read_code(pairing["code_uri"])
    phone.refused(PRE_AUTHORIZED, **phone.redemption(code))
    assert type_digits(agent, pairing, phone.digits)[0] == 200
    token = phone.redeem(code)["access_token"]
    assert site.is_active(token)
    assert thief.refused(PRE_AUTHORIZED, **thief.redemption(code)) == "invalid_grant"
    assert not site.is_active(token)


def test_a_stolen_refresh_token_kills_its_family(clinic, site, phone):
    agent, session = clinic
    pair(agent, session, phone)
    stolen = phone.token["refresh_token"]
    phone.refresh()
    current = phone.token
    thief = Phone(site.issuer, site.chain)
    assert thief.refused("refresh_token", refresh_token=stolen) == "invalid_grant"
    assert not site.is_active(current["access_token"])
    assert phone.refused("refresh_token", refresh_token=current["refresh_token"]) == "invalid_grant"
    assert agent.traces("mobile.alarm")[-1]["outcome"] == "failed"


def test_a_device_shows_a_code_and_card_and_pin_let_it_in(clinic, site, phone):
    agent, session = clinic
    status, shown = phone.authorize(resource=AUDIENCE)
    assert status == 200 and shown["interval"] == 5 and len(shown["user_code"]) == 9
    code = {"device_code": shown["device_code"]}
    assert phone.refused(DEVICE, **code) == "authorization_pending"
    assert phone.refused(DEVICE, **code) == "slow_down"
    status, approval = agent.post("/mobile/approvals", {"session": session, "user_code": shown["user_code"].lower().replace("-", " ")})
    assert status == 201, approval
    assert asks(approval) == (phone.name, "cps-mobile", "127.0.0.1")
    status, done = agent.put(f"/mobile/approvals/{approval['id']}/pin", "1234")
    assert status == 200, done
    # A device that asked too soon has to wait longer now: the next one is approved before it asks.
    other = Phone(site.issuer, site.chain, name="Tablette")
    shown = other.authorize(resource=AUDIENCE)[1]
    status, approval = agent.post("/mobile/approvals", {"session": session, "user_code": shown["user_code"]})
    assert status == 201, approval
    assert agent.put(f"/mobile/approvals/{approval['id']}/pin", "1234")[0] == 200
    assert site.is_active(other.ask(DEVICE, device_code=shown["device_code"])["access_token"])
    third = Phone(site.issuer, site.chain)
    shown = third.authorize(resource=AUDIENCE)[1]
    assert agent.post("/mobile/approvals/denials", {"session": session, "user_code": shown["user_code"]})[0] in (200, 204)
    assert third.refused(DEVICE, device_code=shown["device_code"]) == "access_denied"
    assert agent.post("/mobile/approvals", {"session": session, "user_code": "BCDF-GHJK"})[1]["code"] == "user_code_unknown"


def cpsctl(agent, *arguments, input=None):
    done = run_tool(BIN_DIR / "cpsctl", "--socket", agent.socket, "--json", *arguments, check=False, input=input and input.encode())
    return done.returncode, json.loads(done.stdout)


def test_the_command_line_lets_devices_in_and_puts_them_out(clinic, site, phone):
    agent, session = clinic
    status, pairing = cpsctl(agent, "mobile", "pair", "--audience", AUDIENCE, "--minutes", "30")
    assert status == 0, pairing
    code = phone.read_code(pairing["code_uri"])
    assert phone.refused(PRE_AUTHORIZED, **phone.redemption(code)) == "authorization_pending"
    confirm = subprocess.Popen(
        [BIN_DIR / "cpsctl", "--socket", agent.socket, "--json", "mobile", "confirm", pairing["id"], phone.digits], stdout=subprocess.PIPE)
    wait_until(lambda: agent.get(f"/mobile/pairings/{pairing['id']}")[1]["state"] == "confirmed", "the digits are taken")
    first = phone.redeem(code)["access_token"]
    assert json.loads(confirm.communicate(timeout=30)[0])["state"] == "done" and confirm.returncode == 0
    tablet = Phone(site.issuer, site.chain, name="Tablette")
    shown = tablet.authorize(resource=AUDIENCE)[1]
    status, done = cpsctl(agent, "mobile", "approve", shown["user_code"], "--pin-stdin", input="1234\n")
    assert status == 0, done
    second = tablet.ask(DEVICE, device_code=shown["device_code"])["access_token"]
    stranger = Phone(site.issuer, site.chain)
    shown = stranger.authorize(resource=AUDIENCE)[1]
    assert cpsctl(agent, "mobile", "deny", shown["user_code"])[0] == 0
    assert stranger.refused(DEVICE, device_code=shown["device_code"]) == "access_denied"
    devices = {each["name"]: each["id"] for each in cpsctl(agent, "mobile", "list")[1]["devices"]}
    assert site.is_active(first) and site.is_active(second)
    assert cpsctl(agent, "mobile", "revoke", devices[phone.name])[0] == 0
    assert not site.is_active(first) and site.is_active(second)
    assert cpsctl(agent, "mobile", "lost", "--device", devices["Tablette"], "--note", "oubliée")[0] == 0
    assert not site.is_active(second)


def test_a_lost_phone_is_out_and_its_key_stays_out(clinic, site, phone):
    agent, session = clinic
    token = pair(agent, session, phone)["access_token"]
    devices = agent.get("/mobile/devices")[1]["devices"]
    assert [device["name"] for device in devices] == [phone.name] and devices[0]["thumbprint"] == phone.thumbprint()
    status, answer = agent.post("/mobile/losses", {"session": session, "device": devices[0]["id"]})
    assert status in (200, 201), answer
    assert not site.is_active(token)
    pairing = show_code(agent, session)
    code = phone.read_code(pairing["code_uri"])
    assert phone.refused(PRE_AUTHORIZED, **phone.redemption(code)) in ("access_denied", "invalid_grant")


def test_a_session_goes_on_after_a_restart(clinic, site, phone):
    agent, session = clinic
    pair(agent, session, phone)
    agent.restart()
    assert [each["mode"] for each in agent.get("/sessions")[1]["sessions"]] == ["mobile"]
    assert site.is_active(phone.refresh()["access_token"])


def test_what_is_given_up_unfit_or_late_lets_nobody_in(agent, card, site, pki, clocks, shim):
    running = agent(start=False, trust={"crls": str(pki / "crls")}, **site.settings(survive_removal="10m"))
    running.environment = {"LD_PRELOAD": str(shim), "CLOCK_SHIFT": str(clocks.path)}
    running.start()
    running.wait_card()
    session = running.login()["session"]["id"]
    phone = Phone(site.issuer, site.chain)
    given_up = show_code(running, session)
    assert running.delete(f"/mobile/pairings/{given_up['id']}")[0] == 204
    assert phone.refused(PRE_AUTHORIZED, **phone.redemption(phone.read_code(given_up["code_uri"]))) == "invalid_grant"
    # Nobody has said for which service its tokens should be.
    unfit = running.post("/mobile/pairings", {"session": session})[1]
    code = phone.read_code(unfit["code_uri"])
    assert phone.refused(PRE_AUTHORIZED, **phone.redemption(code)) == "authorization_pending"
    assert type_digits(running, unfit, phone.digits)[0] == 200
    assert phone.refused(PRE_AUTHORIZED, **phone.redemption(code)) == "invalid_target"
    # One that is in goes on for ten minutes when the card leaves.
    pair(running, session, phone)
    card.eject()
    wait_until(lambda: running.traces("mobile.limited"), "the session of the phone is limited")
    assert site.is_active(phone.token["access_token"])
    late = Phone(site.issuer, site.chain)
    shown = late.authorize(resource=AUDIENCE)[1]
    clocks.set(boot=700)
    assert late.refused(DEVICE, device_code=shown["device_code"]) == "expired_token"
    assert not site.is_active(phone.token["access_token"])
    assert {"mobile.cancelled", "mobile.failed", "mobile.expired"} <= {trace["event"] for trace in running.traces()}


def test_only_a_card_session_lets_devices_in(agent, card, site):
    running = agent(
        degraded={"enabled": True, "homologation": {"authority": "CH", "reference": "H", "valid_until": "2099-12-31"}}, **site.settings())
    running.wait_card()
    session = running.login()["session"]["id"]
    entry = running.post("/degraded/enrolments", {"session": session})[1]
    assert running.put(f"/degraded/enrolments/{entry['id']}/password", PASSWORD)[0] == 200
    assert running.delete(f"/sessions/{session}")[0] == 204
    login = running.post("/degraded/logins", {"identifier": "99900063480", "reason": "card_forgotten"})[1]
    opened = running.put(f"/degraded/logins/{login['id']}/password", PASSWORD)[1]
    status, refusal = running.post("/mobile/pairings", {"session": opened["session"]["id"]})
    assert (status, refusal["code"]) == (409, "card_session_required") or refusal["code"] == "card_session_required"


def test_without_a_listener_there_is_none(agent, card):
    running = agent()
    running.wait_card()
    session = running.login()["session"]["id"]
    assert running.post("/mobile/pairings", {"session": session})[1]["code"] == "mobile_disabled"
    assert running.get("/status")[1]["modes"]["mobile"] is False
