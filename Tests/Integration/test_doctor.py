"""`cpsctl doctor` against the real agent: each thing that can be wrong with a workstation is named, with a remedy and the exit code of a login."""

import datetime
import json
import os
import socket
import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

import pcsc
from test_certificates import KINDS
from tools import BIN_DIR, free_port, run_tool, wait_until


def ctl(agent, *arguments, **options):
    return run_tool(BIN_DIR / "cpsctl", "--socket", agent.socket, *arguments, check=False, **options)


def doctor(agent, language="en"):
    """The exit code and the checks that need attention, by name."""
    result = ctl(agent, "doctor", "--json", "--lang", language)
    document = json.loads(result.stdout)
    for check in document["checks"]:
        assert check["text"] and check["ok"] == (check["remedy"] is None), check
        assert check["ok"] or check["remedy"], check
    assert document["healthy"] == (result.returncode == 0)
    return result.returncode, {check["check"]: check for check in document["checks"] if not check["ok"]}


def found(agent, exit_code, check, code):
    """What doctor has to find; in both languages, and for people too."""
    status, attention = doctor(agent)
    assert status == exit_code and attention.get(check, {}).get("code") == code, attention
    french = doctor(agent, "fr")[1][check]
    assert french["text"] != attention[check]["text"] and french["remedy"] != attention[check]["remedy"]
    spoken = ctl(agent, "doctor", "--lang", "en")
    assert spoken.returncode == exit_code and attention[check]["remedy"].encode() in spoken.stdout
    return attention[check]


def test_a_workstation_that_is_ready(ready):
    status, attention = doctor(ready)
    assert status == 0 and not {"agent", "pcsc", "readers", "card", "certificate"} & set(attention), attention
    assert "TEST" in attention["trust"]["text"]


def test_an_agent_that_does_not_run(agent):
    found(agent(start=False), 3, "agent", "agent_unreachable")


def test_a_smart_card_service_that_is_down(agent):
    running = agent()
    running.wait_monitoring("service_down")
    found(running, 4, "pcsc", "pcsc_unavailable")


def test_a_smart_card_service_that_went_away(ready, pcscd):
    pcscd.kill()
    ready.wait_monitoring("service_down")
    found(ready, 4, "pcsc", "pcsc_unavailable")


def test_an_empty_reader_is_no_fault(agent, pcscd):
    running = agent()
    running.wait_monitoring("running")
    wait_until(lambda: running.get("/readers")[1]["readers"], "the reader is seen")
    assert doctor(running)[0] == 0


def test_a_card_that_is_mute(agent, persona, virtual_card):
    running = agent()
    virtual_card(persona("cps4"), faults=["mute-after=0"])
    running.wait_card("mute")
    found(running, 4, "card", "card_mute")


def test_a_card_of_another_kind(agent, persona, virtual_card):
    running = agent()
    virtual_card(persona("cps4"), faults=["sw=A4:6A82"])
    running.wait_card("foreign")
    found(running, 4, "card", "card_foreign")


def test_a_card_that_is_blocked(agent, persona, virtual_card):
    running = agent()
    virtual_card(persona("cps4"), faults=["tries=0"])
    running.wait_card("blocked")
    found(running, 5, "card", "pin_blocked")


def test_a_last_try_is_pointed_out(agent, persona, virtual_card):
    running = agent()
    virtual_card(persona("cps4"), faults=["tries=1"])
    running.wait_card()
    status, attention = doctor(running)
    assert status == 0 and "one PIN try" in attention["card"]["text"]


@pytest.mark.parametrize("cert, code", KINDS.items())
def test_a_card_whose_certificate_opens_nothing(agent, persona, virtual_card, cert, code):
    running = agent()
    virtual_card(persona("cps4", cert))
    running.wait_card()
    found(running, 6, "certificate", code)


def checks(agent, *arguments, **options):
    """The checks that need attention, by name."""
    result = ctl(agent, "doctor", "--json", "--lang", "en", *arguments, **options)
    return {check["check"]: check for check in json.loads(result.stdout)["checks"] if not check["ok"]}


def test_why_an_agent_does_not_answer(agent):
    running = agent(start=False)
    missing = checks(running)["agent"]
    assert missing["fix"] == "systemctl enable --now cps-agent.service" and "not there" in missing["why"]
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(running.socket))
    running.socket.chmod(0o660)
    assert checks(running)["agent"]["fix"] == "systemctl restart cps-agent.service"
    stranger = json.loads(subprocess.run(
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", str(BIN_DIR / "cpsctl"), "--socket", str(running.socket), "--json",
         "--lang", "en", "doctor"], capture_output=True, timeout=60).stdout)
    found = next(check for check in stranger["checks"] if check["check"] == "agent")
    assert found["fix"].startswith("usermod --append --groups ") and found["code"] == "agent_unreachable"


def test_a_socket_for_everybody(agent):
    running = agent(agent={"socket_mode": "0666"})
    assert "every program" in checks(running)["socket"]["text"]


def test_a_card_that_another_program_holds(agent, persona, virtual_card):
    virtual_card(persona("cps4"))
    wait_until(pcsc.card_is_present, "the card is there")
    with pcsc.held():
        running = agent()
        running.wait_monitoring("running")
        busy = wait_until(lambda: running.card().get("code") == "card_busy" and checks(running).get("card"), "the card is busy", 30)
        held_by = running.card()["held_by"]
        assert f"(pid {os.getpid()})" in held_by and held_by in busy["why"]
        assert busy["code"] == "card_busy" and busy["fix"]


def test_a_listener_whose_certificate_has_expired(agent, tmp_path):
    chain, key = tmp_path / "listener.pem", tmp_path / "listener.key"
    secret, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    end = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)
    made = x509.CertificateBuilder(name, name, secret.public_key(), 1, end - datetime.timedelta(days=9), end).sign(secret, hashes.SHA256())
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key.touch(mode=0o600)
    key.write_bytes(secret.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    running = agent(mobile={
        "enabled": True, "listen": f"127.0.0.1:{free_port()}", "certificate": str(chain), "key": str(key)})
    assert "expired on" in checks(running)["listener"]["text"]


def test_the_order_of_pam_in_another_root(agent, tmp_path):
    folder = tmp_path / "root" / "etc" / "pam.d"
    folder.mkdir(parents=True)
    (folder / "common-auth").write_text("auth sufficient pam_unix.so\nauth requisite pam_deny.so\n")
    (folder / "login").write_text("@include common-auth\nauth sufficient pam_cps.so\n")
    found = [
        check["text"] for check in json.loads(ctl(agent(start=False), "doctor", "--json", "--lang", "en", "--root", tmp_path / "root").stdout)["checks"]
        if check["check"] == "pam"]
    assert found == ["/etc/pam.d/login names pam_cps.so, which is not there", "in /etc/pam.d/login, pam_cps.so is after pam_deny.so"]
