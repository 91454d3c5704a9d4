"""Ratings of answers, kept beside the index, and the question set that they become."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from corpus.normalize import search_form
from kb.answers import Answer

if TYPE_CHECKING:
    from kb.any_base import Readable

Rating = Literal["up", "down"]
LONGEST_COMMENT = 2_000
"""Characters; what is longer is cut."""
MOST_RATINGS = 100_000
"""Beyond so many the oldest go, so that nobody can fill the disk."""

_SECONDS_TO_WAIT = 10.0
_SCHEMA = """
create table if not exists ratings (
    id integer primary key autoincrement,
    time text not null,
    rating text not null check (rating in ('up', 'down')),
    question text not null,
    language text not null,
    answered integer not null,
    answer text not null,
    citations text not null,
    comment text not null,
    settings_digest text not null,
    index_digest text not null
)
"""


class FeedbackError(Exception):
    """The ratings cannot be read or written; the message names the file, the reason and what to do."""


@dataclass(frozen=True)
class Rated:
    """One rating. Who gave it, and from where, is not known to it."""

    id: int
    time: str
    """ISO 8601, in UTC."""
    rating: Rating
    question: str
    """As it was understood: completed, where it leaned on the ones before it."""
    language: str
    answered: bool
    answer: str
    """The words of the answer, without its citation numbers; empty where it was a refusal."""
    citations: tuple[dict[str, Any], ...]
    """`document_id`, `start`, `end`, `quote` of each."""
    comment: str
    settings_digest: str
    index_digest: str


class FeedbackStore:
    """The ratings of answers from one index. Safe to use from several threads and processes."""

    def __init__(self, index: str | Path, base: Readable | None = None) -> None:
        """Take the folder of an index; `base` tells the settings and the index that answers were made with."""
        self.file = feedback_file(Path(index))
        self._base = base

    @classmethod
    def of(cls, base: Readable) -> FeedbackStore:
        """Return the store of an open knowledge base."""
        return cls(base.settings.index, base)

    def record(self, answer: Answer, rating: Rating, *, comment: str = "", instead_of: int | None = None) -> int:
        """Keep a rating and return its number; `instead_of` is that of an earlier one that is taken back.

        Raises `FeedbackError`.
        """
        if rating not in get_args(Rating):
            raise ValueError(f"a rating is one of {', '.join(get_args(Rating))}, got {rating!r}")
        citations = [
            {"document_id": c.document_id, "start": c.start, "end": c.end, "quote": c.quote} for c in answer.citations
        ]
        base = self._base
        row = (
            datetime.now(UTC).isoformat(timespec="seconds"),
            rating,
            answer.completed or answer.question,
            answer.language,
            answer.answered,
            "\n".join(sentence.text for sentence in answer.sentences),
            json.dumps(citations, ensure_ascii=False),
            comment.strip()[:LONGEST_COMMENT],
            base.settings.digest if base else "",
            base.manifest.digest if base else "",
        )
        with self._open() as database, database:
            if instead_of is not None:
                database.execute("delete from ratings where id = ?", (instead_of,))
            places = ", ".join("?" * len(row))
            number = database.execute(
                "insert into ratings (time, rating, question, language, answered, answer, citations, comment, "
                f"settings_digest, index_digest) values ({places}) returning id",
                row,
            ).fetchone()[0]
            database.execute("delete from ratings where id <= ?", (number - MOST_RATINGS,))
        return int(number)

    def take_back(self, number: int) -> None:
        """Forget a rating. Raises `FeedbackError`."""
        with self._open() as database, database:
            database.execute("delete from ratings where id = ?", (number,))

    def ratings(self) -> list[Rated]:
        """Return all ratings, the oldest first; none where nobody has rated yet. Raises `FeedbackError`."""
        if not self.file.exists():
            return []
        with self._open() as database:
            rows = database.execute("select * from ratings order by id").fetchall()
            try:
                return [_rated(row) for row in rows]
            except (ValueError, TypeError) as error:
                raise self._unusable(error) from error

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Open a connection of the caller's own: SQLite's are not shared between threads."""
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            # For this user alone: what is asked is nobody else's business.
            os.close(os.open(self.file, os.O_RDWR | os.O_CREAT, 0o600))
            with closing(sqlite3.connect(self.file, timeout=_SECONDS_TO_WAIT)) as database:
                database.row_factory = sqlite3.Row
                database.execute("pragma journal_mode = wal")
                database.execute(_SCHEMA)
                yield database
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(error) from error

    def _unusable(self, error: Exception) -> FeedbackError:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return FeedbackError(f"the ratings in {self.file} cannot be used ({reason}); move the file away to start anew")


def feedback_file(index: Path) -> Path:
    """Return where the ratings of an index lie: beside its folder, so that they outlive the index."""
    folder = Path(os.path.abspath(index))
    return folder.with_name(f"{folder.name}.feedback.sqlite3")


def as_questions(ratings: list[Rated]) -> list[dict[str, Any]]:
    """Return ratings as lines of a question set, one a question, the oldest question first.

    An answer that was rated up more often than down gives its quotes as `answers`; a refusal that was, an unanswerable
    question. What was rated down stands in `rejected`; a question of which nothing else is known has the kind
    `feedback-down` and no answers, until somebody writes them in (`cco questions check` names it).
    """
    questions: dict[str, list[Rated]] = {}
    for rated in ratings:
        questions.setdefault(search_form(rated.question), []).append(rated)
    return [_question(group) for group in questions.values()]


def _question(ratings: list[Rated]) -> dict[str, Any]:
    answers: dict[tuple[str, ...], list[Rated]] = {}
    for rated in ratings:
        answers.setdefault(tuple(c["quote"] for c in rated.citations), []).append(rated)
    good = {quotes: group for quotes, group in answers.items() if _balance(group) > 0}
    bad = [quotes for quotes in answers if quotes not in good]
    # Where people disagree whether the sources answer, a quote that somebody found right is the better witness.
    quotes = list(dict.fromkeys(quote for quotes in good for quote in quotes))
    cited = [citation for group in good.values() for citation in group[0].citations]
    line: dict[str, Any] = {
        "id": f"feedback-{ratings[0].id}",
        "question": ratings[0].question,
        "language": ratings[0].language,
        "answers": quotes,
        "documents": list(dict.fromkeys(citation["document_id"] for citation in cited)),
        "kind": "feedback-up" if good else "feedback-down",
        "ratings": {side: sum(rated.rating == side for rated in ratings) for side in get_args(Rating)},
        "time": max(rated.time for rated in ratings),
    }
    rejected = [list(quotes) for quotes in bad if quotes]
    comments = [rated.comment for rated in ratings if rated.comment]
    return line | ({"rejected": rejected} if rejected else {}) | ({"comments": comments} if comments else {})


def _balance(ratings: list[Rated]) -> int:
    return sum(1 if rated.rating == "up" else -1 for rated in ratings)


def _rated(row: sqlite3.Row) -> Rated:
    fields = dict(row)
    return Rated(**fields | {"answered": bool(fields["answered"]), "citations": tuple(json.loads(fields["citations"]))})
