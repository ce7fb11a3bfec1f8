"""What is checked before the agent serves, and what its start leaves in the log."""

import hashlib
import os
import ssl

from agent_process import ISSUER
from tools import BIN_DIR, run_tool


def check(agent, **options):
    return run_tool(BIN_DIR / "cps-agentd", "--config", agent.config, "--check-config", check=False, **options)


def test_a_good_configuration_is_said_to_be_good_also_beside_the_agent_that_runs(agent):
    running = agent()
    result = check(running)
    assert result.returncode == 0 and b"ok, test authorities" in result.stdout
    assert running.is_alive()


def test_a_check_makes_nothing(agent):
    configured = agent(start=False)
    assert check(configured).returncode == 0
    assert list((configured.folder / "state").iterdir()) == []


def test_each_mistake_is_named_with_its_line_and_key(agent):
    configured = agent(start=False)
    configured.config.write_text(
        'agent: {state_dir: relative, socket: /run/x.sock}\n'
        'trust: {anchors: /nowhere}\n'
        f'tokens: {{issuer: "{ISSUER}", tll: 5m}}\n'
        'pam: {enabled: true}\n')
    result = check(configured)
    errors = result.stderr.decode().splitlines()
    assert result.returncode == 2 and len(errors) == 3
    assert "line 1: agent.state_dir" in errors[0] and "line 3: tokens.tll" in errors[1] and "line 4: pam" in errors[2]


def test_a_check_speaks_the_language_of_who_asks_and_the_service_that_of_its_log(agent):
    configured = agent(start=False)
    french = {**os.environ, "LC_ALL": "fr_FR.UTF-8"}
    assert "en ordre, autorités de test" in check(configured, env=french).stdout.decode()
    configured.config.write_text(configured.config.read_text().replace(ISSUER, "no issuer"))
    told = check(configured, env=french).stderr.decode()
    assert "ligne " in told and "tokens.issuer : " in told, told
    assert "line " in run_tool(*configured.command(), check=False, env=french).stderr.decode()


def test_authorities_that_are_not_there_are_named(agent, tmp_path):
    configured = agent(start=False, trust={"anchors": str(tmp_path / "nowhere")})
    result = check(configured)
    assert result.returncode == 2 and b"trust.anchors" in result.stderr and b"nowhere" in result.stderr


def test_a_start_traces_what_it_loaded(agent, pki):
    running = agent()
    (loaded,) = running.traces("config.loaded")
    assert loaded["detail"]["sha256"] == hashlib.sha256(running.config.read_bytes()).hexdigest()
    (trust,) = running.traces("trust.loaded")
    anchors = [ssl.PEM_cert_to_DER_cert(path.read_text()) for path in (pki / "anchors").iterdir()]
    assert sorted(trust["detail"]["anchors"]) == sorted(hashlib.sha256(each).hexdigest() for each in anchors)
    assert trust["detail"]["environment"] == "test" and len(trust["detail"]["intermediates"]) == 1
