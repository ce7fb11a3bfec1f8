"""The PIN of a card changed by the old one and unblocked by the PUK, on the real road."""

import json
import socket

from agent_process import READER_ID
from tools import answers, wait_until

PUK = "12345678"
NEW = "4711"


def begin(agent, kind):
    status, operation = agent.post(f"/{kind}", {})
    assert status == 201, operation
    return operation


def give(agent, kind, operation, code, value, accept_last_try=None):
    query = f"?accept_last_try={accept_last_try}" if accept_last_try else ""
    return agent.put(f"/{kind}/{operation['id']}/{code}{query}", value)


def change(agent, old="1234", new=NEW):
    operation = begin(agent, "pin-changes")
    status, waiting = give(agent, "pin-changes", operation, "new", new)
    assert (status, waiting["state"], waiting["awaits"]) == (200, "awaiting_pin", ["current"]), waiting
    return operation, *give(agent, "pin-changes", operation, "current", old)


def puk_tries(agent):
    return agent.get(f"/readers/{READER_ID}/codes")[1]["puk"]["tries_left"]


def test_a_changed_pin_is_the_one_that_holds(ready, card):
    session = ready.login()["session"]
    operation, status, done = change(ready)
    assert (status, done["state"], done["awaits"]) == (200, "done", []), done
    assert done["pin"]["tries_left"] == 3 and operation["holder"]["family_name"] == "LIBRE"
    assert ready.session(session["id"])["state"] == "active", "sessions of the stay go on"
    login = ready.begin()
    assert ready.enter_pin(login)[1]["code"] == "pin_wrong"
    assert ready.enter_pin(login, NEW)[0] == 200
    traces = ready.traces("pin.requested", "pin.changed")
    assert [trace["event"] for trace in traces] == ["pin.requested", "pin.changed"]
    assert traces[1]["detail"] == {"operation": "change"} and traces[1]["outcome"] == "granted"
    ready.verify_log()


def test_a_wrong_old_pin_costs_one_try_and_may_be_given_again(ready, card):
    operation, status, refusal = change(ready, old="9999")
    assert (status, refusal["code"], refusal["tries_left"]) == (403, "pin_wrong", 2)
    assert card.status()["pin_tries_left"] == 2
    # The new PIN is kept; only the old one is given again.
    status, refusal = give(ready, "pin-changes", operation, "current", "9999")
    assert (refusal["code"], refusal["tries_left"]) == ("pin_wrong", 1)
    before = card.status()["commands"]
    assert give(ready, "pin-changes", operation, "current", "1234")[1]["code"] == "last_try_consent_required"
    assert card.status()["commands"] == before
    consent = ready.get(f"/pin-changes/{operation['id']}")[1]["last_try_consent"]
    status, done = give(ready, "pin-changes", operation, "current", "1234", consent)
    assert (status, done["state"]) == (200, "done"), done
    assert ready.login(NEW)


def test_what_cannot_be_a_code_never_reaches_the_card(ready, card):
    operation = begin(ready, "pin-changes")
    before = card.status()["commands"]
    assert give(ready, "pin-changes", operation, "current", "12a4")[1]["code"] == "pin_format"
    assert give(ready, "pin-changes", operation, "new", "1")[1]["code"] == "pin_new_format"
    assert give(ready, "pin-changes", operation, "puk", PUK)[0] == 404
    assert card.status()["commands"] == before
    unblocking = begin(ready, "pin-unblocks")  # takes the reader of the change
    assert give(ready, "pin-unblocks", unblocking, "puk", "123")[1]["code"] == "puk_format"
    assert ready.get(f"/pin-changes/{operation['id']}")[1]["state"] == "cancelled"
    assert ready.delete(f"/pin-unblocks/{unblocking['id']}")[0] == 204
    assert ready.login()


def test_a_blocked_card_is_unblocked_and_logs_in(ready, card):
    card.change(fault="tries=0")
    ready.wait_new_card("blocked")
    assert ready.post("/pin-changes", {})[1]["code"] == "pin_blocked"
    before = puk_tries(ready)
    operation = begin(ready, "pin-unblocks")
    assert operation["pin"]["tries_left"] == 0 and operation["puk"]["tries_left"] == before
    assert give(ready, "pin-unblocks", operation, "puk", PUK)[1]["awaits"] == ["new"]
    status, done = give(ready, "pin-unblocks", operation, "new", NEW)
    assert (status, done["state"], done["pin"]["tries_left"]) == (200, "done", 3), done
    assert ready.wait_card("ready")["tries_left"] == 3
    assert ready.login(NEW)["session"]["state"] == "active"
    assert [trace["event"] for trace in ready.traces("pin.unblocked")] == ["pin.unblocked"]


def test_a_wrong_puk_counts_down_to_a_card_that_is_lost(ready, card):
    operation = begin(ready, "pin-unblocks")
    give(ready, "pin-unblocks", operation, "new", NEW)
    consent = None
    for left in reversed(range(operation["puk"]["tries_left"])):
        status, refusal = give(ready, "pin-unblocks", operation, "puk", "87654321", consent)
        assert (status, refusal["tries_left"]) == (403, left), refusal
        assert refusal["code"] == ("puk_wrong" if left else "puk_blocked")
        consent = refusal.get("last_try_consent")
        assert bool(consent) == (left == 1)
    assert ready.post("/pin-unblocks", {})[1]["code"] == "puk_blocked"
    assert [trace["code"] for trace in ready.traces("pin.blocked")] == ["puk_blocked"]
    assert ready.login()["session"]["state"] == "active", "the PIN itself was never touched"


def test_the_reader_is_shared_with_logins_by_turns(ready):
    operation = begin(ready, "pin-changes")
    status, refusal = ready.request_as(65534, "POST", "/logins", "{}")
    assert (status, refusal["code"]) == (409, "login_busy")
    assert ready.request_as(65534, "GET", f"/pin-changes/{operation['id']}")[1]["code"] == "login_not_found"
    # The same user's login takes its place.
    assert ready.login()["session"]["state"] == "active"
    assert give(ready, "pin-changes", operation, "current", "1234")[1]["code"] == "login_state"


def test_a_client_that_is_gone_midway_leaves_the_reader_usable(ready, card):
    operation = begin(ready, "pin-changes")
    give(ready, "pin-changes", operation, "new", NEW)
    with socket.socket(socket.AF_UNIX) as half:
        half.connect(str(ready.socket))
        head = f"PUT /v1/pin-changes/{operation['id']}/current HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\n"
        half.sendall(f"{head}Content-Length: 4\r\n\r\n12".encode())
    assert answers(ready.socket)
    assert ready.get(f"/pin-changes/{operation['id']}")[1]["awaits"] == ["current"]
    assert card.status()["pin_tries_left"] == 3
    assert ready.login()["session"]["state"] == "active"


def test_a_card_that_leaves_ends_the_operation(ready, card):
    operation = begin(ready, "pin-changes")
    card.eject()
    wait_until(lambda: ready.card()["state"] == "absent", "the card is gone")
    assert give(ready, "pin-changes", operation, "new", NEW)[1]["code"] == "card_removed"
    failed = ready.traces("pin.failed")
    assert [trace["code"] for trace in failed] == ["card_removed"]


def test_no_code_is_traced_or_logged(ready):
    change(ready, new="7391")
    text = ready.log.read_text() + json.dumps([{n: v for n, v in t.items() if n in ("code", "reason", "detail")} for t in ready.traces()])
    assert "7391" not in text
