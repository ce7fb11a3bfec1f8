"""Revocation lists of any size, signed by the authorities of a test hierarchy."""

import datetime
import random
import subprocess


def element(tag, content):
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def parts(content):
    """The elements of a constructed value, each whole."""
    found = []
    while content:
        size, header = content[1], 2
        if size >= 0x80:
            header = 2 + (size & 0x7F)
            size = int.from_bytes(content[2:header], "big")
        found.append(content[: header + size])
        content = content[header + size :]
    return found


def inside(whole):
    header = 2 if whole[1] < 0x80 else 2 + (whole[1] & 0x7F)
    return whole[header:]


def utc(time):
    return element(0x17, time.strftime("%y%m%d%H%M%SZ").encode())


def revocation_list(pki, model="ACI-FO-PP-TEST.crl", key="issuing", entries=0, number=1000, days=7, issued=None):
    """A list like the one that the hierarchy made itself, with other entries, number and dates."""
    issued = issued or datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=5)
    version, algorithm, issuer, *_, extensions = parts(inside(parts(inside((pki / "crls" / model).read_bytes()))[0]))
    authority_key = next(each for each in parts(inside(inside(extensions))) if b"\x55\x1d\x23" in each[:12])
    list_number = element(0x30, bytes.fromhex("0603551d14") + element(0x04, element(0x02, number.to_bytes(8, "big"))))
    chance = random.Random(7)
    date = utc(issued - datetime.timedelta(days=30))
    rows = b"".join(
        element(0x30, element(0x02, b"\x11\x20" + chance.randbytes(16)) + date) for _ in range(entries))
    body = element(
        0x30, version + algorithm + issuer + utc(issued) + utc(issued + datetime.timedelta(days=days))
        + (element(0x30, rows) if rows else b"") + element(0xA0, element(0x30, authority_key + list_number)))
    signature = subprocess.run(
        ["openssl", "dgst", "-sha256", "-sign", str(pki / "private" / f"{key}.key.pem")], input=body, capture_output=True, check=True).stdout
    return element(0x30, body + algorithm + element(0x03, b"\0" + signature))
