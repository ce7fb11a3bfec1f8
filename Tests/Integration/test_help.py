"""`cpsctl --help` in both languages: every verb is there, and no text was left in the other language."""

import re
import subprocess

import pytest

from tools import BIN_DIR, ROOT

# The parser's own words, which are English in both.
OWN = re.compile(r"(USAGE|OVERVIEW|ARGUMENTS|OPTIONS|SUBCOMMANDS)\b|See 'cpsctl help|Show (the version|help information)")


def help_of(path, language):
    done = subprocess.run(
        [str(BIN_DIR / "cpsctl"), *path, "--lang", language, "--help"], capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 0, done
    return done.stdout


def verbs(text):
    listed = text.partition("SUBCOMMANDS:")[2].partition("\n\n")[0]
    return [line.split()[0] for line in listed.splitlines() if re.match(r"  \S", line) and not line.startswith("  help ")]


def every_path(path=()):
    yield path
    for verb in verbs(help_of(path, "en")):
        yield from every_path((*path, verb))


@pytest.fixture(scope="module")
def paths():
    return list(every_path())


def described(text):
    """The lines that say something, without the names of options and verbs before them."""
    for line in text.splitlines():
        said = re.sub(r"^ +(-\S+( <\S+>)?,? ?|<\S+>|[a-z-]+(?=  )|cpsctl [^ ]+( \S+)*(?=  ))*\s*", "", line)
        if len(re.findall(r"[^\W\d_]{2,}", said)) >= 3 and not OWN.search(line):
            yield said


def test_every_verb_has_help(paths):
    assert len(paths) > 25
    for path in paths:
        assert re.search(r"OVERVIEW: \S", help_of(path, "en")), path


def test_no_text_is_the_same_in_both_languages(paths):
    for path in paths:
        same = set(described(help_of(path, "fr"))) & set(described(help_of(path, "en")))
        assert not same, (path, same)


def test_the_overview_is_in_the_language_that_was_asked_for(paths):
    for path in paths:
        overviews = {language: help_of(path, language).splitlines()[0] for language in ("fr", "en")}
        assert overviews["fr"] != overviews["en"], path


def test_the_locale_chooses_where_nobody_asks():
    done = subprocess.run(
        [str(BIN_DIR / "cpsctl"), "--help"], capture_output=True, text=True, timeout=30, env={"LC_ALL": "fr_FR.UTF-8"}
    )
    assert "Parler à l'agent" in done.stdout


# Words that are the same in French and in English, and what is no word.
SAME = {
    "ATTENTION", "OK", "Patient", "SHA-256", "Service", "Session", "Situation", "Situations", "USB", "code", "session", "sessions", "situations"
}
# Names, as a text alone.
NAMES = {"CPS3", "CPS4", "USB", "id", "jti", "poll", "recv", "send", "socket", "terminal"}
TEXT = r'"((?:[^"\\]|\\[^(]|\\\((?:[^()"]|"[^"]*"|\((?:[^()"]|"[^"]*"|\([^()]*\))*\))*\))*)"'
EITHER = rf'(?:"""\n(.*?)"""|{TEXT})'
PAIR = re.compile(rf"\b(?:Text|Help\.text|Help\.argument)\(\s*{EITHER}\s*,\s*{EITHER}", re.DOTALL)


def test_every_sentence_of_the_source_is_in_both_languages():
    seen = 0
    for file in (ROOT / "Sources").rglob("*.swift"):
        for first_long, first, second_long, second in PAIR.findall(file.read_text()):
            one, other = first_long or first, second_long or second
            seen += 1
            assert one.strip() and other.strip(), (file.name, one, other)
            words = re.sub(r"\\\((?:[^()]|\([^()]*\))*\)", "", one)
            assert one != other or one in SAME or not re.search(r"[^\W\d_]{2,}", words), (file.name, one)
        for name in re.findall(r'\bText\("([^"\\]+)"\)', file.read_text()):
            assert name in NAMES, (file.name, name)
    assert seen > 700
