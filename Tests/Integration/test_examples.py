"""The examples for applications, in Swift, Python, C and the shell, each from the first question to the card that leaves, against a real agent."""

import os
import pty
import re
import select
import socket
import subprocess
import sys
import time

import pytest

from agent_process import AUDIENCE
from tools import BIN_DIR, ROOT, run_tool
from web_server import WebServer

EXAMPLES = ROOT / "Docs" / "examples"
NOBODY = 65534


class Terminal:
    """A program on a terminal of its own, as a person has it."""

    def __init__(self, command, environment):
        self.shown = ""
        self.child, self.side = pty.fork()
        if self.child == 0:
            os.execve(command[0], command, {**os.environ, **environment})

    def wait(self, text, seconds=20):
        """Everything until this text was shown."""
        deadline = time.monotonic() + seconds
        while text not in self.shown:
            assert select.select([self.side], [], [], max(0, deadline - time.monotonic()))[0], f"no {text!r} in {self.shown!r}"
            assert self.read(), f"it ended before {text!r}: {self.shown!r}"
        before, _, self.shown = self.shown.partition(text)
        return before

    def read(self):
        try:
            part = os.read(self.side, 65536)
        except OSError:
            return False  # a terminal without programs is over so
        self.shown += part.decode(errors="replace").replace("\r\n", "\n")
        return bool(part)

    def type(self, line):
        os.write(self.side, line.encode() + b"\n")

    def end(self):
        """What was shown to the end, and the exit code."""
        while self.read():
            pass
        os.close(self.side)
        return self.shown, os.waitstatus_to_exitcode(os.waitpid(self.child, 0)[1])


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    program = tmp_path_factory.mktemp("client") / "who_is_here"
    flags = run_tool("pkg-config", "--cflags", "--libs", "libcurl", "jansson").stdout.decode().split()
    warnings = ("-std=c11", "-Wall", "-Wextra", "-Werror")
    run_tool("cc", *warnings, "-o", program, EXAMPLES / "client-c" / "who_is_here.c", *flags)
    return program


@pytest.fixture(params=["swift", "python", "c", "shell"])
def example(request):
    if request.param == "swift":
        return [str(BIN_DIR / "example-client")]
    if request.param == "python":
        return [sys.executable, str(EXAMPLES / "client-python" / "who_is_here.py")]
    if request.param == "shell":
        return [str(EXAMPLES / "client-shell" / "who_is_here.sh")]
    return [str(request.getfixturevalue("compiled"))]


def test_example_walks_from_the_first_question_to_the_card_that_leaves(agent, persona, virtual_card, example):
    card = virtual_card(persona("cps4"))
    running = agent()
    running.wait_card()
    web = WebServer()
    web.answers["/records"] = b"{}"
    try:
        url = f"{web.address}/records"
        program = Terminal([*example, AUDIENCE, url], {"CPS_AGENT_SOCKET": str(running.socket)})
        shown = program.wait("PIN: ")
        assert "on ws-042" in shown and "Virtual PCD 00 00: ready" in shown and "MAX LIBRE, PIN tries left: 3" in shown
        program.type("0000")
        shown = program.wait("PIN: ")
        assert "0000\n" not in shown and re.search("Wrong PIN.* 2\n", shown, re.DOTALL)
        program.type("1234")
        shown = program.wait("waiting for the card to leave")
        assert "1234" not in shown and "record:read" in shown and f"{url}: 200" in shown
        ((_, _, headers),) = web.seen
        assert headers["Authorization"].startswith("Bearer eyJ")
        card.eject()
        shown, code = program.end()
        # The card may leave before the program listens; then its session is not there any more.
        assert re.search("over: (card_removed|before|None)", shown) and re.search("token still good: [Ff]alse", shown)
        assert code == 0
    finally:
        web.stop()


def test_refusal_is_shown_with_its_remedy(agent, pcscd, example):
    running = agent()
    running.wait_monitoring("running")
    done = subprocess.run(
        [*example, AUDIENCE], capture_output=True, text=True, timeout=30, env={**os.environ, "CPS_AGENT_SOCKET": str(running.socket)})
    assert done.returncode == 1
    assert "(card_absent)" in done.stderr and "Traceback" not in done.stderr


def test_program_of_another_user_is_asked_nothing(tmp_path, socket_folder, example):
    path = f"{socket_folder}/other.sock"
    os.chmod(socket_folder, 0o777)
    with socket.socket(socket.AF_UNIX) as listener:
        # The kernel keeps who began to listen.
        child = os.fork()
        if child == 0:
            os.setresuid(NOBODY, NOBODY, NOBODY)
            listener.bind(path)
            listener.listen()
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        done = subprocess.run(
            [*example, AUDIENCE], capture_output=True, text=True, timeout=30, env={**os.environ, "CPS_AGENT_SOCKET": path})
        assert done.returncode != 0 and re.search("not the agent|runs as user", done.stderr), done.stderr
        listener.setblocking(False)
        try:
            connection, _ = listener.accept()
        except BlockingIOError:
            return  # it did not even connect
        with connection:
            assert connection.recv(100) == b""
