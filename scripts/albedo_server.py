"""The server as a program under test: built, started on a free port and a new database, ended by its own id."""

import contextlib
import json
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from surroundings import without_settings

ROOT = Path(__file__).resolve().parent.parent


def build():
    subprocess.run(["cargo", "build", "--bin", "albedo-api"], cwd=ROOT, check=True)
    metadata = ["cargo", "metadata", "--no-deps", "--format-version=1"]
    metadata = json.loads(subprocess.run(metadata, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
    return Path(metadata["target_directory"]) / "debug" / "albedo-api"


@contextlib.contextmanager
def served(program, directory, database=None):
    """Its URL, and what the one admin logs in with; on a SQLite file in the directory, or on the database at a URL."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    admin = {"email": "admin@example.com", "password": secrets.token_urlsafe(24)}
    environment = {
        **without_settings(),
        "DATABASE_URL": database or f"sqlite://{directory}/albedo.db?mode=rwc",
        "ALBEDO_HOST": "127.0.0.1",
        "ALBEDO_PORT": str(port),
        "ALBEDO_ADMIN_EMAIL": admin["email"],
        "ALBEDO_ADMIN_PASSWORD": admin["password"],
        # The token has to last for the whole run.
        "ALBEDO_ACCESS_TOKEN_SECONDS": "3600",
    }
    log = Path(directory) / "server.log"
    with log.open("w") as file:
        server = subprocess.Popen([program], cwd=directory, env=environment, stdout=file, stderr=file)
    try:
        wait_until_ready(server, port, log)
        yield f"http://127.0.0.1:{port}", admin
    finally:
        server.terminate()
        server.wait()


def wait_until_ready(server, port, log):
    for _ in range(600):
        with contextlib.suppress(urllib.error.URLError):
            return urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health/ready").close()
        if server.poll() is not None:
            break
        time.sleep(0.1)
    sys.exit(f"the server does not get ready:\n{log.read_text()}")


def ask(url, headers, body=None):
    request = urllib.request.Request(url, body and json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)
