"""Fixtures: a pcscd of our own with the virtual reader, personas, and virtual cards put into that reader."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN_DIR = pathlib.Path(os.environ.get("CPS_BIN_DIR", ROOT / ".build" / "debug"))
PCSCD_SOCKET = pathlib.Path("/run/pcscd/pcscd.comm")
VPCD_PORT = 35963


def wait_until(condition, what, seconds=15.0):
    """Asks again and again until the condition holds; gives its value."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.02)


def stop(process, seconds=10):
    """SIGTERM, and SIGKILL for what does not end; gives the exit code."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def run_tool(*arguments, check=True, **options):
    """Runs a program of this machine with both its streams kept."""
    result = subprocess.run([str(each) for each in arguments], capture_output=True, timeout=60, **options)
    if check:
        assert result.returncode == 0, f"{arguments}: {result.stdout!r} {result.stderr!r}"
    return result


def cps_card(*arguments, check=True):
    return run_tool(BIN_DIR / "cps-card", *arguments, check=check)


def answers(path):
    with socket.socket(socket.AF_UNIX) as attempt:
        try:
            attempt.connect(str(path))
        except OSError:
            return False
    return True


def listens(port):
    """Whether something listens on this TCP port; asks the kernel, since a connection would be a card to the reader."""
    suffix = f":{port:04X}"
    for table in ("/proc/self/net/tcp", "/proc/self/net/tcp6"):
        for line in pathlib.Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[1].endswith(suffix) and fields[3] == "0A":
                return True
    return False


class PCSCD:
    """The real daemon with the virtual reader's driver."""

    def __init__(self, log_path):
        self.log_path = log_path
        self.process = None

    def start(self):
        for stale in PCSCD_SOCKET.parent.glob("pcscd.*"):
            stale.unlink()
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(["pcscd", "-f"], stdout=log, stderr=log)
        wait_until(lambda: answers(PCSCD_SOCKET), "pcscd answers")
        wait_until(lambda: listens(VPCD_PORT), "the virtual reader listens")
        return self

    def stop(self):
        return stop(self.process)

    def kill(self):
        self.process.kill()
        self.process.wait()


class VirtualCard:
    """A running cps-card and its control socket."""

    def __init__(self, process, control):
        self.process = process
        self.control = control

    def status(self):
        result = cps_card("status", "--control", self.control, check=False)
        return json.loads(result.stdout) if result.returncode == 0 else None

    def wait_taken(self):
        def taken():
            status = self.status()
            return status if status and status["taken"] else None

        return wait_until(taken, "the reader takes the card")

    def eject(self):
        cps_card("eject", "--control", self.control)

    def insert(self, card=None):
        more = ["--card", card] if card else []
        cps_card("insert", "--control", self.control, *more)
        return self.wait_taken()

    def fault(self, text):
        cps_card("fault", "--control", self.control, text)


@pytest.fixture
def pcscd(tmp_path):
    daemon = PCSCD(tmp_path / "pcscd.log").start()
    yield daemon
    daemon.stop()


@pytest.fixture(scope="session")
def pki(tmp_path_factory):
    """One test hierarchy for the whole run: its keys are slow to make."""
    return tmp_path_factory.mktemp("pki")


@pytest.fixture
def persona(tmp_path, pki):
    """A factory of card folders: persona(generation="cps3", cert="valid", ...)."""
    made = []

    def make(generation="cps3", cert="valid", family="LIBRE", given="MAX", rpps="99900063480", profession="10", extra=()):
        folder = tmp_path / f"card-{len(made)}"
        cps_card(
            "new", "--generation", generation, "--family-name", family, "--given-name", given, "--rpps", rpps,
            "--profession", profession, "--cert", cert, "--pki", pki, "--out", folder, *extra,
        )
        made.append(folder)
        return folder

    return make


@pytest.fixture
def virtual_card(tmp_path, pcscd):
    """A factory of running cards: virtual_card(folder, faults=["delay=10"])."""
    running = []

    def put(folder, faults=()):
        control = tmp_path / f"control-{len(running)}.sock"
        switches = [part for fault in faults for part in ("--fault", fault)]
        process = subprocess.Popen(
            [str(BIN_DIR / "cps-card"), "run", str(folder), "--control", str(control), *switches],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        card = VirtualCard(process, control)
        running.append(card)
        card.wait_taken()
        return card

    yield put
    for card in running:
        stop(card.process)
        assert not card.control.exists(), "cps-card left its control socket"
