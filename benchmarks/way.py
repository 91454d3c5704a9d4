"""The way of a question and of a file through the program: which files it comes to, and how often it comes back.

    .venv/bin/python -m benchmarks.way

A stop is a call from one file of the program to another, each pair of functions once; a return is a stop in a file that
the way has come to before. In another checkout's folder, `PYTHONPATH=. python -P PATH/benchmarks/way.py` counts there.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

QUESTION, HISTORY = "那他向谁汇报？", ["客户长是做什么的？"]


class Way:
    """The calls between files while something is done, told by Python's profiler."""

    def __init__(self, root: Path) -> None:
        self._packages = tuple(f"{root / package}/" for package in ("corpus", "retrieval", "kb", "ui"))
        self._root = root
        self.stops: dict[tuple[str, str], str] = {}

    def of(self, work: Callable[[], Any]) -> Counter[str]:
        """Do some work; return how often each file was come to."""
        self.stops.clear()
        sys.setprofile(self._seen)
        try:
            work()
        finally:
            sys.setprofile(None)
        return Counter(self.stops.values())

    def _seen(self, frame: FrameType, event: str, _: object) -> None:
        file = frame.f_code.co_filename
        if event != "call" or not file.startswith(self._packages):
            return
        caller = frame.f_back
        while caller is not None and not caller.f_code.co_filename.startswith(self._packages):
            caller = caller.f_back  # through a library, which calls what it was given
        before = caller.f_code.co_filename if caller is not None else ""
        if before != file:
            outer = f"{before}:{caller.f_code.co_qualname}" if caller is not None else ""
            self.stops[outer, f"{file}:{frame.f_code.co_qualname}"] = file.removeprefix(f"{self._root}/")


def counted(root: Path) -> list[tuple[str, Counter[str]]]:
    """Count in the checkout that is imported, whose folder is `root`."""
    from kb import KnowledgeBase, Settings

    way = Way(root)
    texts = sorted((root / "corpus" / "texts").glob("*.md"))
    with tempfile.TemporaryDirectory() as folder:
        base = KnowledgeBase.build(texts[:6], Path(folder) / "index", settings=Settings(index=Path(folder) / "index"))
        base.ask(QUESTION, history=HISTORY)  # what is loaded once is no part of the way
        base.search(QUESTION)
        asked = way.of(lambda: base.ask(QUESTION, history=HISTORY))
        added = way.of(lambda: base.add([texts[6]]))
    return [("a follow-up", asked), ("a file", added)]


def main() -> None:
    """Print a table, and the files that are come to most often."""
    print("| way of | stops | files | returns | most often |\n|---|---|---|---|---|")
    for name, files in counted(Path.cwd()):
        most = ", ".join(f"{file} {count}" for file, count in files.most_common(3))
        print(f"| {name} | {files.total()} | {len(files)} | {files.total() - len(files)} | {most} |")


if __name__ == "__main__":
    main()
