"""What the package puts on a machine, judged by the programs that read it: systemd, udev, polkit's language."""

import json
import pathlib
import re
import subprocess
import sys

import pytest

from tools import BIN_DIR, ROOT, run_tool

PACKAGING = ROOT / "packaging"
RULES = ROOT / "udev" / "60-cps-agent-readers.rules"
READER, KEYBOARD = [0x0B, 0, 0], [3, 1, 1]
WANTED = {"pcscd.socket", "cps-agent.service"}


def verified(folder, change=lambda text: text):
    """What systemd has to say of the units, the service with the program that was built."""
    for name in ("cps-agent.service", "cps-agent.socket", "cps-agent-seal.service"):
        text = (PACKAGING / "systemd" / name).read_text().replace(
            "/usr/sbin/cps-agentd", str(BIN_DIR / "cps-agentd")).replace("/usr/sbin/cps-agent-seal", str(PACKAGING / "cps-agent-seal"))
        (folder / name).write_text(change(text))
    done = run_tool("systemd-analyze", "verify", "--man=no", *sorted(folder.glob("cps-agent*")), check=False)
    return [line for line in done.stderr.decode().splitlines() if "cps-agent" in line]


def test_the_units_are_understood(tmp_path):
    assert verified(tmp_path) == []


def test_a_unit_with_a_mistake_would_be_told(tmp_path):
    assert verified(tmp_path, lambda text: text.replace("NoNewPrivileges", "NoNewPrivilege"))


def test_the_service_has_little_to_attack():
    done = run_tool(
        "systemd-analyze", "security", "--offline=yes", "--threshold=16", "--no-pager", PACKAGING / "systemd/cps-agent.service",
        check=False)
    assert done.returncode == 0, done.stdout.decode()


def test_the_service_begins_without_a_seal_where_there_is_none():
    """A credential that is named without a folder may be missing; one that is named with it may not (systemd.exec(5))."""
    lines = (PACKAGING / "systemd/cps-agent.service").read_text().splitlines()
    assert "LoadCredentialEncrypted=cps-agent.keys" in lines and "Wants=cps-agent-seal.service" in lines
    assert "ConditionSecurity=tpm2" in (PACKAGING / "systemd/cps-agent-seal.service").read_text().splitlines()


def test_the_service_may_not_trace_others():
    lines = (PACKAGING / "systemd/cps-agent.service").read_text().splitlines()
    assert "CapabilityBoundingSet=" in lines and "AmbientCapabilities=" in lines and "LimitCORE=0" in lines


def test_users_groups_and_folders_are_made(tmp_path):
    (tmp_path / "etc").mkdir()
    run_tool("systemd-sysusers", f"--root={tmp_path}", PACKAGING / "sysusers.d/cps-agent.conf")
    passwd = (tmp_path / "etc/passwd").read_text()
    assert re.search(r"^cps-agent:.*:/var/lib/cps-agent:/usr/sbin/nologin$", passwd, re.M), passwd
    assert re.search(r"^cps-users:[^:]*:\d+:$", (tmp_path / "etc/group").read_text(), re.M)
    run_tool("systemd-tmpfiles", f"--root={tmp_path}", "--create", PACKAGING / "tmpfiles.d/cps-agent.conf")
    state = (tmp_path / "var/lib/cps-agent").stat()
    assert state.st_mode & 0o777 == 0o700 and str(state.st_uid) == re.search(r"^cps-agent:[^:]*:(\d+)", passwd, re.M).group(1)


# polkit of Debian 12 runs its rules by Duktape, whose own program this is.
@pytest.mark.parametrize("user, action, answer", [
    ("cps-agent", "org.debian.pcsc-lite.access_pcsc", "yes"),
    ("cps-agent", "org.debian.pcsc-lite.access_card", "yes"),
    ("cps-agent", "org.freedesktop.login1.reboot", "not handled"),
    ("alice", "org.debian.pcsc-lite.access_card", "not handled"),
    ("root", "org.debian.pcsc-lite.access_pcsc", "not handled"),
])
def test_the_polkit_rule_names_our_user_alone(tmp_path, user, action, answer):
    script = tmp_path / "rule.js"
    script.write_text(
        'var rule, polkit = {Result: {YES: "yes", NOT_HANDLED: "not handled"}, addRule: function (each) { rule = each; }};\n'
        + (PACKAGING / "polkit/cps-agent.rules").read_text()
        + f"print(rule({{id: {json.dumps(action)}}}, {{user: {json.dumps(user)}}}));\n")
    assert run_tool("duk", script).stdout.decode().strip() == answer


@pytest.fixture(scope="module")
def plugged_in():
    """Devices and what udev makes of them: a reader, the two that must stay awake, a keyboard with a reader, a keyboard."""
    return judged(RULES, [
        ("08e6", "3437", [READER]), ("0783", "0003", [READER]), ("058f", "9520", [READER]), ("046a", "0010", [KEYBOARD, READER]),
        ("046a", "0011", [KEYBOARD])])


def judged(rules, devices):
    done = run_tool("unshare", "-m", sys.executable, pathlib.Path(__file__).with_name("usb_device.py"), rules, json.dumps(devices))
    return json.loads(done.stdout)


def complaints(device):
    return [line for line in device["said"].splitlines() if re.search(r"cps-agent-readers\.rules:\d+ (?!ATTR .* writing)", line)]


@pytest.mark.parametrize("place, is_reader", [(0, True), (1, True), (2, True), (3, True), (4, False)])
def test_readers_belong_to_the_seat_and_start_who_reads_them(plugged_in, place, is_reader):
    facts = plugged_in[place]["facts"]
    assert ("uaccess" in facts["TAGS"].split(":")) == is_reader
    assert (WANTED <= set(facts.get("SYSTEMD_WANTS", "").split())) == is_reader
    assert complaints(plugged_in[place]) == []


@pytest.mark.parametrize("place, stays_awake", [(0, False), (1, True), (2, True), (3, False), (4, False)])
def test_readers_that_do_not_wake_up_are_kept_awake(plugged_in, place, stays_awake):
    assert plugged_in[place]["power"].startswith("on") == stays_awake


def test_a_rule_with_a_mistake_would_be_told(tmp_path):
    broken = tmp_path / RULES.name
    broken.write_text(RULES.read_text().replace('TAG+="systemd"', 'TAG+=="systemd"'))
    (device,) = judged(broken, [("08e6", "3437", [READER])])
    assert complaints(device)
