"""Ratings of answers, kept beside the index, and the question set that they become."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from corpus.text.normalize import search_form
from kb.accounts.remedies import remedy
from kb.answering.answers import Answer

if TYPE_CHECKING:
    from kb.any_base import Readable

Rating = Literal["up", "down"]
LONGEST_COMMENT = 2_000
"""Characters; what is longer is cut."""
LARGEST_ANSWER = 20_000
"""Bytes of an answer that are kept, with its question and citations; three sentences with theirs have 3,000."""
MOST_RATINGS = 100_000
"""Beyond so many the oldest go, so that nobody can fill the disk."""

_SECONDS_TO_WAIT = 10.0
_LONGEST_LANGUAGE = 20
_VERSION = 1
"""Of the file, in its `user_version`; 0 has no keys."""
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
_MIGRATION = (
    "alter table ratings add column key_digest text not null default ''",
    "alter table ratings add column proof text not null default ''",
    "create index ratings_by_key on ratings (key_digest)",
    f"pragma user_version = {_VERSION}",
)
_KEPT = (
    *("id", "time", "rating", "question", "language", "answered", "answer", "citations", "comment"),
    *("settings_digest", "index_digest"),
)
"""The columns that are told; with the two others nobody learns who gave a rating, and it is known only again."""


class FeedbackError(Exception):
    """The ratings cannot be read or written; the message names the file, the reason and what to do."""


class NotTheirs(Exception):
    """Somebody would take back a rating that another gave."""


@dataclass(frozen=True)
class Rater:
    """Whoever rates. One without a name proves by a rating's key alone that it is theirs."""

    name: str = ""
    may_edit: bool = False
    """Whether they may take back what others gave."""


_NOBODY = Rater()


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

    def record(
        self,
        answer: Answer,
        rating: Rating,
        *,
        comment: str = "",
        instead_of: str | int | None = None,
        rater: Rater = _NOBODY,
    ) -> str:
        """Keep a rating and return its key, which nobody can guess and which is kept nowhere else.

        `instead_of` is the key, for an editor the number too, of an earlier one that is taken back. Raises
        `FeedbackError`, and `NotTheirs`, keeping nothing, where another gave that one.
        """
        if rating not in get_args(Rating):
            raise ValueError(f"a rating is one of {', '.join(get_args(Rating))}, got {rating!r}")
        key = secrets.token_urlsafe(24)
        base = self._base
        row = (
            datetime.now(UTC).isoformat(timespec="seconds"),
            rating,
            *_cut(answer),
            comment.strip()[:LONGEST_COMMENT],
            base.settings.digest if base else "",
            base.manifest.digest if base else "",
            _key_digest(key),
            _proof(key, rater),
        )
        columns = ", ".join((*_KEPT[1:], "key_digest", "proof"))
        with self._open() as database, database:
            if instead_of is not None:
                _forget(database, instead_of, rater)
            number = database.execute(
                f"insert into ratings ({columns}) values ({', '.join('?' * len(row))}) returning id", row
            ).fetchone()[0]
            database.execute("delete from ratings where id <= ?", (number - MOST_RATINGS,))
        return key

    def take_back(self, earlier: str | int, rater: Rater = _NOBODY) -> None:
        """Forget a rating, by its key or, for an editor, its number. Raises `FeedbackError` and `NotTheirs`."""
        with self._open() as database, database:
            _forget(database, earlier, rater)

    def ratings(self) -> list[Rated]:
        """Return all ratings, the oldest first; none where nobody has rated yet. Raises `FeedbackError`."""
        if not self.file.exists():
            return []
        with self._open() as database:
            rows = database.execute(f"select {', '.join(_KEPT)} from ratings order by id").fetchall()
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
                self._bring_up_to_date(database)
                yield database
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(error) from error

    def _bring_up_to_date(self, database: sqlite3.Connection) -> None:
        """Make the table, or give that of an older program what it lacks, in one step or not at all."""
        if _version(database) < _VERSION:
            with database:
                database.execute("begin immediate")
                if _version(database) < _VERSION:  # another process may have been quicker
                    for step in (_SCHEMA, *_MIGRATION):
                        database.execute(step)
        if (found := _version(database)) > _VERSION:
            raise FeedbackError(
                f"the ratings in {self.file} are of a newer program (version {found}, {_VERSION} is known); "
                "update this one"
            )

    def _unusable(self, error: Exception) -> FeedbackError:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return FeedbackError(f"the ratings in {self.file} cannot be used ({reason}); {remedy(error)}")


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


def _version(database: sqlite3.Connection) -> int:
    return int(database.execute("pragma user_version").fetchone()[0])


def _forget(database: sqlite3.Connection, earlier: str | int, rater: Rater) -> None:
    """Delete a rating; one that has gone already is let be. Raises `NotTheirs`."""
    if isinstance(earlier, int):
        # Numbers are counted up: whoever says one proves nothing by it.
        if not rater.may_edit:
            raise NotTheirs
        database.execute("delete from ratings where id = ?", (earlier,))
        return
    found = database.execute("select id, proof from ratings where key_digest = ?", (_key_digest(earlier),)).fetchone()
    if found is None:
        return
    if not (rater.may_edit or secrets.compare_digest(found["proof"], _proof(earlier, rater))):
        raise NotTheirs
    database.execute("delete from ratings where id = ?", (found["id"],))


def _key_digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def _proof(key: str, rater: Rater) -> str:
    # With the key in it, which only whoever rated has, no list of names tells from the file who that was.
    return _key_digest(f"{key}\0{rater.name}")


def _cut(answer: Answer) -> tuple[str, str, bool, str, str]:
    """Return question, language, whether it was answered, words and citations, in `LARGEST_ANSWER` bytes.

    What comes from a browser may be anything. Of the words the end is cut; a citation goes whole.
    """
    question = _first_bytes(answer.completed or answer.question, LARGEST_ANSWER // 4)
    words = _first_bytes("\n".join(sentence.text for sentence in answer.sentences), LARGEST_ANSWER // 4)
    left = LARGEST_ANSWER - _size(question) - _size(words)
    kept: list[str] = []
    for c in answer.citations:
        told = {"document_id": c.document_id, "start": c.start, "end": c.end, "quote": c.quote}
        kept.append(_first_bytes(json.dumps(told, ensure_ascii=False), LARGEST_ANSWER))
        left -= _size(kept[-1]) + 2
        if left < 2:
            kept.pop()
            break
    return question, answer.language[:_LONGEST_LANGUAGE], answer.answered, words, f"[{', '.join(kept)}]"


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def _first_bytes(text: str, most: int) -> str:
    return text.encode("utf-8", "replace")[:most].decode("utf-8", "ignore")


def _balance(ratings: list[Rated]) -> int:
    return sum(1 if rated.rating == "up" else -1 for rated in ratings)


def _rated(row: sqlite3.Row) -> Rated:
    fields = dict(row)
    return Rated(**fields | {"answered": bool(fields["answered"]), "citations": tuple(json.loads(fields["citations"]))})
