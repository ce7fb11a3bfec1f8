"""`cpsctl` gives nothing, least of all a PIN, to a process that only made a socket first."""

import json
import os
import select
import signal
import socket
import subprocess

import pytest

from test_callers import pytestmark as needs_users
from tools import BIN_DIR, run_tool

NOBODY, CALLER = 65534, 65532


def ctl(path, *arguments, **options):
    return run_tool(BIN_DIR / "cpsctl", "--socket", path, *arguments, "--json", check=False, **options)


class FakeAgent:
    """A process of another user that listens, and tells what it was sent."""

    def __init__(self, path, uid):
        self.told, telling = os.pipe()
        self.child = os.fork()
        if self.child == 0:
            try:
                os.setgroups([])
                os.setresgid(uid, uid, uid)
                os.setresuid(uid, uid, uid)
                listener = socket.socket(socket.AF_UNIX)
                listener.bind(str(path))
                os.chmod(path, 0o666)
                listener.listen(8)
                os.write(telling, b"ready")
                while True:
                    connection, _ = listener.accept()
                    received = connection.recv(65536)
                    os.write(telling, received)
                    connection.close()
            finally:
                os._exit(1)
        os.close(telling)
        assert os.read(self.told, 5) == b"ready"

    def received(self):
        return os.read(self.told, 65536) if select.select([self.told], [], [], 0)[0] else b""

    def stop(self):
        os.kill(self.child, signal.SIGKILL)
        os.waitpid(self.child, 0)
        os.close(self.told)


@pytest.fixture
def fake(socket_folder):
    """A fake agent in a folder that everybody may write to."""
    os.chmod(socket_folder, 0o1777)
    made = FakeAgent(f"{socket_folder}/agent.sock", NOBODY)
    yield made
    made.stop()


@needs_users
@pytest.mark.parametrize("arguments", [["status"], ["login"], ["doctor"]], ids=" ".join)
def test_nothing_is_sent_to_a_server_of_another_user(fake, socket_folder, arguments):
    result = ctl(f"{socket_folder}/agent.sock", *arguments, user=CALLER)
    document = json.loads(result.stdout)
    assert result.returncode == 3
    if arguments != ["doctor"]:
        assert document["code"] == "agent_unreachable" and str(NOBODY) in document["detail"]
    assert fake.received() == b""


@needs_users
def test_a_link_to_such_a_socket_helps_nobody(fake, socket_folder):
    os.symlink(f"{socket_folder}/agent.sock", f"{socket_folder}/link.sock")
    result = ctl(f"{socket_folder}/link.sock", "status", user=CALLER)
    assert result.returncode == 3 and json.loads(result.stdout)["code"] == "agent_unreachable"
    assert fake.received() == b""


@needs_users
def test_a_link_and_an_open_folder_do_not_matter_where_the_server_is_good(agent, socket_folder):
    running = agent()
    os.chmod(socket_folder, 0o1777)
    os.symlink(running.socket, f"{socket_folder}/link.sock")
    for path in (running.socket, f"{socket_folder}/link.sock"):
        assert ctl(path, "status").returncode == 0


def test_completions_are_what_bash_completes_with(tmp_path):
    script = tmp_path / "cpsctl.bash"
    script.write_bytes(run_tool(BIN_DIR / "cpsctl", "completions", "bash").stdout)
    asked = (
        f"source {script}; COMP_WORDS=(cpsctl lo); COMP_CWORD=1; COMP_LINE='cpsctl lo'; COMP_POINT=9;"
        " name=$(complete -p cpsctl | sed 's/.*-F \\([^ ]*\\).*/\\1/'); $name cpsctl lo cpsctl; printf '%s\\n' \"${COMPREPLY[@]}\"")
    result = subprocess.run(["bash", "--norc", "-c", asked], capture_output=True, timeout=30, cwd=tmp_path)
    assert {"login", "logout"} <= set(result.stdout.decode().split()), result
