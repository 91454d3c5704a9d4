"""What the retrieval benchmark asks of what: public question sets as pools of paragraphs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from kb.evaluation.sets.question_sets import load_parallel
from kb.evaluation.sets.squad import load_squad

SQUAD = {
    "zh-Hans": "cmrc2018_trial.zh-Hans.json",
    "zh-Hant": "drcd_test.zh-Hant.json",
    "pl": "poquad_a.pl.json",
}
PARALLEL = "ntrex_a.tsv"
PAIRS = ("pl>zh-Hans", "zh-Hans>pl", "pl>zh-Hant", "zh-Hant>pl")
_LINES = 500


@dataclass(frozen=True)
class Paragraph:
    """A document of one paragraph."""

    id: str
    title: str
    text: str

    @property
    def whole(self) -> str:
        """The title, where there is one, and the text: for systems whose documents have no title of their own."""
        return f"{self.title} {self.text}" if self.title else self.text


@dataclass(frozen=True)
class Asked:
    """A question and the paragraph that is right."""

    id: str
    text: str
    right: str


@dataclass(frozen=True)
class Pool:
    """Paragraphs, and questions whose right paragraph is among them."""

    name: str
    paragraphs: tuple[Paragraph, ...]
    questions: tuple[Asked, ...]

    @property
    def characters(self) -> int:
        """Length of all paragraphs."""
        return sum(len(paragraph.whole) for paragraph in self.paragraphs)


def load_pools(bench: Path, limit: int | None = None, paragraphs: int | None = None) -> list[Pool]:
    """Read every pool in the folder `bench`: three languages, then four pairs. Raises `QuestionSetError`."""
    pools = [squad_pool(name, bench / file, limit, paragraphs) for name, file in SQUAD.items()]
    translations = load_parallel(bench / PARALLEL)
    return pools + [
        mixed_pool(pair, *(translations[tag] for tag in pair.split(">")), limit=limit, lines=paragraphs or _LINES)
        for pair in PAIRS
    ]


def squad_pool(name: str, file: Path, limit: int | None = None, paragraphs: int | None = None) -> Pool:
    """Return a SQuAD file's first `paragraphs` and the first `limit` questions that these answer, or all.

    Two questions of CMRC 2018 are empty; they are left out, since no system can answer them.
    """
    questions, documents = load_squad(file)
    kept = [Paragraph(document.id, document.title, document.text) for document in documents[:paragraphs]]
    ids = {paragraph.id for paragraph in kept}
    # Numbers for ids, since a file may use one twice.
    asked = [
        Asked(str(number), question.question, question.documents[0])
        for number, question in enumerate(questions.questions)
        if question.question.strip() and question.documents and question.documents[0] in ids
    ]
    return Pool(name, tuple(kept), tuple(asked[:limit]))


def mixed_pool(
    pair: str, source: Sequence[str], target: Sequence[str], *, limit: int | None = None, lines: int = _LINES
) -> Pool:
    """Return the pool of `cco eval --parallel`: lines ask for their translations among other lines of their language.

    Of `source` and `target`, translations line by line, the first `lines` are questions and right answers; as many
    lines of `source` from the 501st on are distractors.
    """
    right = [Paragraph(str(number), "", text) for number, text in enumerate(target[:lines])]
    wrong = [Paragraph(f"other-{number}", "", text) for number, text in enumerate(source[_LINES : _LINES + lines])]
    asked = [Asked(str(number), text, str(number)) for number, text in enumerate(source[:lines])]
    return Pool(pair, (*right, *wrong), tuple(asked[:limit]))


def save_pools(pools: Sequence[Pool], file: Path) -> None:
    """Write `pools` for `read_pools`."""
    file.write_text(json.dumps([asdict(pool) for pool in pools], ensure_ascii=False), encoding="utf-8")


def read_pools(file: Path) -> list[Pool]:
    """Read what `save_pools` wrote."""
    return [
        Pool(
            pool["name"],
            tuple(Paragraph(**paragraph) for paragraph in pool["paragraphs"]),
            tuple(Asked(**question) for question in pool["questions"]),
        )
        for pool in json.loads(file.read_text(encoding="utf-8"))
    ]
