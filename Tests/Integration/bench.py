"""Measures the agent on the virtual card; run by `make bench`. Docs/Performance.md says what the figures mean.

Prints medians and percentiles, never a verdict. Everything runs on this machine, in namespaces of its own.
"""

import contextlib
import json
import os
import pathlib
import re
import statistics
import subprocess
import tempfile
import threading
import time

import pcsc
import bench_log
import bench_mobile
import directory_file
from agent_process import Agent
from card_process import VirtualCard
from mobile_site import Site
from crl_maker import revocation_list
from pcscd_process import PCSCD
from tools import BIN_DIR, cps_card, stop

LOGINS, REMOVALS, IDLE = 60, 30, 40
# Seconds after a request in which the agent still expects another.
LINGERING = 62
# Lines of a directory; CPS_BENCH_LINES makes it smaller for a first look.
LINES = int(os.environ.get("CPS_BENCH_LINES", "2000000"))
REVOKED = 1_000_000


@contextlib.contextmanager
def card_in_reader(folder, control, *faults):
    switches = [part for fault in faults for part in ("--fault", fault)]
    process = subprocess.Popen(
        [str(BIN_DIR / "cps-card"), "run", str(folder), "--control", str(control), *switches],
        stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    try:
        card = VirtualCard(process, control)
        card.wait_taken()
        yield card
    finally:
        stop(process)


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def row(what, value):
    print(f"{what:<66} {value}", flush=True)


def apdus(work, agent, generation, folder):
    """Commands from insertion to session: of a card met for the first time, and of one that comes back."""
    with card_in_reader(folder, work / f"{generation}.sock") as card:
        agent.wait_card()
        agent.login()
        unknown = card.status()["commands"]
        card.eject()
        agent.wait_card("absent")
        card.insert()  # the card's own count begins anew
        agent.wait_card()
        inserted = card.status()["commands"]
        agent.login()
        known = card.status()["commands"]
    row(f"APDUs, {generation}, unknown card: insertion to session", unknown)
    row(f"APDUs, {generation}, known card: insertion to session", known)
    row(f"APDUs, {generation}, known card: login alone", known - inserted)


def resident(agent):
    """MiB."""
    return int(re.search(r"VmRSS:\s+(\d+) kB", pathlib.Path(f"/proc/{agent.process.pid}/status").read_text()).group(1)) / 1024


def large_list(work, agent, folder):
    """A list of a million entries: how long it takes to come into force, what it holds, what a login costs with it."""
    def median_login():
        taken = []
        for _ in range(LOGINS):
            start = time.perf_counter()
            agent.login()
            taken.append((time.perf_counter() - start) * 1000)
        return statistics.median(taken)

    lists = work / "lists"
    with card_in_reader(folder, work / "large.sock"):
        agent.wait_card()
        agent.login()
        for name in ("ACR-FO-TEST.crl", "ACI-FO-PP-TEST.crl"):
            (lists / name).write_bytes((work / "pki" / "crls" / name).read_bytes())
        update(agent)
        small, before = median_login(), resident(agent)
        (lists / "ACI-FO-PP-TEST.crl").write_bytes(revocation_list(work / "pki", entries=REVOKED))
        start = time.perf_counter()
        taken = update(agent)["lists"]
        seconds = time.perf_counter() - start
        assert taken and taken[0]["accepted"] and taken[0]["revoked"] == REVOKED, taken
        row("list of a million entries, s: read, checked, kept, in force", f"{seconds:.2f}")
        row("the same, MiB resident more: list held", f"{resident(agent) - before:.0f}")
        row("whole login, ms, median: small list, list of a million", f"{small:.1f}, {median_login():.1f}")


def update(agent):
    status, answer = agent.post("/trust/updates")
    assert status == 200, answer
    return answer


def logins(work, agent, folder, delay):
    """Whole logins, warm, PIN at hand: begin, PIN, session, trace on disk."""
    faults = [f"delay={delay}"] if delay else []
    whole, own = [], []
    with card_in_reader(folder, work / f"delay{delay}.sock", *faults):
        agent.wait_card()
        agent.login()
        for _ in range(LOGINS if not delay else 20):
            start = time.perf_counter()
            agent.login()
            whole.append((time.perf_counter() - start) * 1000)
            own.append(whole[-1] - card_milliseconds(agent))
    label = f", {delay} ms an APDU" if delay else ""
    row(f"whole login{label}, ms: median, p99", f"{statistics.median(whole):.1f}, {percentile(whole, 0.99):.1f}")
    if not delay:
        row("agent's own time in a login, ms: median, p99", f"{statistics.median(own):.1f}, {percentile(own, 0.99):.1f}")


def card_milliseconds(agent):
    """How long the card took of the newest login, by the agent's debug log."""
    found = re.findall(r"login\.card_time=([0-9.e-]+) seconds", agent.log.read_text())
    return float(found[-1]) * 1000


def removals(work, agent, folder):
    """From the moment PC/SC reports the card out to the moment a listener hears that the session has ended."""
    late = []
    with card_in_reader(folder, work / "removal.sock") as card:
        for _ in range(REMOVALS):
            agent.wait_card()
            session = agent.login()["session"]["id"]
            events = agent.events()
            heard = {}

            def listen():
                events.wait("session", lambda data: data["id"] == session and data["state"] == "ended")
                heard["at"] = time.perf_counter()

            listener = threading.Thread(target=listen)
            listener.start()
            reported = {}
            watcher = threading.Thread(target=lambda: reported.update(at=pcsc.wait_for_removal()))
            watcher.start()
            time.sleep(0.1)  # both must be listening; this time is not measured
            card.eject()
            watcher.join()
            listener.join()
            agent.close_streams()
            late.append((heard["at"] - reported["at"]) * 1000)
            agent.wait_card("absent")
            card.insert()
    row("card out by PC/SC to session ended and told, ms: median, p99", f"{statistics.median(late):.1f}, {percentile(late, 0.99):.1f}")


def wake_ups(agent):
    """How often its threads went to sleep by themselves and were woken again."""
    tasks = pathlib.Path(f"/proc/{agent.process.pid}/task").glob("*/status")
    return sum(int(re.search(r"\nvoluntary_ctxt_switches:\s+(\d+)", task.read_text()).group(1)) for task in tasks)


def idle(agent):
    row("agent resident after start, MiB", f"{resident(agent):.0f}")
    time.sleep(LINGERING)  # so long after a request the agent looks up often
    row("agent resident, idle, MiB", f"{resident(agent):.0f}")
    before = wake_ups(agent)
    time.sleep(IDLE)  # what is measured is that nothing happens
    row("wake-ups a second, idle, no card", f"{(wake_ups(agent) - before) / IDLE:.1f}")


def directory(work, agent):
    """An import of the whole country, and of one establishment; the agent's memory afterwards."""
    path = work / "PS_LibreAcces_Personne_activite.txt"
    with open(path, "w", encoding="utf-8") as file:
        file.write(directory_file.HEADER)
        for number in range(LINES):
            place = directory_file.HOSPITAL if number % 1000 == 0 else directory_file.PRACTICE
            file.write(directory_file.line(rpps=f"1{number * 7 // 10:010}", **{**place, "Code mode exercice": "LSB"[number % 3]}))
    size = path.stat().st_size
    row("directory: lines, MB", f"{LINES}, {size / 1e6:.0f}")
    for label, options in (("all kept", []), ("one establishment kept", ["--structure", "760021832"])):
        start = time.perf_counter()
        result = subprocess.run(
            [str(BIN_DIR / "cpsctl"), "--socket", str(agent.socket), "--json", "directory", "import", str(path), *options],
            check=True, capture_output=True)
        seconds = time.perf_counter() - start
        done = json.loads(result.stdout)
        row(f"directory imported, {label}: seconds, lines/s, MB/s", f"{seconds:.1f}, {LINES / seconds:.0f}, {size / 1e6 / seconds:.0f}")
        row(f"directory, {label}: lines kept, agent resident MiB", f"{done['kept']}, {resident(agent):.0f}")


def phones(work, folder):
    """An agent of its own with a listener, since without one nothing of all the rest is for phones."""
    place = work / "phones"
    place.mkdir()
    site = Site(place)
    agent = Agent(place, place, work / "pki" / "anchors", {**site.settings(devices=20), "trust": {"crls": str(work / "pki" / "crls")}}).start()
    try:
        with card_in_reader(folder, work / "phones.sock"):
            agent.wait_card()
            bench_mobile.measure(agent, site, agent.login()["session"]["id"], row)
    finally:
        agent.stop()


def appends(work):
    """Traces appended durably, beside what bare SQLite does on the same file system."""
    folder = work / "appends"
    folder.mkdir()
    print(subprocess.run([BIN_DIR / "trace-bench", folder, "5"], check=True, capture_output=True, text=True).stdout, end="", flush=True)


def main():
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        appends(work)
        for generation, rpps in (("cps3", "99900063480"), ("cps4", "99700237045")):
            cps_card("new", "--generation", generation, "--family-name", "LIBRE", "--given-name", "MAX", "--rpps", rpps,
                     "--profession", "10", "--pki", work / "pki", "--out", work / generation)
        daemon = PCSCD(work / "pcscd.log").start()
        folder = work / "agent"
        folder.mkdir()
        (work / "lists").mkdir()
        agent = Agent(folder, work, work / "pki" / "anchors", {"log": {"level": "debug"}, "trust": {"crls": str(work / "lists")}}).start()
        try:
            idle(agent)
            for generation in ("cps3", "cps4"):
                apdus(work, agent, generation, work / generation)
                agent.wait_card("absent")
            logins(work, agent, work / "cps3", 0)
            agent.wait_card("absent")
            logins(work, agent, work / "cps3", 10)
            agent.wait_card("absent")
            removals(work, agent, work / "cps3")
            row("agent resident after all this, MiB", f"{resident(agent):.0f}")
            directory(work, agent)
            agent.wait_card("absent")
            large_list(work, agent, work / "cps3")
            row("log verified", json.dumps(agent.verify_log()["valid"]))
            bench_log.long_log(work, row)
            agent.stop()
            phones(work, work / "cps4")
        finally:
            agent.stop()
            daemon.stop()


if __name__ == "__main__":
    main()
