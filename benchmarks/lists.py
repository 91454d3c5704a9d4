"""Lists, comparisons and yes-or-no questions: is all of a list quoted, is each side told, is what settles it?

    .venv/bin/python -m benchmarks.lists [--part look|report] [--shown]

28 documents in Chinese, Polish and English, with lists in nine forms (bullets, numbers, within a sentence, with
semicolons, in sentences that count up, under headings, in tables, with long items, with many) and 210 questions, a
third in another language than their document. Split by document; `--shown` prints what is wrong of the first part.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from kb import Answer, KnowledgeBase, Settings
from kb.answering.extractive import MOST_ITEMS
from kb.evaluation.splits import PARTS

FOLDER = Path(__file__).resolve().parent / "lists"


def questions(part: str | None = None) -> list[dict[str, Any]]:
    """Return the questions of one part, or all."""
    lines = (FOLDER / "questions.jsonl").read_text(encoding="utf-8").split("\n")
    return [asked for line in lines if line and (asked := json.loads(line)) and part in (None, asked["part"])]


def quoted(answer: Answer, span: str, documents: Iterable[str]) -> bool:
    """Tell whether an answer quotes a span of one of the right documents."""
    among = set(documents)
    return any(citation.document_id in among and span in citation.quote for citation in answer.citations)


def measured(asked: Mapping[str, Any], answer: Answer) -> dict[str, float]:
    """Return what came of one question, each figure 0 to 1."""
    named = asked["document"]
    documents = [named] if isinstance(named, str) else named
    match asked["kind"]:
        case "list":
            found = [quoted(answer, item, documents) for item in asked["items"]]
            most = min(len(found), MOST_ITEMS)  # of a longer one an answer shows no more
            return {"items": min(1.0, sum(found) / most), "whole": float(sum(found) >= most)}
        case "comparison":
            told = [any(quoted(answer, span, documents) for span in spans) for _, spans in asked["sides"]]
            figures = {"sides": sum(told) / len(told), "both": float(all(told))}
            if contrast := asked["contrast"]:
                first = answer.citations[0].quote if answer.citations else ""
                figures["contrast first"] = float(bool(first) and (first in contrast or contrast in first))
            return figures
        case "yes_no":
            found = [quoted(answer, sentence, documents) for sentence in asked["evidence"]]
            return {"settled": float(any(found)), "all evidence": float(all(found))}
        case _:
            return {"refused": float(not answer.answered)}


def main() -> None:
    """Print a table of the figures, by part and kind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=PARTS)
    parser.add_argument("--shown", action="store_true", help="print what is wrong, of the first part alone")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        index = Path(folder) / "index"
        base = KnowledgeBase.build(sorted(FOLDER.glob("*.md")), index, settings=Settings(index=index))
        rows: dict[tuple[str, str, str], list[float]] = {}
        for asked in questions(options.part):
            answer = base.ask(asked["question"], quotes_only=True)
            came = measured(asked, answer) | {"characters": float(sum(len(c.quote) for c in answer.citations))}
            if asked["kind"] != "near_miss":
                came["answered"] = float(answer.answered)
            for name, figure in came.items():
                rows.setdefault((asked["part"], asked["kind"], name), []).append(figure)
            if options.shown and asked["part"] == PARTS[0] and min(v for k, v in came.items() if k != "characters") < 1:
                print(json.dumps({**asked, "came": came, "answer": answer.text}, ensure_ascii=False))
    print("| part | kind | figure | n | mean |\n|---|---|---|---|---|")
    for (part, kind, name), figures in sorted(rows.items()):
        print(f"| {part} | {kind} | {name} | {len(figures)} | {sum(figures) / len(figures):.3f} |")


if __name__ == "__main__":
    main()
