"""Situations of practice: imported with cpsctl, chosen, switched; each login on the real pcscd with a virtual card."""

import json
import os
import pty
import select
import time

import pytest

import directory_file
from agent_process import AUDIENCE
from directory_file import HOSPITAL, PRACTICE, line
from tools import BIN_DIR, run_tool, wait_until


@pytest.fixture
def generation():
    return "cps4"


def cpsctl(agent, *arguments, check=True, **options):
    return run_tool(BIN_DIR / "cpsctl", "--socket", agent.socket, *arguments, check=check, **options)


def json_of(agent, *arguments, **options):
    return json.loads(cpsctl(agent, "--json", *arguments, **options).stdout)


def bring(agent, tmp_path, *lines, options=()):
    file = directory_file.write(tmp_path / "PS_LibreAcces_Personne_activite_202611220711.txt", *lines)
    return json_of(agent, "directory", "import", file, *options)


@pytest.fixture
def several(ready, tmp_path):
    done = bring(ready, tmp_path, line(**PRACTICE), line(know_how="SM26", **PRACTICE), line(**HOSPITAL))
    assert (done["state"], done["people"], done["situations"], done["kept"], done["bad"]) == ("done", 1, 2, 3, 0)
    return ready


def choose(agent, session, label):
    profile = next(each for each in session["profiles"] if each["label"] == label)
    return json_of(agent, "session", "profile", session["id"], profile["id"])


def test_an_only_situation_is_chosen_by_itself(ready, tmp_path):
    bring(ready, tmp_path, line(**HOSPITAL), line(rpps="99700237045", **PRACTICE))
    opened = ready.login()
    profile = opened["session"]["profile"]
    assert (profile["structure_id"], profile["sector"], profile["label"]) == ("1760021832", "SA01", "HOPITAL NORD")
    claims = ready.introspect(opened["access_token"])
    assert claims["cps"]["profile"] == profile["id"]
    assert claims["extensions"]["ihe_iua"]["subject_organization_id"] == ["1760021832"]
    assert ready.traces("session.opened")[0]["actor"]["profile"] == profile["id"]
    shown = json_of(ready, "directory", "show", "99900063480")
    assert shown["profiles"] == [profile]


def test_who_has_several_has_no_token_before_the_choice(several):
    login = several.begin(audience=AUDIENCE)
    status, opened = several.enter_pin(login)
    assert status == 200 and "access_token" not in opened
    session = opened["session"]
    assert (session["state"], session["profile"], session["scopes"]) == ("profile_required", None, [])
    assert sorted(each["label"] for each in session["profiles"]) == ["CABINET LIBRE", "HOPITAL NORD"]
    assert several.get(f"/logins/{login['id']}")[1]["state"] == "awaiting_profile"
    status, refusal = several.post(f"/sessions/{session['id']}/tokens", {"audience": AUDIENCE})
    assert (status, refusal["code"], refusal["profiles"]) == (409, "profile_required", session["profiles"])

    refused = cpsctl(several, "--json", "session", "profile", session["id"], "none", check=False)
    assert (refused.returncode, json.loads(refused.stdout)["code"]) == (1, "profile_unknown")
    chosen = choose(several, session, "CABINET LIBRE")
    assert (chosen["state"], chosen["profile"]["know_how"]) == ("active", ["SM54", "SM26"])
    assert several.get(f"/logins/{login['id']}")[1]["state"] == "done"
    assert several.post(f"/sessions/{session['id']}/tokens", {"audience": AUDIENCE})[0] == 201
    trace = several.traces("session.profile_chosen")[0]
    assert (trace["outcome"], trace["detail"]["profile"]["structure_id"]) == ("granted", "499900063480001")
    several.verify_log()


def test_a_switch_kills_the_tokens_of_the_situation_before(several):
    listed = json_of(several, "directory", "show", "99900063480")["profiles"]
    first = next(each["id"] for each in listed if each["label"] == "CABINET LIBRE")
    opened = json_of(several, "login", "--pin-stdin", "--audience", AUDIENCE, "--profile", first, input=b"1234\n")
    session, token = opened["session"], opened["access_token"]
    claims = several.introspect(token)
    assert claims["cps"]["profile"] == first
    events = several.events()
    switched = choose(several, session, "HOPITAL NORD")
    assert several.introspect(token) == {"active": False}
    assert events.wait("token_revoked")["jti"] == claims["jti"]
    status, answer = several.post(f"/sessions/{session['id']}/tokens", {"audience": AUDIENCE})
    assert status == 201
    assert several.introspect(answer["access_token"])["cps"]["profile"] == switched["profile"]["id"]
    trace = several.traces("session.profile_chosen")[-1]
    assert (trace["detail"]["before"], trace["detail"]["tokens_revoked"]) == (first, 1)


def test_an_unknown_situation_is_refused_before_the_pin(several, card):
    before = card.status()["commands"]
    refused = cpsctl(
        several, "--json", "login", "--pin-stdin", "--profile", "nowhere", check=False, input=b"1234\n")
    assert (refused.returncode, json.loads(refused.stdout)["code"]) == (1, "profile_unknown")
    assert card.status()["pin_tries_left"] == 3 and card.status()["commands"] - before <= 4
    assert several.traces("login.refused")[0]["code"] == "profile_unknown"


def test_a_person_chooses_on_the_terminal(several):
    """A real terminal: PIN, then the number of a situation, then the token."""
    child, terminal = pty.fork()
    if child == 0:
        os.execv(BIN_DIR / "cpsctl", [
            "cpsctl", "--socket", str(several.socket), "--lang", "en", "login", "--audience", AUDIENCE])
    seen = b""

    def read_until(text):
        nonlocal seen
        deadline = time.monotonic() + 20
        while text not in seen:
            assert time.monotonic() < deadline, seen
            if select.select([terminal], [], [], 0.1)[0]:
                try:
                    seen += os.read(terminal, 4096)
                except OSError:
                    break
        assert text in seen, seen

    try:
        read_until(b"PIN: ")
        os.write(terminal, b"1234\n")
        read_until(b"Situation (number): ")
        os.write(terminal, b"1\n")
        read_until(b"eyJ")
    finally:
        os.close(terminal)
        os.waitpid(child, 0)
    assert several.traces("session.profile_chosen") and several.traces("token.issued")


# Importing


def test_an_import_lists_bad_lines_and_is_traced(ready, tmp_path):
    file = directory_file.write(tmp_path / "extraction.txt", line(**HOSPITAL), "8|broken|\n")
    done = json_of(ready, "directory", "import", file)
    assert (done["lines"], done["kept"], done["bad"]) == (3, 1, 1)
    assert done["bad_lines"] == [{"line": 3, "reason": "3 fields, 57 are due"}]
    trace = ready.traces("directory.imported")[0]
    assert trace["detail"]["sha256"] == done["sha256"] and trace["detail"]["bad"] == 1
    assert json_of(ready, "directory", "show")["directory"]["sha256"] == done["sha256"]


def test_an_import_keeps_what_is_wanted(ready, tmp_path):
    people = tmp_path / "people"
    people.write_text("99700237045\n")
    lines = [line(**HOSPITAL), line(rpps="99700237045", **PRACTICE), line(rpps="99700427885", **PRACTICE)]
    done = bring(ready, tmp_path, *lines, options=["--structure", "760021832", "--rpps-file", people])
    assert (done["kept"], done["people"]) == (2, 2)
    assert cpsctl(ready, "directory", "show", "99700427885", check=False).returncode == 1
    done = bring(ready, tmp_path, *lines, options=["--department", "75"])
    assert done["kept"] == 2


def test_an_import_goes_on_after_the_agent_was_killed(ready, tmp_path):
    file = directory_file.write(tmp_path / "extraction.txt", line(**HOSPITAL), *(line(rpps=f"1{n:010}", **PRACTICE) for n in range(1500)))
    content = file.read_bytes()
    begin = {"sha256": run_tool("sha256sum", file).stdout.split()[0].decode(), "size": len(content)}
    status, state = ready.post("/directory/imports", begin)
    assert (status, state["offset"]) == (201, 0)
    route = f"/directory/imports/{state['id']}/data?offset="
    for offset in range(0, 3 * 65536, 65536):
        assert ready.put(f"{route}{offset}", content[offset:offset + 65536])[0] == 200
    ready.kill()
    ready.start()
    assert ready.get("/directory")[1] == {"directory": None}
    done = json_of(ready, "directory", "import", file)
    assert done["resumed"] is True
    assert (done["kept"], done["lines"], done["people"]) == (1501, 1502, 1501)
    ready.wait_card()
    assert ready.login()["session"]["profile"]["label"] == "HOPITAL NORD"


@pytest.mark.parametrize(
    ("arguments", "content", "code"),
    [
        ((), "no columns\n", "directory_format"),
        ((), directory_file.HEADER.replace("Code profession|", "Profession|"), "directory_format"),
        ((), directory_file.HEADER, "directory_empty"),
        ((), "PK\x03\x04", "invalid_request"),
        (("--structure", "760021833"), directory_file.HEADER, "invalid_request"),
        (("--department", "Paris"), directory_file.HEADER, "invalid_request"),
    ],
    ids=["no header", "no profession", "nothing to keep", "archive", "wrong FINESS key", "no department"],
)
def test_what_is_no_directory_leaves_the_one_in_force(several, tmp_path, arguments, content, code):
    file = tmp_path / "other.txt"
    file.write_text(content)
    refused = cpsctl(several, "--json", "directory", "import", file, *arguments, check=False)
    assert refused.returncode != 0 and json.loads(refused.stdout)["code"] == code
    assert len(json_of(several, "directory", "show", "99900063480")["profiles"]) == 2
    if code.startswith("directory"):
        assert several.traces("directory.refused")[-1]["code"] == code


def test_a_typed_number_with_a_wrong_key_is_a_mistake(ready):
    refused = cpsctl(ready, "--json", "directory", "show", "99900063481", check=False)
    assert (refused.returncode, json.loads(refused.stdout)["code"]) == (2, "invalid_request")


def test_only_root_imports(ready):
    body = json.dumps({"sha256": "0" * 64, "size": 1})
    status, refusal = ready.request_as(65534, "POST", "/directory/imports", body)
    assert (status, refusal["code"]) == (403, "forbidden")
    wait_until(lambda: ready.traces("directory.refused"), "the refusal is traced")
    assert ready.request_as(65534, "GET", "/directory")[0] == 200


def test_a_directory_that_is_lost_keeps_nobody_out(several):
    several.stop()
    (directory,) = (several.folder / "state").glob("directory-*.sqlite")
    directory.unlink()
    several.start()
    opened = several.works()["session"]
    assert (opened["state"], opened["profile"]) == ("active", None)
    (lost,) = several.traces("directory.lost")
    assert lost["outcome"] == "failed"
    assert any("directory" in warning for warning in several.get("/status")[1]["warnings"])
