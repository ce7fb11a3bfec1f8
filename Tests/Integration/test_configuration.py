"""Every mistake in agent.yaml is named with its line and key, all of them at once, and no value is repeated."""

import pytest

from tools import BIN_DIR, run_tool

GOOD = [
    ("agent", {"state_dir": "/tmp/state", "socket": "/tmp/s"}),
    ("trust", {"anchors": "/tmp/anchors"}),
    ("tokens", {"issuer": "https://ws-042.example"}),
]

# Section, key, and a value that it cannot have.
BAD = [
    ("agent", "state_dir", "relative"), ("agent", "state_dir", "[a]"), ("agent", "socket", "/" + "x" * 108), ("agent", "socket_mode", "999"),
    ("agent", "workstation", '""'), ("agent", "workstation", "{a: b}"), ("readers", "allow", "text"), ("readers", "seat", '""'),
    ("cards", "after_use", "keep"), ("cards", "after_use", "[reset]"), ("trust", "anchors", "relative"), ("trust", "crls", "relative"),
    ("trust", "require_eku", "maybe"), ("trust", "revocation", "text"), ("sessions", "inactivity", "-1"), ("sessions", "inactivity", "soon"),
    ("sessions", "max", "[1]"), ("sessions", "max", "99999d"), ("tokens", "issuer", "http://plain.example"), ("tokens", "ttl", "0"),
    ("tokens", "ttl", "16m"), ("tokens", "ttl_bound", "1.5m"), ("tokens", "algorithm", "RS256"), ("audit", "origin", "two words"),
    ("audit", "reserve", "relative"), ("audit", "reserve_size", "1000"), ("audit", "checkpoint", "0"), ("log", "level", "loud"),
    ("habilitations", "file", "relative"),
]
SECTIONS = ["agent", "readers", "cards", "trust", "sessions", "tokens", "audit", "log", "habilitations"]


def check(tmp_path, text):
    """The exit code and the lines of what the agent says of a configuration."""
    path = tmp_path / "agent.yaml"
    path.write_text(text)
    result = run_tool(BIN_DIR / "cps-agentd", "--config", path, "--check-config", check=False)
    return result.returncode, result.stderr.decode().splitlines()


def written(more):
    """A good configuration with these keys (section, key, value) put in: the text, and the line of each key."""
    sections = {name: dict(values) for name, values in GOOD}
    for section, key, value in more:
        sections.setdefault(section, {})[key] = value
    lines, places = [], {}
    for section, values in sections.items():
        lines.append(f"{section}:")
        for key, value in values.items():
            lines.append(f"  {key}: {value}")
            places[section, key] = len(lines)
    return "\n".join(lines) + "\n", places


@pytest.mark.parametrize(("section", "key", "value"), BAD, ids=lambda each: str(each)[:20])
def test_a_bad_value_is_named_with_line_and_key(tmp_path, section, key, value):
    text, places = written([(section, key, value)])
    status, said = check(tmp_path, text)
    assert status == 2 and len(said) == 1, said
    assert f"line {places[section, key]}: {section}.{key}" in said[0]
    assert len(value) < 8 or value not in said[0]


@pytest.mark.parametrize("section", SECTIONS)
def test_an_unknown_key_is_named(tmp_path, section):
    text, places = written([(section, "misspelt", "1")])
    status, said = check(tmp_path, text)
    assert status == 2 and any(f"line {places[section, 'misspelt']}: {section}.misspelt" in each for each in said), said


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_that_is_a_text_is_named(tmp_path, section):
    lines = [f"{name}: {{{', '.join(f'{key}: {value!r}' for key, value in values.items())}}}" for name, values in GOOD if name != section]
    status, said = check(tmp_path, "\n".join([*lines, f"{section}: text"]) + "\n")
    assert status == 2 and any(f"line {len(lines) + 1}: {section}" in each for each in said), said


@pytest.mark.parametrize(("section", "key"), [(name, key) for name, values in GOOD for key in values])
def test_a_key_given_twice_is_named(tmp_path, section, key):
    text, places = written([])
    lines = text.splitlines()
    lines.insert(places[section, key], lines[places[section, key] - 1])
    status, said = check(tmp_path, "\n".join(lines) + "\n")
    assert status == 2 and any(f"line {places[section, key]}: {section}.{key}" in each for each in said), said


def test_all_mistakes_are_shown_at_once(tmp_path):
    chosen = {(section, key): value for section, key, value in BAD}
    text, places = written([(*place, value) for place, value in chosen.items()])
    status, said = check(tmp_path, text)
    assert status == 2 and len(said) >= len(chosen), said
    for section, key in chosen:
        assert any(f"line {places[section, key]}: {section}.{key}" in each for each in said), (section, key)
