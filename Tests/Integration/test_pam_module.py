"""The PAM module as a file, its options, and what it says in the system log."""

import re
import socket
import subprocess

import pytest

import pam_handle
from pam_agent import Workstation
from pam_tools import SOURCES, typed
from tools import ROOT


def test_the_module_exports_the_services_and_needs_libpam_and_libc_alone(delivered):
    exported = subprocess.check_output(["nm", "-D", "--defined-only", delivered], text=True).split("\n")
    assert sorted(line.split()[2] for line in exported if line) == [
        "pam_sm_acct_mgmt", "pam_sm_authenticate", "pam_sm_chauthtok", "pam_sm_close_session", "pam_sm_open_session", "pam_sm_setcred"]
    dynamic = subprocess.check_output(["readelf", "-dW", delivered], text=True)
    needed = [line.split("[")[1].rstrip("]") for line in dynamic.splitlines() if "(NEEDED)" in line]
    assert sorted(needed) == ["libc.so.6", "libpam.so.0"]
    assert "BIND_NOW" in dynamic and "GNU_RELRO" in subprocess.check_output(["readelf", "-lW", delivered], text=True)
    sections = subprocess.check_output(["readelf", "-SW", delivered], text=True)
    sizes = {fields[0]: int(fields[4], 16) for fields in (line.partition("] ")[2].split() for line in sections.splitlines()) if len(fields) > 5
             and fields[0] in (".data", ".bss")}
    assert sizes.get(".data", 0) <= 8 and sizes.get(".bss", 0) <= 8, "the module keeps state"


def test_codes_that_have_a_result_of_their_own_are_codes_of_the_agent():
    rows = re.findall(r'\{"([a-z_]+)", PAM_', (SOURCES / "refusal_table.c").read_text())
    known = re.findall(r"^### `([a-z_]+)`", (ROOT / "Docs" / "Errors.md").read_text(), re.MULTILINE)
    described = (ROOT / "Docs" / "Login.md").read_text()
    assert len(rows) > 20
    for code in rows:
        assert any(each.startswith(code) if code.endswith("_") else each == code for each in known), code
        assert (f"`{code}*`" if code.endswith("_") else f"`{code}`") in described, code


@pytest.mark.parametrize("option", [
    "fallback", "fallback=maybe", "fallback=YES", "timeout=0", "timeout=301", "timeout=6m", "timeout=", "timeout=-1", "timeout=99999", "timeout=5h",
    "wait_for_card=x", "audience=", "audience=" + "a" * 513, "socket=/tmp/x", "DEBUG", "debug=1", "use_first_pass"])
def test_an_option_that_is_not_known_lets_nobody_in(stand, option):
    handle, agent = stand(Workstation(), option)
    with handle() as pam:
        assert pam.authenticate() == pam_handle.SERVICE_ERR
        assert pam.account() == pam_handle.SERVICE_ERR and pam.open_session() == pam_handle.SERVICE_ERR
        assert pam.change() == pam_handle.SERVICE_ERR and pam.close_session() == pam_handle.SERVICE_ERR
    assert agent.requests == []


def test_all_options_are_taken(stand):
    workstation = Workstation()
    handle, _ = stand(workstation, "timeout=2m wait_for_card=30s fallback=no audience=https://records.example debug")
    with handle() as pam:
        assert pam.authenticate() == pam_handle.SUCCESS, pam.text()
    assert workstation.wanted == {"for_account": "alice", "audience": "https://records.example"}


def test_somebody_from_another_machine_is_left_to_other_modules(stand):
    handle, agent = stand(Workstation(), "fallback=yes")
    with handle(remote="192.0.2.7") as pam:
        assert pam.authenticate() == pam_handle.AUTHINFO_UNAVAIL
        assert pam.change() == pam_handle.PERM_DENIED
    assert agent.requests == []


def test_the_environment_moves_nothing(stand, monkeypatch, tmp_path):
    for name in ("CPS_AGENT_SOCKET", "CPS_SOCKET", "CPS_AGENTD_AGENT_SOCKET"):
        monkeypatch.setenv(name, str(tmp_path / "elsewhere.sock"))
    handle, agent = stand(Workstation())
    with handle() as pam:
        assert pam.authenticate() == pam_handle.SUCCESS
    assert agent.requests



@pytest.fixture
def system_log(tmp_path):
    """Lines that reach the system log, by a socket of ours at /dev/log; in this namespace alone."""
    closelog = pam_handle._libc.closelog
    closelog()
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/dev"], check=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.bind("/dev/log")
    listener.setblocking(False)

    def lines():
        found = []
        while True:
            try:
                found.append(listener.recv(8192).decode())
            except BlockingIOError:
                return found

    yield lines
    closelog()
    listener.close()
    subprocess.run(["umount", "/dev"], check=True)


def test_what_happened_is_logged_and_no_secret(stand, system_log):
    for workstation, person, options, said in (
        (Workstation(opened={"access_token": "tok-en-1"}), typed(), "debug", "session s-1 (card) opened for uid 4201"),
        (Workstation(), typed(PIN="987654"), "debug", "refused by the agent: pin_wrong"),
        (Workstation(card="absent"), typed(), "debug fallback=yes", "session s-1 (degraded) opened for uid 4201"),
        (None, typed(), "", "the agent cannot be reached"),
        (None, typed(), "maybe", "option not taken: maybe"),
    ):
        handle, agent = stand(workstation, options)
        with handle(person=person) as pam:
            pam.authenticate()
        if agent:
            agent.close()
        lines = system_log()
        assert any(said in line and "pam_cps(test:auth)" in line for line in lines), lines
        assert not any(secret in line for line in lines for secret in ("1234", "987654", "Secret-9", "tok-en-1", "99900063480"))
    handle, _ = stand(None)
    with handle(remote="192.0.2.7") as pam:
        pam.authenticate()
    assert any("another machine" in line for line in system_log())
