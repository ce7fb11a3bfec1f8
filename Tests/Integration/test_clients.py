"""The clients section: programs are known by what the kernel says of them, and held to what their entry allows."""

import hashlib
import os
import shutil
import subprocess
import sys

import pytest

from agent_process import AUDIENCE
import local_api

OWNER, STRANGER = 65532, 65533
BOTH = '{"audience":"%s"}' % AUDIENCE
UNIFIED = "/sys/fs/cgroup/unified" if os.path.isdir("/sys/fs/cgroup/unified") else "/sys/fs/cgroup"

pytestmark = pytest.mark.skipif(
    len(open("/proc/self/uid_map").read().splitlines()) == 1 and open("/proc/self/uid_map").read().split()[2] == "1",
    reason="this user namespace knows one user only; other users need root",
)


@pytest.fixture
def ready(agent, persona, virtual_card):
    """A factory: an agent with these entries and a card that was read."""

    def make(start=True, budgets=None, **clients):
        virtual_card(persona("cps4"))
        settings = {"agent": {"budgets": budgets}} if budgets else {}
        running = agent(clients=clients, **settings)
        running.wait_card()
        return running

    return make


def client_of(agent, uid=OWNER):
    status, answer = agent.request_as(uid, "GET", "/status")
    assert status == 200, answer
    return answer["client"]


def test_status_says_who_the_caller_is_held_to_be(ready):
    agent = ready(records={"uid": [OWNER], "operations": ["login"]})
    assert client_of(agent) == "records"
    assert client_of(agent, STRANGER) == "default"
    status = agent.get("/status")[1]
    assert status["clients"].startswith("1 entry ") and not any("clients section" in text for text in status["warnings"])


def test_programs_of_one_user_share_its_sessions_as_far_as_their_entries_allow(ready):
    """The limit of the boundary: whoever runs as the user is the user, but for what the entry of the program withholds."""
    agent = ready(records={"uid": [0], "gid": [0], "operations": ["login", "token"]})
    session = agent.login()["session"]["id"]
    other = subprocess.run(
        ["curl", "-s", "--unix-socket", str(agent.socket), "http://agent/v1/sessions"], capture_output=True, text=True, timeout=20, check=True
    )
    assert session in other.stdout
    refused = subprocess.run(
        ["curl", "-s", "--unix-socket", str(agent.socket), "-X", "POST", "-H", "Content-Type: application/json", "-d", "{}",
         "http://agent/v1/pin-changes"], capture_output=True, text=True, timeout=20, check=True,
    )
    assert '"operation_denied"' in refused.stdout


def test_what_fits_no_entry_may_look_and_do_nothing(ready):
    agent = ready(records={"uid": [OWNER], "operations": ["login"]}, auditor={"uid": [0], "operations": ["audit"]})
    assert agent.request_as(STRANGER, "GET", "/sessions") == (200, {"sessions": []})
    status, refusal = agent.request_as(STRANGER, "POST", "/logins", "{}")
    assert (status, refusal["code"]) == (403, "operation_denied")
    assert (refusal["operation"], refusal["client"]) == ("login", "default")
    traces = agent.traces("login.refused")
    assert [(trace["code"], trace["client"]["uid"]) for trace in traces] == [("operation_denied", STRANGER)]


def test_a_client_is_held_to_its_operations_audiences_and_scopes(ready):
    agent = ready(
        records={"uid": [OWNER], "operations": ["login", "token"], "audiences": [AUDIENCE], "scopes": ["record:read"]},
        default={"operations": ["login", "token", "audit"]},
    )
    for body, code in (
        ('{"audience":"https://other.example"}', "audience_denied"),
        ('{"audience":"%s","scopes":["record:write"]}' % AUDIENCE, "scope_denied"),
        ('{"for_uid":%d}' % STRANGER, "operation_denied"),
    ):
        status, refusal = agent.request_as(OWNER, "POST", "/logins", body)
        assert (status, refusal["code"]) == (403, code), refusal
    assert agent.request_as(OWNER, "POST", "/logins", '{"audience":"%s","scopes":["record:write"]}' % AUDIENCE)[1]["rule"] == "clients.records"
    # Root is who gives the PIN; the login is the owner's.
    status, login = agent.request_as(OWNER, "POST", "/logins", BOTH)
    assert status == 201, login
    status, opened = agent.enter_pin(login)
    assert status == 200 and opened["scope"] == "record:read", opened
    status, refusal = agent.request_as(
        OWNER, "POST", f"/sessions/{opened['session']['id']}/tokens", '{"audience":"https://other.example"}')
    assert (status, refusal["code"]) == (403, "audience_denied")
    assert [trace["code"] for trace in agent.traces("token.refused")] == ["audience_denied"]


def test_a_service_asks_about_tokens_that_are_for_it(ready):
    agent = ready(
        server={"uid": [STRANGER], "operations": [], "audiences": [AUDIENCE]}, default={"operations": ["login", "token", "audit"]})
    opened = agent.login()
    token = local_api.form(token=opened["access_token"])
    assert agent.request_as(OWNER, "POST", "/introspect", token) == (200, {"active": False})
    assert agent.request_as(STRANGER, "POST", "/introspect", token)[1]["active"] is True
    assert agent.request_as(STRANGER, "POST", "/revoke", token)[0] == 200
    assert agent.introspect(opened["access_token"]) == {"active": False}


def test_login_for_opens_for_another_user_who_alone_sees_it(ready):
    agent = ready(greeter={"uid": [STRANGER], "operations": ["login", "login_for"]}, default={"operations": ["login", "audit"]})
    status, login = agent.request_as(STRANGER, "POST", "/logins", '{"for_uid":%d}' % OWNER)
    assert status == 201, login
    status, opened = agent.enter_pin(login)
    assert status == 200 and opened["session"]["uid"] == OWNER
    route = f"/sessions/{opened['session']['id']}"
    assert agent.request_as(OWNER, "GET", route)[0] == 200
    assert agent.request_as(STRANGER, "GET", route)[0] == 404
    assert agent.request_as(STRANGER, "DELETE", route)[0] == 404


def test_the_log_needs_the_operation_of_root_too(ready):
    agent = ready(default={"operations": ["login"]})
    status, refusal = agent.post("/audit/verifications")
    assert (status, refusal["code"], refusal["operation"]) == (403, "operation_denied", "audit")


def test_supplementary_groups_count(ready):
    agent = ready(staff={"gid": [4242], "operations": []})
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups([4242])
        os.setresgid(OWNER, OWNER, OWNER)
        os.setresuid(OWNER, OWNER, OWNER)
        os.write(writing, local_api.request(agent.socket, "GET", "/status")[2]["client"].encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        assert pipe.read() == "staff"
    os.waitpid(child, 0)
    assert client_of(agent) == "default"


# Programs: a copy of Python under a name of its own. Its requests are made by it and by nobody it starts.

ASK = """
import http.client, json, os, socket, sys
class Unix(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(sys.argv[1])
def client(connection):
    connection.request("GET", "/v1/status")
    return json.loads(connection.getresponse().read())["client"]
"""


@pytest.fixture
def program(socket_folder):
    """A program with a file of its own, and what it runs as."""
    path = os.path.join(socket_folder, "records")
    shutil.copy(os.path.realpath(sys.executable), path)
    return path


def answer_of(program, agent, text, *arguments, cgroup=None):
    def join():
        if cgroup:
            with open(f"{cgroup}/cgroup.procs", "w") as file:
                file.write(str(os.getpid()))

    environment = {"PYTHONHOME": sys.base_prefix, "PYTHONDONTWRITEBYTECODE": "1", "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [program, "-c", ASK + text, str(agent.socket), *arguments], capture_output=True, text=True, timeout=60, env=environment,
        preexec_fn=join)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_a_program_is_known_by_its_file_and_digest(ready, program):
    digest = hashlib.sha256(open(program, "rb").read()).hexdigest()
    agent = ready(
        both={"exe": [program], "sha256": [digest], "operations": []},
        wrong={"exe": [program], "sha256": ["00" * 32], "operations": ["login"]})
    assert answer_of(program, agent, 'print(client(Unix("x")))') == ["both"]
    assert answer_of(os.path.realpath(sys.executable), agent, 'print(client(Unix("x")))') == ["default"]


def test_a_program_of_the_same_name_elsewhere_is_another(ready, program):
    """In a mount namespace of its own a program may give itself any name: the agent looks at the file behind the name it sees."""
    agent = ready(tool={"exe": ["/usr/local/bin/records-tool"], "operations": []})
    script = (
        "mount -t tmpfs tmpfs /usr/local/bin && cp %s /usr/local/bin/records-tool && exec /usr/local/bin/records-tool -c \"$0\" \"$1\""
        % program)
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", script, ASK + 'print(client(Unix("x")))', str(agent.socket)], capture_output=True, text=True,
        timeout=60, env={"PYTHONHOME": sys.base_prefix, "PATH": os.environ["PATH"]})
    assert (done.returncode, done.stdout.split()) == (0, ["default"]), done.stderr


def test_what_a_program_becomes_after_it_connected_counts_for_its_next_connection(ready, program):
    """A connection is judged once. This is the limit that Docs/Threat-model.md states: exec after connect is not seen."""
    agent = ready(tool={"exe": [program], "operations": []})
    become = ASK + (
        'kept = Unix("x"); kept.sock = socket.socket(fileno=int(sys.argv[2]))\n'
        'print(client(kept)); print(client(Unix("x")))')
    first = (
        'kept = Unix("x"); print(client(kept), flush=True); os.set_inheritable(kept.sock.fileno(), True)\n'
        'os.execv(sys.argv[2], [sys.argv[2], "-c", sys.argv[3], sys.argv[1], str(kept.sock.fileno())])')
    real = os.path.realpath(sys.executable)
    assert answer_of(program, agent, first, real, become) == ["tool", "tool", "default"]
    assert answer_of(real, agent, first, program, become) == ["default", "default", "tool"]


@pytest.mark.skipif(not os.access(UNIFIED, os.W_OK), reason="control groups cannot be made here")
def test_a_program_is_known_by_its_unit(ready, program):
    outer = f"{UNIFIED}/cps-test-{os.getpid()}.service"
    inner = f"{outer}/system.slice"
    made = []
    try:
        try:
            for folder in (outer, inner, f"{inner}/records.service"):
                os.mkdir(folder)
                made.append(folder)
        except OSError as error:
            pytest.skip(f"control groups cannot be made here: {error}")
        agent = ready(
            unit={"unit": [os.path.basename(outer)], "operations": []}, forged={"unit": ["records.service"], "operations": ["login"]})
        text = 'print(client(Unix("x")))'
        assert answer_of(program, agent, text, cgroup=outer) == ["unit"]
        # A group below one's own, with the name of a system unit, is one's own unit still.
        assert answer_of(program, agent, text, cgroup=f"{inner}/records.service") == ["unit"]
        assert answer_of(program, agent, text) == ["default"]
    finally:
        for folder in reversed(made):
            os.rmdir(folder)


# Budgets


def test_budget_of_logins_is_the_users_own(ready):
    agent = ready(budgets={"logins": 2, "pins": 2}, default={"operations": ["login", "audit"]})
    for _ in range(2):
        assert agent.request_as(OWNER, "POST", "/logins", "{}")[0] == 201
    for _ in range(5):
        status, refusal = agent.request_as(OWNER, "POST", "/logins", "{}")
        assert (status, refusal["code"], refusal["retry"]) == (429, "rate_limited", "later") and refusal["retry_after"] > 0
    # Nobody else is held up by it, root not at all.
    status, refusal = agent.request_as(STRANGER, "POST", "/logins", "{}")
    assert (status, refusal["code"]) == (409, "login_busy")
    for _ in range(3):
        assert agent.request_as(OWNER, "PUT", "/logins/none/pin", "x=1")[0] in (415, 429)
    limited = [trace for trace in agent.traces("login.refused") if trace["code"] == "rate_limited"]
    assert len(limited) == 1, "identical refusals are counted, not written"
    agent.restart()
    limited = [trace for trace in agent.traces("login.refused") if trace["code"] == "rate_limited"]
    assert [trace.get("count") for trace in limited] == [None, 4]
    assert [trace["code"] for trace in agent.traces("pin.refused")] == ["rate_limited"]


def test_budget_of_requests_comes_before_everything(ready):
    agent = ready(budgets={"requests": 1}, default={"operations": ["audit"]})
    answers = [agent.request_as(OWNER, "GET", "/nothing")[0] for _ in range(12)]
    assert answers[:4] == [404] * 4 and 429 in answers
    refused = agent.traces("agent.refused")
    assert [(trace["code"], trace["client"]["uid"]) for trace in refused] == [("rate_limited", OWNER)]


# The socket file


def test_socket_has_the_mode_and_group_of_the_configuration(agent):
    running = agent(agent={"socket_mode": "0660", "socket_group": "4242"})
    status = os.stat(running.socket)
    assert (status.st_mode & 0o7777, status.st_uid, status.st_gid) == (0o660, os.geteuid(), 4242)
    with pytest.raises(AssertionError, match="PermissionError"):
        running.request_as(OWNER, "GET", "/status")


def test_group_that_does_not_exist_keeps_the_agent_from_starting(agent):
    running = agent(start=False, agent={"socket_group": "no-such-group"})
    with pytest.raises(AssertionError, match="no-such-group"):
        running.start()
