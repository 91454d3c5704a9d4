"""What make installs is what constraints.txt names, each file by its hash."""

from __future__ import annotations

import re
import tomllib
from itertools import chain

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ROOT

LOCKS = sorted((ROOT / "locks").glob("*.txt"))
PINNED = re.compile(r"([A-Za-z0-9._-]+)==([^\s;]+)")


def pinned(text: str) -> dict[str, str]:
    return {canonicalize_name(m[1]): m[2] for line in text.splitlines() if (m := PINNED.match(line))}


def test_every_version_is_locked_as_it_is_pinned() -> None:
    named = pinned((ROOT / "constraints.txt").read_text(encoding="utf-8"))
    locked = {name: version for lock in LOCKS for name, version in pinned(lock.read_text(encoding="utf-8")).items()}
    assert {name: locked.get(name) for name in named if name != "torch"} == {
        name: version for name, version in named.items() if name != "torch"
    }


def test_every_file_that_may_be_installed_has_a_hash() -> None:
    assert LOCKS
    for lock in LOCKS:
        lines = lock.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines):
            if not line.startswith(" "):
                assert PINNED.match(line) and line.endswith("\\"), f"{lock.name}:{number + 1}"
                assert lines[number + 1].startswith("    --hash=sha256:"), f"{lock.name}:{number + 1}"


def test_whatever_the_project_asks_for_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"].values()
    asked = [*project["project"]["dependencies"], *chain.from_iterable(extras)]
    names = {canonicalize_name(Requirement(line).name) for line in asked} - {"torch", "cco-kb"}
    locked = {name for lock in LOCKS for name in pinned(lock.read_text(encoding="utf-8"))}
    assert names <= locked
    assert (
        pinned(project["build-system"]["requires"][0]).items()
        <= pinned((ROOT / "constraints.txt").read_text(encoding="utf-8")).items()
    )
