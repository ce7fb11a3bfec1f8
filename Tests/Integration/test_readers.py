"""Readers: sixteen at once, those that production refuses, cards that differ, cards with faults that other tests do not need."""

import json
import os
import shutil

import pytest

from agent_process import READER, READER_ID
from pcscd_process import PCSCD, VPCD_PORT
from test_sharing import raw_signature
from tools import BIN_DIR, cps_card, run_tool, wait_until

SIXTEEN = 16


@pytest.fixture
def crowded_pcscd(tmp_path):
    """A pcscd with as many readers as it can have: eight virtual devices of two slots. Two of one name would be one to PC/SC."""
    entries = []
    for index in range(SIXTEEN // 2):
        # The driver keeps its slots in static memory: one that is loaded from another file has slots of its own.
        library = tmp_path / f"driver-{index}.so"
        shutil.copy("/usr/lib/pcsc/drivers/serial/libifdvpcd.so", library)
        port = f"{VPCD_PORT + 2 * index:#06x}"
        entries.append(
            f'FRIENDLYNAME "Virtual {chr(65 + index)}"\nDEVICENAME /dev/null:{port}\nLIBPATH {library}\nCHANNELID {port}\n')
    configuration = tmp_path / "reader.conf"
    configuration.write_text("\n".join(entries))
    daemon = PCSCD(tmp_path / "pcscd.log", configuration, range(VPCD_PORT, VPCD_PORT + SIXTEEN)).start()
    yield daemon
    daemon.stop()


def test_sixteen_readers_and_cards(crowded_pcscd, persona, start_card, agent, tmp_path):
    stock = [persona("cps3"), persona("cps4")]
    cards = []
    for index in range(SIXTEEN):
        folder = tmp_path / f"reader-{index}"
        shutil.copytree(stock[index % 2], folder)
        description = json.loads((folder / "card.json").read_text())
        description["serial"] = f"{10_000_000 + index}"
        (folder / "card.json").write_text(json.dumps(description))
        cards.append(start_card(folder, port=VPCD_PORT + index))
    running = agent()

    def all_ready():
        readers = running.get("/readers")[1]["readers"]
        return readers if [reader["card"] for reader in readers] == ["ready"] * SIXTEEN else None

    readers = wait_until(all_ready, "sixteen cards are read", 60)
    assert len({reader["id"] for reader in readers}) == SIXTEEN
    opened = {}
    for reader in readers:
        serial = running.get(f"/readers/{reader['id']}/card")[1]["serial"]
        opened[serial] = running.login(reader=reader["id"])
    assert len(opened) == SIXTEEN
    gone = cards[6]
    serial = gone.status()["serial"]
    gone.eject()
    running.wait_ended(opened[serial]["session"]["id"], "card_removed")
    assert running.introspect(opened[serial]["access_token"]) == {"active": False}
    for other in opened.keys() - {serial}:
        assert running.session(opened[other]["session"]["id"])["state"] == "active"
        assert running.introspect(opened[other]["access_token"])["active"] is True


@pytest.fixture
def production(tmp_path):
    """Authorities without the mark of the test hierarchy."""
    anchors = tmp_path / "production"
    anchors.mkdir()
    run_tool(
        "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/C=FR/O=ASIP-SANTE/CN=AC RACINE",
        "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-keyout", tmp_path / "root.key", "-out", anchors / "root.pem",
    )
    return anchors


def test_production_refuses_a_virtual_reader(agent, card, production):
    running = agent(trust={"anchors": str(production)})
    running.wait_card()
    status = running.get("/status")[1]
    assert status["environment"] == "production"
    assert any(READER in warning and "readers.allow" in warning for warning in status["warnings"])
    french = running.get("/status", headers={"Accept-Language": "fr"})[1]["warnings"]
    assert len(french) == len(status["warnings"]) and any(READER in warning and "virtuel" in warning for warning in french)
    printed = run_tool(BIN_DIR / "cpsctl", "--socket", running.socket, "status", env={**os.environ, "LC_ALL": "fr_FR.UTF-8"}).stdout.decode()
    assert all(f"Attention : {warning}" in printed for warning in french) and "Surveillance des lecteurs : en marche" in printed
    reader = running.get("/readers")[1]["readers"][0]
    assert (reader["kind"], reader["allowed"]) == ("virtual", False)
    for members in ({}, {"reader": READER_ID}):
        code, refusal = running.post("/logins", members)
        assert (code, refusal["code"], refusal["reader"]) == (403, "reader_not_allowed", READER)
    assert [trace["code"] for trace in running.traces("login.refused")] == ["reader_not_allowed"] * 2
    assert card.status()["pin_tries_left"] == 3


def test_a_reader_that_is_named_is_allowed(agent, card, production):
    running = agent(trust={"anchors": str(production)}, readers={"allow": [READER]})
    running.wait_card()
    assert running.get("/readers")[1]["readers"][0]["allowed"] is True
    # The card comes next: it is of the test hierarchy.
    assert running.post("/logins", {})[1]["code"].startswith("certificate_")


@pytest.mark.parametrize("generation", ["cps3", "cps4"])
@pytest.mark.parametrize("seed", [4, 28])
def test_cards_that_differ_log_in(persona, virtual_card, agent, generation, seed):
    card = virtual_card(persona(generation, extra=("--vary", str(seed))))
    assert card.status()["vary"] == seed
    running = agent()
    running.works()
    card.eject()
    wait_until(running.nobody_is_in, "the session has ended")
    card.insert()
    running.works(new=True)
    assert card.status()["pin_tries_left"] == 3


def test_a_seed_makes_the_same_card_again(persona):
    first, second = (persona(family=name, extra=("--vary", "7")) for name in ("LIBRE", "AUTRE"))
    descriptions = [json.loads((folder / "card.json").read_text()) for folder in (first, second)]
    assert {description["vary"] for description in descriptions} == {7}
    help_text = cps_card("new", "--help").stdout.decode()
    assert "--vary" in help_text and "EF.DIR" in help_text
    assert cps_card("new", "--vary", "-1", check=False).returncode != 0


@pytest.mark.parametrize(
    "fault, code",
    [
        ("update-interrupted", "card_update_interrupted"), ("endless=B0", "card_answer_endless"), ("length=B0:4000", None),
        ("length=B0:0", None),
    ],
)
def test_a_card_that_answers_nonsense_is_told_and_survived(persona, virtual_card, agent, fault, code):
    card = virtual_card(persona("cps3"), [fault])
    running = agent()

    def failed():
        shown = running.card()
        return shown if shown.get("code") else None

    shown = wait_until(failed, "the card is refused")
    assert code in (None, shown["code"]), shown
    assert running.nobody_is_in()
    card.fault("none")
    card.change()
    running.works(new=True)
    assert card.status()["pin_tries_left"] == 3


def test_what_another_program_verified_is_left_to_it(agent, persona, virtual_card):
    """Reset after our login would end the other program's work; that it is not ours to end is stated in `cards.after_use`."""
    virtual_card(persona("cps3"), ["pin-verified"])
    running = agent()
    running.wait_card()
    running.login()
    assert raw_signature() == ["9000", "9000", "9000"]
