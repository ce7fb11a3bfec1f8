"""The files of the authorities: checked and installed by `cpsctl` without the agent, and what ends soon told with it."""

import datetime
import shutil

from crl_maker import revocation_list
from test_revocation import cpsctl


def test_what_ends_soon_is_told_in_status_and_in_the_list(agent, pki, persona, tmp_path):
    if not (pki / "anchors").exists():
        persona()
    folder = tmp_path / "lists"
    folder.mkdir()
    issued = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=6)
    (folder / "a.crl").write_bytes(revocation_list(pki, issued=issued))
    running = agent(trust={"crls": str(folder)})
    cpsctl(running, "trust", "update")
    warnings = {each["role"]: each["warnings"] for each in cpsctl(running, "trust", "list")[1]["authorities"]}
    assert warnings == {"anchor": ["list_missing"], "intermediate": ["list_ends_soon"]}
    assert any("ends on" in warning for warning in running.get("/status")[1]["warnings"])


def test_files_of_an_agent_are_checked_without_it(agent, pki, persona, tmp_path):
    folder = tmp_path / "lists"
    folder.mkdir()
    running = agent(start=False, trust={"crls": str(folder)})
    status, report = cpsctl(running, "trust", "check", "--config", str(running.config))
    assert (status, report["sound"], report["environment"]) == (0, True, "test")
    assert [each["kind"] for each in report["findings"]] == ["list", "list"]
    for file in (pki / "crls").glob("*.crl"):
        shutil.copy(file, folder / file.name)
    status, report = cpsctl(running, "trust", "check", "--config", str(running.config))
    assert (status, report["findings"]) == (0, [])
    (folder / "old.crl").write_bytes(revocation_list(pki, number=0))
    (folder / "other.crl").write_bytes(revocation_list(pki, key="root", number=5000))
    status, report = cpsctl(running, "trust", "check", "--config", str(running.config))
    assert (status, report["sound"]) == (6, False)
    assert sorted(each["name"].rsplit("/")[-1] for each in report["findings"] if each["refused"]) == ["old.crl", "other.crl"]


def test_missing_lists_are_refused_where_the_establishment_says_so(agent):
    running = agent(start=False, trust={"revocation": {"when_stale": "refuse"}})
    status, report = cpsctl(running, "trust", "check", "--config", str(running.config))
    assert (status, report["sound"]) == (6, False)


def test_authorities_are_installed_where_the_configuration_says(agent, pki, persona, tmp_path):
    if not (pki / "anchors").exists():
        persona()
    running = agent(start=False, trust={"anchors": str(tmp_path / "trust")})
    files = [str(pki / "anchors" / "root.pem"), str(pki / "intermediates" / "issuing.pem")]
    status, done = cpsctl(running, "trust", "install", *files, "--config", str(running.config))
    assert (status, done["restart_needed"]) == (0, True)
    assert sorted(each["role"] for each in done["certificates"]) == ["anchor", "intermediate"]
    running.start()
    assert running.get("/status")[1]["environment"] == "test"
