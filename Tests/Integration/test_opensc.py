"""The virtual CPS3 as OpenSC sees it: software that was written for real cards."""

import hashlib
import re

import pytest

from tools import run_tool

MODULE = "opensc-pkcs11.so"
SHA256_PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")
AUTHENTICATION_ID = "e828bd080f8025000001ff001002"
SIGNATURE_ID = "e828bd080f8025000001ff001001"


@pytest.fixture
def card(persona, virtual_card):
    return virtual_card(persona())


def pkcs11(*arguments, check=True):
    return run_tool("pkcs11-tool", *arguments, check=check)


def test_the_card_is_named(card):
    result = run_tool("opensc-tool", "-n")
    assert b"CPx" in result.stdout or b"IAS" in result.stdout


def test_the_atr_is_the_real_one(card):
    result = run_tool("opensc-tool", "-a")
    assert result.stdout.decode().strip() == "3b:ac:00:40:2a:00:12:25:00:64:80:00:03:10:00:90:00"


def test_the_application_is_listed(card):
    listing = run_tool("pkcs15-tool", "-D").stdout.decode()
    assert "Code porteur de la carte CPS" in listing
    assert re.search(r"CPS3v3-\d{10}", listing)
    for label in ("CPS_PRIV_AUT", "CPS_PRIV_SIG", "Certificat d'Authentification CPS", "Certificat de Signature CPS"):
        assert label in listing, label


def test_the_authentication_key_signs(card, tmp_path):
    challenge = b"a challenge"
    block = tmp_path / "digestinfo"
    block.write_bytes(SHA256_PREFIX + hashlib.sha256(challenge).digest())
    certificate, key = tmp_path / "certificate.der", tmp_path / "key.pem"
    message, signature = tmp_path / "message", tmp_path / "signature"
    message.write_bytes(challenge)

    pkcs11(
        "--login", "--pin", "1234", "--sign", "-m", "RSA-PKCS", "--id", AUTHENTICATION_ID,
        "--input-file", block, "--output-file", signature,
    )
    pkcs11("--read-object", "--type", "cert", "--id", AUTHENTICATION_ID, "--output-file", certificate)

    key.write_bytes(run_tool("openssl", "x509", "-inform", "DER", "-in", certificate, "-pubkey", "-noout").stdout)
    assert len(signature.read_bytes()) == 256
    result = run_tool("openssl", "dgst", "-sha256", "-verify", key, "-signature", signature, message)
    assert b"Verified OK" in result.stdout


def test_the_authentication_key_deciphers(card, tmp_path):
    certificate, key = tmp_path / "certificate.der", tmp_path / "key.pem"
    plain, cryptogram, result = tmp_path / "plain", tmp_path / "cryptogram", tmp_path / "result"
    plain.write_bytes(b"for the holder's eyes")
    pkcs11("--read-object", "--type", "cert", "--id", AUTHENTICATION_ID, "--output-file", certificate)
    key.write_bytes(run_tool("openssl", "x509", "-inform", "DER", "-in", certificate, "-pubkey", "-noout").stdout)
    run_tool("openssl", "pkeyutl", "-encrypt", "-pubin", "-inkey", key, "-in", plain, "-out", cryptogram)
    pkcs11(
        "--login", "--pin", "1234", "--decrypt", "-m", "RSA-PKCS", "--id", AUTHENTICATION_ID,
        "--input-file", cryptogram, "--output-file", result,
    )
    assert result.read_bytes() == plain.read_bytes()


def test_the_certificate_read_from_the_card_is_the_holders(card, pki, tmp_path):
    certificate = tmp_path / "certificate.der"
    pkcs11("--read-object", "--type", "cert", "--id", SIGNATURE_ID, "--output-file", certificate)
    subject = run_tool(
        "openssl", "x509", "-inform", "DER", "-in", certificate, "-noout", "-subject", "-nameopt", "utf8,sep_comma_plus"
    ).stdout.decode()
    assert "title=Médecin" in subject
    assert "899900063480" in subject and "SN=LIBRE" in subject and "GN=MAX" in subject
    pem = tmp_path / "certificate.pem"
    pem.write_bytes(run_tool("openssl", "x509", "-inform", "DER", "-in", certificate).stdout)
    run_tool(
        "openssl", "verify", "-CAfile", pki / "anchors" / "root.pem", "-untrusted", pki / "intermediates" / "issuing.pem", pem
    )


def test_a_wrong_pin_counts_down_and_the_card_keeps_count(card):
    before = card.status()["pin_tries_left"]
    result = pkcs11("--login", "--pin", "9999", "--list-objects", check=False)
    assert result.returncode != 0 and b"CKR_PIN_INCORRECT" in result.stderr
    assert (before, card.status()["pin_tries_left"]) == (3, 2)
    card.eject()
    assert card.insert()["pin_tries_left"] == 2


def test_the_right_pin_gives_all_tries_back(card):
    pkcs11("--login", "--pin", "9999", "--list-objects", check=False)
    pkcs11("--login", "--pin", "1234", "--list-objects")
    assert card.status()["pin_tries_left"] == 3


def test_the_pin_is_changed(card):
    pkcs11("--login", "--pin", "1234", "--change-pin", "--new-pin", "4321")
    assert pkcs11("--login", "--pin", "1234", "--list-objects", check=False).returncode != 0
    pkcs11("--login", "--pin", "4321", "--list-objects")
