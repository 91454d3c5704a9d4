"""Feed the readers, the normaliser and the splitter with bytes that lead into ever more of their code.

python -m benchmarks.fuzz [--seconds 60] [--keep FOLDER]

Needs atheris (Apache-2.0, Linux and macOS), which nothing else does: pip install atheris. What breaks is written into
FOLDER; made small by hand it belongs into tests/data/found, where the suite reads it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from corpus.limits import Limits
from corpus.normalize import search_form
from corpus.readers import documents_in
from corpus.segment import lexical_tokens, sentence_spans
from corpus.sources import SourceError

ENDINGS = ("md", "txt", "html", "csv", "jsonl", "docx", "pptx", "odt", "epub", "zip")
"""Those that are read in this process; a PDF's engine is its maker's to fuzz."""


def main() -> None:
    """Fuzz for some seconds; end with 77 and the bytes that broke something, or with 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--keep", type=Path, default=Path("."))
    options = parser.parse_args()
    try:
        import atheris
    except ImportError:
        raise SystemExit("needs atheris: pip install atheris") from None
    atheris.instrument_all()
    arguments = [sys.argv[0], f"-max_total_time={options.seconds}", f"-artifact_prefix={options.keep}/", "-timeout=20"]
    atheris.Setup(arguments, one)
    atheris.Fuzz()


def one(data: bytes) -> None:
    """Read bytes: the first says as what, the others are the file. What is no `SourceError` is a fault."""
    if len(data) < 2:
        return
    path = Path(f"a.{ENDINGS[data[0] % len(ENDINGS)]}")
    limits = Limits(unpacked_megabytes=10, characters=1_000_000)
    try:
        documents: Any = documents_in(path, data[1:], limits).documents
    except SourceError:
        documents = ()
    text = documents[0].text if documents else data[1:].decode("utf-8", "replace")
    form = search_form(text)
    assert form == " ".join(form.split())
    lexical_tokens(text)
    spans = sentence_spans(text)
    assert all(a < b for a, b in spans)


if __name__ == "__main__":
    main()
