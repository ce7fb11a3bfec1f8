"""What the tests of the PAM module share: the module, built as it is delivered and with shorter seconds, and people who have accounts."""

import functools
import os
import pathlib
import subprocess
import tempfile

import pytest

import pam_agent
import pam_handle
from tools import ROOT

SOURCES = ROOT / "Sources" / "Doors" / "PAM"
MODULE = ROOT / ".build" / "pam" / "pam_cps.so"
# A second of the options lasts so many milliseconds.
FAST = ("-DCPS_SECOND=8",)
COMMON = ("-std=c11", "-D_GNU_SOURCE", "-g", "-O1", "-Wall", "-Wextra", "-Werror", "-fPIC", "-fvisibility=hidden")


@functools.cache
def build(flags):
    """The module with these flags, once in a run."""
    made = pathlib.Path(tempfile.mkdtemp(prefix="cps-pam-")) / "pam_cps.so"
    compile_c(made, *sorted(SOURCES.glob("*.c")), flags=("-shared", *flags), libraries=("-lpam",))
    return made


def compile_c(made, *sources, flags=(), libraries=()):
    subprocess.run([os.environ.get("CC", "cc"), *COMMON, *map(str, flags), *map(str, sources), *libraries, "-o", str(made)], check=True)


@pytest.fixture(scope="session")
def delivered():
    """The module as it is delivered."""
    subprocess.run(["make", "--silent", "-C", str(ROOT), "pam"], check=True)
    return MODULE


@pytest.fixture
def people(tmp_path, delivered, monkeypatch):
    """alice and bob have accounts here, and read English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    undo = pam_agent.users(tmp_path)
    yield pam_agent.Workstation.ACCOUNTS
    undo()


ANSWERS = {"PIN": "1234", "Type": "YES", "Iden": "99900063480", "Reas": "1", "Pass": "Secret-9", "Situ": "2", "New ": "5678"}


def typed(**other):
    """A person who answers by the first letters of a question."""
    answers = {**ANSWERS, **other}
    return lambda style, prompt: answers[next(start for start in answers if prompt.startswith(start))]


@pytest.fixture
def stand(tmp_path, people, delivered):
    """stand(answer, options) → a factory of handles, and the scripted agent."""
    made = []

    def begin(answer, options="", module=delivered):
        pam_handle.write_service(tmp_path, "test", module, options)
        if answer is not None:
            made.append(pam_agent.ScriptedAgent(answer))

        def handle(user="alice", person=typed(), remote=None):
            return pam_handle.Pam(tmp_path, "test", user, person, remote)

        return handle, made[-1] if made else None

    yield begin
    for each in made:
        each.close()
