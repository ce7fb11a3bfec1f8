"""Listens to the agent's events until a session ends: watch_removal.py SOCKET SESSION. Prints how long it took."""

import datetime
import json
import socket
import sys

path, session = sys.argv[1:]
connection = socket.socket(socket.AF_UNIX)
connection.settimeout(120)
connection.connect(path)
connection.sendall(b"GET /v1/events HTTP/1.1\r\nHost: agent\r\nAccept: text/event-stream\r\n\r\n")
card_out = None
with connection.makefile("rb") as lines:
    for line in lines:
        if line.startswith(b"event: state"):
            print("listening", flush=True)
        if not line.startswith(b"data: "):
            continue
        data = json.loads(line[6:])
        if data.get("id") == session and data.get("state") == "ended":
            now = datetime.datetime.now(datetime.timezone.utc)
            ended = datetime.datetime.fromisoformat(data["ended_at"].replace("Z", "+00:00"))
            late = (now - ended).total_seconds() * 1000
            print(f"session ended ({data['end_reason']}); its listener heard {late:.0f} ms after PC/SC had reported the card out")
            break
