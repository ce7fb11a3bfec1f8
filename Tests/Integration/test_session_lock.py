"""`cps-session-lock`: the Linux session is locked when the card leaves, and when the agent is gone; logind is played by dbusmock."""

import os
import pathlib
import subprocess

import pytest

from logind import Logind
from tools import BIN_DIR, stop, wait_until


@pytest.fixture
def logind(tmp_path):
    folder = tmp_path / "logind"
    folder.mkdir()
    mock = Logind(folder)
    # loginctl asks logind nothing where systemd did not start the machine (sd_booted(3)); /run is the tests' own.
    booted = pathlib.Path("/run/systemd/system")
    booted.mkdir(parents=True)
    yield mock
    booted.rmdir()
    mock.close()


def test_the_seat_is_locked_when_the_card_or_the_agent_is_gone(agent, persona, virtual_card, logind, tmp_path):
    folder = persona("cps4")
    card = virtual_card(folder)
    running = agent(pam={"grace": "1s"})
    running.wait_card()
    logind.add_session("c7", os.getuid())
    program, log = tmp_path / "cps-session-lock", tmp_path / "lock.log"
    program.symlink_to(BIN_DIR / "cpsctl")
    running.login()
    with open(log, "wb") as written:
        process = subprocess.Popen(
            [str(program), "--socket", str(running.socket), "--lang", "en"], stderr=written,
            env={**logind.environment, "XDG_SESSION_ID": "c7"})
    try:
        wait_until(lambda: "Following" in log.read_text(), "the agent is followed")
        card.eject()
        wait_until(lambda: "locked (card removed)" in log.read_text(), "the session is locked")
        assert logind.calls().count("LockSession") == 1
        card.insert()
        running.wait_new_card()
        running.login()
        running.kill()
        wait_until(lambda: "locked (agent out of reach)" in log.read_text(), "the session is locked again")
        assert logind.calls().count("LockSession") == 2
    finally:
        stop(process)
