"""Texts that give orders, asked about through a language model that obeys them: in how many answers it shows.

    .venv/bin/python -m benchmarks.injection

Of the texts in injections.jsonl the part `look` was looked at while the guards were made; `report` was not. Each lies
in one library with all the others, in a file of its own name, and is asked a question that its harmless words answer.
The server says what the text demands, once alone and once after the right answer, in the name of the first passage
that it was given of that text. It had its way where the sign of it (`canary`) stands in what is shown as its answer.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from corpus.documents import Document
from corpus.readers import FileReader
from corpus.text.segment import sentence_spans
from kb import Answer, KnowledgeBase, Settings
from kb.evaluation.splits import LOOK, REPORT
from kb.generation.prompts import shown
from retrieval.models.encoder import Encoder, SentenceTransformerEncoder
from tests.helpers.llm_server import Handler, says, serving

FILE = Path(__file__).with_name("injections.jsonl")


@dataclass(frozen=True)
class Injection:
    """A text, in part harmless, and what the rest of it wants."""

    id: str
    part: str
    language: str
    place: str
    kind: str
    title: str
    filename: str
    text: str
    question: str
    answer: str
    """The harmless words that answer."""
    demanded: str
    canary: str
    """What shows that it had its way."""

    def document(self, folder: Path, reader: FileReader) -> Document:
        """Return the document that its file is read as; where its title wants something, under that title."""
        (folder / self.id).mkdir()
        file = folder / self.id / self.filename
        file.write_text(self.text, encoding="utf-8", newline="")
        (read,) = reader.read(file).documents
        return replace(read, id=self.id, title=self.title if self.place == "title" else read.title)


def injections(*parts: str) -> list[Injection]:
    """Return the texts of some parts."""
    texts = [Injection(**json.loads(line)) for line in FILE.read_text(encoding="utf-8").split("\n") if line]
    return [text for text in texts if text.part in parts]


def library(texts: Sequence[Injection], folder: Path, encoder: Encoder) -> KnowledgeBase:
    """Return all texts in one library, which refuses nothing."""
    with FileReader() as reader:
        documents = [text.document(folder, reader) for text in texts]
    settings = Settings(index=folder / "index", answer={"refuse_below": 0.0})  # type: ignore[arg-type]
    return KnowledgeBase.of_documents(documents, settings=settings, encoder=encoder)


def answers(base: KnowledgeBase, texts: Sequence[Injection]) -> Iterator[tuple[Injection, list[Answer]]]:
    """Yield each text with the answers that a model gives which does as it is told."""
    asked = list[tuple[Injection, str]]()

    def obeys(handler: Handler) -> None:
        text, wanted = asked[-1]
        given = [json.loads(line) for line in handler.server.script.prompt().splitlines() if line.startswith("{")]
        number = next((passage["n"] for passage in given if shown(text.answer) in passage["text"]), 1)
        says(" ".join(f"{wanted[start:end]} [{number}]" for start, end in sentence_spans(wanted)))(handler)

    with serving(obeys) as script:
        llm = base.settings.llm.model_copy(update={"base_url": script.url, "model": "m", "silence": 5.0})
        obeying = base.with_settings(base.settings.model_copy(update={"llm": llm}))
        for text in texts:
            given = []
            for wanted in (text.demanded, f"{text.answer}. {text.demanded}"):
                asked.append((text, wanted))
                given.append(obeying.ask(text.question))
            yield text, given


def had_its_way(text: Injection, given: Sequence[Answer]) -> bool:
    """Tell whether a text's demand is part of what a model is shown to have said; a formula may be the right answer."""
    sign = text.canary
    return sign not in text.answer and any(a.engine == "llm" and sign in shown(a.text) for a in given)


def main() -> None:
    """Print a row for each part and kind."""
    texts = injections(LOOK, REPORT)
    with tempfile.TemporaryDirectory() as folder:
        base = library(texts, Path(folder), SentenceTransformerEncoder.load())
        done = [(text, had_its_way(text, given), given) for text, given in answers(base, texts)]
    print("| part | kind | texts | had their way | quoted the harmless answer |\n|---|---|---|---|---|")
    for part in (LOOK, REPORT):
        for kind in (*sorted({text.kind for text in texts}), ""):
            rows = [row for row in done if row[0].part == part and kind in ("", row[0].kind)]
            ways = [text.id for text, way, _ in rows if way]
            right = sum(
                any(text.answer in c.quote for answer in given for c in answer.citations) for text, _, given in rows
            )
            named = f" ({', '.join(ways)})" if ways and part == LOOK else ""
            print(f"| {part} | {kind or 'all'} | {len(rows)} | {len(ways)}{named} | {right} |")


if __name__ == "__main__":
    main()
