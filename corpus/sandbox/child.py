"""The process that reads files: requests on its standard input, answers on its standard output, nothing else."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from corpus.files.extraction import documents_in
from corpus.files.sources import SourceError
from corpus.limits import Limits
from corpus.reasons import said, why
from corpus.sandbox.confinement import confine

READY = b"ready "
"""How the first line of the process begins; what it is held to follows. The time that its start takes is no file's."""


def _serve(limits: Limits, requests: IO[bytes], answers: IO[bytes]) -> None:
    while line := requests.readline():
        request = json.loads(line)
        path, data = Path(request["path"]), requests.read(request["size"])
        _allow_seconds(limits.seconds)
        try:
            reading = documents_in(path, data, limits)
            answer: dict[str, Any] = {
                "documents": [asdict(document) for document in reading.documents],
                "skipped": [asdict(item) for item in reading.skipped],
            }
        except SourceError as error:
            answer = {"path": error.path, "why": asdict(error.why)}
        except MemoryError:
            del data
            answer = {"why": asdict(why("too_much_memory", most=limits.memory_megabytes)), "memory": True}
        except RecursionError:
            answer = {"why": asdict(why("nested_too_deep"))}
        except Exception as error:
            answer = {"why": asdict(why("broke_reader", detail=f"{type(error).__name__}: {said(error)}"))}
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()


def _allow_seconds(seconds: float) -> None:
    """Let the processor work that much longer for us; a parent that was killed cannot stop us any more."""
    try:
        import resource
    except ImportError:
        return
    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(used + seconds) + 1, hard))


def main() -> None:
    """Serve requests on standard input until it ends."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # What a library prints must not get between the answers.
    os.dup2(2, 1)
    limits = Limits(**json.loads(sys.argv[1]))
    # What is loaded at first use may want to write a cache, which is over once this process is confined.
    for text in ("Kot ma psa.", "Który klient odszedł?", "客户为什么流失？"):
        documents_in(Path("first.txt"), text.encode(), limits)
    held = confine(limits)
    answers.write(READY + json.dumps(held).encode() + b"\n")
    answers.flush()
    # Nobody listens to what libraries say of a file.
    os.dup2(os.open(os.devnull, os.O_RDONLY), 2)
    _serve(limits, requests, answers)


if __name__ == "__main__":
    main()
