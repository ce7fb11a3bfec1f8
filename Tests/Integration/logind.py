"""systemd-logind as python3-dbusmock plays it, on a system bus of the test's own."""

import os
import subprocess

from tools import stop, wait_until

NAME = "org.freedesktop.login1"
MANAGER = "/org/freedesktop/login1"
MOCK = "org.freedesktop.DBus.Mock"
# The modules of Debian's packages, which a virtual environment does not see.
PYTHON = "/usr/bin/python3"


class Logind:
    def __init__(self, folder):
        self.address = f"unix:path={folder}/bus"
        self.environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": self.address, "DBUS_SESSION_BUS_ADDRESS": self.address}
        self.bus = subprocess.Popen(
            ["dbus-daemon", "--session", "--nofork", "--nopidfile", f"--address={self.address}"], stderr=subprocess.DEVNULL)
        wait_until(lambda: os.path.exists(f"{folder}/bus"), "the bus listens", 20)
        self.log = open(f"{folder}/logind.log", "wb")
        self.mock = subprocess.Popen(
            [PYTHON, "-m", "dbusmock", "--system", "--template", "logind"], env=self.environment, stdout=self.log, stderr=self.log)
        wait_until(lambda: self.call(MANAGER, f"{NAME}.Manager.ListSeats") is not None, "logind answers", 20)

    def call(self, path, method, *arguments):
        """What gdbus prints; None when the call fails."""
        done = subprocess.run(
            ["gdbus", "call", "--system", "--dest", NAME, "--object-path", path, "--method", method, *arguments],
            env=self.environment, capture_output=True, text=True, timeout=20)
        return done.stdout if done.returncode == 0 else None

    def add_session(self, session, uid, seat="seat0"):
        added = self.call(MANAGER, f"{MOCK}.AddSession", session, seat, f"uint32 {uid}", f"user{uid}", "true")
        assert added is not None, "the session cannot be made"

    def activate(self, session, seat="seat0"):
        """Makes a session the active one of a seat; an empty name stands for nobody."""
        path, place = f"{MANAGER}/session/{session}" if session else "/", f"{MANAGER}/seat/{seat}"
        # The mock sets it, and then fails at telling others of it.
        self.call(place, f"{MOCK}.UpdateProperties", f"{NAME}.Seat", "{'ActiveSession': <('%s', objectpath '%s')>}" % (session, path))
        active = self.call(place, "org.freedesktop.DBus.Properties.Get", f"{NAME}.Seat", "ActiveSession")
        assert active and f"('{session}', objectpath '{path}')" in active, active

    def calls(self):
        """What was asked of it, as its log tells."""
        self.log.flush()
        return open(self.log.name).read()

    def close(self):
        stop(self.mock, 10)
        stop(self.bus, 10)
        self.log.close()
