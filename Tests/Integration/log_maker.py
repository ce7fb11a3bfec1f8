"""A long log, written straight into the agent's database: what a bench needs and what no test should wait for."""

import base64
import hashlib
import json
import os
import sqlite3


def leaf(seq):
    """A trace of about the size of a token's: canonical JSON (RFC 8785)."""
    trace = {
        "actor": {"name": "MAX LIBRE", "national_id": f"8999000{seq % 1000:05}"},
        "client": {"gid": 1000, "name": "records", "pid": 4242, "uid": 1000},
        "detail": {"audience": "https://records.example", "jti": f"{seq:032x}", "scopes": ["record:read", "record:write"]},
        "event": "token.issued", "mode": "card", "outcome": "granted",
        "salt": base64.urlsafe_b64encode(hashlib.md5(str(seq).encode()).digest()).decode().rstrip("="), "seq": seq,
        "session": f"{seq // 50:022x}", "time": "2026-06-01T12:00:00.000Z", "v": 1, "workstation": "ws-042",
    }
    return json.dumps(trace, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def rows_and_nodes(start, end, nodes):
    """The rows of traces `start` to `end` - 1; their nodes, and all that they complete, go to `nodes`. `start` has to be 0."""
    level = []
    for seq in range(start, end):
        bytes_of = leaf(seq)
        level.append(hashlib.sha256(b"\0" + bytes_of).digest())
        yield seq, bytes_of, "token.issued", f"{seq // 50:022x}", f"8999000{seq % 1000:05}"
    height = 0
    while level:
        nodes.append((height, level))
        level = [hashlib.sha256(b"\1" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
        height += 1


def fill(database, count):
    """Writes `count` traces into a database that an agent made and left, in place of those that are there; gives its size in bytes."""
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA synchronous = OFF")
    nodes = []
    with connection:
        for table in ("traces", "nodes", "checkpoints", "log_keys"):
            connection.execute(f"DELETE FROM {table}")
        connection.executemany(
            "INSERT INTO traces (seq, leaf, event, session, actor) VALUES (?, ?, ?, ?, ?)", rows_and_nodes(0, count, nodes))
        for height, level in nodes:
            connection.executemany("INSERT INTO nodes (level, idx, hash) VALUES (?, ?, ?)", ((height, i, h) for i, h in enumerate(level)))
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return os.path.getsize(database)
