"""Tokens of phones and questions of servers over TLS; part of `make bench`."""

import statistics
import threading
import time

import requests

from mobile_site import AUDIENCE, PRE_AUTHORIZED, Phone

# A person is shown six codes a minute.
PHONES, REFRESHES = 4, 40
QUESTIONS, ASKERS = 4000, 8


def paired(agent, site, session, number):
    phone = Phone(site.issuer, site.chain, name=f"Phone {number}")
    pairing = agent.post("/mobile/pairings", {"session": session, "resource": AUDIENCE})[1]
    code = phone.read_code(pairing["code_uri"])
    assert phone.refused(PRE_AUTHORIZED, **phone.redemption(code)) == "authorization_pending"
    assert agent.post(f"/mobile/pairings/{pairing['id']}/digits", {"digits": phone.digits})[0] == 200
    phone.redeem(code)
    return phone


def measure(agent, site, session, row):
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
    introspections(site, phones[0].token["access_token"], row)


def introspections(site, token, row):
    """Servers in Python ask with their certificate, each on a connection that stays open."""
    def ask():
        with requests.Session() as http:
            http.trust_env = False
            http.verify, http.cert = str(site.chain), tuple(str(part) for part in site.server)
            for _ in range(QUESTIONS // ASKERS):
                assert http.post(f"{site.issuer}/introspect", data={"token": token}, timeout=30).json()["active"] is True

    threads = [threading.Thread(target=ask) for _ in range(ASKERS)]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    row(f"introspections over TLS by certificate, {ASKERS} servers in Python, /s", int(QUESTIONS / (time.monotonic() - start)))
