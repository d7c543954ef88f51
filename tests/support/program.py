"""Programs that a test starts: on loopback, stopped by their own id."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Program:
    """A running program; everything it prints goes to one file."""

    def __init__(self, command, environment, output):
        self.output = output
        with output.open("wb") as file:
            self.process = subprocess.Popen(
                [str(word) for word in command],
                env={"PATH": os.environ["PATH"]} | environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                # Ctrl-C is for the tests, which then stop it in order; its children are its own group's.
                start_new_session=True,
            )

    def wait_for(self, what, look, seconds=30):
        """Asks again and again until `look` finds something; fails with the program's output if it ends before."""
        until = time.monotonic() + seconds
        while not (found := look()):
            if self.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"no {what}:\n{self.output.read_text()}")
            time.sleep(0.01)
        return found

    def stop(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()


def accepts(port):
    """Whether somebody listens on the port."""
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0
