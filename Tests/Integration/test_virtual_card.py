"""cps-card as a program: personas, insertion and removal through the real daemon, faults, clean ends."""

import json
import os
import re
import socket
import stat
import subprocess
import time

import pytest

import pcsc
from tools import BIN_DIR, cps_card, run_tool, stop, wait_until

CPS4_ATR = "3b:9b:18:80:01:00:12:25:00:64:80:04:01:00:00:90:44"
CONTACTLESS_ATR = "3b:8f:80:01:00:31:b8:64:04:b0:ec:c1:73:94:01:80:82:90:00:0e"
SERIAL_BY_PATH = "00A4090C043F00D003"


def send(*commands, check=True):
    """Sends raw commands in one connection; gives the status words, `None` for each that failed."""
    arguments = [part for command in commands for part in ("-s", command)]
    output = run_tool("opensc-tool", "-c", "default", *arguments, check=check).stdout.decode()
    return re.findall(r"Received \(SW1=0x(..), SW2=0x(..)\)", output)


def card_present():
    return b"Yes" in run_tool("opensc-tool", "-l", check=False).stdout


def certificate_errors(pki, certificate, *more):
    lists = b"".join(run_tool("openssl", "crl", "-inform", "DER", "-in", path).stdout for path in sorted(pki.glob("crls/*.crl")))
    crls = certificate.with_suffix(".crls.pem")
    crls.write_bytes(lists)
    result = run_tool(
        "openssl", "verify", "-x509_strict", "-crl_check_all", "-CRLfile", crls, "-CAfile", pki / "anchors" / "root.pem",
        "-untrusted", pki / "intermediates" / "issuing.pem", *more, certificate, check=False,
    )
    return None if result.returncode == 0 else result.stderr.decode()


@pytest.mark.parametrize(
    "kind, purpose, error",
    [
        ("valid", "sslclient", None),
        ("expired", "sslclient", "certificate has expired"),
        ("not-yet-valid", "sslclient", "not yet valid"),
        ("revoked", "sslclient", "certificate revoked"),
        ("wrong-issuer", "sslclient", "certificate signature failure"),
        ("foreign", "sslclient", "unable to get local issuer"),
        ("wrong-usage", "sslclient", "unsuitable certificate purpose"),
    ],
)
@pytest.mark.parametrize("made, role", [("cps3", "authentication"), ("cps3-contactless", "technical")])
def test_openssl_judges_each_kind_of_certificate(persona, pki, tmp_path, kind, purpose, error, made, role):
    folder = persona(made, cert=kind)
    pem = tmp_path / "leaf.pem"
    pem.write_bytes(run_tool("openssl", "x509", "-inform", "DER", "-in", folder / f"{role}.der").stdout)
    found = certificate_errors(pki, pem, "-purpose", purpose)
    assert (found is None) if error is None else (found and error in found), found


@pytest.mark.parametrize(
    "arguments",
    [
        ["--generation", "cps9", "--rpps", "99900063480"],
        ["--generation", "cps3", "--rpps", "123"],
        ["--generation", "cps3"],
        ["--generation", "cps3", "--rpps", "99900063480", "--national-id", "899900063480"],
        ["--generation", "cps3", "--rpps", "99900063480", "--pin", "12a4"],
        ["--generation", "cps3", "--rpps", "99900063480", "--cert", "perfect"],
    ],
)
def test_wrong_arguments_make_no_card(tmp_path, arguments):
    out = tmp_path / "card"
    result = cps_card(
        "new", *arguments, "--family-name", "A", "--given-name", "B", "--profession", "10", "--pki", tmp_path / "pki",
        "--out", out, check=False,
    )
    assert result.returncode != 0 and b"Error" in result.stderr and not out.exists()


def test_removal_and_insertion_reach_the_daemon(persona, virtual_card):
    card = virtual_card(persona())
    wait_until(card_present, "the card is seen")
    card.eject()
    wait_until(lambda: not card_present(), "the card is gone")
    card.insert()
    wait_until(card_present, "the card is back")


def test_another_card_takes_the_place(persona, virtual_card):
    first, second = persona(), persona(generation="cps4", family="AUTRE")
    card = virtual_card(first)
    before = card.status()
    after = card.insert(second)
    assert after["generation"] == "cps4" and after["serial"] != before["serial"]
    wait_until(lambda: CPS4_ATR in run_tool("opensc-tool", "-a", check=False).stdout.decode(), "the new card is seen")


def test_a_folder_without_a_card_is_refused_by_insert(persona, virtual_card, tmp_path):
    card = virtual_card(persona())
    result = cps_card("insert", "--control", card.control, "--card", tmp_path / "nothing", check=False)
    assert result.returncode != 0 and b"card.json" in result.stderr
    assert card.status()["taken"]


@pytest.mark.parametrize("generation, atr", [("cps4", CPS4_ATR), ("cps3-contactless", CONTACTLESS_ATR)])
def test_each_generation_shows_its_atr(persona, virtual_card, generation, atr):
    virtual_card(persona(generation=generation))
    assert run_tool("opensc-tool", "-a").stdout.decode().strip() == atr


def test_the_cps4_answers_on_channel_one(persona, virtual_card):
    virtual_card(persona(generation="cps4"))
    answers = send("01A4080002D00300", "01A4040C088025000001FF0100", "01A4080002D00300", "01200011")
    assert answers == [("68", "81"), ("90", "00"), ("90", "00"), ("63", "C3")]


def test_the_card_keeps_its_reader_over_a_restart_of_the_daemon(persona, pcscd, virtual_card):
    card = virtual_card(persona())
    pcscd.kill()
    wait_until(lambda: not card.status()["taken"], "the card notices")
    pcscd.start()
    card.wait_taken()
    assert send(SERIAL_BY_PATH) == [("90", "00")]


def test_a_card_that_leaves_in_the_middle_is_gone(persona, virtual_card):
    card = virtual_card(persona(), ["remove-after=1"])
    send(SERIAL_BY_PATH, check=False)
    wait_until(lambda: not card.status()["inserted"], "the card has left")
    card.insert()
    assert send(SERIAL_BY_PATH, SERIAL_BY_PATH) == [("90", "00"), ("90", "00")]


def test_a_status_word_can_be_forced_and_ended(persona, virtual_card):
    card = virtual_card(persona())
    card.fault("sw=20:6983")
    assert send("0020000100") == [("69", "83")]
    card.fault("none")
    assert send("0020000100") == [("63", "C3")]


def test_tries_can_be_spent_beforehand(persona, virtual_card):
    virtual_card(persona(), ["tries=1"])
    assert send("0020000100") == [("63", "C1")]


def test_an_unknown_fault_is_refused(persona, virtual_card):
    card = virtual_card(persona())
    result = cps_card("fault", "--control", card.control, "explode", check=False)
    assert result.returncode != 0 and b"explode" in result.stderr


def test_the_control_socket_is_the_owners_and_answers_junk(persona, virtual_card):
    card = virtual_card(persona())
    assert stat.S_IMODE(os.stat(card.control).st_mode) == 0o600
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(card.control))
        client.sendall(b"dance\n\nstatus\n")
        lines = client.makefile()
        assert lines.readline().startswith("error")
        assert lines.readline().startswith("error")
        assert json.loads(lines.readline())["inserted"] is True
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(card.control))
        client.sendall(b"x" * 100_000)
        client.settimeout(10)
        try:
            assert client.recv(1024) == b""
        except ConnectionError:
            pass  # closed with unread bytes: as good
    assert card.status()["taken"]


def test_a_served_control_socket_is_not_stolen(persona, virtual_card):
    card = virtual_card(persona())
    result = cps_card("run", persona(), "--control", card.control, check=False)
    assert result.returncode != 0 and b"another card" in result.stderr
    assert card.status()["taken"]


def test_a_stale_control_socket_is_taken_over(persona, virtual_card, tmp_path):
    stale = tmp_path / "control-0.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(stale))
    assert virtual_card(persona()).status()["taken"]


@pytest.mark.parametrize("signal", ["TERM", "INT"])
def test_a_signal_ends_the_program_cleanly(persona, tmp_path, signal):
    control = tmp_path / "control.sock"
    process = subprocess.Popen([str(BIN_DIR / "cps-card"), "run", str(persona()), "--control", str(control)])
    wait_until(control.exists, "the control socket is there")
    run_tool("kill", f"-{signal}", str(process.pid))
    assert process.wait(10) == 0
    assert not control.exists()
    stop(process)


def test_acknowledgements_are_not_delayed(persona, virtual_card):
    """A delayed acknowledgement costs 40 ms a command: these 400 would take 16 s at the least, on any machine."""
    virtual_card(persona())
    start = time.monotonic()
    assert len(send(*[SERIAL_BY_PATH] * 200)) == 200
    assert time.monotonic() - start < 8


def test_a_mute_card_is_a_transmission_error(persona, virtual_card):
    card = virtual_card(persona())
    card.fault("mute-after=1")
    first, second = pcsc.exchange("0020000100", "0020000100")
    assert first == (0, bytes.fromhex("63C3"))
    assert second == (pcsc.NOT_TRANSACTED, b"")
    wait_until(lambda: pcsc.exchange("0020000100")[0][0] in pcsc.CANNOT_BE_POWERED, "the card gives no answer to reset")
    card.eject()
    card.insert()
    wait_until(lambda: pcsc.exchange("0020000100") == [(0, bytes.fromhex("63C3"))], "the card speaks again")


def test_a_card_that_leaves_instead_of_answering_is_an_error(persona, virtual_card):
    card = virtual_card(persona())
    card.fault("remove-after=0")
    code, answer = pcsc.exchange("0020000100")[0]
    assert code in (pcsc.NOT_TRANSACTED, pcsc.REMOVED) and answer == b""
    wait_until(lambda: not card_present(), "the card is gone")


def test_a_card_that_is_mute_from_the_start_cannot_be_powered(persona, virtual_card):
    card = virtual_card(persona(), ["mute-after=0"])
    wait_until(card_present, "the card is seen")
    assert pcsc.exchange("0020000100")[0][0] in pcsc.CANNOT_BE_POWERED
    assert card.status()["commands"] == 0
