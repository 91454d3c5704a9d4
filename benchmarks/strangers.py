"""What people who did not build it typed, as it was answered, and how two readers graded that.

    .venv/bin/python -m benchmarks.strangers --ask     # asks all anew: benchmarks/strangers/answers.jsonl
    .venv/bin/python -m benchmarks.strangers           # the grades, where two readers differ, what confidence is worth

benchmarks/strangers/ holds 120 messages and 8 conversations on the shipped texts, each with what is wanted of an
answer, and a file of grades for each reader: `{"id", "answer", "grade"}`, the answer by its digest, so that a grade of
another answer counts for nothing. They are only reported on, but that the words for confidence are set on the half
`look`: a message is in one half or the other by its first source.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from kb import KnowledgeBase, Settings
from kb.answering.confidence import level
from kb.evaluation.figures.bootstrap import wilson
from kb.evaluation.splits import PARTS, part_of
from kb.output import write_whole

FOLDER = Path(__file__).resolve().parent / "strangers"
TEXTS = Path(__file__).resolve().parents[1] / "corpus" / "texts"
GOOD = ("good", "refused rightly", "said well")
GRADES = {
    "good": "right and well chosen",
    "padded": "right, with a needless sentence",
    "poor": "true words that do not answer, or half of it",
    "wrong": "wrong",
    "refused wrongly": "refused though the sources answer",
    "answered wrongly": "answered though the sources do not",
    "refused rightly": "refused rightly",
    "said well": "small talk and the like, fittingly replied to",
}
_TALK, _UNANSWERABLE = ("small_talk", "assistant", "other_request"), ("near_miss", "off_topic")


def rows(name: str) -> list[dict[str, Any]]:
    """Return the lines of a file of the folder; none where it is not there."""
    file = FOLDER / name
    if not file.is_file():
        return []
    with file.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def messages() -> list[dict[str, Any]]:
    """Return all that is asked: messages, and the turns of conversations one by one."""
    found = [{"history": [], **row} for row in rows("questions.jsonl")]
    for conversation in rows("conversations.jsonl"):
        said: list[str] = []
        for number, turn in enumerate(conversation["turns"], 1):
            found.append({"id": f"{conversation['id']}.{number}", "kind": "turn", "history": list(said), **turn})
            said.append(turn["message"])
    return found


def ask() -> None:
    """Answer all of it from the shipped texts."""
    with tempfile.TemporaryDirectory() as folder:
        base = KnowledgeBase.build([TEXTS], Path(folder), settings=Settings(index=Path(folder)))
        lines = [_answered(base, asked) for asked in messages()]
    write_whole(FOLDER / "answers.jsonl", "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))


def _answered(base: KnowledgeBase, asked: Mapping[str, Any]) -> dict[str, Any]:
    answer = base.ask(asked["message"], history=asked["history"])
    return {
        "id": asked["id"],
        "answer": answer.text,
        "digest": hashlib.sha256(answer.text.encode()).hexdigest()[:16],
        "answered": answer.answered,
        "confidence": round(answer.confidence, 4),
        "support": round(answer.support, 4),
        "looked_up": answer.engine != "fixed",
        "quotes": [f"[{c.number}] {c.title}: {c.quote}" for c in answer.citations],
    }


def graded() -> list[dict[str, str]]:
    """Return for each reader the grade of each answer that is still the one that was graded."""
    now = {row["id"]: row["digest"] for row in rows("answers.jsonl")}
    files = sorted(file.name for file in FOLDER.glob("grades-*.jsonl"))
    return [{row["id"]: row["grade"] for row in rows(name) if row["answer"] == now.get(row["id"])} for name in files]


def tables() -> Iterator[str]:
    """Yield what the readers' grades say: of answerable messages, of others, of what is called strongly supported."""
    readers, asked = graded(), {row["id"]: row for row in messages()}
    answers = {row["id"]: row for row in rows("answers.jsonl")}
    groups = {
        "answerable": [i for i, row in asked.items() if row["kind"] not in (*_TALK, *_UNANSWERABLE, "turn")],
        "not answerable": [i for i, row in asked.items() if row["kind"] in _UNANSWERABLE],
        "small talk, the assistant, other requests": [i for i, row in asked.items() if row["kind"] in _TALK],
        "turns of conversations": [i for i, row in asked.items() if row["kind"] == "turn"],
    }
    yield "| messages | grade | " + " | ".join(f"reader {n}" for n in range(1, len(readers) + 1)) + " |"
    yield "|---|---|" + "---|" * len(readers)
    for name, ids in groups.items():
        for grade, meaning in GRADES.items():
            counts = [sum(reader.get(i) == grade for i in ids) for reader in readers]
            if any(counts):
                cells = [_share(c, sum(i in r for i in ids)) for c, r in zip(counts, readers, strict=True)]
                yield f"| {name}, {len(ids)} | {meaning} | {' | '.join(cells)} |"
    if len(readers) == 2:
        both = [i for i in asked if i in readers[0] and i in readers[1]]
        alike = sum((readers[0][i] in GOOD) == (readers[1][i] in GOOD) for i in both)
        yield f"\nBoth call the same answers good or not: {_share(alike, len(both))}"
    yield "\n| called | half | " + " | ".join(f"good to reader {n}" for n in range(1, len(readers) + 1)) + " |"
    yield "|---|---|" + "---|" * len(readers)
    for word in ("strong", "fair", "weak"):
        for part in PARTS:
            ids = [i for i in asked if _called(answers.get(i)) == word and part_of(_home(asked[i])) == part]
            yield f"| {word} | {part} | " + " | ".join(_good(ids, reader) for reader in readers) + " |"


def _called(answer: Mapping[str, Any] | None) -> str:
    return level(answer["support"]) if answer and answer["answered"] and answer["looked_up"] else ""


def _home(asked: Mapping[str, Any]) -> str:
    return str((asked.get("sources") or [asked["id"].split(".")[0]])[0])


def _good(ids: Sequence[str], reader: Mapping[str, str]) -> str:
    told = [i for i in ids if i in reader]
    return _share(sum(reader[i] in (*GOOD, "padded") for i in told), len(told))


def _share(count: int, n: int) -> str:
    if not n:
        return "none"
    low, high = wilson(count, n)
    return f"{count} of {n} = {count / n:.2f} ({low:.2f} to {high:.2f})"


def main() -> None:
    """Ask, or print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ask", action="store_true", help="ask all messages anew; their grades then count no more")
    if parser.parse_args().ask:
        ask()
    print("\n".join(tables()))


if __name__ == "__main__":
    main()
