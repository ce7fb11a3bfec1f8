"""Docs/Integrate.md: its commands are run as they stand there, and print what it says."""

import os
import re
import subprocess

from tools import BIN_DIR, ROOT

PAGE = ROOT / "Docs" / "Integrate.md"
END = "--- end of a block"


def blocks():
    """The commands of each block, and what the page says they print."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    assert {kind for kind, _ in found} == {"sh", "text"}
    walk = []
    for kind, content in found:
        if kind == "sh":
            walk.append([content, ""])
        else:
            walk[-1][1] = content
    return walk


def test_page_is_true(pcscd, tmp_path):
    walk = blocks()
    assert sum(bool(printed) for _, printed in walk) >= 6
    end = "trap 'kill $(jobs -p); wait' EXIT\n"
    script = end + "".join(f"{commands}echo '{END}'\n" for commands, _ in walk)
    environment = {**os.environ, "PATH": f"{BIN_DIR}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    printed = done.stdout.split(f"{END}\n")[:-1]
    for (commands, due), shown in zip(walk, printed, strict=True):
        assert shown == due, commands


def test_links_of_the_pages_lead_somewhere():
    for page in [*(ROOT / "Docs").glob("*.md"), *(ROOT / "Docs" / "fr").glob("*.md"), ROOT / "README.md"]:
        for link in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.name}: {link}"
