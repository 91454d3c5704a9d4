"""A process that reads one file after the other within limits on time and memory, and can do nothing else.

What of this the system's kernel holds it to, `what_holds` says: `python -m corpus.sandbox` prints it. The parent sends
a line of JSON and the file's bytes, and gets a line of JSON back. Where the process takes too long, takes too much or
breaks, it ends, the file is refused in one line, and the next file gets a new one.
"""

from __future__ import annotations

import functools
import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from corpus.documents import document_from
from corpus.files.sources import Extracted, SourceError
from corpus.limits import Limits
from corpus.reasons import Reason, reason_from, said, skipped_from, why
from corpus.sandbox.child import READY
from corpus.sandbox.confinement import unheld

_INHERITED = ("PYTHONHOME", "LD_LIBRARY_PATH", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE") + (
    ("SYSTEMROOT", "TEMP", "PATH") if os.name == "nt" else ()
)
"""Of the environment: where Python and its libraries are, and how they compute; nothing that could be a key."""
_OWN = {
    "PYTHONPATH": "",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUTF8": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
}
_log = logging.getLogger(__name__)


class Sandbox:
    """The parent's side. Not for several threads at once."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._process: subprocess.Popen[bytes] | None = None
        self.held: tuple[str, ...] = ()
        """To which of `corpus.sandbox.confinement.MEASURES` the kernel holds the process, once it was started."""

    def read(self, path: Path, data: bytes) -> Extracted:
        """Have a file read. Raises SourceError."""
        fresh = self._process is None
        answer = self._asked(path, data)
        if answer.get("memory") and not fresh:
            # Files before it may have left too little.
            answer = self._asked(path, data)
        if "why" in answer:
            raise SourceError(answer.get("path", path), reason_from(answer["why"]))
        documents = tuple(document_from(fields) for fields in answer["documents"])
        return Extracted(documents, tuple(map(skipped_from, answer["skipped"])))

    def start(self) -> None:
        """Start the process, which the first file would do. Raises RuntimeError or OSError where it does not start."""
        self._process = self._process or self._started()

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def _asked(self, path: Path, data: bytes) -> dict[str, Any]:
        try:
            self.start()
        except (RuntimeError, OSError) as error:
            raise SourceError(path, why("no_process", detail=said(error))) from None
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        late = threading.Event()

        def stop() -> None:
            late.set()
            process.kill()

        watch = threading.Timer(self._limits.seconds, stop)
        watch.start()
        try:
            process.stdin.write(json.dumps({"path": str(path), "size": len(data)}).encode() + b"\n")
            process.stdin.write(data)
            process.stdin.flush()
            line = process.stdout.readline()
        except BrokenPipeError:
            line = b""
        finally:
            watch.cancel()
        if line.endswith(b"\n"):
            answer: dict[str, Any] = json.loads(line)
            if answer.get("memory"):
                self.close()
            return answer
        status = process.wait()
        self.close()
        return {"why": asdict(self._why(late.is_set(), status)), "memory": status == -signal.SIGABRT}

    def _why(self, late: bool, status: int) -> Reason:
        if late or status == -getattr(signal, "SIGXCPU", 0):
            return why("too_slow", seconds=self._limits.seconds)
        return why("broke_off", status=status)

    def _started(self) -> subprocess.Popen[bytes]:
        environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        environment |= _OWN | {"PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)}
        # -P: what lies in the current folder is somebody's texts, not this program's modules.
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "corpus.sandbox.child", json.dumps(asdict(self._limits))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            start_new_session=True,  # without a terminal, into which it could type
        )
        assert process.stdout is not None
        first = process.stdout.readline()
        if not first.startswith(READY):
            errors = process.communicate()[1].decode(errors="replace").strip()
            raise RuntimeError((errors.splitlines() or ["it said nothing"])[-1])
        self.held = tuple(json.loads(first.removeprefix(READY)))
        _tell(sys.platform, self.held)
        return process


def what_holds(limits: Limits | None = None) -> tuple[str, ...]:
    """Return which of `confinement.MEASURES` the kernel of this system holds the process to, as trying shows.

    What is not among them, Python's own watch refuses to Python code, and that alone; time is limited everywhere.
    """
    sandbox = Sandbox(limits or Limits())
    try:
        sandbox.start()
        return sandbox.held
    finally:
        sandbox.close()


def _tell(platform: str, held: Sequence[str]) -> None:
    """Say once what the kernel does not hold, where it could."""
    if platform.startswith("linux") and (lacking := unheld(held)):
        _tell_once(
            f"the kernel of this system does not keep the process that reads files from this: {'; '.join(lacking)}"
        )


@functools.cache
def _tell_once(line: str) -> None:
    _log.warning(line)
