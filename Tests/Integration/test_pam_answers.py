"""Whom the PAM module believes, and answers that are none."""

import os
import pathlib
import shutil
import socket
import time

import pytest

import pam_agent
import pam_handle
from pam_agent import AGENT, SOCKET, ScriptedAgent, Workstation
from pam_tools import SOURCES, compile_c
from test_callers import pytestmark as needs_users
from tools import run_tool


@needs_users
def test_a_pin_is_given_to_root_or_the_agent_alone(stand):
    def served_as(uid, folder_owner):
        SOCKET.parent.mkdir(exist_ok=True)
        os.chown(SOCKET.parent, folder_owner, folder_owner)
        listener = socket.socket(socket.AF_UNIX)
        SOCKET.unlink(missing_ok=True)
        listener.bind(str(SOCKET))
        child = os.fork()
        if child == 0:
            os.setresuid(uid, uid, uid)
            listener.listen(1)  # the kernel notes who listens
            connection, _ = listener.accept()
            try:
                connection.sendall(b"x" if ScriptedAgent.read(connection) else b"")
            finally:
                os._exit(0)
        listener.close()
        try:
            with handle() as pam:
                deadline = time.monotonic() + 10
                while pam.authenticate() and "does not answer" in pam.text():
                    assert time.monotonic() < deadline
                    pam.messages.clear()
                return pam.text()
        finally:
            os.kill(child, 9)
            os.waitpid(child, 0)
            os.chown(SOCKET.parent, 0, 0)
            SOCKET.unlink()

    handle, _ = stand(None)
    assert "cannot be trusted" in served_as(4202, 0)
    assert "cannot be trusted" in served_as(4202, 4201)
    assert "makes no sense" in served_as(4201, 4201)
    assert "makes no sense" in served_as(AGENT, 0), "systemd made the socket, the agent listens"


@pytest.mark.parametrize("mode", [0o775, 0o757, 0o1777])
def test_a_socket_that_others_could_have_put_there_is_not_used(stand, mode):
    handle, agent = stand(Workstation())
    SOCKET.parent.chmod(mode)
    with handle() as pam:
        assert pam.authenticate() == pam_handle.AUTHINFO_UNAVAIL and "cannot be trusted" in pam.text()
    SOCKET.parent.chmod(0o755)
    SOCKET.parent.parent.chmod(0o777)
    with handle() as pam:
        assert pam.authenticate() == pam_handle.AUTHINFO_UNAVAIL and "cannot be trusted" in pam.text()
    SOCKET.parent.parent.chmod(0o755)
    assert agent.requests == []


def test_a_folder_that_is_a_link_is_not_followed(stand, tmp_path):
    handle, agent = stand(Workstation())
    elsewhere = pathlib.Path("/run/elsewhere")
    shutil.move(SOCKET.parent, elsewhere)
    SOCKET.parent.symlink_to(elsewhere)
    try:
        with handle() as pam:
            assert pam.authenticate() == pam_handle.AUTHINFO_UNAVAIL and "cannot be trusted" in pam.text()
    finally:
        SOCKET.parent.unlink()
        shutil.move(elsewhere, SOCKET.parent)


def wrong_answers():
    body = b'{"id":"login-1"}'
    length = b"Content-Length: %d\r\n" % len(body)
    yield "nothing", b""
    yield "no head", b"HTTP/1.1 200 OK\r\n"
    yield "another protocol", b"SSH-2.0-OpenSSH_9.2\r\n\r\n"
    yield "an older protocol", b"HTTP/1.0 201 X\r\n" + length + b"\r\n" + body
    yield "no status", b"HTTP/1.1 20x X\r\n" + length + b"\r\n" + body
    yield "go on", b"HTTP/1.1 100 Continue\r\n\r\n"
    yield "no length", b"HTTP/1.1 201 X\r\n\r\n" + body
    yield "two lengths", b"HTTP/1.1 201 X\r\n" + length + length + b"\r\n" + body
    yield "length and chunks", b"HTTP/1.1 201 X\r\n" + length + b"Transfer-Encoding: chunked\r\n\r\n" + body
    yield "too short", b"HTTP/1.1 201 X\r\nContent-Length: 99\r\n\r\n" + body
    yield "too long", b"HTTP/1.1 201 X\r\n" + length + b"\r\n" + body + b"{}"
    yield "negative length", b"HTTP/1.1 201 X\r\nContent-Length: -1\r\n\r\n" + body
    yield "huge length", b"HTTP/1.1 201 X\r\nContent-Length: 99999999999999999999\r\n\r\n" + body
    yield "beyond the limit", b"HTTP/1.1 201 X\r\nContent-Length: 65537\r\n\r\n" + b" " * 65537
    yield "a body where none may be", b"HTTP/1.1 204 X\r\n" + length + b"\r\n" + body
    yield "endless head", b"HTTP/1.1 201 X\r\n" + b"A: b\r\n" * 100000
    yield "folded field", b"HTTP/1.1 201 X\r\n" + length + b"X: a\r\n b\r\n\r\n" + body
    yield "bare newline", b"HTTP/1.1 201 X\n" + length + b"\r\n" + body
    yield "NUL in the head", b"HTTP/1.1 201 X\r\nX: a\x00b\r\n" + length + b"\r\n" + body
    for name, chunks in (
        ("no size", b"\r\n"), ("bad size", b"xyz\r\n"), ("huge chunk", b"fffff\r\n"), ("endless size", b"0" * 100000),
        ("no end of chunk", b"2\r\n{}XX0\r\n\r\n"), ("too many trailers", b"2\r\n{}\r\n0\r\n" + b"a: b\r\n" * 100 + b"\r\n"),
        ("many chunks", (b"4000\r\n" + b" " * 0x4000 + b"\r\n") * 5 + b"0\r\n\r\n"), ("behind the end", b"2\r\n{}\r\n0\r\n\r\nX"),
    ):
        yield "chunks: " + name, b"HTTP/1.1 201 X\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks
    for text in (
        b"", b"{", b"[]", b'"id"', b"{}x", b'{"id":"login-1"', b'{"id":"login-1",}', b'{"id":"log\nin"}', b'{"id":"\xff"}', b'{"id":"\xed\xa0\x80"}',
        b'{"id":"../sessions"}', b'{"id":""}', b'{"id":null}', b'{"id":["login-1"]}', b'{"id":"a","id":"b"}', b'{"id":"a","i\\u0064":"b"}',
        b'{"id":"a\\u0000"}', b'{"id":"\\ud800"}', b'{"id":"' + b"a" * 200 + b'"}', b"[" * 60000, b'{"a":' * 9000 + b"1" + b"}" * 9000,
        b'{"id":"a b"}', b'{"id":01}', b"nul", b'{"id":"a"}\x00',
    ):
        yield f"JSON: {text[:20]!r}", b"HTTP/1.1 201 X\r\nContent-Length: %d\r\n\r\n" % len(text) + text


def test_an_answer_that_is_none_lets_nobody_in(stand):
    current = []
    handle, _ = stand(lambda request: current[0] if request.method != "DELETE" else (204, None))
    for name, answer in wrong_answers():
        current[:] = [answer]
        with handle() as pam:
            assert pam.authenticate() == pam_handle.AUTHINFO_UNAVAIL, name
            assert "PIN" not in pam.text() and "makes no sense" in pam.text(), (name, pam.text())


def test_pieces_of_a_body_are_put_together(stand):
    workstation = Workstation()

    def in_pieces(request):
        head, _, body = pam_agent.encode(*workstation(request)).partition(b"\r\n\r\n")
        if not body:
            return head + b"\r\n\r\n"
        lines = [line for line in head.split(b"\r\n") if not line.startswith(b"Content-Length")] + [b"Transfer-Encoding: chunked"]
        pieces = [body[i:i + 7] for i in range(0, len(body), 7)]
        return b"\r\n".join(lines) + b"\r\n\r\n" + b"".join(b"%x;a=b\r\n%s\r\n" % (len(p), p) for p in pieces) + b"0\r\nX: y\r\n\r\n"

    handle, _ = stand(in_pieces)
    with handle() as pam:
        assert pam.authenticate() == pam_handle.SUCCESS and pam.account() == pam_handle.SUCCESS, pam.text()


def test_an_agent_that_dribbles_is_left_in_time(stand):
    """A byte now and then does not make the time longer."""
    handle, agent = stand(lambda request: None, "timeout=1")

    def dribble(connection):
        ScriptedAgent.read(connection)
        try:
            for _ in range(200):
                connection.sendall(b"H")
                time.sleep(0.02)
        except OSError:
            connection.close()

    agent.talk = dribble
    begin = time.monotonic()
    with handle() as pam:
        assert pam.authenticate() == pam_handle.AUTHINFO_UNAVAIL and "in time" in pam.text()
    assert time.monotonic() - begin < 3


def test_all_answers_of_a_call_share_its_time(stand):
    workstation = Workstation()

    def late(request):
        time.sleep(0.6)
        return workstation(request)

    handle, _ = stand(late, "timeout=1")
    with handle() as pam:
        assert pam.authenticate() == pam_handle.AUTHINFO_UNAVAIL and "in time" in pam.text()


def test_damaged_answers_read_no_byte_too_far(tmp_path):
    """The readers under the sanitizers of addresses and undefined behaviour, with answers damaged at random from a seed."""
    made = tmp_path / "fuzz"
    parts = [SOURCES / name for name in ("http_head.c", "http_body.c", "json.c", "json_scan.c", "json_text.c", "utf8.c", "writer.c")]
    compile_c(made, pathlib.Path(__file__).parent / "pam_fuzz.c", *parts,
              flags=("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-I", SOURCES))
    run_tool(made, 40_000, 20_261_122)
