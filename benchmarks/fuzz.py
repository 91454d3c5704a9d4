"""Feed readers, normaliser and splitter, or `cco import`, with bytes that lead into ever more of their code.

python -m benchmarks.fuzz [--what readers|import] [--seconds 60] [--keep FOLDER]

Needs atheris (Apache-2.0, Linux and macOS), which nothing else does: pip install atheris. What breaks is written into
FOLDER; made small by hand it belongs into tests/data/found, where the suite reads it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from corpus.files.extraction import documents_in
from corpus.files.sources import SourceError
from corpus.limits import Limits
from corpus.text.normalize import search_form
from corpus.text.segment import lexical_tokens, sentence_spans

ENDINGS = ("md", "txt", "html", "csv", "jsonl", "docx", "pptx", "odt", "epub", "zip")
"""Those that are read in this process; a PDF's engine is its maker's to fuzz."""


def main() -> None:
    """Fuzz for some seconds; end with 77 and the bytes that broke something, or with 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--what", choices=("readers", "import"), default="readers")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--keep", type=Path, default=Path("."))
    options = parser.parse_args()
    try:
        import atheris
    except ImportError:
        raise SystemExit("needs atheris: pip install atheris") from None
    atheris.instrument_all()
    arguments = [sys.argv[0], f"-max_total_time={options.seconds}", f"-artifact_prefix={options.keep}/", "-timeout=20"]
    with tempfile.TemporaryDirectory() as folder:
        atheris.Setup(arguments, one if options.what == "readers" else importing(Path(folder)))
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


def importing(folder: Path) -> Callable[[bytes], None]:
    """Return what imports a library with bytes in one of its files: the first three say in which and where."""
    from retrieval.storage.foreign import PARTS
    from tests.retrieval.test_importing import furnish, library_of, parts_of, taken_or_refused

    furnish(folder)
    parts = parts_of(folder / "library.cco")

    def one(data: bytes) -> None:
        if len(data) < 4:
            return
        name, new = PARTS[data[0] % len(PARTS)], data[3:]
        part = parts[name]
        at = int.from_bytes(data[1:3]) % (len(part) + 1)
        taken_or_refused(folder, library_of({**parts, name: part[:at] + new + part[at + len(new) :]}))

    return one


if __name__ == "__main__":
    main()
