"""The log in the forms of others: CSV as Python reads it, FHIR as fhir.resources and BALP want it, DICOM audit messages as XML."""

import base64
import csv
import io
import json
import xml.etree.ElementTree as ElementTree

import pytest
from fhir.resources.R4B.auditevent import AuditEvent

from tools import BIN_DIR, run_tool

DCM = "http://dicom.nema.org/resources/ontology/DCM"
PROFILE = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.IUA.71"


@pytest.fixture
def worked(worked):
    """With a login that was refused, too."""
    worked.post("/logins", {})
    return worked


def exported(agent, form, *options, check=True):
    return run_tool(BIN_DIR / "cpsctl", "--socket", agent.socket, "audit", "export", "--format", form, *options, check=check)


def test_csv_is_read_back(worked):
    traces = worked.traces()
    rows = list(csv.DictReader(io.StringIO(exported(worked, "csv", "--to", len(traces) - 1).stdout.decode(), newline="")))
    assert [int(row["seq"]) for row in rows] == [trace["seq"] for trace in traces]
    for row, trace in zip(rows, traces):
        assert (row["event"], row["outcome"], row["time"]) == (trace["event"], trace["outcome"], trace["time"])
        assert row["person"] == trace.get("actor", {}).get("national_id", "")
        assert json.loads(row["detail"] or "null") == trace.get("detail")


def test_fhir_is_valid_and_follows_balp(worked):
    traces = worked.traces()
    lines = exported(worked, "fhir", "--to", len(traces) - 1).stdout.splitlines()
    assert len(lines) == len(traces)
    issued = 0
    for line, trace in zip(lines, traces):
        event = json.loads(line)
        AuditEvent.model_validate(event)
        assert sum(agent["requestor"] for agent in event["agent"]) == (1 if "client" in trace or "actor" in trace else 0)
        assert event["source"]["observer"] and event["recorded"] == trace["time"]
        if event.get("meta", {}).get("profile") == [PROFILE]:
            issued += 1
            check_access_token(event, trace)
    assert issued == len([trace for trace in traces if trace["event"] == "token.issued"]) == 1


def check_access_token(event, trace):
    """The cardinalities and patterns of the profile, from its text."""
    assert (event["type"]["system"], event["type"]["code"]) == (DCM, "110114")
    assert [(each["system"], each["code"]) for each in event["subtype"]] == [("urn:ihe:event-type-code", "ITI-71")]
    assert (event["action"], event["outcome"]) == ("E", "0")
    agents = {each["type"]["coding"][0]["code"]: each for each in event["agent"]}
    assert set(agents) == {"110150", "AuthzOauthService", "IRCP"}
    for server in ("110150", "AuthzOauthService"):
        assert agents[server]["who"] and agents[server]["network"] and "media" not in agents[server]
    user = agents["IRCP"]
    assert user["requestor"] is True and not {"network", "media", "altId"} & set(user)
    assert user["who"]["identifier"]["value"] == trace["actor"]["national_id"]
    assert user["policy"] == [f"urn:cps-agent:authorization:{trace['detail']['jti']}"]
    (request,) = event["entity"]
    assert (request["type"]["code"], request["role"]["code"]) == ("2", "24") and "what" not in request
    assert "eyJ" not in base64.b64decode(request["query"]).decode()


def test_atna_messages_have_the_order_of_dicom(worked):
    traces = worked.traces()
    messages = [ElementTree.fromstring(line) for line in exported(worked, "atna", "--to", len(traces) - 1).stdout.splitlines()]
    assert len(messages) == len(traces)
    order = ["EventIdentification", "ActiveParticipant", "AuditSourceIdentification", "ParticipantObjectIdentification"]
    for message, trace in zip(messages, traces):
        tags = [child.tag for child in message]
        assert message.tag == "AuditMessage" and tags == sorted(tags, key=order.index) and set(tags) == set(order)
        types = [each.get("csd-code") for each in message.iter("EventTypeCode")]
        assert trace["event"] in types
        for code in [*message.iter("EventID"), *message.iter("EventTypeCode"), *message.iter("RoleIDCode")]:
            assert code.get("csd-code") and code.get("codeSystemName") and code.get("originalText")
    by_event = {trace["event"]: message for message, trace in zip(messages, traces)}
    opened = by_event["session.opened"]
    assert opened.find("EventIdentification/EventID").get("csd-code") == "110114"
    assert "110122" in [each.get("csd-code") for each in opened.iter("EventTypeCode")]
    assert "110123" in [each.get("csd-code") for each in by_event["session.ended"].iter("EventTypeCode")]


def test_a_form_is_filtered_written_to_a_folder_and_traced(worked, tmp_path):
    out = tmp_path / "out"
    exported(worked, "csv", "--out", out, "--event", "session.*")
    rows = list(csv.DictReader(io.StringIO((out / "traces.csv").read_bytes().decode(), newline="")))
    assert rows and {row["event"].split(".")[0] for row in rows} == {"session"}
    assert (out / "traces.csv").stat().st_mode & 0o777 == 0o600
    exports = worked.traces("audit.exported")
    assert exports and exports[-1]["detail"]["form"] == "csv" and exports[-1]["detail"]["event"] == "session.*"
    again = exported(worked, "csv", "--out", out, check=False)
    assert again.returncode == 8, "a file that is there is left alone"
    assert exported(worked, "fhir", "--json", check=False).returncode == 2
