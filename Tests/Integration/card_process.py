"""A virtual card that runs, and what is done to it."""

import json

import pcsc
from tools import cps_card, wait_until


class VirtualCard:
    """A running cps-card and its control socket."""

    def __init__(self, process, control):
        self.process = process
        self.control = control

    def status(self):
        result = cps_card("status", "--control", self.control, check=False)
        return json.loads(result.stdout) if result.returncode == 0 else None

    def wait_taken(self):
        def taken():
            status = self.status()
            return status if status and status["taken"] else None

        return wait_until(taken, "the reader takes the card")

    def eject(self):
        cps_card("eject", "--control", self.control)

    def insert(self, card=None):
        more = ["--card", card] if card else []
        cps_card("insert", "--control", self.control, *more)
        return self.wait_taken()

    def change(self, card=None, fault=None):
        """Out, and in again as soon as pcscd has noticed: this card or another, with a fault if one is named."""
        self.eject()
        try:
            wait_until(lambda: not pcsc.card_is_present(), "pcscd sees the card leave", 5)
        except AssertionError:
            # The virtual reader's driver can keep a card that broke its connection just before: another one makes it look again.
            self.insert()
            self.eject()
            wait_until(lambda: not pcsc.card_is_present(), "pcscd sees the card leave")
        if fault:
            self.fault(fault)
        return self.insert(card)

    def fault(self, text):
        cps_card("fault", "--control", self.control, text)
