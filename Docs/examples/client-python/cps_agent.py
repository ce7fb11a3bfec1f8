"""A client of the CPS Agent for Python 3.9 or later, with nothing but the standard library: copy it and make it yours."""

import http.client
import json
import os
import pwd
import socket
import struct
import urllib.parse

SOCKET = "/run/cps-agent/agent.sock"
# The user that the packaged agent runs as.
AGENT_USER = "cps-agent"


class Refusal(Exception):
    """A problem document of the agent (RFC 9457). Decide by `code` and `retry`; show `title` and `remedy` to people."""

    def __init__(self, status, document):
        super().__init__(document.get("title", "the agent refused"))
        self.status = status
        self.document = document
        self.code = document.get("code", "internal_error")
        self.title = document.get("title", "")
        self.remedy = document.get("remedy", "")
        self.retry = document.get("retry", "never")


class NotTheAgent(Exception):
    """Something listens on the socket as a user that the agent never runs as: it gets no request and no PIN."""


class AgentConnection(http.client.HTTPConnection):
    """HTTP over the agent's Unix socket. The kernel says who listens there; that is checked before anything is sent."""

    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)
        _, uid, _ = struct.unpack("iII", self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        if uid not in trusted_users():
            self.sock.close()
            raise NotTheAgent(f"the program on {self.path} runs as user {uid}")


def trusted_users():
    """Root, one's own user, and the agent's where this machine has it."""
    users = {0, os.geteuid()}
    try:
        users.add(pwd.getpwnam(AGENT_USER).pw_uid)
    except KeyError:
        pass  # no such user on this machine: the agent was not installed from its package
    return users


class Agent:
    """One method for each thing an application does. `language` is that of the texts for people: fr or en."""

    def __init__(self, path=None, language="fr", timeout=30):
        self.path = path or os.environ.get("CPS_AGENT_SOCKET", SOCKET)
        self.language = language
        self.timeout = timeout

    def status(self):
        return self.call("GET", "/status")

    def card(self, reader):
        """The card in a reader: `state` says whether there is one that can be used, `holder` whose it is."""
        return self.call("GET", f"/readers/{urllib.parse.quote(reader, safe='')}/card")

    def begin_login(self, audience, scopes=()):
        """Looks at the card and its certificate. The answer has the holder and the tries left: show them, then ask for the PIN."""
        return self.call("POST", "/logins", {"audience": audience, "scopes": list(scopes)})

    def enter_pin(self, login, pin, accept_last_try=None):
        """`pin` is a bytearray, wiped here. Never try again by yourself: each call may spend a try of the card."""
        query = "?" + urllib.parse.urlencode({"accept_last_try": accept_last_try}) if accept_last_try else ""
        try:
            return self.call("PUT", f"/logins/{login['id']}/pin{query}", pin, "application/octet-stream")
        finally:
            pin[:] = bytes(len(pin))

    def cancel_login(self, login):
        self.call("DELETE", f"/logins/{login['id']}")

    def session(self, session):
        return self.call("GET", f"/sessions/{session}")

    def end(self, session):
        self.call("DELETE", f"/sessions/{session}")

    def token(self, session, audience, scopes=()):
        """A new token. They live two minutes: ask for one when it is needed, do not keep it."""
        return self.call("POST", f"/sessions/{session}/tokens", {"audience": audience, "scopes": list(scopes)})

    def introspect(self, token):
        form = urllib.parse.urlencode({"token": token})
        return self.call("POST", "/introspect", form, "application/x-www-form-urlencoded")

    def events(self):
        """What happens, as it happens: (kind, data). The first is `state`; what is not in it is gone."""
        connection = AgentConnection(self.path, None)
        try:
            connection.request("GET", "/v1/events", headers={"Accept-Language": self.language})
            answer = connection.getresponse()
            if answer.status != 200:
                raise Refusal(answer.status, json.loads(answer.read()))
            kind, data = None, []
            for line in answer:
                name, _, value = line.decode().rstrip("\r\n").partition(":")
                if name == "event":
                    kind = value.strip()
                elif name == "data":
                    data.append(value.strip())
                elif not name and data:
                    yield kind, json.loads("\n".join(data))
                    kind, data = None, []
        finally:
            connection.close()

    def wait_ended(self, session):
        """Waits until the session is over; gives the reason, `card_removed` for instance, or None when it was over before."""
        for kind, data in self.events():
            if kind == "state" and session not in [each["id"] for each in data["sessions"]]:
                return None
            if kind == "session" and data["id"] == session and data["state"] == "ended":
                return data["end_reason"]
        raise ConnectionError("the agent stopped")

    def call(self, method, route, body=None, content_type=None):
        headers = {"Accept-Language": self.language}
        if isinstance(body, dict):
            body, content_type = json.dumps(body), "application/json"
        if content_type:
            headers["Content-Type"] = content_type
        connection = AgentConnection(self.path, self.timeout)
        try:
            connection.request(method, "/v1" + route, body, headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        document = json.loads(content) if content else {}
        if answer.status >= 400:
            raise Refusal(answer.status, document)
        return document
