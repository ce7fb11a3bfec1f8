"""A long log, written straight into the agent's database: what a bench needs and what no test should wait for."""

import base64
import hashlib
import json
import os
import sqlite3


def leaf(seq):
    """A trace of about the size of a token's: canonical JSON (RFC 8785)."""
    trace = {
        "actor": {"name": "MAX LIBRE", "national_id": person(seq)},
        "client": {"gid": 1000, "name": "records", "pid": 4242, "uid": 1000},
        "detail": {"audience": "https://records.example", "jti": f"{seq:032x}", "scopes": ["record:read", "record:write"]},
        "event": "token.issued", "mode": "card", "outcome": "granted",
        "salt": base64.urlsafe_b64encode(hashlib.md5(str(seq).encode()).digest()).decode().rstrip("="), "seq": seq,
        "session": session(seq), "time": "2026-06-01T12:00:00.000Z", "v": 1, "workstation": "ws-042",
    }
    return json.dumps(trace, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def rows(count, hashes):
    """The rows of so many traces; their hashes are added to `hashes`."""
    for seq in range(count):
        bytes_of = leaf(seq)
        hashes.append(hashlib.sha256(b"\0" + bytes_of).digest())
        yield seq, bytes_of, "token.issued", session(seq), person(seq), hashes[-1]


def session(seq):
    return f"{seq // 50:022x}"


def person(seq):
    return f"8999000{seq % 1000:05}"


def tiles(level):
    """The tiles above the leaves with these hashes: of the leaves the full ones, of higher levels also what there is of the last."""
    height = 0
    while level:
        full = len(level) // 256
        for index in range(full if height == 0 else (len(level) + 255) // 256):
            yield height, index, b"".join(level[index * 256:(index + 1) * 256])
        level = level[:full * 256]
        for _ in range(8):
            level = [hashlib.sha256(b"\1" + level[i] + level[i + 1]).digest() for i in range(0, len(level), 2)]
        height += 1


def keys(count):
    """What the traces of each full block are found by: kind, key, block, and their places in the block."""
    for block in range(count // 256):
        for kind, key_of in enumerate((lambda seq: "token.issued", session, person)):
            places = {}
            for place in range(256):
                places.setdefault(key_of(block * 256 + place), bytearray()).append(place)
            for key, found in places.items():
                yield kind, key, block, bytes(found)


def fill(database, count):
    """Writes `count` traces into a database that an agent made and left, in place of those that are there; gives its size in bytes."""
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA synchronous = OFF")
    hashes = []
    with connection:
        for table in ("traces", "tiles", "trace_keys", "checkpoints", "log_keys"):
            connection.execute(f"DELETE FROM {table}")
        connection.executemany("INSERT INTO traces (seq, leaf, event, session, actor, hash) VALUES (?, ?, ?, ?, ?, ?)", rows(count, hashes))
        connection.executemany("INSERT INTO tiles (level, idx, hashes) VALUES (?, ?, ?)", tiles(hashes))
        connection.executemany("INSERT INTO trace_keys (kind, key, block, offsets) VALUES (?, ?, ?, ?)", keys(count))
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return os.path.getsize(database)
