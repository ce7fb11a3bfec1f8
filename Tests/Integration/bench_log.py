"""Measures a long log: its size on the disk, the start with it, proofs, and verification. Part of `make bench`."""

import http.client
import json
import math
import os
import pathlib
import re
import socket
import statistics
import subprocess
import time

from agent_process import Agent
from local_api import request
from log_maker import fill, leaf
from tools import BIN_DIR

# CPS_BENCH_TRACES makes it smaller for a first look.
TRACES = int(os.environ.get("CPS_BENCH_TRACES", "1000000"))
PROOFS = 500


class Line(http.client.HTTPConnection):
    """One connection to the socket for many requests, so that what is measured is not connecting."""

    def __init__(self, path):
        super().__init__("agent")
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)

    def ask(self, route):
        self.request("GET", f"/v1{route}")
        answer = self.getresponse()
        body = answer.read()
        assert answer.status == 200, body
        return body


def median_milliseconds(ask, routes):
    taken = []
    for route in routes:
        start = time.perf_counter()
        ask(route)
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken), sorted(taken)[int(len(taken) * 0.99)]


def long_log(work, row):
    folder, sockets = work / "long", work / "long-socket"
    folder.mkdir()
    sockets.mkdir()
    agent = Agent(folder, sockets, work / "pki" / "anchors", {})
    agent.start()
    agent.stop()
    size = fill(folder / "state" / "agent.sqlite", TRACES)
    row(f"log of {TRACES} traces: MB, bytes a trace", f"{size / 1e6:.0f}, {size / TRACES:.0f}")
    row("the same of 100 million, GB (projected)", f"{size / TRACES * 0.1:.0f}")
    starts = []
    for _ in range(3):
        begun = time.perf_counter()
        agent.start()
        starts.append((time.perf_counter() - begun) * 1000)
        agent.stop()
    row("start to ready with this log, ms: median of 3", f"{statistics.median(starts):.0f}")
    agent.start()
    try:
        proofs(agent, row)
        verifications(agent, work, row)
    finally:
        agent.stop()


def proofs(agent, row):
    line = Line(agent.socket)
    line.ask("/audit/checkpoint")
    spread = [TRACES * i // PROOFS for i in range(PROOFS)]
    bare, _ = median_milliseconds(line.ask, ["/audit/key"] * PROOFS)
    for kind, routes in (
        ("inclusion", [f"/audit/proofs/inclusion?seq={seq}&size={TRACES}" for seq in spread]),
        ("consistency", [f"/audit/proofs/consistency?from={seq + 1}&size={TRACES}" for seq in spread]),
    ):
        median, late = median_milliseconds(line.ask, routes)
        row(f"proof of {kind}, ms: median, p99", f"{median:.2f}, {late:.2f}")
        # A proof reads a node or two for each level of the tree, of which there are 27 instead of 20.
        grown = bare + (median - bare) * math.log2(100e6) / math.log2(TRACES)
        row("the same in a log of 100 million, ms (projected by levels)", f"{grown:.2f}")
    row("the same connection, an answer without a proof, ms", f"{bare:.2f}")


def high_water(pid):
    """The most memory that a process had resident, in KiB; 0 once it has ended."""
    try:
        found = re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())
    except FileNotFoundError:
        return 0
    return int(found.group(1)) if found else 0


def verifications(agent, work, row):
    begun = time.perf_counter()
    live = subprocess.run(
        [str(BIN_DIR / "cpsctl"), "--socket", str(agent.socket), "--json", "audit", "verify"], check=True, capture_output=True)
    seconds = time.perf_counter() - begun
    row("log verified by the agent, traces/s", f"{json.loads(live.stdout)['size'] / seconds:.0f}")
    status, _, answer = request(agent.socket, "GET", f"/audit/manifest?from=0&to={TRACES - 1}")
    assert status == 200, answer
    bundle = work / "bundle"
    bundle.mkdir()
    with open(bundle / "entries.jsonl", "wb") as entries:
        for seq in range(TRACES):
            entries.write(leaf(seq) + b"\n")
    (bundle / "checkpoint").write_text(answer["checkpoint"])
    (bundle / "log.vkey").write_text(answer["key"] + "\n")
    (bundle / "manifest.json").write_text(json.dumps(answer["manifest"]))
    begun = time.perf_counter()
    program = subprocess.Popen(
        [str(BIN_DIR / "cpsctl"), "--json", "audit", "verify", "--bundle", str(bundle), "--key", answer["key"]], stdout=subprocess.PIPE)
    most = 0
    while program.poll() is None:
        most = max(most, high_water(program.pid))
        time.sleep(0.02)  # the memory of a process that has ended cannot be asked for, and wait4 tells that of its parent too
    code, output = program.returncode, program.stdout.read()
    seconds = time.perf_counter() - begun
    assert code == 0, output
    row("export verified without the agent, traces/s, one core", f"{TRACES / seconds:.0f}")
    row("the same, MiB resident at most", f"{most / 1024:.0f}")
