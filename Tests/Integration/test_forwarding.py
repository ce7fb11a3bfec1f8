"""Handing the log on: audit messages to a real rsyslog over TLS, entries to a journal's socket, AuditEvents to a FHIR server."""

import json
import re
import shutil
import signal
import socket
import struct
import subprocess
import threading
import xml.etree.ElementTree as ElementTree

import pytest
from fhir.resources.R4B.auditevent import AuditEvent

from tools import BIN_DIR, listens, run_tool, wait_until
from web_server import WebServer

PORT = 6514
RSYSLOGD = shutil.which("rsyslogd") or "/usr/sbin/rsyslogd"


class Collector:
    """rsyslogd with TLS on the loopback; it writes each message as it came, one a line."""

    def __init__(self, folder):
        self.folder = folder
        self.file = folder / "received"
        self.process = None
        self.ca, key, certificate = folder / "ca.pem", folder / "key.pem", folder / "certificate.pem"
        run_tool("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / "ca.key", "-out", self.ca, "-subj", "/CN=ca", "-days", "2")
        run_tool("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", folder / "request", "-subj", "/CN=localhost")
        (folder / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        run_tool(
            "openssl", "x509", "-req", "-in", folder / "request", "-CA", self.ca, "-CAkey", folder / "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", folder / "names", "-out", certificate)
        (folder / "rsyslog.conf").write_text(f"""
global(workDirectory="{folder}" maxMessageSize="128k" defaultNetstreamDriver="ossl" defaultNetstreamDriverCAFile="{self.ca}"
       defaultNetstreamDriverCertFile="{certificate}" defaultNetstreamDriverKeyFile="{key}")
module(load="imtcp" streamDriver.name="ossl" streamDriver.mode="1" streamDriver.authMode="anon")
template(name="raw" type="string" string="%rawmsg%\\n")
input(type="imtcp" port="{PORT}" address="127.0.0.1" ruleset="keep")
ruleset(name="keep") {{ action(type="omfile" file="{self.file}" template="raw" flushOnTXEnd="on" asyncWriting="off") }}
""")

    def start(self):
        self.process = subprocess.Popen(
            [RSYSLOGD, "-n", "-f", str(self.folder / "rsyslog.conf"), "-i", str(self.folder / "pid")],
            stdout=open(self.folder / "out", "ab"), stderr=subprocess.STDOUT)
        wait_until(lambda: listens(PORT), "rsyslogd listens", 20)
        return self

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def messages(self):
        text = self.file.read_text() if self.file.exists() else ""
        return [line for line in text.split("\n") if line]

    def sequences(self):
        """The trace of each message that arrived whole."""
        found = []
        for line in self.messages():
            message = ElementTree.fromstring(line[line.index("<AuditMessage"):])
            trace = [each for each in message.iter("ParticipantObjectIdentification")][-1]
            found.append(int(trace.get("ParticipantObjectID")))
        return found


@pytest.fixture
def collector(tmp_path):
    folder = tmp_path / "rsyslog"
    folder.mkdir()
    made = Collector(folder)
    yield made
    if made.process is not None and made.process.poll() is None:
        made.kill()


def forward(agent, name="siem"):
    return next(each for each in agent.get("/status")[1]["audit"]["forward"] if each["name"] == name)


def settled(agent, name="siem"):
    """All is handed over: what the status reads adds nothing to the log."""
    return wait_until(lambda: (lambda it: it if it["state"] == "ok" and it["backlog"] == 0 else None)(forward(agent, name)), "all is handed over", 40)


def refusals(agent, count):
    for number in range(count):
        agent.post("/logins", {"reader": f"none-{number}"})


def test_rsyslog_gets_each_trace_in_order_as_an_audit_message(agent, collector):
    collector.start()
    running = agent(audit={"forward": {"siem": {"syslog": f"localhost:{PORT}", "authorities": str(collector.ca)}}})
    refusals(running, 3)
    settled(running)
    size = running.get("/status")[1]["audit"]["size"]
    wait_until(lambda: len(collector.messages()) >= size, "rsyslog wrote them")
    assert collector.sequences() == list(range(size))
    first = collector.messages()[0]
    # RFC 5424: facility 10, severity 5; host; program; the message id of IHE; the byte order mark before the XML.
    assert re.match(r"<85>1 \S+Z ws-042 cps-agent - IHE\+RFC-3881 - (\ufeff)?<AuditMessage>", first), first[:120]


def test_what_a_dead_server_misses_comes_later_and_is_told_once(agent, collector):
    collector.start()
    running = agent(audit={"forward": {"siem": {"syslog": f"localhost:{PORT}", "authorities": str(collector.ca)}}})
    settled(running)
    collector.kill()
    refusals(running, 2)
    failing = wait_until(lambda: (lambda it: it if it["state"] == "failing" else None)(forward(running)), "the failure shows")
    assert failing["backlog"] >= 2 and failing["failing_since"] and failing["detail"]
    # Nobody waits for it, and the place outlives the agent.
    running.restart()
    refusals(running, 1)
    collector.start()
    settled(running)
    size = running.get("/status")[1]["audit"]["size"]
    wait_until(lambda: set(collector.sequences()) >= set(range(size)), "nothing is missing")
    seen = collector.sequences()
    firsts = [seq for place, seq in enumerate(seen) if seq not in seen[:place]]
    assert firsts == sorted(firsts), "in order"
    failed, restored = running.traces("audit.forward_failed"), running.traces("audit.forward_restored")
    assert len(failed) <= 2 and len(restored) == 1
    assert failed[0]["detail"]["target"] == "siem" and failed[0]["outcome"] == "failed"
    printed = run_tool(BIN_DIR / "cpsctl", "--socket", running.socket, "--lang", "en", "status").stdout.decode()
    assert "siem" in printed


def test_what_a_hanging_server_has_not_read_comes_again(agent, collector):
    collector.start()
    target = {"syslog": f"localhost:{PORT}", "authorities": str(collector.ca), "timeout": "3s"}
    running = agent(audit={"forward": {"siem": target}})
    settled(running)
    # The kernel goes on taking connections for a process that is stopped; what it took dies with that process.
    collector.process.send_signal(signal.SIGSTOP)
    refusals(running, 2)
    wait_until(lambda: forward(running)["state"] == "failing", "the failure shows")
    collector.kill()
    collector.start()
    settled(running)
    size = running.get("/status")[1]["audit"]["size"]
    wait_until(lambda: set(collector.sequences()) >= set(range(size)), "nothing is missing")


def test_a_server_of_another_authority_gets_nothing(agent, collector, tmp_path):
    collector.start()
    other = tmp_path / "other.pem"
    run_tool("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", tmp_path / "k", "-out", other, "-subj", "/CN=other", "-days", "2")
    running = agent(audit={"forward": {"siem": {"syslog": f"localhost:{PORT}", "authorities": str(other)}}})
    wait_until(lambda: forward(running)["state"] == "failing", "it fails")
    assert collector.messages() == []


def test_the_journal_gets_entries_of_its_native_protocol(agent, tmp_path, socket_folder):
    path = f"{socket_folder}/journal"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
        journal.bind(path)
        journal.settimeout(20)
        running = agent(audit={"forward": {"journal": {"journal": path}}})
        refusals(running, 1)
        traces = running.traces()
        entries = [fields(journal.recv(1 << 20)) for _ in traces]
    for entry, trace in zip(entries, traces):
        assert json.loads(entry["CPS_TRACE"]) == trace
        assert entry["CPS_SEQ"] == str(trace["seq"]) and entry["CPS_EVENT"] == trace["event"]
        assert entry["SYSLOG_IDENTIFIER"] == "cps-agent" and entry["PRIORITY"] in "456" and trace["event"] in entry["MESSAGE"]


def fields(datagram):
    """`NAME`, newline, length as 64 bits little-endian, value, newline."""
    found, place = {}, 0
    while place < len(datagram):
        end = datagram.index(b"\n", place)
        (length,) = struct.unpack_from("<Q", datagram, end + 1)
        found[datagram[place:end].decode()] = datagram[end + 9:end + 9 + length].decode()
        place = end + 9 + length
        assert datagram[place:place + 1] == b"\n"
        place += 1
    return found


def test_a_fhir_server_gets_audit_events_and_fails_in_between(agent):
    received, lock = [], threading.Lock()
    server = WebServer()
    refuses = {"left": 1}

    def take(handler):
        body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        with lock:
            if len(received) == 3 and refuses["left"]:
                refuses["left"] -= 1
                return handler.plain(503)
            received.append(body)
        handler.plain(201, b"{}")

    server.answers["/fhir/AuditEvent"] = take
    try:
        running = agent(audit={"forward": {"arr": {"fhir": f"{server.address}/fhir"}}})
        refusals(running, 1)
        settled(running, "arr")
        size = running.get("/status")[1]["audit"]["size"]
        sequences = [int(event["extension"][0]["valueString"]) for event in received]
        assert sorted(set(sequences)) == list(range(size)) and sequences == sorted(sequences)
        for event in received:
            AuditEvent.model_validate(event)
        assert len({event["id"] for event in received}) == size
        assert [each["detail"]["kind"] for each in running.traces("audit.forward_failed")] == ["fhir"]
    finally:
        server.stop()


@pytest.mark.parametrize("target, said", [
    ({}, "must have one of syslog, journal and fhir"), ({"syslog": "localhost"}, "must name the authorities"),
    ({"journal": "true", "fhir": "http://a"}, "must have one of"), ({"syslog": "h:1", "authorities": "/nonexistent"}, "no certificates in PEM"),
    ({"fhir": "http://a", "certificate": "/a", "key": "/b"}, "certificates that only syslog uses")])
def test_a_target_that_cannot_be_is_refused_at_start(agent, target, said):
    running = agent(start=False, audit={"forward": {"siem": target}})
    checked = run_tool(*running.command(), "--check-config", check=False)
    assert checked.returncode == 2 and said in checked.stderr.decode(), checked.stderr
