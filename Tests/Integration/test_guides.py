"""The guides for people, in both languages: their commands are run, what they name is there, the page for the wall is one page."""

import json
import os
import re
import subprocess

import pytest
import weasyprint

from tools import BIN_DIR, ROOT, wait_until

GUIDE = ROOT / "Docs" / "Guide.md"
FRENCH = ROOT / "Docs" / "fr"
PAGES = [GUIDE, FRENCH / "Administrateur.md", FRENCH / "Demarrage.md", FRENCH / "Praticien-A4.html", ROOT / "README.md"]


def section(page, heading):
    return page.read_text().partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def commands(text):
    return re.findall(r"^```sh\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def run(script, folder, environment=()):
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], cwd=folder, capture_output=True, text=True, timeout=60,
        env={**os.environ, "PATH": f"{BIN_DIR}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8", **dict(environment)})
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def test_first_referent_starts_as_the_guide_says(agent, persona, virtual_card, tmp_path):
    steps = commands(section(GUIDE, "The first référent"))
    assert steps == commands(section(FRENCH / "Administrateur.md", "Le premier référent")) and len(steps) == 5
    virtual_card(persona("cps4", family="DURAND", given="ANNE", rpps="99700245667", profession="60"))
    running = agent()
    running.wait_card()
    # The folder of the package is this agent's. Its file is one JSON object, to which no line can be added: a line for each section then.
    sections = json.loads(running.config.read_text()).items()
    running.config.write_text("".join(f"{name}: {json.dumps(section)}\n" for name, section in sections))
    # No systemd here: what it would do is asked of this program, which started the agent.
    stand_in = """
        sudo() { "$@"; }
        systemctl() { touch restart; until [ -e restarted ]; do sleep 0.05; done; }
        ready() { until [ "$(cpsctl --json card 2> wait.log | jq -r .state)" = ready ]; do sleep 0.05; done; }
    """
    script = "".join(steps).replace("/etc/cps-agent/", f"{running.folder}/")
    script = script.replace("cpsctl login\n", "ready; cpsctl login --pin-stdin <<< 1234\n")
    process = subprocess.Popen(
        ["bash", "-euo", "pipefail", "-c", stand_in + script], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, "PATH": f"{BIN_DIR}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8", "CPS_AGENT_SOCKET": str(running.socket)})
    wait_until(lambda: (tmp_path / "restart").exists() or process.poll() is not None, "the restart is asked for", 30)
    if process.poll() is None:
        running.restart()
        (tmp_path / "restarted").touch()
    shown = process.communicate(timeout=60)[0]
    assert process.returncode == 0, shown
    assert "DURAND ANNE" in shown
    assert re.search(r'"899700245667": \[\s*"administration"\s*\]', shown)
    assert re.search(r"account:manage +granted +role.administration", shown)
    (opened,) = running.traces("session.opened")
    assert opened["actor"]["national_id"] == "899700245667"
    loaded = running.traces("habilitation.loaded")
    assert [trace["detail"]["roles"] for trace in loaded] == [{}, {"899700245667": ["administration"]}]
    assert loaded[-1]["seq"] < opened["seq"]


def test_quick_start_is_true(pcscd, tmp_path):
    script = "trap 'kill $(jobs -p); wait' EXIT\n" + "".join(commands((FRENCH / "Demarrage.md").read_text()))
    script = script.replace("cpsctl login ", "cpsctl login --pin-stdin <<< 1234 ")
    # A person is slower than the news of the card.
    ejected = "cps-card eject --control carte.sock\n"
    assert ejected in script
    script = script.replace(ejected, f"""{ejected}until cpsctl --json session list | jq -e '.sessions == []' > done; do sleep 0.05; done\n""")
    shown = run(script, tmp_path, {"LANG": "fr_FR.UTF-8", "LC_ALL": "fr_FR.UTF-8"})
    assert "LIBRE MAX" in shown and "Aucune session" in shown and "Journal intact" in shown


def test_verbs_that_the_guides_name_are_there():
    named = set()
    for page in PAGES:
        for command in re.findall(r"cpsctl ((?:(?!`|\n|\||;|→|<).)+)", page.read_text()):
            words = re.match(r"(?:--json )?((?:[a-z][a-z-]* ?)*)", command).group(1).split()
            options = tuple(sorted(set(re.findall(r"(?<!\S)--[a-z-]+", command)) - {"--json", "--help"}))
            if words:
                named.add((tuple(words[:3]), options))
    assert len(named) > 25
    for words, options in sorted(named):
        # The longest beginning that is a verb; what follows it are values, or prose.
        helps = ""
        for length in range(len(words), 0, -1):
            done = subprocess.run(
                [str(BIN_DIR / "cpsctl"), *words[:length], "--lang", "en", "--help"], capture_output=True, text=True, timeout=30)
            usage = re.search(r"^USAGE: cpsctl ([a-z -]+?)(?: [\[<]|$)", done.stdout, re.MULTILINE)
            if done.returncode == 0 and usage and usage.group(1).split() == list(words[:length]):
                helps = done.stdout
                break
        assert helps, words
        for option in options:
            assert re.search(rf"{option}\b", helps), (words, option)


def test_fingerprints_are_those_that_are_accepted():
    source = (ROOT / "Sources" / "Trust" / "PKI" / "PublishedAuthorities.swift").read_text()
    accepted = dict(re.findall(r'"([0-9A-F]{64})":\s*"([^"]+)"', source))
    told = {digest: name for name, digest in re.findall(r"^\| (AC [^|]+) \| `([0-9A-F]{64})` \|$", GUIDE.read_text(), re.MULTILINE)}
    assert len(accepted) == 9 and told == accepted


@pytest.mark.parametrize("page", [FRENCH / "Praticien-A4.html"], ids=lambda page: page.name)
def test_page_for_the_wall_is_one_a4_page(page):
    (sheet,) = weasyprint.HTML(str(page)).render().pages
    assert (round(sheet.width * 25.4 / 96), round(sheet.height * 25.4 / 96)) == (210, 297)


def test_index_answers_in_both_languages():
    index = (ROOT / "Docs" / "README.md").read_text()
    for question in ("Install", "Configure", "Enrol", "Log in", "Card forgotten", "Card stolen", "Reader broken", "Upgrade", "Back up",
                     "restore", "Inspect"):
        (row,) = [line for line in index.splitlines() if line.startswith("|") and question in line.split("|")[1]]
        assert "](Guide.md#" in row and "](fr/Administrateur.md#" in row, question
    for page, anchor in re.findall(r"\]\(((?:fr/)?(?:Guide|Administrateur)\.md)#([^)]+)\)", index):
        assert anchor in anchors(ROOT / "Docs" / page), (page, anchor)
    for page in (GUIDE, FRENCH / "Administrateur.md"):
        for anchor in re.findall(r"\]\(#([^)]+)\)", page.read_text()):
            assert anchor in anchors(page), (page.name, anchor)


def anchors(page):
    """Those that the headings get: small letters, hyphens for blanks, no punctuation."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)}
