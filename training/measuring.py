"""What a reader gives on the passages that were kept apart from training."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sklearn.metrics import roc_auc_score

from corpus.text.language import family_of
from kb.reading.readings import Excerpt, Reader
from training.material import Passage

HEAD = "| texts | language | questions | answer touched | marked exactly | AUROC |\n|---|---|---|---|---|---|"


@dataclass(frozen=True)
class _Row:
    group: tuple[str, str]
    answerable: bool
    score: float
    touched: bool
    exact: bool


def measured(reader: Reader, passages: Sequence[Passage]) -> Iterator[str]:
    """Yield the rows of a table: the right passage is given, and may answer or not."""
    rows = [row for passage in passages for row in _rows(reader, passage)]
    for group in sorted({row.group for row in rows}):
        some = [row for row in rows if row.group == group]
        answerable = [row for row in some if row.answerable]
        if not answerable or len(answerable) == len(some):
            continue
        auroc = roc_auc_score([row.answerable for row in some], [row.score for row in some])
        touched, exact = (
            sum(getattr(row, name) for row in answerable) / len(answerable) for name in ("touched", "exact")
        )
        yield f"| {group[0]} | {group[1]} | {len(some)} | {touched:.3f} | {exact:.3f} | {auroc:.3f} |"


def _rows(reader: Reader, passage: Passage) -> Iterator[_Row]:
    for asked in passage.asked:
        (reading,) = reader.read(asked.question, [Excerpt(passage.title, passage.text)])
        alike = family_of(asked.language) == family_of(passage.language)
        group = (
            "own" if passage.own else "others",
            passage.language if alike else f"{passage.language}, asked in another",
        )
        start, end = reading.span
        touched = asked.answer is not None and start < asked.answer[1] and end > asked.answer[0]
        yield _Row(group, asked.answer is not None, reading.score, touched, (start, end) == asked.answer)
