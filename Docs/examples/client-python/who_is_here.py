"""Who is here, a login, a token, a call with it, and the card that leaves.

    python3 who_is_here.py AUDIENCE [URL]      with a URL, it is called with the token
"""

import getpass
import sys
import urllib.request

from cps_agent import Agent, Refusal


def name(holder):
    return " ".join(part for part in (holder["given_name"], holder["family_name"]) if part) or holder["national_id"]


def ask_pin():
    # From the terminal and without echo; never from an argument or the environment.
    return bytearray(getpass.getpass("PIN: ").encode())


def log_in(agent, audience):
    login = agent.begin_login(audience)
    print(f"{name(login['holder'])}, PIN tries left: {login['tries_left']}")
    consent = login.get("last_try_consent")
    while True:
        if consent and input("This is the last try, a wrong PIN blocks the card. Go on? [y/N] ") != "y":
            agent.cancel_login(login)
            raise SystemExit(1)
        try:
            return agent.enter_pin(login, ask_pin(), consent)
        except Refusal as refusal:
            # A person decides about each try, having read how many are left.
            if refusal.code not in ("pin_wrong", "pin_format", "pin_tries_changed", "last_try_consent_required"):
                raise
            print(f"{refusal.title}; PIN tries left: {refusal.document.get('tries_left', '-')}", file=sys.stderr)
            consent = refusal.document.get("last_try_consent")


def main(audience, url=None):
    agent = Agent(language="en")
    status = agent.status()
    print(f"CPS Agent {status['version']} on {status['workstation']}")
    for reader in status["readers"]:
        print(f"{reader['name']}: {reader['card']}")

    opened = log_in(agent, audience)
    session = opened["session"]
    if session["state"] == "profile_required":
        raise SystemExit("choose a situation first: PUT /v1/sessions/{id}/profile")
    print(f"session of {name(session['holder'])}: {' '.join(session['scopes'])}")

    if url:
        token = agent.token(session["id"], audience)["access_token"]
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            print(f"{url}: {answer.status}")

    print("waiting for the card to leave", flush=True)
    print(f"over: {agent.wait_ended(session['id'])}")
    print(f"token still good: {agent.introspect(opened['access_token'])['active']}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Refusal as refusal:
        raise SystemExit(f"{refusal.title}\n{refusal.remedy} ({refusal.code})")
