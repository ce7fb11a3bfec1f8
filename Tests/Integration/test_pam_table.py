"""The truth table of the login at the workstation: every combination, and nobody gets in but by the two rules of this file."""

import itertools

import pytest

import pam_agent
import pam_handle
from pam_handle import Pam
from pam_tools import FAST, MODULE, build

CARDS = ("good", "absent", "foreign", "mute", "other")
PINS = ("right", "wrong", "blocked", "last agreed", "last refused")
CERTIFICATES = ("valid", "expired", "revoked", "foreign")
ACCOUNTS = ("mapped", "unmapped", "other", "missing")
AGENTS = ("up", "down", "hung", "hung at the secret", "garbled", "lying")
FALLBACKS = ("yes", "no")
NAMES = ("alice", None)


def card_way(card, pin, certificate, account, name):
    """What the card comes to: the user who is in, or the result of PAM and whether another way in is offered."""
    if card in ("absent", "foreign", "mute"):
        return pam_handle.AUTHINFO_UNAVAIL, True
    if certificate != "valid":
        return (pam_handle.ACCT_EXPIRED, True) if certificate == "expired" else (pam_handle.PERM_DENIED, False)
    if account in ("unmapped", "missing"):
        return pam_handle.USER_UNKNOWN, False
    owner = "bob" if card == "other" or account == "other" else "alice"
    if name not in (None, owner):
        return pam_handle.PERM_DENIED, False
    if pin == "blocked":
        return pam_handle.MAXTRIES, True
    return (owner, False) if pin in ("right", "last agreed") else (pam_handle.AUTH_ERR, False)


def password_way(account, name):
    if account in ("unmapped", "missing"):
        return pam_handle.USER_UNKNOWN
    owner = "bob" if account == "other" else "alice"
    return owner if name in (None, owner) else pam_handle.PERM_DENIED


def expected(card, pin, certificate, account, agent, fallback, name):
    """The user who gets in, or the results that PAM may give."""
    if agent in ("down", "hung", "hung at the secret", "garbled"):
        return (pam_handle.AUTHINFO_UNAVAIL,)
    result, is_offered = card_way(card, pin, certificate, account, name)
    if is_offered and fallback == "yes":
        result = password_way(account, name)
    if agent == "lying":
        # It says yes to everything, for a session of somebody else: whatever the person does, nobody is in.
        return (pam_handle.PERM_DENIED, pam_handle.AUTH_ERR)
    return result if isinstance(result, str) else (result,)


def rows(agent):
    """All combinations; of those that have to wait for the end of their time, each way to the wait once."""
    for row in itertools.product(CARDS, PINS, CERTIFICATES, ACCOUNTS, FALLBACKS, NAMES):
        card, pin, certificate, account, fallback, name = row
        if agent == "hung" and (card, pin, certificate, account) != ("good", "right", "valid", "mapped"):
            continue
        if agent == "hung at the secret":
            result, is_offered = card_way(card, pin, certificate, account, name)
            asks_pin = isinstance(result, str) or (result == pam_handle.AUTH_ERR and pin == "wrong")
            asks_password = is_offered and fallback == "yes" and (pin == "right" or pin == "blocked" and card == "good")
            if not asks_pin and not (asks_password and (certificate == "valid" or card == "good")):
                continue
        yield row


def person(pin):
    def answer(style, prompt):
        if "PIN" in prompt:
            return "9999" if pin == "wrong" else "1234"
        if "YES" in prompt:
            return "yes" if pin == "last agreed" else "no"
        return {"Iden": "99900063480", "Reas": "1", "Pass": "Secret-9"}[prompt[:4]]

    return answer


def scripted(agent, workstation):
    """How this agent answers."""

    def lie(request):
        status, body = workstation(request)
        if status < 400 or request.method == "DELETE":
            pass
        elif request.route == "/logins":
            body = {"id": "login-1", "reader": "r", "holder": {}, "tries_left": 3, "keypad": False}
        body = body or {}
        if request.method in ("POST", "PUT"):
            body = {**body, "session": {"id": "s-9", "state": "active", "mode": "card", "uid": 4299},
                    "account": {"name": "root", "uid": 4299}}
        return (204, None) if request.method == "DELETE" else (201 if request.method == "POST" else 200, body)

    return {
        "up": workstation,
        "hung": lambda request: None,
        "hung at the secret": lambda request: None if request.method == "PUT" else workstation(request),
        "garbled": lambda request: pam_agent.encode(*workstation(request))[:-1] + b"\x00",
        "lying": lie,
    }[agent]


@pytest.mark.parametrize("agent", AGENTS)
def test_nobody_gets_in_but_by_the_rules(agent, people, tmp_path):
    for fallback in FALLBACKS:
        module, timeout = (build(FAST), 6) if agent.startswith("hung") else (MODULE, 30)
        pam_handle.write_service(tmp_path, f"fallback-{fallback}", module, f"timeout={timeout} fallback={fallback}")
    server = None if agent == "down" else pam_agent.ScriptedAgent(lambda request: answer(request))
    tried = 0
    try:
        for row in rows(agent):
            card, pin, certificate, account, fallback, name = row
            workstation = pam_agent.Workstation(card, pin, certificate, account)
            answer = scripted(agent, workstation) if server else None
            wanted = expected(card, pin, certificate, account, agent, fallback, name)
            with Pam(tmp_path, f"fallback-{fallback}", name, person(pin)) as pam:
                result = pam.authenticate()
                tried += 1
                if isinstance(wanted, str):
                    assert result == pam_handle.SUCCESS, (row, result, pam.text())
                    assert pam.user() == wanted and [each["uid"] for each in workstation.live.values()] == [
                        workstation.ACCOUNTS[wanted]], row
                    assert pam.account() == pam_handle.SUCCESS, row
                else:
                    assert result in wanted, (row, result, wanted, pam.text())
                    assert pam.user() == name and not workstation.live, row
                    assert pam.account() != pam_handle.SUCCESS and pam.open_session() != pam_handle.SUCCESS, row
            assert len(workstation.pins) <= 1 and len(workstation.passwords) <= 1, (row, "a secret was sent twice")
            if certificate != "valid" or account in ("unmapped", "missing") or pin == "last refused" or card not in ("good", "other"):
                assert not workstation.pins, (row, "the PIN was given for a card that is refused")
    finally:
        if server:
            server.close()
    assert tried >= {"hung": 4, "hung at the secret": 50}.get(agent, 1600)
