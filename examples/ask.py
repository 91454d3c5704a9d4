"""Index a folder and ask it: `python -m examples.ask notes/ 'Komu podlega CXO?'`."""

from __future__ import annotations

import sys
from pathlib import Path

from kb import KnowledgeBase


def main(folder: str, *questions: str, index: str = "my-index") -> None:
    """Bring the index into step with the folder and print a cited answer to each question, a follow-up too."""
    if Path(index).exists():
        base = KnowledgeBase.open(index)
        base.sync([folder])  # what is new, changed or gone, and no more
    else:
        base = KnowledgeBase.build([folder], index)
    asked: list[str] = []
    for question in questions:
        answer = base.ask(question, history=asked)
        asked.append(answer.completed or question)
        print(f"{asked[-1]}\n{answer.text}")
        for citation in answer.citations:
            document = base.document(citation.document_id)
            assert document.text[citation.start : citation.end] == citation.quote  # always
            print(f"  [{citation.number}] {citation.title}, {citation.start}–{citation.end}: {citation.quote}")
        for suggestion in answer.suggestions:  # where the sources do not say
            print(f"  Ask instead: {suggestion}")


if __name__ == "__main__":
    main(*sys.argv[1:])
