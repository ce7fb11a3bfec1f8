"""pcscd or the agent itself stops, dies or hangs: sessions end, nothing is revived, no try is lost, and work goes on."""

import os
import signal
import sqlite3
import subprocess

from tools import BIN_DIR, wait_until


def test_pcscd_killed_in_a_session_ends_it_and_the_agent_lives(ready, card, pcscd):
    events = ready.events()
    opened = ready.login()
    session = opened["session"]["id"]
    pcscd.kill()
    told = events.wait("session", lambda data: data["id"] == session and data["state"] == "ended")
    assert told["end_reason"] == "monitoring_lost"
    assert ready.introspect(opened["access_token"]) == {"active": False}
    ready.wait_ended(session, "monitoring_lost")
    ready.wait_monitoring("service_down")
    status, refusal = ready.post("/logins", {})
    assert (status, refusal["code"]) == (503, "pcsc_unavailable")
    assert ready.is_alive()
    assert ready.traces("monitoring.lost")

    pcscd.start()
    ready.wait_monitoring("running")
    assert ready.nobody_is_in(), "nothing is revived"
    again = ready.works()
    assert again["session"]["insertion"] != opened["session"]["insertion"]
    assert ready.introspect(opened["access_token"]) == {"active": False}
    assert ready.traces("monitoring.restored")
    ready.verify_log()


def test_pcscd_restarted_in_good_order_ends_the_session_too(ready, pcscd):
    opened = ready.login()
    pcscd.stop()
    ready.wait_ended(opened["session"]["id"], "monitoring_lost")
    pcscd.start()
    ready.works()


def test_pcscd_killed_between_card_and_pin_spends_no_try(ready, card, pcscd):
    login = ready.begin()
    pcscd.kill()
    status, refusal = ready.enter_pin(login)
    assert status in (409, 503) and refusal["code"] in ("pcsc_unavailable", "card_removed"), refusal
    assert card.status()["pin_tries_left"] == 3
    assert ready.nobody_is_in()
    pcscd.start()
    ready.works()


def test_pcscd_may_come_after_the_agent(agent, persona, virtual_card, pcscd):
    pcscd.stop()
    running = agent()
    assert running.wait_monitoring("service_down")
    assert running.get("/readers") == (200, {"monitoring": "service_down", "readers": []})
    assert running.post("/logins", {})[1]["code"] == "pcsc_unavailable"
    pcscd.start()
    running.wait_monitoring("running")
    virtual_card(persona())
    running.works()


def test_pcscd_that_hangs_does_not_hang_the_agent(ready, card, pcscd):
    """It is stopped, not gone: whatever waits for it waits, everything else goes on."""
    opened = ready.login()
    pcscd.process.send_signal(signal.SIGSTOP)
    try:
        assert ready.introspect(opened["access_token"])["active"] is True
        login = ready.post("/logins", {})
        if login[0] == 201:
            status, refusal = ready.enter_pin(login[1])
            assert status in (409, 503, 504), refusal
        assert ready.get("/status")[0] == 200
    finally:
        pcscd.process.send_signal(signal.SIGCONT)
    assert card.status()["pin_tries_left"] == 3
    card.change()
    ready.works(new=True)


def test_a_killed_agent_leaves_no_session_behind(ready):
    opened = ready.login()
    before = ready.leaves()
    ready.kill()
    ready.start()
    ready.wait_card()
    assert ready.introspect(opened["access_token"]) == {"active": False}
    assert ready.nobody_is_in()
    ended = ready.traces("session.ended")
    assert [(trace["session"], trace["reason"]) for trace in ended] == [(opened["session"]["id"], "agent_restarted")]
    assert ready.leaves()[: len(before)] == before
    ready.verify_log()
    again = ready.works()
    assert again["session"]["insertion"] != opened["session"]["insertion"]
    assert ready.introspect(opened["access_token"]) == {"active": False}


def test_an_ended_session_is_still_told_about_after_a_restart(ready):
    opened = ready.login()
    ready.kill()
    ready.start()
    status, session = ready.get(f"/sessions/{opened['session']['id']}")
    assert status == 200, session
    assert (session["state"], session["end_reason"]) == ("ended", "agent_restarted")


def test_an_agent_stopped_in_good_order_ends_its_sessions(ready):
    opened = ready.login()
    ready.restart()
    ready.wait_card()
    assert ready.introspect(opened["access_token"]) == {"active": False}
    assert [trace["reason"] for trace in ready.traces("session.ended")] == ["agent_restarted"]
    assert len(ready.traces("agent.started")) == 2 and len(ready.traces("agent.stopped")) == 1
    ready.verify_log()
    ready.works()


def test_an_agent_killed_while_a_pin_is_tried_starts_again(ready, card):
    login = ready.begin()
    card.fault("delay=500")
    connection = subprocess.Popen(
        ["curl", "-s", "--unix-socket", str(ready.socket), "-X", "PUT", "-H", "content-type: application/octet-stream",
         "--data-binary", "1234", f"http://localhost/v1/logins/{login['id']}/pin"], stdout=subprocess.DEVNULL,
    )
    try:
        before = card.status()["commands"]
        wait_until(lambda: card.status()["commands"] > before, "the card is at work")
        ready.kill()
    finally:
        connection.kill()
        connection.wait()
    card.fault("none")
    ready.start()
    assert ready.nobody_is_in()
    ready.verify_log()
    ready.works()


def test_a_changed_trace_is_found(ready):
    ready.login()
    assert ready.stop() == 0
    database = ready.folder / "state" / "agent.sqlite"
    with sqlite3.connect(database) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        changed = 0
        for table in tables:
            columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
            if "leaf" in columns:
                cursor = connection.execute(
                    f"UPDATE \"{table}\" SET leaf = CAST(replace(CAST(leaf AS TEXT), 'LIBRE', 'LIBRA') AS BLOB) "
                    "WHERE CAST(leaf AS TEXT) LIKE '%session.opened%'"
                )
                changed += cursor.rowcount
    assert changed == 1
    connection.close()
    ready.start()
    status, refusal = ready.post("/audit/verifications")
    assert (status, refusal["code"]) == (500, "trace_invalid")
    assert "first_bad" in refusal


def test_a_second_agent_on_the_same_files_does_not_start(ready):
    second = subprocess.run(
        [str(BIN_DIR / "cps-agentd"), "--config", str(ready.config)], capture_output=True, timeout=30, cwd="/", env=dict(os.environ)
    )
    assert second.returncode != 0 and second.stderr
    assert ready.is_alive()
    ready.works()
