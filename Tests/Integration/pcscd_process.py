"""The real pcscd with the virtual reader's driver."""

import pathlib
import subprocess

from tools import answers, listens, stop, wait_until

PCSCD_SOCKET = pathlib.Path("/run/pcscd/pcscd.comm")
VPCD_PORT = 35963


class PCSCD:
    """The real daemon with the virtual reader's driver."""

    def __init__(self, log_path, configuration=None, ports=(VPCD_PORT,)):
        """With a configuration its readers are the only ones; they listen on these ports."""
        self.log_path = log_path
        self.arguments = ["-c", str(configuration)] if configuration else []
        self.ports = ports
        self.process = None

    def start(self):
        for stale in PCSCD_SOCKET.parent.glob("pcscd.*"):
            stale.unlink()
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(["pcscd", "-f", *self.arguments], stdout=log, stderr=log)
        wait_until(lambda: answers(PCSCD_SOCKET), "pcscd answers")
        for port in self.ports:
            wait_until(lambda: listens(port), "the virtual reader listens")
        return self

    def stop(self):
        return stop(self.process)

    def kill(self):
        self.process.kill()
        self.process.wait()
