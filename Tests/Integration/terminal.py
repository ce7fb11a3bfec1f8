"""A program on a terminal of its own, with somebody who reads and types."""

import os
import pty
import select
import signal
import time


class Terminal:
    def __init__(self, *command, environment=None):
        self.shown = ""
        self.place = 0
        self.process, self.master = pty.fork()
        if self.process == 0:
            try:
                os.execvpe(command[0], [str(each) for each in command], environment or os.environ)
            finally:
                os._exit(127)

    def read(self, seconds):
        """Whether the program lives on."""
        if not select.select([self.master], [], [], seconds)[0]:
            return True
        try:
            part = os.read(self.master, 65536)
        except OSError:
            return False  # the last end of the terminal was closed
        self.shown += part.decode(errors="replace")
        return bool(part)

    def wait(self, text, seconds=20):
        """Reads until the text is shown, behind what was waited for before. A program that changes hands may close the terminal for a moment."""
        deadline = time.monotonic() + seconds
        while text not in self.shown[self.place:]:
            assert time.monotonic() < deadline, f"{text!r} is not shown: {self.shown!r}"
            if not self.read(0.2):
                time.sleep(0.02)
        self.place = self.shown.index(text, self.place) + len(text)

    def type(self, line, end="\n"):
        """The key Enter itself sends a carriage return, which the terminal turns into a line feed unless the program asks for it as it is."""
        os.write(self.master, (line + end).encode())

    def answer(self, question, line):
        self.wait(question)
        self.type(line)

    def end(self, seconds=20):
        """Reads to the end; gives the exit code."""
        deadline = time.monotonic() + seconds
        while True:
            ended, status = os.waitpid(self.process, os.WNOHANG)
            if ended:
                while self.read(0) and select.select([self.master], [], [], 0)[0]:
                    pass
                self.process = None
                return os.waitstatus_to_exitcode(status)
            assert time.monotonic() < deadline, f"the program goes on: {self.shown!r}"
            if not self.read(0.2):
                time.sleep(0.02)

    def close(self):
        if self.process is not None:
            os.kill(self.process, signal.SIGKILL)
            os.waitpid(self.process, 0)
        os.close(self.master)
