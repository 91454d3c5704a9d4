"""Time what one change among many files costs.

python -m benchmarks.changes [--files 1000]

Vectors are counted, not computed, so that what remains is the rest: looking through the folder, reading, indexing.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from pathlib import Path

from kb import KnowledgeBase, Settings
from tests.helpers.fakes import FakeEncoder

TEXTS = Path(__file__).resolve().parents[1] / "corpus" / "texts"


def main() -> None:
    """Print one row a step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1000)
    options = parser.parse_args()
    paragraphs = [p for path in sorted(TEXTS.glob("*.md")) for p in path.read_text("utf-8").split("\n\n")[1:]]
    chance, encoder = random.Random(0), FakeEncoder()
    print("| step | seconds | windows encoded |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "files"
        folder.mkdir()
        for number in range(options.files):
            text = "\n\n".join([f"# Tekst {number}", *chance.sample(paragraphs, 6)])
            (folder / f"{number}.md").write_text(text, encoding="utf-8")
        base = KnowledgeBase.build([folder], settings=Settings(index=Path(name) / "index"), encoder=encoder)
        print(f"| build of {options.files} files | {base.last_change.seconds:.2f} | {len(encoder.encoded)} |")
        time.sleep(2.5)  # young files are read once more, see kb/library/ledger.py
        base.sync([folder])
        for step in ("no change", "one file changed", "one file moved", "one file gone"):
            if step == "one file changed":
                with (folder / "7.md").open("a", encoding="utf-8") as file:
                    file.write("\n\nJedno zdanie więcej.\n")
            elif step == "one file moved":
                (folder / "8.md").rename(folder / "moved.md")
            elif step == "one file gone":
                (folder / "9.md").unlink()
            encoder.encoded.clear()
            started = time.perf_counter()
            base.sync([folder])
            print(f"| {step} | {time.perf_counter() - started:.2f} | {len(encoder.encoded)} |", flush=True)


if __name__ == "__main__":
    main()
