"""An answer means that it is on the disk: an agent killed again and again, and one watched by strace."""

import http.client
import json
import os
import random
import re
import sqlite3
import subprocess
import threading
import time

import pytest

from agent_process import AUDIENCE
from tools import decode64url, wait_until

KILLS = 200
SEED = int(os.environ.get("CPS_SEED", "20261122"))


class Load:
    """Programs that have tokens issued and revoked until the agent dies; keeps what was acknowledged."""

    def __init__(self, agent):
        self.agent = agent
        self.sessions, self.issued, self.revoked = set(), set(), set()
        self.threads = [threading.Thread(target=self.work, daemon=True) for _ in range(3)]

    def start(self, session):
        self.session = session
        for thread in self.threads:
            thread.start()
        return self

    def work(self):
        try:
            while True:
                status, answer = self.agent.post(f"/sessions/{self.session}/tokens", {"audience": AUDIENCE})
                assert status in (200, 201), answer
                jti = token_id(answer["access_token"])
                self.issued.add(jti)
                if random.random() < 0.3 and self.agent.post_form("/revoke", token=answer["access_token"])[0] == 200:
                    self.revoked.add(jti)
        except (OSError, http.client.HTTPException):
            pass  # the agent was killed; what was not acknowledged is not held against it

    def join(self):
        for thread in self.threads:
            thread.join(30)
            assert not thread.is_alive()


def token_id(token):
    payload = token.split(".")[1]
    return json.loads(decode64url(payload))["jti"]


def traces_from(agent, start):
    leaves = []
    while True:
        status, answer = agent.get(f"/audit/traces?from={start + len(leaves)}&limit=1000")
        assert status == 200, answer
        page = answer.splitlines()
        leaves += page
        if len(page) < 1000:
            return leaves


def died_while_starting(agent, chance):
    """Starts the agent and kills it before it is ready."""
    with open(agent.log, "ab") as log:
        agent.process = subprocess.Popen(
            agent.command(), stdout=log, stderr=log, cwd=agent.folder, env={**os.environ, **agent.environment})
    time.sleep(chance.uniform(0, 0.3))  # the moment is what is at random
    agent.kill()


@pytest.fixture
def generation():
    return "cps4"


def test_an_agent_killed_at_random_moments_keeps_what_it_acknowledged_and_nothing_else(ready):
    chance = random.Random(SEED)
    leaves, sessions, issued, revoked = [], set(), set(), set()
    for kill in range(KILLS):
        if kill % 5 == 4:
            died_while_starting(ready, chance)
        else:
            if kill:
                ready.start()
            ready.wait_card()
            opened = ready.login()
            load = Load(ready).start(opened["session"]["id"])
            time.sleep(chance.uniform(0, 0.2))  # the moment is what is at random
            ready.kill()
            load.join()
            sessions.add(opened["session"]["id"])
            issued |= load.issued | {token_id(opened["access_token"])}
            revoked |= load.revoked
        if kill % 20 == 19:
            ready.start()
            ready.verify_log()
            leaves += traces_from(ready, len(leaves))
            ready.kill()
    ready.start()
    ready.verify_log()
    assert ready.nobody_is_in()
    assert traces_from(ready, 0)[: len(leaves)] == leaves, "what was once read never changes"
    ready.stop()
    check(ready, sessions, issued, revoked)


def check(agent, sessions, issued, revoked):
    """What was acknowledged is there, and every effect has its trace as every trace has its effect."""
    with sqlite3.connect(f"file:{agent.folder}/state/agent.sqlite?mode=ro", uri=True) as database:
        traces = [json.loads(leaf) for (leaf,) in database.execute("SELECT leaf FROM traces ORDER BY seq")]
        stored = dict(database.execute("SELECT id, state FROM sessions"))
        tokens = dict(database.execute("SELECT jti, revoked FROM tokens"))
    assert [trace["seq"] for trace in traces] == list(range(len(traces)))
    named = {
        event: [trace for trace in traces if trace["event"] == event]
        for event in ("session.opened", "session.ended", "token.issued", "token.revoked")
    }
    traced = {event: {trace["detail"]["jti"] for trace in named[event]} for event in ("token.issued", "token.revoked")}
    assert sessions and len(issued) > KILLS and revoked
    assert sessions <= {trace["session"] for trace in named["session.opened"]} == set(stored)
    assert {trace["session"] for trace in named["session.ended"]} == set(stored) and set(stored.values()) == {"ended"}
    assert issued <= traced["token.issued"] == set(tokens)
    assert revoked <= traced["token.revoked"] == {jti for jti, is_revoked in tokens.items() if is_revoked}


def test_no_answer_leaves_before_its_trace_is_synced(ready, tmp_path):
    """The order of system calls: whatever was written to the log is synced before anything is written to the caller."""
    session = ready.login()["session"]["id"]
    record = tmp_path / "calls"
    tracer = subprocess.Popen(
        ["strace", "-f", "-y", "-e", "trace=pwrite64,fdatasync,fsync,write,writev,sendto,sendmsg", "-o", str(record), "-p",
         str(ready.process.pid)], stderr=subprocess.PIPE)
    try:
        wait_until(lambda: b"attached" in tracer.stderr.readline(), "strace watches")
        for _ in range(20):
            assert ready.post(f"/sessions/{session}/tokens", {"audience": AUDIENCE})[0] in (200, 201)
    finally:
        tracer.terminate()
        tracer.wait(10)
    unsynced, synced, answered = 0, 0, 0
    for line in record.read_text().splitlines():
        if "agent.sqlite-wal>" in line and "pwrite64(" in line:
            unsynced += 1
        elif "agent.sqlite-wal>" in line and re.search(r"f(data)?sync\(", line):
            unsynced, synced = 0, synced + 1
        elif "HTTP/1.1 20" in line:
            assert unsynced == 0, line
            answered += 1
    assert answered == 20 and synced >= 20
