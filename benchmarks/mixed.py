"""Ask with many workers while the library changes, and hold every citation against the text as it was.

python -m benchmarks.mixed [--seconds 300] [--workers 24]

Every text says its own version, so that a citation can be held against all versions that there ever were; what was
reported as removed before a question was put may not be cited in its answer. Vectors are counted, not computed.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from kb import KnowledgeBase, Settings
from tests.helpers.fakes import FakeEncoder

ANIMALS = ("Kot śpi", "Pies biega", "Ryba pływa", "Ptak śpiewa")
DOCUMENTS = 40


@dataclass
class Record:
    """What happened."""

    answers: int = 0
    citations: int = 0
    changes: int = 0
    faults: list[str] = field(default_factory=list)
    texts: dict[str, set[str]] = field(default_factory=dict)
    """All versions of each document."""
    gone: dict[str, float] = field(default_factory=dict)
    """When a document was reported as removed; not in it where it is there, or may be."""
    lock: threading.Lock = field(default_factory=threading.Lock)


def text_of(number: int, version: int) -> str:
    """Return a version of a document."""
    return f"{ANIMALS[number % 4]} numer {number} w wersji {version}. Drugie zdanie wersji {version} numeru {number}."


def ask(base: KnowledgeBase, record: Record, stop: threading.Event, seed: int) -> None:
    """Put questions and judge the answers until stopped."""
    chance = random.Random(seed)
    while not stop.is_set():
        asked = time.monotonic()
        try:
            answer = base.ask(f"Co robi {ANIMALS[chance.randrange(4)]} numer {chance.randrange(DOCUMENTS)}?")
        except Exception as error:
            record.faults.append(f"{type(error).__name__}: {error}")
            return
        with record.lock:
            record.answers += 1
            for citation in answer.citations:
                record.citations += 1
                versions = record.texts[citation.document_id]
                if not any(text[citation.start : citation.end] == citation.quote for text in versions):
                    record.faults.append(f"{citation.document_id}: never said {citation.quote!r}")
                if record.gone.get(citation.document_id, asked) < asked:
                    record.faults.append(f"{citation.document_id}: cited after it was removed")
        stop.wait(0.05)  # one interpreter serves all, and who changes wants a turn


def change(base: KnowledgeBase, record: Record, stop: threading.Event, folder: Path) -> None:
    """Add, change and remove documents until stopped."""
    chance, version = random.Random(0), 1
    while not stop.is_set():
        number, version = chance.randrange(DOCUMENTS), version + 1
        name, path = f"d{number}", folder / f"d{number}.md"
        if path.exists() and chance.random() < 0.3:
            path.unlink()
            base.remove([name])
            with record.lock:
                record.gone[name] = time.monotonic()
        else:
            with record.lock:
                record.texts.setdefault(name, set()).add(text_of(number, version))
                record.gone.pop(name, None)
            path.write_text(text_of(number, version), encoding="utf-8")
            base.add([path])
        record.changes += 1


def run(seconds: float, workers: int) -> Record:
    """Run for some seconds and return what happened."""
    with tempfile.TemporaryDirectory() as name:
        folder, record, stop = Path(name) / "files", Record(), threading.Event()
        folder.mkdir()
        for number in range(DOCUMENTS):
            (folder / f"d{number}.md").write_text(text_of(number, 1), encoding="utf-8")
            record.texts[f"d{number}"] = {text_of(number, 1)}
        settings = Settings(index=Path(name) / "index", answer={"refuse_below": 0.0})  # type: ignore[arg-type]
        base = KnowledgeBase.build([folder], settings=settings, encoder=FakeEncoder())
        threads = [threading.Thread(target=ask, args=(base, record, stop, seed)) for seed in range(workers)]
        threads.append(threading.Thread(target=change, args=(base, record, stop, folder)))
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        stop.set()
        for thread in threads:
            thread.join()
    return record


def main() -> None:
    """Print one row; end with 1 where a citation was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--workers", type=int, default=24)
    options = parser.parse_args()
    record = run(options.seconds, options.workers)
    print("| seconds | workers | answers | citations | changes | wrong |\n|---|---|---|---|---|---|")
    print(
        f"| {options.seconds:g} | {options.workers} | {record.answers} | {record.citations} | {record.changes} "
        f"| {len(record.faults)}{': ' + record.faults[0][:200] if record.faults else ''} |"
    )
    raise SystemExit(1 if record.faults or not record.citations or not record.changes else 0)


if __name__ == "__main__":
    main()
