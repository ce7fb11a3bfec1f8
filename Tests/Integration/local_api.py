"""The agent's local API as any program reaches it: HTTP/1.1 over a Unix socket, with nothing but the standard library."""

import http.client
import json
import os
import queue
import socket
import threading
import time
import urllib.parse

SECRET = "application/octet-stream"
FORM = "application/x-www-form-urlencoded"


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def request(path, method, route, body=None, content_type=None, headers=None, timeout=30):
    """One request on a connection of its own; gives status, headers and the answer, decoded where it is JSON."""
    connection = UnixConnection(path, timeout)
    try:
        sent = dict(headers or {})
        if content_type:
            sent["Content-Type"] = content_type
        connection.request(method, "/v1" + route, body=body, headers=sent)
        response = connection.getresponse()
        answer = response.read()
        if response.headers.get_content_type() in ("application/json", "application/problem+json"):
            answer = json.loads(answer)
        return response.status, response.headers, answer
    finally:
        connection.close()


class Events:
    """The event stream, read on a thread of its own; each event is (kind, data, id) and is kept in the order of arrival."""

    def __init__(self, path, last_event_id=None):
        self.connection = UnixConnection(path, 60)
        headers = {"Last-Event-ID": str(last_event_id)} if last_event_id is not None else {}
        self.connection.request("GET", "/v1/events", headers=headers)
        self.raw = self.connection.sock
        self.response = self.connection.getresponse()
        assert self.response.status == 200, self.response.status
        assert self.response.headers.get_content_type() == "text/event-stream"
        self.arrived = queue.Queue()
        self.seen = []
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        fields = {}
        try:
            for line in self.response:
                text = line.decode().rstrip("\n")
                if text:
                    name, _, value = text.partition(": ")
                    fields[name] = value
                elif fields:
                    self.arrived.put((fields["event"], json.loads(fields["data"]), int(fields["id"])))
                    fields = {}
        except (OSError, ValueError, http.client.HTTPException):
            pass  # closed by us or by an agent that died; what arrived stays
        self.arrived.put(None)

    def wait(self, kind, condition=lambda data: True, seconds=15):
        """The data of the next event of this kind that fulfils the condition; what comes before it is passed over."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                event = self.arrived.get(timeout=max(0, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no {kind} event within {seconds} s; seen: {self.seen}") from None
            assert event is not None, f"the stream ended before a {kind} event; seen: {self.seen}"
            self.seen.append(event)
            if event[0] == kind and condition(event[1]):
                return event[1]

    def close(self):
        try:
            self.raw.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the agent closed it first
        self.reader.join(10)
        self.connection.close()


def form(**members):
    return urllib.parse.urlencode(members)


def request_as(uid, path, method, route, body=None, content_type=None):
    """The same from a process of another user. A fork, not a new program: that user may not be able to read this Python."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        outcome = {"failure": "ended early"}
        try:
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            status, _, answer = request(path, method, route, body, content_type)
            outcome = {"status": status, "answer": answer.decode() if isinstance(answer, bytes) else answer}
        except BaseException as failure:
            outcome = {"failure": repr(failure)}
        finally:
            with os.fdopen(writing, "w") as pipe:
                json.dump(outcome, pipe)
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        outcome = json.load(pipe)
    os.waitpid(child, 0)
    assert "failure" not in outcome, outcome["failure"]
    return outcome["status"], outcome["answer"]
