"""The session of the agent that a PAM handle has: whose it is, while it lives, and when it ends."""

import os

import pytest

import pam_handle
from pam_agent import Workstation
from pam_handle import Pam
from pam_tools import typed


def test_the_session_of_a_login_that_failed_elsewhere_is_ended(stand):
    workstation = Workstation()
    handle, _ = stand(workstation)
    with handle() as pam:
        assert pam.authenticate() == pam_handle.SUCCESS and workstation.live
        pam.end(pam_handle.PERM_DENIED)
    assert not workstation.live


def test_the_session_of_a_screen_that_was_unlocked_goes_on(stand):
    workstation = Workstation()
    handle, _ = stand(workstation)
    with handle() as pam:
        assert pam.authenticate() == pam_handle.SUCCESS and pam.account() == pam_handle.SUCCESS
    assert workstation.live


def test_what_unlocks_a_screen_or_asks_for_sudo_leaves_the_session_of_the_desktop(stand):
    workstation = Workstation()
    handle, _ = stand(workstation)
    with handle() as desktop, handle() as sudo, handle() as locker:
        assert desktop.authenticate() == pam_handle.SUCCESS and desktop.open_session() == pam_handle.SUCCESS
        assert sudo.authenticate() == pam_handle.SUCCESS and sudo.open_session() == pam_handle.SUCCESS
        assert list(workstation.live) == ["s-2"], "one session a stay of the card and user"
        assert sudo.close_session() == pam_handle.SUCCESS and workstation.live
        assert locker.authenticate() == pam_handle.SUCCESS
        locker.end(pam_handle.PERM_DENIED)
        assert list(workstation.live) == ["s-3"]
        assert desktop.close_session() == pam_handle.SUCCESS and not workstation.live, "the logout ends what took the place of its session"


def test_a_logout_ends_nothing_of_others(stand):
    workstation = Workstation()
    handle, _ = stand(workstation)
    with handle() as pam:
        assert pam.authenticate() == pam_handle.SUCCESS and pam.open_session() == pam_handle.SUCCESS
        own = workstation.live["s-1"]
        for place, other in enumerate(({"uid": 4202}, {"insertion": "stay-2"}, {"mode": "degraded"}, {"mode": "mobile"}, {"state": "ended"})):
            workstation.live[f"o-{place}"] = {**own, "id": f"o-{place}", **other}
        assert pam.close_session() == pam_handle.SUCCESS
    assert sorted(workstation.live) == ["o-0", "o-1", "o-2", "o-3", "o-4"]


def test_a_copy_of_the_handle_in_another_process_ends_nothing(stand):
    workstation = Workstation()
    handle, agent = stand(workstation)
    with handle() as pam:
        assert pam.authenticate() == pam_handle.SUCCESS
        child = os.fork()
        if child == 0:
            pam.end(pam_handle.SYSTEM_ERR)
            os._exit(0)
        os.waitpid(child, 0)
        assert workstation.live and pam.account() == pam_handle.SUCCESS


@pytest.mark.parametrize("change", [
    {"state": "ended"}, {"state": "locked"}, {"uid": 4202}, {"uid": "4201"}, {"uid": -1}, {"uid": 4201.0}, {"id": "s-2"}, {"state": None}])
def test_the_account_is_good_while_the_session_is(stand, change):
    workstation = Workstation()
    handle, _ = stand(workstation)
    with handle() as pam:
        assert pam.authenticate() == pam_handle.SUCCESS and pam.account() == pam_handle.SUCCESS
        workstation.live["s-1"].update(change)
        assert pam.account() == pam_handle.PERM_DENIED and pam.open_session() == pam_handle.SESSION_ERR


def test_the_account_is_that_of_the_session(stand):
    handle, agent = stand(Workstation())
    with handle() as pam:
        assert pam.authenticate() == pam_handle.SUCCESS
        pam.set_user("bob")
        assert pam.account() == pam_handle.PERM_DENIED and pam.open_session() == pam_handle.SESSION_ERR
        agent.close()
        pam.set_user("alice")
        assert pam.account() == pam_handle.PERM_DENIED


def test_a_login_that_was_not_ours_is_not_judged(stand, tmp_path):
    handle, agent = stand(Workstation())
    (tmp_path / "test").write_text((tmp_path / "test").read_text().replace("account required", "account required pam_permit.so\naccount required")
                                   .replace("session required", "session required pam_permit.so\nsession required"))
    with handle() as pam:
        assert [pam.account(), pam.open_session(), pam.close_session()] == [pam_handle.SUCCESS] * 3
        assert pam.variable("CPS_SESSION") is None
    assert agent.requests == []


@pytest.mark.parametrize("session", [
    {"mode": "degraded"}, {"mode": "mobile"}, {"state": "locked"}, {"state": "ended"}, {"uid": 4202}, {"uid": 0}, {"uid": None}])
def test_another_session_than_was_asked_for_is_ended_and_refused(stand, session):
    workstation = Workstation()
    ordinary = workstation.session
    workstation.session = lambda mode, account: (ordinary(mode, account), *(each.update(session) for each in workstation.live.values()))[0]
    for user in ("alice", None):
        handle, agent = stand(workstation)
        with handle(user) as pam:
            assert pam.authenticate() == pam_handle.PERM_DENIED and pam.user() == user
        assert not workstation.live
        agent.close()


@pytest.mark.parametrize("account", [
    {"name": "bob", "uid": 4202}, {"name": "alice", "uid": 4202}, {"name": "nobody-here", "uid": 4203}, {"uid": 4203}, {"name": "alice"}, {}, None,
    {"name": "root", "uid": 0}, "alice"])
def test_no_pin_for_a_login_of_another_account(stand, account):
    workstation = Workstation(login={"account": account})
    handle, agent = stand(workstation)
    with handle("alice") as pam:
        assert pam.authenticate() == pam_handle.PERM_DENIED
    if account not in ({"name": "bob", "uid": 4202}, {"name": "root", "uid": 0}):
        with handle(None) as pam:
            assert pam.authenticate() == pam_handle.PERM_DENIED and pam.user() is None
    assert not workstation.pins


def test_a_name_that_is_no_text_is_nobody(stand, tmp_path):
    handle, agent = stand(Workstation())
    for name in ("\udcff", "a" * 5000):
        with Pam.__new__(Pam) as pam:
            encoded = name.encode(errors="surrogateescape")
            pam.handle = None
            pam.__init__(tmp_path, "test", "x", typed())
            pam_handle._libpam.pam_set_item(pam.handle, pam_handle.USER, encoded)
            assert pam.authenticate() == pam_handle.USER_UNKNOWN
    assert agent.requests == []
