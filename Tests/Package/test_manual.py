"""The manual pages: well-formed, and saying what the programs know."""

import re

import pytest

from tools import BIN_DIR, ROOT, run_tool

PAGES = ROOT / "packaging/man"
READERS = ROOT / "Sources/Base/ConfigurationFile"


def generated(language):
    return run_tool(PAGES / "cpsctl", BIN_DIR / "cpsctl", language).stdout.decode()


@pytest.mark.parametrize("page", ["agent.yaml.5", "habilitations.yaml.5", "cps-agentd.8", "cps-agent-backup.8", "cps-session-lock.1", "en", "fr"])
def test_pages_are_well_formed(page, tmp_path):
    path = PAGES / page
    if not path.exists():
        path = tmp_path / f"cpsctl.{page}.1"
        path.write_text(generated(page))
    done = run_tool("mandoc", "-Tlint", "-W", "warning", path, check=False)
    assert done.returncode == 0, done.stdout.decode()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_verb_is_in_the_manual(language):
    page = generated(language)
    listed = run_tool(BIN_DIR / "cpsctl", "--help").stdout.decode().partition("SUBCOMMANDS:")[2]
    verbs = re.findall(r"^  ([a-z][a-z-]*)  ", listed, re.M)
    assert len(verbs) > 15
    for verb in verbs:
        assert f".SS {verb}\n".replace("-", "\\-") in page, verb
    assert ".SS audit verify\n" in page and "\\-\\-audience" in page


def known_keys():
    """Keys as the readers of the configuration spell them: whole, and the last parts of those below a name."""
    whole, last = set(), set()
    for path in READERS.glob("*.swift"):
        text = path.read_text()
        whole |= {each for each in re.findall(r'"([a-z_]+(?:\.[a-z_]+)+)"', text) if not each.endswith(".service")}
        last |= {each.rstrip(".").split(".")[-1] for each in re.findall(r'"\\\([A-Za-z.]+\)\.([a-z_.]+)["\\]', text)}
    return whole, last


def told_keys():
    page = (PAGES / "agent.yaml.5").read_text().replace("\\-", "-")
    return set(re.findall(r"\\fB([a-zA-Z_.]+)\\fR", page))


def test_every_key_that_the_agent_reads_is_in_the_manual():
    (whole, last), told = known_keys(), told_keys()
    prefixes = {each.rpartition(".")[0] for each in told} | {each.split(".NAME")[0] for each in told}
    assert len(whole) > 50
    assert sorted(key for key in whole - told if key not in prefixes) == []
    assert sorted(last - {part for each in told for part in each.split(".")}) == []


def test_every_key_of_the_manual_is_read_by_the_agent(tmp_path):
    """Told of a value that fits nothing, the agent complains of the value, not of the key."""
    config = tmp_path / "agent.yaml"
    for key in sorted(told_keys() - {"degraded", "mobile"}):
        parts = key.replace("NAME", "some").split(".")
        config.write_text("\n".join("  " * depth + f"{part}:" for depth, part in enumerate(parts)) + " [{}]\n")
        done = run_tool(BIN_DIR / "cps-agentd", "--config", config, "--check-config", check=False)
        assert b"no such key" not in done.stderr, (key, done.stderr.decode())


def test_a_key_that_does_not_exist_would_be_told(tmp_path):
    config = tmp_path / "agent.yaml"
    config.write_text("sessions:\n  inactivty: 5s\n")
    assert b"no such key" in run_tool(BIN_DIR / "cps-agentd", "--config", config, "--check-config", check=False).stderr


def test_every_condition_of_the_matrix_is_in_the_manual():
    text = (ROOT / "Sources/Trust/Habilitation/Facts.swift").read_text()
    facts = set(re.findall(r'case \w+ = "([a-z_]+)"', text)) | {
        each for line in re.findall(r"^\s+case ([a-z, ]+)$", text, re.M) for each in line.split(", ")}
    page = (PAGES / "habilitations.yaml.5").read_text()
    assert {"profession", "mode"} <= facts
    assert sorted(each for each in facts if each not in page) == []
