"""Somebody who reads a document and does what it says.

A block ```sh is run, in one shell from the first to the last; ```sh server is run beside it until the next one. A block ```text or
```json says what the last one has printed: its lines in this order, `...` for anything. A block with file=PATH is written there,
or put behind the line that after="..." names.
"""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

FENCE = re.compile(r"^```(?P<kind>\w+)(?P<marks>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
PATIENCE = 1800


class Reader:
    """Somebody who reads and types: a shell, a server beside it, and what was printed last."""

    def __init__(self, copy, environment):
        self.copy, self.environment = copy, environment
        self.server, self.printed, self.faults = None, "", []
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        self.shell = subprocess.Popen(
            ["bash"], cwd=self.copy, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )
        return self

    def __exit__(self, *_):
        self.stop()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.shell.pid, signal.SIGTERM)
        self.shell.wait()

    def read(self, document):
        for block in FENCE.finditer(document):
            kind, marks, text = block["kind"], block["marks"].strip(), block["text"]
            if kind == "sh" and marks == "server":
                self.serve(text)
            elif kind == "sh":
                self.say(text)
            elif kind in ("text", "json"):
                self.expect(text)
            elif file := re.search(r"file=(\S+)", marks):
                self.write(self.copy / file[1], text, re.search(r'after="([^"]*)"', marks))
            else:
                sys.exit(f"nobody knows what to do with a block of {kind} {marks}")

    def write(self, file, text, after):
        if after:
            lines = file.read_text().splitlines(keepends=True)
            place = lines.index(f"{after[1]}\n") + 1
            text = "".join([*lines[:place], text, *lines[place:]])
        file.write_text(text)

    def say(self, commands):
        """Types commands; one that fails ends it all."""
        began = time.monotonic()
        shown = commands.strip().splitlines()[0]
        commands = commands.replace("http://localhost:4000", self.url)
        # A command that asks for input finds none, rather than the commands after it.
        self.shell.stdin.write(f"set -eo pipefail\n{{ {commands}\n}} < /dev/null\nset +e\nprintf '\\n:done:\\n'\n")
        self.shell.stdin.flush()
        alarm = threading.Timer(PATIENCE, lambda: os.killpg(self.shell.pid, signal.SIGTERM))
        alarm.daemon = True
        alarm.start()
        self.printed = ""
        while (line := self.shell.stdout.readline()) not in (":done:\n", ""):
            self.printed += line
        alarm.cancel()
        print(f"{time.monotonic() - began:6.1f} s  {shown}", flush=True)
        if not line:
            sys.exit(f"this failed:\n\n{commands}\n{self.printed[-8000:]}")

    def expect(self, text):
        rest = self.printed
        for piece in filter(None, (piece for line in text.splitlines() for piece in line.strip().split("..."))):
            _, found, rest = rest.partition(piece)
            if not found:
                self.faults.append(f"shown is {piece!r}, which is not (or not there) in what was printed:\n\n{self.printed}")
                return

    def serve(self, command):
        """Runs a server, in place of the last one."""
        self.stop()
        began = time.monotonic()
        environment = self.environment | {"ALBEDO_PORT": str(self.port)}
        log = (self.copy.parent / "server.log").open("w")
        self.server = subprocess.Popen(
            ["bash", "-c", f"exec {command.strip()}"], cwd=self.copy, env=environment, stdin=subprocess.DEVNULL,
            stdout=log, stderr=log, start_new_session=True,
        )
        while time.monotonic() - began < PATIENCE and self.server.poll() is None:
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                urllib.request.urlopen(f"{self.url}/api/health/ready").close()
                print(f"{time.monotonic() - began:6.1f} s  {command.strip()}, ready", flush=True)
                return
            time.sleep(0.2)
        sys.exit(f"the server does not get ready:\n{Path(log.name).read_text()}")

    def stop(self):
        if self.server:
            # make, cargo and the server, as Ctrl-C in their terminal would.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.server.pid, signal.SIGINT)
            self.server.wait(60)
            self.server = None
