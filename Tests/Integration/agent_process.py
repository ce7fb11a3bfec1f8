"""A running cps-agentd in a folder of its own."""

import json
import os
import pathlib
import signal
import subprocess

import local_api
from tools import BIN_DIR, answers, stop, wait_until

ISSUER = "https://ws-042.example"
WORKSTATION = "ws-042"
AUDIENCE = "https://records.example"
READER = "Virtual PCD 00 00"
READER_ID = "virtual-pcd-00-00"
# Made, not written: what generates requests takes texts out of the source, and then this would stand in traces as an audience.
PASSWORD = "".join(["Wd4$nQ8-", "hzR!x2Vb"])
DEGRADED = {"enabled": True, "homologation": {"authority": "CH Exemple", "reference": "H-12", "valid_until": "2099-12-31"}}


class Agent:
    """cps-agentd and its socket. Requests give (status, answer)."""

    def __init__(self, folder, socket_folder, anchors, settings):
        self.folder = folder
        self.socket = pathlib.Path(socket_folder) / "agent.sock"
        self.config = folder / "agent.yaml"
        self.log = folder / "agentd.log"
        self.process = None
        self.environment = {}
        self.insertion = None
        self.streams = []
        self.state = folder / "state"
        self.state.mkdir(mode=0o700)
        sections = {
            "agent": {"state_dir": str(self.state), "socket": str(self.socket), "workstation": WORKSTATION},
            "trust": {"anchors": str(anchors)},
            "tokens": {"issuer": ISSUER},
            "log": {"level": "info"},
        }
        for section, values in settings.items():
            sections.setdefault(section, {}).update(values)
        self.state = pathlib.Path(sections["agent"]["state_dir"])
        self.config.write_text(json.dumps(sections, indent=2))  # JSON is YAML too

    def configure(self, **settings):
        """Changes sections of the configuration, for the next start."""
        sections = json.loads(self.config.read_text())
        for section, values in settings.items():
            sections.setdefault(section, {}).update(values)
        self.config.write_text(json.dumps(sections, indent=2))

    def command(self):
        return [str(BIN_DIR / "cps-agentd"), "--config", str(self.config)]

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdout=log, stderr=log, cwd=self.folder, env={**os.environ, **self.environment})

        def ready():
            assert self.process.poll() is None, f"the agent ended: {self.log.read_text()}"
            return answers(self.socket)

        wait_until(ready, "the agent listens", 30)
        return self

    def stop(self):
        self.close_streams()
        return stop(self.process, 20)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.close_streams()

    def restart(self):
        assert self.stop() == 0, self.log.read_text()
        return self.start()

    def is_alive(self):
        return self.process.poll() is None and answers(self.socket)

    # Requests

    def request(self, method, route, body=None, content_type=None, headers=None):
        status, _, answer = local_api.request(self.socket, method, route, body, content_type, headers)
        return status, answer

    def request_whole(self, method, route, body=None, content_type=None, headers=None):
        """The same with the fields of the answer: (status, fields, answer)."""
        return local_api.request(self.socket, method, route, body, content_type, headers)

    def get(self, route, **options):
        return self.request("GET", route, **options)

    def post(self, route, members=None, **options):
        body = None if members is None else json.dumps(members)
        return self.request("POST", route, body, "application/json" if members is not None else None, **options)

    def put(self, route, body, content_type=local_api.SECRET, **options):
        return self.request("PUT", route, body, content_type, **options)

    def delete(self, route, **options):
        return self.request("DELETE", route, **options)

    def post_form(self, route, **members):
        return self.request("POST", route, local_api.form(**members), local_api.FORM)

    def request_as(self, uid, method, route, body=None):
        """The same as a program of another user; a body that is no JSON object is a form."""
        content_type = None if body is None else "application/json" if body.startswith("{") else local_api.FORM
        return local_api.request_as(uid, self.socket, method, route, body, content_type)

    def events(self, last_event_id=None):
        stream = local_api.Events(self.socket, last_event_id)
        self.streams.append(stream)
        return stream

    def close_streams(self):
        for stream in self.streams:
            stream.close()
        self.streams = []

    # What tests do all the time

    def card(self):
        return self.get(f"/readers/{READER_ID}/card")[1]

    def wait_card(self, state="ready", seconds=20):
        """The card, once it is known to be in this state."""
        return self.wait_insertion(state, (), seconds)

    def wait_new_card(self, state="ready", seconds=20):
        """The same for a card that was put in since this was last waited for."""
        return self.wait_insertion(state, (self.insertion,), seconds)

    def wait_insertion(self, state, past, seconds):
        def in_state():
            card = self.card()
            return card if card.get("state") == state and card["insertion"] not in past else None

        card = wait_until(in_state, f"the card is {state}", seconds)
        self.insertion = card["insertion"]
        return card

    def wait_monitoring(self, state):
        return wait_until(lambda: self.get("/status")[1]["monitoring"] == state, f"monitoring is {state}", 20)

    def begin(self, **members):
        """Begins a login that has to be allowed."""
        status, login = self.post("/logins", members)
        assert status == 201, login
        return login

    def enter_pin(self, login, pin="1234", accept_last_try=None):
        query = "?" + local_api.form(accept_last_try=accept_last_try) if accept_last_try else ""
        return self.put(f"/logins/{login['id']}/pin{query}", pin)

    def login(self, pin="1234", **members):
        """A whole login that has to succeed: session, and token unless another audience was asked for."""
        status, opened = self.enter_pin(self.begin(**{"audience": AUDIENCE, **members}), pin)
        assert status == 200, opened
        return opened

    def works(self, new=False):
        """A login from beginning to end; with a card that was put in since one was last waited for, if it is new."""
        if new:
            self.wait_new_card()
        else:
            self.wait_card()
        opened = self.login()
        assert self.introspect(opened["access_token"])["active"] is True
        return opened

    def nobody_is_in(self):
        return self.get("/sessions")[1] == {"sessions": []}

    def introspect(self, token):
        status, answer = self.post_form("/introspect", token=token)
        assert status == 200, answer
        return answer

    def session(self, session_id):
        status, answer = self.get(f"/sessions/{session_id}")
        assert status == 200, answer
        return answer

    def wait_ended(self, session_id, reason, seconds=15):
        """The session, once it has ended; for this reason."""

        def over():
            session = self.session(session_id)
            return session if session["state"] == "ended" else None

        session = wait_until(over, "the session has ended", seconds)
        assert session["end_reason"] == reason and session["ended_at"]
        return session

    def leaves(self, start=0):
        """The traces as stored: one JSON text each."""
        status, answer = self.get(f"/audit/traces?from={start}&limit=1000")
        assert status == 200, answer
        return answer.splitlines()

    def traces(self, *events):
        """The traces, or those of these events."""
        traces = [json.loads(leaf) for leaf in self.leaves()]
        return [trace for trace in traces if not events or trace["event"] in events]

    def verify_log(self):
        status, answer = self.post("/audit/verifications")
        assert status == 200 and answer["valid"] is True, answer
        return answer
