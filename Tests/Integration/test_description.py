"""Docs/openapi.yaml and the running agent say the same: generated requests for every route, each answer checked against its description."""

import socket
import threading

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from tools import ROOT

EXAMPLES = 8
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
# An endless answer; its shape is checked where events are.
ENDLESS = "followEvents"

SCHEMA = schemathesis.openapi.from_path(ROOT / "Docs" / "openapi.yaml")
OPERATIONS = {
    operation.definition.raw["operationId"]: operation
    for operation in (result.ok() for result in SCHEMA.get_all_operations())
    if operation.definition.raw["operationId"] != ENDLESS
}


class Bridge:
    """A TCP port of this namespace whose connections end at the agent's socket: what generates requests speaks no Unix sockets."""

    def __init__(self, path):
        self.path = str(path)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/v1"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            far.connect(self.path)
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self.copy, args=(source, sink), daemon=True).start()

    @staticmethod
    def copy(source, sink):
        try:
            while part := source.recv(65536):
                sink.sendall(part)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # one side has gone; the other one sees it

    def close(self):
        self.listener.close()


@pytest.fixture
def generation():
    return "cps4"


@pytest.fixture
def bridge(ready):
    made = Bridge(ready.socket)
    yield made
    made.close()


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["as described", "against it"])
def test_every_route_answers_as_it_is_described(ready, bridge, mode):
    session = ready.login()["session"]["id"]
    failures = []
    with requests.Session() as http:
        for name, operation in OPERATIONS.items():

            @seed(3)
            @settings(
                max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate],
                suppress_health_check=list(HealthCheck))
            @given(case=operation.as_strategy(generation_mode=mode))
            def holds(case):
                response = case.call(base_url=bridge.url, session=http, timeout=20)
                case.validate_response(response, checks=CHECKS)
                if "id" not in (case.path_parameters or {}):
                    return
                # The same for something that is there, as long as it is.
                case.path_parameters["id"] = session if "/sessions/" in case.operation.path else ready.begin()["id"]
                response = case.call(base_url=bridge.url, session=http, timeout=20)
                case.validate_response(response, checks=CHECKS)

            try:
                holds()
            except Unsatisfiable:
                # Nothing can be said against the description of a route that takes nothing.
                assert mode == GenerationMode.NEGATIVE, name
            except BaseException as failure:
                failures.append(f"{name}: {failure!r} {getattr(failure, 'exceptions', '')}")
    assert failures == []
    assert ready.is_alive()
