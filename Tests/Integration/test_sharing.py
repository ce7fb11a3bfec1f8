"""Other programs use the card too: none of them may ride on a PIN that was given to us, and we get through between them."""

import hashlib
import os
import re
import signal
import subprocess

import pytest

from test_opensc import AUTHENTICATION_ID, SHA256_PREFIX, pkcs11
from tools import run_tool


@pytest.fixture
def card(persona, virtual_card):
    return virtual_card(persona("cps3"))


@pytest.fixture
def block(tmp_path):
    """What a program would have signed."""
    path = tmp_path / "digestinfo"
    path.write_bytes(SHA256_PREFIX + hashlib.sha256(b"not yours").digest())
    return path


def sign_without_pin(block, output):
    return pkcs11(
        "--sign", "-m", "RSA-PKCS", "--id", AUTHENTICATION_ID, "--input-file", block, "--output-file", output, check=False
    )


def test_another_program_cannot_sign_after_our_login(ready, block, tmp_path):
    opened = ready.login()
    result = sign_without_pin(block, tmp_path / "signature")
    assert result.returncode != 0, result.stdout
    assert not (tmp_path / "signature").exists() or not (tmp_path / "signature").read_bytes()
    # With its own PIN it may: the card is shared.
    pkcs11(
        "--login", "--pin", "1234", "--sign", "-m", "RSA-PKCS", "--id", AUTHENTICATION_ID,
        "--input-file", block, "--output-file", tmp_path / "own",
    )
    assert len((tmp_path / "own").read_bytes()) == 256
    assert ready.introspect(opened["access_token"])["active"] is True, "the card has not moved"


def raw_signature():
    """The status words of selecting the application, choosing the authentication key, and signing, without any VERIFY."""
    result = run_tool(
        "opensc-tool", "-s", "00A4040C0DE828BD080F8025000001FF0010", "-s", "002241A406800102840182",
        "-s", "0088000033" + (SHA256_PREFIX + hashlib.sha256(b"not yours").digest()).hex() + "00",
    )
    words = re.findall(r"Received \(SW1=0x(..), SW2=0x(..)\)", result.stdout.decode())
    return [high + low for high, low in words]


def test_raw_commands_cannot_sign_after_our_login(ready):
    ready.login()
    assert raw_signature() == ["9000", "9000", "6982"]


def test_a_setting_leaves_the_card_verified_and_says_so(agent, card):
    """This shows too that the test above would see a signature, if there were one."""
    running = agent(cards={"after_use": "leave"})
    running.wait_card()
    assert raw_signature() == ["9000", "9000", "6982"]
    running.login()
    assert raw_signature() == ["9000", "9000", "9000"]
    status = running.get("/status")[1]
    assert status["cards"] == {"after_use": "leave"}
    assert any("after_use" in warning for warning in status["warnings"])


def test_a_wrong_pin_leaves_nothing_verified_either(ready):
    assert ready.enter_pin(ready.begin(), "9999")[1]["code"] == "pin_wrong"
    assert raw_signature() == ["9000", "9000", "6982"]


def test_our_login_gets_through_while_another_program_reads(ready, card):
    """opensc-tool in a loop, as a desktop's certificate store does."""
    loop = subprocess.Popen(
        ["/bin/sh", "-c", "while :; do opensc-tool -n >/dev/null 2>&1; done"], start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    try:
        opened = []
        for _ in range(5):
            status, answer = ready.post("/logins", {"audience": "https://records.example"})
            assert status == 201, answer
            status, answer = ready.enter_pin(answer)
            assert status == 200, answer
            opened.append(answer)
        assert ready.introspect(opened[-1]["access_token"])["active"] is True
        assert loop.poll() is None
    finally:
        os.killpg(loop.pid, signal.SIGKILL)
        loop.wait()
    assert card.status()["pin_tries_left"] == 3
    assert [trace["code"] for trace in ready.traces("login.failed", "pin.refused")] == []


def test_another_program_gets_through_while_we_log_in(ready):
    for _ in range(3):
        ready.begin()
        assert run_tool("opensc-tool", "-n").stdout.strip()
        ready.login()


def test_wrong_pins_of_another_program_are_seen_before_ours(ready, card):
    login = ready.begin()
    pkcs11("--login", "--pin", "9999", "--list-objects", check=False)
    assert card.status()["pin_tries_left"] == 2
    status, refusal = ready.enter_pin(login)
    assert (status, refusal["code"], refusal["tries_left"]) == (409, "pin_tries_changed", 2)
    assert card.status()["pin_tries_left"] == 2
