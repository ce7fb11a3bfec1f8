"""What all tests use: running programs, waiting, asking the kernel."""

import base64
import os
import pathlib
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN_DIR = pathlib.Path(os.environ.get("CPS_BIN_DIR", ROOT / ".build" / "debug"))


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


def decode64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


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


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def certificate(folder, name, subject="localhost"):
    """A self-signed certificate and its key; gives their paths."""
    chain, key = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", f"/CN={subject}", "-addext", f"subjectAltName=DNS:{subject}", "-keyout", key, "-out", chain],
        check=True, capture_output=True)
    key.chmod(0o600)
    return chain, key
