"""Tokens of phones and questions of servers over TLS; part of `make bench`."""

import pathlib
import re
import statistics
import subprocess
import threading
import time

from mobile_site import AUDIENCE, PRE_AUTHORIZED, Phone

PHONES, REFRESHES = 8, 40
QUESTIONS = 20_000


def paired(agent, site, session, number):
    phone = Phone(site.issuer, site.chain, name=f"Phone {number}")
    pairing = agent.post("/mobile/pairings", {"session": session, "resource": AUDIENCE})[1]
    code = phone.read_code(pairing["code_uri"])
    assert phone.refused(PRE_AUTHORIZED, **phone.redemption(code)) == "authorization_pending"
    assert agent.post(f"/mobile/pairings/{pairing['id']}/digits", {"digits": phone.digits})[0] == 200
    phone.redeem(code)
    return phone


def measure(work, agent, site, session, row):
    """Each phone refreshes one token after the other, with a new proof each time; the phones are Python and share the two cores."""
    phones = [paired(agent, site, session, number) for number in range(PHONES)]
    times = []

    def work_of(phone):
        for _ in range(REFRESHES):
            start = time.monotonic()
            phone.refresh()
            times.append(time.monotonic() - start)

    threads = [threading.Thread(target=work_of, args=(phone,)) for phone in phones]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    row(f"tokens of {PHONES} phones over TLS, refreshed and traced, /s (phones in Python)", int(len(times) / (time.monotonic() - start)))
    row("one refresh as the phone sees it, median", f"{statistics.median(times) * 1000:.1f} ms")
    introspections(work, site, phones[0].token["access_token"], row)


def introspections(work, site, token, row):
    """ApacheBench asks with the certificate of a server, on 16 connections that stay open."""
    identity = pathlib.Path(work) / "identity.pem"
    identity.write_bytes(site.server[0].read_bytes() + site.server[1].read_bytes())
    body = pathlib.Path(work) / "question"
    body.write_text(f"token={token}")
    done = subprocess.run(
        ["ab", "-q", "-k", "-c", "16", "-n", str(QUESTIONS), "-E", identity, "-p", body, "-T", "application/x-www-form-urlencoded",
         f"{site.issuer}/introspect"], check=True, capture_output=True, text=True).stdout
    assert re.search(r"Non-2xx responses", done) is None and re.search(r"Failed requests:\s+0", done), done
    row("introspections over TLS by certificate, 16 connections, /s", int(float(re.search(r"Requests per second:\s+([\d.]+)", done)[1])))
