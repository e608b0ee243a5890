"""Python programs that a script needs, installed beside the sources, where nothing else sees them."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def installed(name, *wanted):
    """The folder that holds what pip was asked for, for PYTHONPATH; whoever wants other versions has another folder."""
    # What is compiled is for one Python alone: after an upgrade it would be found and not load.
    digest = hashlib.sha256("\n".join([sys.implementation.cache_tag, *wanted]).encode()).hexdigest()
    place = ROOT / ".tools" / f"{name}-{digest[:12]}"
    if not place.exists():
        # Whole or not at all: an installation that breaks off is not taken for one.
        unfinished = place.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--root-user-action=ignore", "--target", unfinished, *wanted], check=True)
        unfinished.rename(place)
    return place
