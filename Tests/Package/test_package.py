"""The life of the package on one machine, in order: each test goes on where the one before ended."""

import json
import os
import pathlib
import re
import sqlite3
import subprocess

import pytest

from debian import Debian, with_version
from tools import BIN_DIR, ROOT

STATE = "/var/lib/cps-agent"
CONFIG = "/etc/cps-agent/agent.yaml"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("package")


@pytest.fixture(scope="module")
def package(folder):
    made = subprocess.run(
        [str(ROOT / "packaging/deb"), str(BIN_DIR), str(folder)], env={**os.environ, "COMPRESSION": "gzip", "LEVEL": "1"},
        capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    return pathlib.Path(made.stdout.strip())


@pytest.fixture(scope="module")
def machine(folder):
    return Debian(folder / "root", os.environ["CPS_DEBIAN_ROOT"])


def head(machine):
    """Name, size and key of the log, from the agent while it runs."""
    machine.start_agent()
    machine.run("cpsctl", "status")
    name, size = machine.run("cpsctl", "audit", "checkpoint").splitlines()[:2]
    key = machine.run("cpsctl", "audit", "key").split()[0]
    machine.run("cpsctl", "audit", "verify")
    status, log = machine.stop_agent()
    assert status == 0, log
    return name, int(size), key


def test_lintian_has_nothing_to_say(package):
    done = subprocess.run(
        ["lintian", "--allow-root", "--fail-on", "error,warning", str(package)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout


def test_it_is_installed_without_authorities_and_says_what_is_missing(machine, package):
    said = machine.install(package)
    assert "trust.anchors" in said and "cpsctl trust install" in said
    assert machine.run("dpkg-query", "-W", "-f", "${db:Status-Status}", "cps-agent") == "installed"
    assert machine.units_on() == {"cps-agent.service", "cps-agent.socket"}
    assert "trust.anchors" in machine.run("cps-agentd", "--config", CONFIG, "--check-config", status=2)


def test_state_and_configuration_are_whose_they_should_be(machine):
    assert machine.run("stat", "-c", "%U %G %a", STATE).split() == ["cps-agent", "cps-agent", "700"]
    assert machine.run("stat", "-c", "%U %G %a", CONFIG).split() == ["root", "root", "644"]
    assert re.search(r'issuer: "https://[a-z0-9][a-z0-9.-]*"', machine.path(CONFIG).read_text())
    assert "cps-users" in machine.run("getent", "group", "cps-users")


def test_with_authorities_the_shipped_configuration_is_good(machine, folder):
    subprocess.run(
        [str(BIN_DIR / "cps-card"), "new", "--generation", "cps4", "--family-name", "LIBRE", "--given-name", "MAX", "--rpps", "99900063480",
         "--profession", "10", "--pki", str(folder / "pki"), "--out", str(folder / "card")], check=True, capture_output=True)
    names = []
    for part in ("anchors", "intermediates"):
        for each in (folder / "pki" / part).iterdir():
            names.append(f"/tmp/{each.name}")
            machine.path(names[-1]).write_bytes(each.read_bytes())
    machine.run("cpsctl", "trust", "install", *names)
    assert "ok, test authorities" in machine.run("cps-agentd", "--config", CONFIG, "--check-config")


def test_the_agent_answers_its_group_and_nobody_else(machine):
    machine.start_agent()
    machine.run("cpsctl", "status")
    group = machine.run("getent", "group", "cps-users").split(":")[2]
    machine.run("setpriv", "--reuid=1234", "--regid=1234", f"--groups={group}", "cpsctl", "status")
    machine.run("setpriv", "--reuid=1234", "--regid=1234", "--clear-groups", "cpsctl", "status", status=3)
    status, log = machine.stop_agent()
    assert status == 0, log


def test_degraded_mode_and_mobile_are_off(machine):
    machine.start_agent()
    told = machine.run("cpsctl", "--json", "status")
    machine.stop_agent()
    assert "clients section" in told and not re.search(r"Without|No clients section", told)
    assert "enabled: true" not in machine.path(CONFIG).read_text()


def test_the_pam_profile_is_offered_and_not_chosen(machine):
    assert list(machine.path("/lib").glob("*/security/pam_cps.so"))
    assert "pam_cps" not in machine.path("/etc/pam.d/common-auth").read_text()
    machine.run("pam-auth-update", "--enable", "cps")
    assert "pam_cps" in machine.path("/etc/pam.d/common-auth").read_text()


def test_an_upgrade_keeps_configuration_and_log(machine, package, folder):
    name, size, key = head(machine)
    changed = machine.path(CONFIG).read_text() + "# ours\n"
    machine.path(CONFIG).write_text(changed)
    machine.install(with_version(package, "0.9.0", folder))
    assert machine.path(CONFIG).read_text() == changed
    after = head(machine)
    assert after[0] == name and after[1] > size and after[2] == key


def test_a_state_of_a_later_version_is_refused(machine):
    with sqlite3.connect(machine.path(f"{STATE}/agent.sqlite")) as database:
        (known,) = database.execute("PRAGMA user_version").fetchone()
        database.execute(f"PRAGMA user_version = {known + 1}")
    machine.start_agent()
    subprocess.run(machine.command("cpsctl", "status"), capture_output=True, timeout=60)
    status = machine.agent.wait(20)
    machine.path("/run/cps-agent/agent.sock").unlink(missing_ok=True)
    with sqlite3.connect(machine.path(f"{STATE}/agent.sqlite")) as database:
        database.execute(f"PRAGMA user_version = {known}")
    said = machine.path("/tmp/agent.log").read_text()
    assert status == 8 and "later version" in said, said


def logged(machine, event):
    """The traces of one kind, from the agent while it runs."""
    return [trace for trace in map(json.loads, machine.run("cpsctl", "--json", "audit", "list").splitlines()) if trace["event"] == event]


def test_a_backup_has_the_log_and_no_key(machine):
    key = machine.path("/etc/cps-agent/listener.pem")
    key.write_text("-----BEGIN PRIVATE KEY-----\n")
    machine.start_agent()
    machine.run("cpsctl", "status")
    machine.run("cps-agent-backup", "save", "/tmp/backup.tar.gz")
    assert machine.stop_agent()[0] == 0
    key.unlink()
    names = machine.run("tar", "-tzf", "/tmp/backup.tar.gz").splitlines()
    assert "state/agent.sqlite" in names and "etc/agent.yaml" in names and "etc/trust/" in names
    assert not [each for each in names if "key" in each or "listener" in each]
    assert machine.path("/tmp/backup.tar.gz").stat().st_mode & 0o077 == 0


def test_a_restore_waits_until_the_agent_has_stopped(machine):
    machine.start_agent()
    machine.run("cpsctl", "status")
    assert "the agent runs" in machine.run("cps-agent-backup", "restore", "/tmp/backup.tar.gz", status=1)
    assert machine.stop_agent()[0] == 0


@pytest.mark.parametrize("content", [b"", b"no archive", None])
def test_what_is_no_backup_is_refused(machine, content):
    if content is None:
        machine.run("tar", "-C", "/etc", "-czf", "/tmp/other.tar.gz", "hostname")
    else:
        machine.path("/tmp/other.tar.gz").write_bytes(content)
    machine.run("cps-agent-backup", "restore", "/tmp/other.tar.gz", status=1)
    assert machine.path(f"{STATE}/agent.sqlite").exists()


def test_restored_on_the_same_machine_the_log_goes_on_and_its_anchor_finds_what_is_missing(machine):
    machine.path("/srv/vault").mkdir()
    machine.run("chown", "cps-agent:", "/srv/vault")
    before = machine.path(CONFIG).read_text()
    machine.path(CONFIG).write_text(before + "audit: {anchors: {vault: {file: /srv/vault/kept}}}\n")
    name, size, key = head(machine)
    assert machine.path("/srv/vault/kept").exists()
    assert "replaced-" in machine.run("cps-agent-backup", "restore", "/tmp/backup.tar.gz")
    machine.start_agent()
    machine.run("cpsctl", "status")
    (found,) = logged(machine, "audit.rolled_back")
    assert machine.stop_agent()[0] == 0
    assert found["detail"]["anchor"] == "vault" and found["detail"]["last"] >= size - 1
    after = head(machine)
    assert after[0].startswith(f"{name}#") and after[2] != key
    machine.path(CONFIG).write_text(before)


def test_keys_of_another_machine_are_refused(machine):
    machine.path("/etc/machine-id").chmod(0o644)
    machine.path("/etc/machine-id").write_text("f" * 32 + "\n")
    machine.start_agent()
    subprocess.run(machine.command("cpsctl", "status"), capture_output=True, timeout=60)
    assert machine.agent.wait(20) == 8
    machine.path("/run/cps-agent/agent.sock").unlink(missing_ok=True)
    said = machine.path("/tmp/agent.log").read_text()
    assert "another machine" in said and f"{STATE}/keys" in said


def test_restored_on_another_machine_it_makes_its_own_keys_and_says_so(machine):
    machine.path(f"{STATE}/keys").rename(machine.path("/tmp/keys-of-before"))
    machine.run("cps-agent-backup", "restore", "/tmp/backup.tar.gz")
    machine.start_agent()
    machine.run("cpsctl", "status")
    (changed,) = logged(machine, "audit.key_changed")
    machine.run("cpsctl", "audit", "verify")
    assert machine.stop_agent()[0] == 0
    assert changed["detail"]["cause"] == "replaced" and "endorsement" not in changed["detail"]
    assert machine.path(f"{STATE}/keys/log.key").exists()


def test_removed_and_installed_again_it_goes_on_with_its_log(machine, package):
    name, size, key = head(machine)
    machine.run("dpkg", "--remove", "cps-agent")
    assert not machine.path("/usr/sbin/cps-agentd").exists() and machine.path(CONFIG).exists()
    assert "pam_cps" not in machine.path("/etc/pam.d/common-auth").read_text(), "nobody could log in"
    machine.install(package)
    assert machine.units_on() == {"cps-agent.service", "cps-agent.socket"}
    after = head(machine)
    assert after[0] == name and after[1] > size and after[2] == key


def test_a_purge_takes_the_configuration_and_leaves_the_log(machine, package):
    files = [each for each in machine.files("cps-agent") if "cps" in each.name]
    said = machine.run("dpkg", "--purge", "cps-agent")
    assert STATE in said
    assert not [each for each in files if os.path.lexists(each)]
    assert not machine.path("/etc/cps-agent").exists() and not machine.units_on()
    assert machine.path(f"{STATE}/agent.sqlite").exists() and machine.path(f"{STATE}/keys/log.key").exists()
    assert "cps-agent" in machine.run("getent", "passwd", "cps-agent")
