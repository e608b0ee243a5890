"""What a program has from whoever started it: their variables, but for the settings in them, and the signal to end."""

import os
import signal
import sys

# What names the database, the Redis and the accounts that somebody works with.
SETTINGS = ("ALBEDO_", "DATABASE_", "REDIS_")


def without_settings():
    """`.env.example` tells to export settings, and those may lead to rows that matter."""
    return {name: value for name, value in os.environ.items() if not name.startswith(SETTINGS)}


def end_tidily():
    """An end by signal shall end the servers and remove the folders too, as an end by Ctrl-C does."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        # Whoever ignores one on purpose, as nohup does, means it.
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, lambda *_: sys.exit(1))
