"""An agent that follows a script, at the path that the PAM module knows; for what a real one never does, and for many cases in little time."""

import json
import os
import pathlib
import socket
import subprocess
import threading

SOCKET = pathlib.Path("/run/cps-agent/agent.sock")
CONSENT = "c0ns3nt_-1"
# The user that the package runs the agent as.
AGENT = 4203


def problem(status, code, **members):
    body = {"type": f"urn:cps-agent:error:{code}", "title": f"title of {code}", "status": status, "code": code,
            "remedy": f"remedy of {code}", "retry": "never", **members}
    return status, body


def encode(status, body):
    """An answer as the agent writes it."""
    content = b"" if body is None else json.dumps(body).encode()
    kind = "application/problem+json" if status >= 400 else "application/json"
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\nConnection: close\r\n\r\n"
    return head.encode() + content


class Request:
    def __init__(self, head, body):
        lines = head.decode().split("\r\n")
        self.method, target, _ = lines[0].split(" ")
        self.route, _, self.query = target.removeprefix("/v1").partition("?")
        self.fields = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
        self.body = body

    def __repr__(self):
        return f"{self.method} {self.route}"


class ScriptedAgent:
    """Gives every request to `answer(request)`, which returns (status, JSON), raw bytes, or None for no answer at all."""

    def __init__(self, answer, folder_mode=0o755):
        self.answer = answer
        self.requests = []
        self.held = []
        self.failures = []
        SOCKET.parent.mkdir(exist_ok=True)
        SOCKET.parent.chmod(folder_mode)
        SOCKET.unlink(missing_ok=True)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(SOCKET))
        self.listener.listen(64)
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            try:
                self.talk(connection)
            except OSError:
                connection.close()  # the other side was faster, or we end
            except Exception as failure:  # the test is wrong: said at its end, and nobody waits for an answer meanwhile
                self.failures.append(failure)
                connection.close()

    def talk(self, connection):
        request = self.read(connection)
        if request is None:
            connection.close()
            return
        self.requests.append(request)
        given = self.answer(request)
        if given is None:
            self.held.append(connection)
            return
        try:
            connection.sendall(given if isinstance(given, bytes) else encode(*given))
        finally:
            connection.close()

    @staticmethod
    def read(connection):
        data = b""
        while b"\r\n\r\n" not in data:
            part = connection.recv(65536)
            if not part:
                return None
            data += part
        head, _, body = data.partition(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        while len(body) < length:
            body += connection.recv(65536)
        return Request(head, body)

    def sent(self, method, end):
        return [each for each in self.requests if each.method == method and each.route.endswith(end)]

    def close(self):
        if self.listener.fileno() < 0:
            return
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(10)
        for connection in self.held:
            connection.close()
        SOCKET.unlink(missing_ok=True)
        assert not self.failures, self.failures


class Workstation:
    """What a real agent does with one card, as answers of a `ScriptedAgent`: the contract, in the least number of lines."""

    ACCOUNTS = {"alice": 4201, "bob": 4202}

    def __init__(self, card="good", pin="right", certificate="valid", account="mapped", degraded=True, profiles=(), **more):
        self.card, self.pin, self.certificate, self.account, self.degraded = card, pin, certificate, account, degraded
        self.profiles = list(profiles)
        self.more = more
        self.live = {}
        self.opened = 0
        self.pins = []
        self.passwords = []
        self.wanted = {}
        self.tries = 1 if pin.startswith("last") else 3

    def __call__(self, request):
        parts = tuple(request.route.strip("/").split("/"))
        name = request.method.lower() + "_" + parts[0].replace("-", "_") + ("" if len(parts) < 2 else "_" + parts[-1])
        if parts[:2] == ("degraded", "logins"):
            name = request.method.lower() + ("_degraded_logins" if len(parts) == 2 else "_degraded_password")
        if request.method == "DELETE":
            return self.delete(parts)
        if parts[0] == "sessions" and len(parts) == 2:
            session = self.live.get(parts[1])
            return (200, session) if session else problem(404, "session_not_found")
        known = getattr(self, name, None)
        return known(request) if known else problem(404, "not_found")

    def delete(self, parts):
        if parts[0] == "sessions":
            self.live.pop(parts[1], None)
        return 204, None

    # Who may come in

    def refused_account(self, members, is_other=False):
        """Which local account it is: (refusal, account)."""
        if self.account == "unmapped":
            return problem(403, "local_account_unmapped"), None
        if self.account == "missing":
            return problem(403, "local_account_missing"), None
        name = "bob" if is_other or self.account == "other" else "alice"
        if members.get("for_account", name) != name:
            return problem(403, "local_account_mismatch"), None
        return None, {"name": name, "uid": self.ACCOUNTS[name]}

    def session(self, mode, account):
        number = f"s-{len(self.live) + 1}" if mode != "card" else self.replace(account["uid"])
        state = "profile_required" if self.profiles else "active"
        self.live[number] = {"id": number, "state": state, "mode": mode, "uid": account["uid"], "profiles": self.profiles}
        if mode == "card":
            self.live[number]["insertion"] = "stay-1"
        return 200, {"session": self.live[number], "account": account, **self.more.get("opened", {})}

    def replace(self, uid):
        """A card session takes the place of the one that the user had with this stay of the card."""
        self.opened += 1
        for number in [number for number, each in self.live.items() if each["uid"] == uid and each["mode"] == "card"]:
            del self.live[number]
        return f"s-{self.opened}"

    # Routes

    def get_sessions(self, _):
        return 200, {"sessions": list(self.live.values())}

    def get_readers(self, _):
        state = {"absent": "absent", "mute": "mute", "foreign": "foreign"}.get(self.card, "ready")
        return 200, {"readers": [{"id": "r", "allowed": True, "card": state}], "monitoring": "running"}

    def post_logins(self, request):
        members = json.loads(request.body)
        self.wanted = members
        if self.card in ("absent", "mute", "foreign"):
            return problem(409, f"card_{self.card}")
        if self.certificate != "valid":
            return problem(403, {"foreign": "certificate_untrusted"}.get(self.certificate, f"certificate_{self.certificate}"))
        refusal, account = self.refused_account(members, self.card == "other")
        if refusal:
            return refusal
        if self.pin == "blocked":
            return problem(403, "pin_blocked", tries_left=0)
        login = {"id": "login-1", "state": "awaiting_pin", "insertion": "stay-1", "reader": "Reader 00", "holder": {"given_name": "MAX", "family_name": "LIBRE"},
                 "tries_left": self.tries, "keypad": False, "test": True, "account": account, **self.more.get("login", {})}
        if self.tries == 1:
            login["last_try_consent"] = CONSENT
        self.opening = account
        return 201, login

    def put_logins_pin(self, request):
        self.pins.append(request.body)
        if self.tries == 1 and request.query != f"accept_last_try={CONSENT}":
            return problem(409, "last_try_consent_required", last_try_consent=CONSENT)
        if request.body != b"1234":
            return problem(403, "pin_wrong", tries_left=self.tries - 1)
        return self.session("card", self.opening)

    def post_logins_keypad(self, request):
        return self.more["keypad"](self, request)

    def put_logins_password(self, request):
        self.passwords.append(request.body)
        return (200, {"id": "login-1"}) if request.body == b"Secret-9" else problem(401, "credentials_refused")

    def get_degraded(self, _):
        return 200, {"enabled": self.degraded, "reasons": ["card_forgotten", "house_rule"], "contact": "poste 4242"}

    def post_degraded_logins(self, request):
        self.wanted = json.loads(request.body)
        return 201, {"id": "dlogin-1", "state": "awaiting_password", "uid": 0, "reason": self.wanted["reason"]}

    def put_degraded_password(self, request):
        self.passwords.append(request.body)
        if request.body != b"Secret-9":
            return problem(401, "credentials_refused", contact="poste 4242")
        refusal, account = self.refused_account(self.wanted)
        return refusal or self.session("degraded", account)

    def put_sessions_profile(self, request):
        (session,) = self.live.values()
        session["profile"] = json.loads(request.body)["profile"]
        session["state"] = "active"
        return 200, session

    def post_pin_changes(self, _):
        self.codes = {}
        operation = {"id": "change-1", "reader": "Reader 00", "holder": {"family_name": "LIBRE"}, "pin": {"tries_left": self.tries}}
        if self.tries == 1:
            operation["last_try_consent"] = CONSENT
        return 201, operation

    def put_pin_changes_current(self, request):
        return self.code("current", request)

    def put_pin_changes_new(self, request):
        return self.code("new", request)

    def code(self, name, request):
        self.codes[name] = request.body
        if len(self.codes) == 2 and self.codes["current"] != b"1234":
            return problem(403, "pin_wrong", tries_left=2)
        return 200, {"id": "change-1", "state": "done" if len(self.codes) == 2 else "awaiting_pin"}


def users(folder):
    """/etc/passwd with the people of the tests, over that of the machine; in these namespaces alone. Gives what undoes it."""
    passwd = folder / "passwd"
    people = {**Workstation.ACCOUNTS, "cps-agent": AGENT}
    passwd.write_text(pathlib.Path("/etc/passwd").read_text().rstrip("\n") + "\n" + "".join(
        f"{name}:x:{uid}:{uid}:{name}:/tmp:/bin/sh\n" for name, uid in people.items()))
    os.chmod(passwd, 0o644)
    subprocess.run(["mount", "--bind", passwd, "/etc/passwd"], check=True)
    return lambda: subprocess.run(["umount", "/etc/passwd"], check=True)
