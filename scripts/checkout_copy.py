"""A copy of the checkout to work in, with the dependencies that are built already and nothing else of theirs."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from surroundings import without_settings

ROOT = Path(__file__).resolve().parent.parent
# What is installed here or somebody's own. Git is not asked: a copy without its history is tested as well.
NO_SOURCES = shutil.ignore_patterns(".git", ".tools", "node_modules", "__pycache__", "*.db", "*.db-*", ".env", "albedo.toml")


@contextlib.contextmanager
def copied(name):
    """The folder of a copy, which is removed at the end with all that was built in it, and what programs in it shall see."""
    metadata = ["cargo", "metadata", "--no-deps", "--offline", "--format-version=1"]
    metadata = json.loads(subprocess.run(metadata, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
    target = Path(metadata["target_directory"])
    place = target / name
    shutil.rmtree(place, ignore_errors=True)
    try:
        shutil.copytree(ROOT, place / "albedo", ignore=lambda folder, names: {*NO_SOURCES(folder, names), *builds(folder)})
        link_dependencies(target / "debug", place / "target" / "debug", own_names(metadata))
        yield place / "albedo", environment(place)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def builds(folder):
    """What is built here; deeper down, a folder of that name has sources."""
    return ["target"] if Path(folder) == ROOT else []


def environment(place):
    """Nothing of a developer's own database, and nothing of who they are."""
    kept = {name: value for name, value in without_settings().items() if not name.startswith(("GIT_", "MAKE", "MFLAGS"))}
    services = {name: value for name, value in os.environ.items() if name == "ALBEDO_TEST_SERVICES"}
    somebody = {f"GIT_{role}_{word}": f"{word}@example.com" for role in ("AUTHOR", "COMMITTER") for word in ("NAME", "EMAIL")}
    own = {"CARGO_TARGET_DIR": str(place / "target"), "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    return kept | services | somebody | own


def own_names(metadata):
    """What the files of our crates begin with."""
    names = {target["name"] for package in metadata["packages"] for target in package["targets"]}
    return names | {package["name"] for package in metadata["packages"]}


def link_dependencies(built, to, own):
    """What others' crates were built to, as links: nothing is copied, and nothing is built twice.

    Ours are left out. Cargo names what it builds of a workspace by the place within it, so two checkouts that shared a folder would
    take each other's crates for their own.
    """
    own = {name.replace("-", "_") for name in own}
    # Cargo writes fingerprints in place, and build scripts what they make, so those are copied.
    for folder, take in (("deps", os.link), ("build", shutil.copy2), (".fingerprint", shutil.copy2)):
        (to / folder).mkdir(parents=True)
        for entry in (built / folder).iterdir() if (built / folder).is_dir() else ():
            crate = entry.name.rpartition("-")[0].replace("-", "_")
            if crate in own or crate.removeprefix("lib") in own:
                continue
            if entry.is_dir():
                shutil.copytree(entry, to / folder / entry.name, copy_function=take)
            else:
                take(entry, to / folder / entry.name)


def contents(folder):
    """Every file, but for what git keeps for itself."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and ".git" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def differences(before, after):
    """Fails where a file came, went or changed."""
    names = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    if names:
        sys.exit(f"these are not what they were: {', '.join(names)}")
