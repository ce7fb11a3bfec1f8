"""Figures and health, as whoever watches the machine reads them."""

import json
import re
import urllib.error
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

from local_api import UnixConnection
from tools import ROOT, free_port


def documented():
    table = (ROOT / "Docs" / "Metrics.md").read_text().split("\n## Figures\n")[1].split("\n## ")[0]
    return {name: kind for name, kind in re.findall(r"^\| `(\w+)` \| (\w+) \|", table, re.MULTILINE)}


def read(url):
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_figures_are_those_of_the_documentation_and_name_nobody(agent, persona, virtual_card):
    virtual_card(persona("cps4", family="RARISSIME", given="ZEBULON"))
    port = free_port()
    running = agent(metrics={"listen": f"127.0.0.1:{port}"})
    running.wait_card()
    running.login()
    status, text = read(f"http://127.0.0.1:{port}/metrics")
    assert status == 200
    families = {family.name: family for family in text_string_to_metric_families(text)}
    # The parser takes the ending off the names of counters.
    shown = {name + ("_total" if family.type == "counter" else ""): family.type for name, family in families.items()}
    assert shown == documented()

    def value(name, **labels):
        return next(sample.value for sample in families[name].samples if sample.labels == labels)

    assert value("cps_agent_sessions", mode="card", state="active") == 1
    assert value("cps_agent_logins", mode="card", outcome="granted", code="") == 1
    assert value("cps_agent_tokens_issued", mode="card") == 1
    assert value("cps_agent_readers", card="ready") == 1
    assert value("cps_agent_monitoring", state="running") == 1
    for name in ("cps_agent_monitoring", "cps_agent_reserve_state"):
        assert sum(sample.value for sample in families[name].samples) == 1
    # Every trace in the log was counted, those of the start too.
    assert sum(sample.value for sample in families["cps_agent_traces"].samples) == value("cps_agent_log_traces")
    card = running.card()
    for secret in ("RARISSIME", "ZEBULON", "99900063480", card["serial"], card["insertion"]):
        assert secret not in text
    assert read(f"http://127.0.0.1:{port}/health") == (200, '{"health":"ok","troubles":[]}')
    assert read(f"http://127.0.0.1:{port}/v1/status")[0] == 404


def test_an_agent_without_pcsc_is_unwell_on_a_socket_too(agent, socket_folder):
    path = f"{socket_folder}/metrics.sock"
    running = agent(metrics={"listen": path})
    running.wait_monitoring("service_down")
    connection = UnixConnection(path, 10)
    connection.request("GET", "/health")
    response = connection.getresponse()
    assert (response.status, json.loads(response.read())) == (503, {"health": "degraded", "troubles": ["monitoring_down"]})
    connection.close()
