"""The sdist and the wheel of this tree, made without touching it."""

from __future__ import annotations

import importlib.metadata
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("corpus", "retrieval", "kb", "ui")
_MADE = {"__pycache__", ".venv", ".git", "build", "out", "dist"}
_BUILD = "import sys; from setuptools import build_meta; print(getattr(build_meta, sys.argv[1])(sys.argv[2]))"


def files() -> list[str]:
    """Return the repository's files: those that git has or would take; in an unpacked sdist all that nothing made."""
    command = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"]
    if (ROOT / ".git").exists() and shutil.which("git"):
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    else:
        listed = [path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*")]
    return sorted(name for name in listed if (ROOT / name).is_file() and not _made(Path(name)))


def _made(name: Path) -> bool:
    return bool(_MADE & set(name.parts)) or any(
        part.endswith((".egg-info", "_cache")) or part in ("PKG-INFO", "setup.cfg", ".hypothesis")
        for part in name.parts
    )


def build(kind: str, source: Path, folder: Path) -> Path:
    """Build `sdist` or `wheel` of a tree with the setuptools that is here; skips the test where it is too old."""
    if int(importlib.metadata.version("setuptools").partition(".")[0]) < 77:
        pytest.skip("setuptools is older than 77: pip install 'setuptools>=77'")
    folder.mkdir()
    command = [sys.executable, "-c", _BUILD, f"build_{kind}", str(folder)]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return folder / done.stdout.splitlines()[-1]


def sdist(folder: Path) -> Path:
    """Build the sdist from a copy of the repository's files and return it unpacked."""
    for name in files():
        (folder / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / "tree" / name)
    packed = build("sdist", folder / "tree", folder / "sdist")
    with tarfile.open(packed) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    (unpacked,) = (folder / "unpacked").iterdir()
    return unpacked


def wheel(source: Path, folder: Path) -> Path:
    """Build the wheel from an unpacked sdist and return it unpacked, as an installer lays it out."""
    packed = build("wheel", source, folder / "wheel")
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(folder / "site")
    return folder / "site"
