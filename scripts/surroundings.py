"""What a program under test has from whoever started it: their variables, but for the settings in them."""

import os

# What names the database, the Redis and the accounts that somebody works with.
SETTINGS = ("ALBEDO_", "DATABASE_", "REDIS_")


def without_settings():
    """`.env.example` tells to export settings, and those may lead to rows that matter."""
    return {name: value for name, value in os.environ.items() if not name.startswith(SETTINGS)}
