"""Fixtures: a pcscd of our own with the virtual reader, personas, virtual cards put into that reader, and agents."""

import os
import re
import shutil
import subprocess
import tempfile

import pytest

import event_list
from agent_process import Agent, PASSWORD
from card_process import VirtualCard
from pam_tools import delivered, people, stand  # noqa: F401, fixtures of the tests of the PAM module
from pcscd_process import PCSCD, VPCD_PORT
from tools import BIN_DIR, cps_card, stop


def pytest_collection_modifyitems(config, items):
    """Keeps one part of the tests when `CPS_SHARD` is `index/count`: every count-th, so that slow files are shared out."""
    index, count = (int(part) for part in os.environ.get("CPS_SHARD", "0/1").split("/"))
    config.hook.pytest_deselected(items=[item for place, item in enumerate(items) if place % count != index])
    items[:] = items[index::count]


@pytest.fixture
def pcscd(tmp_path):
    daemon = PCSCD(tmp_path / "pcscd.log").start()
    yield daemon
    daemon.stop()


@pytest.fixture(scope="session")
def pki(tmp_path_factory):
    """One test hierarchy for the whole run: its keys are slow to make."""
    return tmp_path_factory.mktemp("pki")


@pytest.fixture(scope="session")
def card_stock(tmp_path_factory, pki):
    """Makes each kind of card once in a run, since keys are slow to make; tests get copies, which remember tries by themselves."""
    made = {}

    def folder(arguments):
        if arguments not in made:
            out = tmp_path_factory.mktemp("stock") / "card"
            _, *switches = arguments
            cps_card("new", *switches, "--pki", pki, "--out", out)
            made[arguments] = out
        return made[arguments]

    return folder


@pytest.fixture
def persona(tmp_path, card_stock):
    """A factory of card folders: persona(generation="cps3", cert="valid", ...). Each call in a test gives another card."""
    made = []

    def make(generation="cps3", cert="valid", family="LIBRE", given="MAX", rpps="99900063480", profession="10", extra=()):
        switches = (
            "--generation", generation, "--family-name", family, "--given-name", given, "--rpps", rpps,
            "--profession", profession, "--cert", cert, *extra,
        )
        folder = tmp_path / f"card-{len(made)}"
        shutil.copytree(card_stock((made.count(switches), *switches)), folder)
        made.append(switches)
        return folder

    return make


@pytest.fixture
def start_card(tmp_path):
    """A factory of running cards for whichever pcscd there is: start_card(folder, faults=["delay=10"], port=35963)."""
    running = []

    def put(folder, faults=(), port=VPCD_PORT):
        control = tmp_path / f"control-{len(running)}.sock"
        switches = [part for fault in faults for part in ("--fault", fault)]
        process = subprocess.Popen(
            [str(BIN_DIR / "cps-card"), "run", str(folder), "--control", str(control), "--port", str(port), *switches],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        card = VirtualCard(process, control)
        running.append(card)
        card.wait_taken()
        return card

    yield put
    for card in running:
        stop(card.process)
        card.process.stdout.close()
    for card in running:
        assert not card.control.exists(), "cps-card left its control socket"


@pytest.fixture
def virtual_card(pcscd, start_card):
    """A factory of running cards in the one reader: virtual_card(folder, faults=["delay=10"])."""
    return start_card


@pytest.fixture
def socket_folder():
    """Where every user of the machine gets to, unlike the folders of pytest."""
    folder = tempfile.mkdtemp(prefix="cps-agent-")
    subprocess.run(["chmod", "755", folder], check=True)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def agent(tmp_path, pki, socket_folder, persona):
    """A factory of running agents, one at a time: agent(sessions={"inactivity": "5s"}). Without `start` it is only configured."""
    made = []

    def run(start=True, **settings):
        assert not made, "a test has one agent"
        if not (pki / "anchors").exists():
            persona()
        folder = tmp_path / "agent"
        folder.mkdir()
        made.append(Agent(folder, socket_folder, pki / "anchors", settings))
        return made[0].start() if start else made[0]

    yield run
    for each in made:
        try:
            if each.process is not None:
                each.stop()
                no_secret_is_kept(each)
                event_list.note(each.state)
        finally:
            print(each.log.read_text() if each.log.exists() else "no log")


def no_secret_is_kept(agent):
    """No token, no PIN block and no password, in whatever the test made the agent write: log, database, lists, exports in its folder."""
    for path in agent.folder.rglob("*"):
        if not path.is_file() or path.parent.name == "keys":
            continue
        found = re.search(rb"eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{16,}|[0-9]{4}\xff{4}", path.read_bytes())
        assert not found, f"{path} holds {found.group(0)[:40]}"
        assert PASSWORD.encode() not in path.read_bytes(), f"{path} holds a password"


@pytest.fixture(params=["cps3", "cps4"])
def generation(request):
    """Every test that asks for a card runs with each kind."""
    return request.param


@pytest.fixture
def card(persona, virtual_card, generation):
    return virtual_card(persona(generation))


@pytest.fixture
def ready(agent, card):
    """An agent that has read the card."""
    running = agent()
    running.wait_card()
    return running


@pytest.fixture
def worked(agent, persona, virtual_card):
    """An agent with something in its log."""
    card = virtual_card(persona("cps3"))
    running = agent()
    running.wait_card()
    session = running.login()["session"]["id"]
    card.eject()
    running.wait_ended(session, "card_removed")
    return running
