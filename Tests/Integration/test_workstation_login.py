"""People log in at the workstation: the real agent, pcscd, a virtual card, and the programs that people use, on a terminal."""

import os
import signal
import subprocess

import pytest

import pam_handle
from agent_process import DEGRADED, PASSWORD
from pam_agent import SOCKET
from pam_handle import ECHO_OFF, Pam
from pam_tools import typed
from terminal import Terminal
from test_callers import pytestmark as needs_users

pytestmark = needs_users
ALICE = 4201
ACCOUNTS = {"accounts": {"people": {"899900063480": "alice", "899900063498": "bob"}}}
# What a user's shell does: who it is, and whether the agent knows its session.
LOOK = "echo user=$(id -u) session=${CPS_SESSION:+known}"


@pytest.fixture
def generation():
    return "cps4"


@pytest.fixture
def socket_folder():
    """Where the module looks for the socket."""
    SOCKET.parent.mkdir(exist_ok=True)
    SOCKET.parent.chmod(0o755)
    return SOCKET.parent


@pytest.fixture
def stacks(tmp_path, people, delivered):
    """Services of PAM, over those of the machine: the module alone decides."""
    folder = tmp_path / "pam.d"
    folder.mkdir()
    for service in ("su", "su-l", "login", "other", "cps"):
        pam_handle.write_service(folder, service, delivered, "timeout=60")
    pam_handle.write_service(folder, "fallback", delivered, "fallback=yes")
    pam_handle.write_service(folder, "hurried", delivered, "timeout=1")
    subprocess.run(["mount", "--bind", folder, "/etc/pam.d"], check=True)
    yield folder
    subprocess.run(["umount", "/etc/pam.d"], check=True)


@pytest.fixture
def workstation(agent, card, pki, stacks):
    running = agent(pam=ACCOUNTS, degraded=DEGRADED, trust={"crls": str(pki / "crls")})
    running.wait_card()
    return running


@pytest.fixture
def terminal():
    made = []

    def begin(*command):
        made.append(Terminal(*command))
        return made[-1]

    yield begin
    for each in made:
        each.close()


def only_session(agent):
    (session,) = agent.get("/sessions")[1]["sessions"]
    return session


def unlock(stacks):
    """What a screen locker does, which is a program of the user."""
    with Pam(stacks, "cps", "alice", typed()) as pam:
        child = os.fork()
        if child == 0:
            result = pam_handle.SYSTEM_ERR
            try:
                os.setgroups([])
                os.setresuid(ALICE, ALICE, ALICE)
                result = pam.authenticate() or pam.account()
                pam.end()
            finally:
                os._exit(result)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_su_opens_a_session_of_the_user_and_ends_it(workstation, terminal, stacks):
    shell = terminal("su", "alice", "-s", "/bin/sh", "-c", f"{LOOK}; read x")
    shell.wait("tries left: 3")
    shell.answer("PIN: ", "1234")
    shell.wait(f"user={ALICE} session=known")
    session = only_session(workstation)
    assert (session["uid"], session["mode"], session["state"]) == (ALICE, "card", "active")
    assert workstation.request_as(ALICE, "GET", f"/sessions/{session['id']}")[1]["id"] == session["id"]
    assert unlock(stacks) == pam_handle.SUCCESS
    assert workstation.session(session["id"])["end_reason"] == "replaced" and only_session(workstation)["uid"] == ALICE
    shell.type("")
    assert shell.end() == 0 and workstation.nobody_is_in(), "the logout ends what took the place of its session"


def test_login_asks_for_no_name_where_a_card_says_it(workstation, terminal):
    shell = terminal("login")
    shell.answer("PIN: ", "1234")
    shell.wait("$")
    shell.type(LOOK)
    shell.wait(f"user={ALICE} session=known")
    assert only_session(workstation)["uid"] == ALICE
    shell.type("exit")
    assert shell.end() == 0 and workstation.nobody_is_in()


def test_pamtester_walks_through_all_services(workstation, terminal):
    steps = ["authenticate", "setcred", "acct_mgmt", "open_session", "close_session"]
    run = terminal("pamtester", "cps", "alice", *steps)
    run.answer("PIN: ", "1234")
    assert run.end() == 0 and "session has successfully been closed" in run.shown, run.shown
    assert workstation.nobody_is_in()
    assert workstation.traces("session.ended")[-1]["reason"] == "logout", "not an administrator"
    change = terminal("pamtester", "cps", "alice", "chauthtok")
    for question, code in (("PIN in force: ", "1234"), ("New PIN: ", "4711"), ("once more: ", "4711")):
        change.answer(question, code)
    assert change.end() == 0 and "PIN changed." in change.shown
    wrong = terminal("pamtester", "cps", "alice", "authenticate")
    wrong.answer("PIN: ", "1234")
    assert wrong.end() != 0 and "Tries left: 2" in wrong.shown and workstation.nobody_is_in()


@pytest.fixture
def bad_cards(persona):
    """Cards that are refused, and what PAM is told; made before the agent reads the list of revoked ones."""
    return [
        (persona("cps4", cert="expired"), pam_handle.ACCT_EXPIRED), (persona("cps4", cert="revoked"), pam_handle.PERM_DENIED),
        (persona("cps4", cert="foreign"), pam_handle.PERM_DENIED)]


def test_what_is_refused_and_what_it_costs(bad_cards, workstation, card, stacks):
    def attempt(service="cps", user="alice", **answers):
        with Pam(stacks, service, user, typed(**answers)) as pam:
            return pam.authenticate(), pam.text(), [text for style, text in pam.messages if style == ECHO_OFF]

    result, text, asked = attempt(user="bob")
    assert (result, asked) == (pam_handle.PERM_DENIED, []) and "This account is not the holder's" in text
    result, text, asked = attempt(user="root")
    assert result in (pam_handle.PERM_DENIED, pam_handle.USER_UNKNOWN) and asked == []
    for left in (2, 1):
        result, text, _ = attempt(PIN="9999")
        assert result == pam_handle.AUTH_ERR and f"Tries left: {left}" in text
    assert attempt(Type="no")[::2] == (pam_handle.AUTH_ERR, [])
    assert attempt(PIN="9999")[0] in (pam_handle.AUTH_ERR, pam_handle.MAXTRIES)
    result, text, asked = attempt()
    assert (result, asked) == (pam_handle.MAXTRIES, []), text
    for bad, wanted in bad_cards:
        card.change(bad)
        workstation.wait_new_card()
        assert attempt()[::2] == (wanted, []), bad
    os.kill(workstation.process.pid, signal.SIGSTOP)
    result, text, _ = attempt("hurried")
    os.kill(workstation.process.pid, signal.SIGCONT)
    assert result == pam_handle.AUTHINFO_UNAVAIL and "did not answer in time" in text
    assert workstation.nobody_is_in()
    workstation.stop()
    result, text, _ = attempt()
    assert result == pam_handle.AUTHINFO_UNAVAIL and "does not answer on this workstation" in text


def test_a_night_without_the_card(workstation, card, terminal, stacks):
    session = workstation.login()["session"]["id"]
    entry = workstation.post("/degraded/enrolments", {"session": session})[1]
    assert workstation.put(f"/degraded/enrolments/{entry['id']}/password", PASSWORD)[0] == 200
    card.eject()
    workstation.wait_card("absent")
    run = terminal("pamtester", "fallback", "alice", "authenticate", "acct_mgmt", "open_session", "close_session")
    run.wait("ACCESS WITHOUT THE CARD")
    for question, reply in (("Identifier", "99900063480"), ("Reason (number): ", "2"), ("Password: ", PASSWORD)):
        run.answer(question, reply)
    assert run.end() == 0, run.shown
    assert workstation.nobody_is_in() and PASSWORD not in run.shown
    assert [trace["mode"] for trace in workstation.traces("session.opened")] == ["card", "degraded"]
    other = terminal("pamtester", "fallback", "bob", "authenticate")
    for question, reply in (("Identifier", "99900063480"), ("Reason (number): ", "1"), ("Password: ", PASSWORD)):
        other.answer(question, reply)
    assert other.end() != 0 and "This account is not the holder's" in other.shown and workstation.nobody_is_in()
