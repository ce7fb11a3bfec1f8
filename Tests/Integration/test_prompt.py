"""`cpsctl login --prompt` with the real programs of Debian that ask for a PIN, on a real terminal."""

import os

import pytest

from terminal import Terminal
from tools import BIN_DIR


@pytest.mark.parametrize("generation, program", [("cps3", "pinentry-tty"), ("cps4", "pinentry-curses")])
def test_a_pin_given_to_pinentry_opens_a_session(ready, card, program):
    screen = Terminal(
        BIN_DIR / "cpsctl", "--socket", ready.socket, "--json", "--lang", "en", "login", "--prompt", "--for", "Records",
        "--pinentry", f"/usr/bin/{program}", environment={**os.environ, "TERM": "xterm", "LC_ALL": "C.UTF-8"})
    try:
        for text in ("Records asks for a login", "Holder: ", "Tries left: 3", "PIN"):
            screen.wait(text)
        screen.type("1234", end="\r")
        screen.wait('"state":"active"')
        assert screen.end() == 0
    finally:
        screen.close()
    assert "1234" not in screen.shown.partition("{")[0]
    assert ready.traces("session.opened") and card.status()["pin_tries_left"] == 3
