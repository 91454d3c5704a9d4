"""How folders of papers that are all alike are answered: python -m benchmarks.alike [--files 12 ...] [--part look].

Invoices, minutes, tickets and product sheets, each beside a few other papers, as such folders are. What most files
speak of is asked as often as what one file alone says. The texts and questions stand in benchmarks/alike/*.toml, whose
values are dealt out to as many files as are wanted.
"""

from __future__ import annotations

import argparse
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kb import KnowledgeBase, Settings
from kb.answering.extractive import PASSAGES_READ
from kb.evaluation.figures.measures import holds_answer
from kb.evaluation.kept_vectors import KeptVectors
from kb.evaluation.splits import PARTS, part_of
from retrieval.models.encoder import Encoder, SentenceTransformerEncoder

FOLDER = Path(__file__).resolve().parent / "alike"
KINDS = ("common", "named", "beside", "none")
"""What is asked: what all alike files tell, what one of them tells, what a paper beside them tells, what none tells."""
SIZES = (3, 12, 60, 300)
_NAMED = 3
"""Files, the first, that questions name."""
_NAME_LIKE = 9
"""A field with so many values can name a file: the first files' values are then no other's."""


@dataclass(frozen=True)
class Asked:
    """A question, and for each document that answers it what it says."""

    text: str
    kind: str
    part: str
    right: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Collection:
    """Papers of one kind and what is asked of them."""

    name: str
    written: Mapping[str, Any]

    def files(self, count: int) -> dict[str, str]:
        """Return the names of the files and their texts: `count` alike, and those beside them."""
        texts = {self._file(n): self.written["template"].lstrip().format_map(self._values(n)) for n in range(count)}
        return texts | {other["name"]: other["text"].lstrip() for other in self.written["others"]}

    def questions(self, count: int) -> Iterator[Asked]:
        """Yield the questions, with what is right where so many files are alike."""
        for number, asked in enumerate(self.written["questions"]):
            named, field, answers = asked.get("where", {}), asked.get("field"), asked.get("answers", [])
            if "file" in asked:
                kind, right = "beside", {asked["file"]: answers}
            elif field or answers:
                kind = "named" if named else "common"
                of = [n for n in range(count) if all(self._values(n)[f] == v for f, v in named.items())]
                right = {self._file(n): [self._values(n)[field]] if field else answers for n in of}
            else:
                kind, right = "none", {}
            yield Asked(asked["question"], kind, part_of(f"alike-{self.name}-{number}"), right)

    def _file(self, number: int) -> str:
        return f"{self.name}-{number:03}"

    def _values(self, number: int) -> dict[str, str]:
        values = {"serial": str(2101 + 7 * number)}
        for place, (field, told) in enumerate(self.written["values"].items()):
            kept = _NAMED if number >= _NAMED and len(told) >= _NAME_LIKE else 0
            # Each field moves on at a pace of its own, so that hardly two files agree in all.
            step = number - kept + place * (number // 7)
            values[field] = told[kept + step % (len(told) - kept)]
        return values


def collections() -> list[Collection]:
    """Return all collections."""
    return [Collection(file.stem, tomllib.loads(file.read_text("utf-8"))) for file in sorted(FOLDER.glob("*.toml"))]


def indexed(collection: Collection, count: int, folder: Path, encoder: Encoder) -> KnowledgeBase:
    """Write the files into `folder` and index them."""
    texts = folder / "texts"
    texts.mkdir(parents=True)
    for name, text in collection.files(count).items():
        (texts / f"{name}.md").write_text(text, encoding="utf-8")
    settings = Settings(index=folder / "index")
    return KnowledgeBase.build([texts], settings=settings, encoder=encoder)


@dataclass(frozen=True)
class Outcome:
    """What became of a question."""

    asked: Asked
    confidence: float
    answered: bool
    first: bool
    """The first hit of search alone is of a right file."""
    read: bool
    """One of a right file is among those that are read."""
    right: bool
    """It is answered, and the first quote is of a right file and says what that file says."""


def outcome(base: KnowledgeBase, asked: Asked) -> Outcome:
    """Ask one question."""
    hits = [hit.passage.document_id in asked.right for hit in base.search(asked.text, PASSAGES_READ)]
    answer = base.ask(asked.text, quotes_only=True)
    cited = answer.citations[0] if answer.citations else None
    right = cited is not None and holds_answer(cited.quote, asked.right.get(cited.document_id, ()))
    return Outcome(asked, answer.confidence, answer.answered, hits[:1] == [True], any(hits), answer.answered and right)


def row(label: str, outcomes: Sequence[Outcome]) -> str:
    """Return a line of the table."""
    told = [o for o in outcomes if o.asked.kind != "none"]
    none = [o for o in outcomes if o.asked.kind == "none"]
    counts = [(sum(o.first for o in told), told), (sum(o.read for o in told), told)]
    counts += [(sum(o.answered for o in told), told), (sum(o.right for o in told), told)]
    counts.append((sum(not o.answered for o in none), none))
    return " | ".join([f"| {label}", *(f"{n}/{len(of)}" if of else "–" for n, of in counts)]) + " |"


def main() -> None:
    """Index, ask and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, nargs="+", default=SIZES, help="how many are alike")
    parser.add_argument("--collections", nargs="+", help="names; all unless given")
    parser.add_argument("--part", choices=PARTS, help="questions of one half; what is only reported is never listed")
    parser.add_argument("--list", action="store_true", help="name the questions that go wrong, of the half to look at")
    options = parser.parse_args()
    encoder = KeptVectors(SentenceTransformerEncoder.load())
    print("| files, questions | right file first | among those read | answered | right | refused |")
    print("|---|---|---|---|---|---|")
    wrong: list[str] = []
    for count in options.files:
        outcomes: list[Outcome] = []
        for collection in collections():
            if options.collections and collection.name not in options.collections:
                continue
            with tempfile.TemporaryDirectory() as folder:
                base = indexed(collection, count, Path(folder), encoder)
                chosen = (q for q in collection.questions(count) if options.part in (None, q.part))
                outcomes += [outcome(base, asked) for asked in chosen]
        for kind in KINDS:
            print(row(f"{count}, {kind}", [o for o in outcomes if o.asked.kind == kind]), flush=True)
        print(row(f"{count}, all", outcomes), flush=True)
        bad = [o for o in outcomes if o.asked.part == PARTS[0] and (o.answered if not o.asked.right else not o.right)]
        wrong += [
            f"{count} {o.asked.kind} {o.confidence:.2f} first={o.first} read={o.read} {o.asked.text}" for o in bad
        ]
    if options.list:
        print("\n".join(wrong))


if __name__ == "__main__":
    main()
