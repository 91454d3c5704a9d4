"""Ask your own question set and see what fails: `python -m examples.evaluate my-index mine.jsonl`.

A line of the set: {"question": "Komu podlega CXO?", "answers": ["prezesowi"], "documents": ["kim-jest-cxo"]}
An answer is right where it holds one of `answers`; [] where the sources do not say.
"""

from __future__ import annotations

import sys
from pathlib import Path

from kb import KnowledgeBase
from kb.evaluation.report.page import write_report
from kb.evaluation.runs import run
from kb.evaluation.sets.question_sets import load_question_set


def main(index: str, questions: str, report: str = "report.html") -> None:
    """Print the figures with their intervals and each question that failed; write the report."""
    done = run(KnowledgeBase.open(index), load_question_set(Path(questions)))
    for part, names in {"retrieval": ("R@1", "R@3"), "answers": ("answer_found",)}.items():
        figures = done[part]["overall"]
        for name in names:
            low, high = figures["interval"][name]
            print(f"{name}: {figures[name]:.3f} ({low:.3f}–{high:.3f}), n = {figures['n']}")
    for question in done["questions"]:
        if question["answer_found"] is False:
            print(f"not found: {question['id']}: {question['question']}")
    write_report(done, Path(report))


if __name__ == "__main__":
    main(*sys.argv[1:])
