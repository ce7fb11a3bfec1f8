"""The PAM module against an agent that follows a script: what it asks, shows and sends."""

import time

import pam_handle
import pytest

from pam_agent import CONSENT, Workstation, problem
from pam_handle import ECHO_OFF, ECHO_ON
from pam_tools import FAST, build, typed


def test_a_login_shows_who_is_at_the_card_and_gives_the_pin_as_bytes(stand):
    workstation = Workstation()
    handle, agent = stand(workstation)
    with handle() as pam:
        assert pam.authenticate() == pam_handle.SUCCESS
        assert pam.credentials() == pam_handle.SUCCESS
        assert (pam_handle.INFORMATION, "MAX LIBRE – TEST CARD, reader Reader 00, tries left: 3") in pam.messages
        assert (ECHO_OFF, "PIN: ") in pam.messages
        assert pam.account() == pam_handle.SUCCESS and pam.open_session() == pam_handle.SUCCESS
        assert pam.variable("CPS_SESSION") == "s-1" and workstation.live
        assert pam.close_session() == pam_handle.SUCCESS and not workstation.live
    (given,) = agent.sent("PUT", "/pin")
    assert given.body == b"1234" and given.fields["content-type"] == "application/octet-stream"
    assert given.fields["accept-language"] == "en"
    assert [repr(each) for each in agent.requests] == [
        "POST /logins", "GET /sessions", "PUT /logins/login-1/pin", "GET /sessions/s-1", "GET /sessions/s-1", "DELETE /sessions/s-1",
        "GET /sessions"]


def test_french_people_read_french(stand, monkeypatch):
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    handle, agent = stand(Workstation(card="absent"), "wait_for_card=1 fallback=yes", build(FAST))
    with handle(person=lambda style, prompt: "") as pam:
        assert pam.authenticate() == pam_handle.AUTHINFO_UNAVAIL
        assert "Insérer la carte CPS (attente : 1 s)" in pam.text() and "ACCÈS SANS LA CARTE (mode dégradé)" in pam.text()
        assert "Qui appeler : poste 4242" in pam.text() and "Identifiant (RPPS" in pam.text()
    assert agent.requests[0].fields["accept-language"] == "fr"


def test_a_wrong_pin_is_sent_once_and_told_with_what_is_left(stand):
    handle, agent = stand(Workstation())
    with handle(person=typed(PIN="9999")) as pam:
        assert pam.authenticate() == pam_handle.AUTH_ERR
        assert pam.credentials() == pam_handle.IGNORE or pam.status != pam_handle.SUCCESS
        assert "title of pin_wrong\nremedy of pin_wrong" not in "".join(text for _, text in pam.messages)
        assert [text for style, text in pam.messages if style == pam_handle.ERROR] == [
            "title of pin_wrong", "remedy of pin_wrong", "Tries left: 2"]
    assert len(agent.sent("PUT", "/pin")) == 1 and agent.sent("DELETE", "/logins/login-1")


@pytest.mark.parametrize("answer", ["", None, "x" * 513])
def test_no_pin_no_try(stand, answer):
    handle, agent = stand(Workstation())
    with handle(person=typed(PIN=answer)) as pam:
        assert pam.authenticate() == pam_handle.AUTH_ERR
    assert not agent.sent("PUT", "/pin") and agent.sent("DELETE", "/logins/login-1")


def test_a_pin_that_came_after_its_minute_is_asked_for_again(stand):
    workstation = Workstation()
    expiring = [problem(410, "login_expired")] * 2
    ordinary = workstation.put_logins_pin
    workstation.put_logins_pin = lambda request: expiring.pop() if expiring else ordinary(request)
    handle, agent = stand(workstation)
    with handle() as pam:
        assert pam.authenticate() == pam_handle.SUCCESS and pam.text().count("title of login_expired") == 2
    assert [repr(each) for each in agent.requests].count("POST /logins") == 3 and len(workstation.pins) == 1
    expiring[:] = [problem(410, "login_expired")] * 3
    with handle() as pam:
        assert pam.authenticate() == pam_handle.AUTHINFO_UNAVAIL and pam.text().count("PIN: ") == 3


def test_the_last_try_needs_the_word(stand):
    handle, agent = stand(Workstation(pin="last"))
    with handle() as pam:
        assert pam.authenticate() == pam_handle.SUCCESS
        asked = [text for style, text in pam.messages if style in (ECHO_ON, ECHO_OFF)]
        assert asked == ["Type YES to go on: ", "PIN: "] and "Last try: a wrong PIN will block the card." in pam.text()
    assert agent.sent("PUT", "/pin")[0].query == f"accept_last_try={CONSENT}"
    with handle(person=typed(Type="no")) as pam:
        assert pam.authenticate() == pam_handle.AUTH_ERR and "PIN: " not in pam.text()
    assert len(agent.sent("PUT", "/pin")) == 1


def test_a_reader_with_a_keypad_gets_the_pin_itself(stand):
    workstation = Workstation(login={"keypad": True}, keypad=lambda station, _: station.session("card", station.opening))
    handle, agent = stand(workstation)
    with handle(person=typed(PIN=None)) as pam:
        assert pam.authenticate() == pam_handle.SUCCESS
        assert "Enter the PIN on the reader." in pam.text()
    workstation.more["keypad"] = lambda *_: problem(409, "keypad_unavailable")
    with handle() as pam:
        assert pam.authenticate() == pam_handle.SUCCESS and "PIN: " in pam.text()
    workstation.more["keypad"] = lambda *_: problem(409, "keypad_cancelled")
    with handle() as pam:
        assert pam.authenticate() == pam_handle.AUTH_ERR and "PIN: " not in pam.text()


def test_a_card_reported_lost_asks_for_the_password_first(stand):
    workstation = Workstation(login={"reported_lost": {"cause": "lost", "awaits_password": True}})
    handle, agent = stand(workstation)
    with handle() as pam:
        assert pam.authenticate() == pam_handle.SUCCESS and workstation.passwords == [b"Secret-9"]
    with handle(person=typed(Pass="other")) as pam:
        assert pam.authenticate() == pam_handle.AUTH_ERR
    assert len(workstation.pins) == 1


def test_a_situation_is_chosen_by_number_or_later(stand):
    profiles = [{"id": "p\"1", "label": "Cabinet", "sector": "SA07"}, {"id": "p\"2", "label": "Hôpital", "sector": None}]
    workstation = Workstation(profiles=profiles)
    handle, agent = stand(workstation)
    with handle() as pam:
        assert pam.authenticate() == pam_handle.SUCCESS
        assert "  1  Cabinet SA07\n  2  Hôpital " in pam.text()
    assert workstation.live["s-1"]["profile"] == "p\"2"
    workstation.live.clear()
    for reply in ("", "3", "-1", "x"):
        with handle(person=typed(Situ=reply)) as pam:
            assert pam.authenticate() == pam_handle.SUCCESS and "To be chosen later" in pam.text()
            assert [each["state"] for each in workstation.live.values()] == ["profile_required"] and pam.account() == pam_handle.SUCCESS
        workstation.live.clear()
    workstation.put_sessions_profile = lambda _: problem(409, "session_ended")
    with handle() as pam:
        assert pam.authenticate() != pam_handle.SUCCESS
        assert not workstation.live, "a session is left of a login that failed"
        assert pam.account() != pam_handle.SUCCESS and pam.credentials() != pam_handle.SUCCESS


def test_what_was_done_without_the_card_is_told(stand):
    since = [{"kind": "use", "at": "2026-11-22T10:00:00.000Z", "made_by": None}, {"kind": "vouched", "at": "2026-11-21T10:00:00.000Z"}] + [
        {"kind": "use", "at": "2026-11-01T10:00:00.000Z"}] * 5
    handle, _ = stand(Workstation(opened={"degraded_since_last_login": since}))
    with handle() as pam:
        assert pam.authenticate() == pam_handle.SUCCESS
        lines = [text for _, text in pam.messages if text.startswith("  ")]
    assert lines[:2] == ["  2026-11-22T10:00:00  came in by password", "  2026-11-21T10:00:00  let in by a colleague"]
    assert len(lines) == 6 and lines[5] == "  ..."


def test_without_a_card_the_way_in_is_announced_and_asks_for_a_reason(stand):
    workstation = Workstation(card="absent")
    handle, _ = stand(workstation, "fallback=yes")
    with handle(user=None, person=typed(Reas="2")) as pam:
        assert pam.authenticate() == pam_handle.SUCCESS, pam.text()
        assert pam.user() == "alice"
        shown = [text for _, text in pam.messages]
    place = next(i for i, text in enumerate(shown) if text.startswith("ACCESS WITHOUT THE CARD"))
    assert shown[place + 1:] == [
        "Whom to call: poste 4242", "Identifier (RPPS or national; nothing to give up): ", "  1  card forgotten", "  2  house_rule",
        "Reason (number): ", "Password: "]
    assert workstation.wanted == {"identifier": "99900063480", "reason": "house_rule", "for_holder": True}


def test_without_a_card_nothing_is_offered_where_it_is_not_open(stand):
    handle, agent = stand(Workstation(card="absent", degraded=False), "fallback=yes")
    with handle() as pam:
        assert pam.authenticate() == pam_handle.AUTHINFO_UNAVAIL and "title of card_absent" in pam.text()
    assert not agent.sent("POST", "/degraded/logins")


def test_a_card_that_comes_is_waited_for(stand):
    workstation = Workstation(card="absent")

    def answer(request):
        if request.route == "/readers" and len(agent.sent("GET", "/readers")) == 3:
            workstation.card = "good"
        return workstation(request)

    handle, agent = stand(answer, "wait_for_card=60")
    with handle() as pam:
        assert pam.authenticate() == pam_handle.SUCCESS and "Insert the CPS card (waiting: 60 s)" in pam.text()
    assert len(agent.sent("POST", "/logins")) == 1


def test_an_agent_that_is_not_there_is_told_at_once(stand):
    handle, _ = stand(None, "fallback=yes wait_for_card=60")
    begin = time.monotonic()
    with handle() as pam:
        assert pam.authenticate() == pam_handle.AUTHINFO_UNAVAIL
        assert "The CPS agent does not answer on this workstation." in pam.text()
    assert time.monotonic() - begin < 1


def test_silence_is_kept_but_for_questions(stand):
    handle, _ = stand(Workstation())
    with handle() as pam:
        assert pam.authenticate(pam_handle.SILENT) == pam_handle.SUCCESS
        assert [text for _, text in pam.messages] == ["PIN: "]


def test_texts_of_a_card_cannot_play_with_the_terminal(stand):
    holder = {"given_name": "M\x1b[2JX\x07", "family_name": "\u202eERBIL\x9b\r\n"}
    handle, _ = stand(Workstation(login={"holder": holder, "reader": "R" * 2000}))
    with handle() as pam:
        assert pam.authenticate() == pam_handle.SUCCESS
        assert (pam_handle.INFORMATION, "M?[2JX? ?ERBIL??? – TEST CARD, reader -, tries left: 3") in pam.messages


def test_the_pin_is_changed_by_the_old_one(stand):
    workstation = Workstation()
    handle, agent = stand(workstation)
    person = typed(**{"PIN in force": "1234"})
    with handle(person=person) as pam:
        assert pam.change() == pam_handle.SUCCESS, pam.text()
        assert [text for style, text in pam.messages if style == ECHO_OFF] == ["PIN in force: ", "New PIN: ", "New PIN, once more: "]
        assert pam.messages[-1] == (pam_handle.INFORMATION, "PIN changed.")
    assert workstation.codes == {"current": b"1234", "new": b"5678"}


def test_a_pin_that_is_refused_is_not_changed(stand):
    handle, agent = stand(Workstation())
    with handle(person=typed(PIN="0000")) as pam:
        assert pam.change() == pam_handle.AUTHTOK_ERR and "title of pin_wrong" in pam.text()
    with handle(person=typed(**{"New PIN,": "5679"})) as pam:
        pam.person = lambda style, prompt: {"PIN in force: ": "1234", "New PIN: ": "5678"}.get(prompt, "5679")
        assert pam.change() == pam_handle.AUTHTOK_ERR and "The two differ." in pam.text()
    assert len(agent.sent("DELETE", "/pin-changes/change-1")) == 2
    agent.close()
    with handle() as pam:
        assert pam.change() != pam_handle.SUCCESS and "does not answer" in pam.text()
