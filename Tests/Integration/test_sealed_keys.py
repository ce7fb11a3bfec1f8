"""Keys that the machine seals: with a TPM of software, systemd-creds and the agent."""

import os
import subprocess

import pytest

from agent_process import DEGRADED
from tools import ROOT, stop, wait_until

SEAL = "cps-agent.keys"
SEALED = b"cps-agent-sealed-1 "


class TPM:
    """swtpm on its usual ports, which nobody else here has. Begun anew for each use: nothing but a kernel's resource manager frees what systemd-creds leaves."""

    port, control = 2321, 2322
    device = f"swtpm:host=localhost,port={port}"

    def __init__(self, folder):
        self.folder = folder
        self.process = None

    def begin(self):
        self.end()
        self.process = subprocess.Popen(
            ["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={self.folder}", "--server", f"type=tcp,port={self.port}",
             "--ctrl", f"type=tcp,port={self.control}", "--flags", "not-need-init,startup-clear"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # Asking the port itself would take the one connection that it serves.
        wait_until(self.listens, "the TPM listens", 10)
        return self

    def listens(self):
        wanted = f":{self.port:04X} "
        with open("/proc/net/tcp") as table:
            return any(wanted in line and " 0A " in line for line in table)

    def end(self):
        if self.process:
            stop(self.process, 10)
            self.process = None

    def decrypt(self, credential):
        """As systemd does before it starts the service."""
        self.begin()
        return subprocess.run(
            ["systemd-creds", "decrypt", f"--name={SEAL}", str(credential), "-"], capture_output=True, timeout=30,
            env={**os.environ, "SYSTEMD_TPM2_DEVICE": self.device})


@pytest.fixture
def tpm(tmp_path):
    folder = tmp_path / "tpm"
    folder.mkdir()
    tpm = TPM(folder)
    yield tpm
    tpm.end()


def seal(tpm, store):
    tpm.begin()
    return subprocess.run(
        [str(ROOT / "packaging/cps-agent-seal"), f"--tpm2-device={tpm.device}"], capture_output=True, text=True, timeout=30,
        env={**os.environ, "CPS_CREDSTORE": str(store)})


def give(agent, folder, content):
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / SEAL).unlink(missing_ok=True)
    (folder / SEAL).write_bytes(content)
    (folder / SEAL).chmod(0o440)
    agent.environment["CREDENTIALS_DIRECTORY"] = str(folder)


def keys(agent):
    folder = agent.state / "keys"
    files = [each for each in sorted(folder.rglob("*")) if each.is_file() and each.name != "host"]
    return {str(each.relative_to(folder)): each.read_bytes() for each in files}


def identity(agent):
    """What the world knows of the keys: of the log, and of tokens."""
    return agent.get("/audit/keys")[1]["keys"], agent.get("/jwks")[1]["keys"]


def test_keys_that_are_there_are_sealed_by_the_tpm_and_stay_the_same(agent, tpm, tmp_path):
    running = agent(degraded=DEGRADED)
    before, plain = identity(running), keys(running)
    assert {"log.key", "pepper"} <= set(plain) and any(name.startswith("tokens/") for name in plain)
    assert not any(content.startswith(SEALED) for content in plain.values())

    made = seal(tpm, tmp_path / "store")
    assert made.returncode == 0, made.stderr
    opened = tpm.decrypt(tmp_path / "store" / SEAL)
    assert opened.returncode == 0 and len(opened.stdout) == 32, opened.stderr
    give(running, tmp_path / "given", opened.stdout)
    running.restart()

    sealed = keys(running)
    assert set(sealed) == set(plain) and all(content.startswith(SEALED) for content in sealed.values())
    assert identity(running) == before
    secrets = [line.strip() for content in plain.values() for line in content.splitlines() if len(line) > 40 and b"-----" not in line]
    assert secrets and not any(secret in content for secret in secrets for content in sealed.values())
    # A new key is sealed from the beginning.
    running.restart()
    assert identity(running) == before


def test_without_its_seal_or_with_another_one_the_agent_does_not_start_and_keeps_the_keys(agent, tmp_path):
    running = agent(start=False)
    give(running, tmp_path / "given", b"s" * 32)
    running.start()
    assert running.get("/status")[0] == 200
    assert running.stop() == 0
    before = keys(running)
    assert all(content.startswith(SEALED) for content in before.values())
    for change, said in ((lambda: running.environment.clear(), b"is sealed, and the agent was given no seal"),
                         (lambda: give(running, tmp_path / "given", b"t" * 32), b"was sealed with another seal"),
                         (lambda: give(running, tmp_path / "given", b"short"), b"holds no seal")):
        change()
        done = subprocess.run(running.command(), capture_output=True, timeout=30, env={**os.environ, **running.environment})
        assert done.returncode == 8 and said in done.stderr + done.stdout, done.stderr
        assert keys(running) == before
    give(running, tmp_path / "given", b"s" * 32)
    running.start()
    assert running.get("/status")[0] == 200


def test_another_tpm_opens_nothing(tpm, tmp_path):
    assert seal(tpm, tmp_path / "store").returncode == 0
    tpm.end()
    other = tmp_path / "other"
    other.mkdir()
    stranger = TPM(other)
    try:
        done = stranger.decrypt(tmp_path / "store" / SEAL)
    finally:
        stranger.end()
    assert done.returncode != 0 and done.stdout == b""


def test_a_seal_that_is_there_is_never_replaced(tpm, tmp_path):
    store = tmp_path / "store"
    assert seal(tpm, store).returncode == 0
    before = (store / SEAL).read_bytes()
    again = seal(tpm, store)
    assert again.returncode == 1 and "is there already" in again.stderr
    assert (store / SEAL).read_bytes() == before and [each.name for each in store.iterdir()] == [SEAL]


def test_without_a_tpm_nothing_is_left_behind(tpm, tmp_path):
    store = tmp_path / "store"
    done = subprocess.run(
        [str(ROOT / "packaging/cps-agent-seal"), f"--tpm2-device={tpm.device}"], capture_output=True, text=True, timeout=60,
        env={**os.environ, "CPS_CREDSTORE": str(store)})
    assert done.returncode == 1 and "nothing was changed" in done.stderr
    assert list(store.iterdir()) == []
