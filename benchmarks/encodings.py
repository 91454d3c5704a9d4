"""Which encoding a file is in, told by this project's reader and by charset-normalizer: python -m benchmarks.encodings.

The shipped texts, cut to 20 lengths from 20 to 20,000 characters and encoded in the ways of old Chinese and Polish
files, and the sentences of the tests. Right is what gives the text back to the letter; a refusal is wrong as well.
charset-normalizer is asked twice: as it is, and told the encodings that are possible.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import charset_normalizer

from corpus.text.encodings import CANDIDATES, MAZOVIA, UndecodableError, decode
from tests.corpus.files.test_readers import POLISH, SIMPLIFIED, TRADITIONAL

TEXTS = Path(__file__).resolve().parents[1] / "corpus" / "texts"
LENGTHS: Sequence[int] = [round(20 * 1000 ** (step / 19)) for step in range(20)]
_UNICODE = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be")
ENCODINGS = {
    "zh-Hans": ("gb18030", "gbk", *_UNICODE),
    "zh-Hant": ("big5", "big5hkscs", *_UNICODE),
    "pl": ("cp1250", "iso-8859-2", "cp852", "mazovia", *_UNICODE),
}
_MAZOVIA = dict(zip("ĄĆĘŁŃÓŚŹŻąćęłńóśźż", bytes.fromhex("8f95909ca5a398a0a1868d9192a4a29ea6a7"), strict=True))
"""The Polish letters of DOS machines of the eighties, beside ASCII; not taken from the reader that is measured."""
_SENTENCES = {"zh-Hans": SIMPLIFIED, "zh-Hant": TRADITIONAL, "pl": POLISH}

Reader = Callable[[bytes], str | None]
"""Gives the text of bytes, None where it says that it cannot."""


@dataclass(frozen=True)
class Sample:
    """A text, and its bytes in one encoding."""

    row: str
    text: str
    data: bytes


@dataclass
class Tally:
    """How many samples were read, how many of them rightly, and the seconds that it took."""

    samples: int = 0
    right: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        """Write it as two cells of a table."""
        return f"{self.right / self.samples:.3f} | {1000 * self.seconds / self.samples:.1f}"


def ours(data: bytes) -> str | None:
    """Read by `corpus.text.encodings`."""
    with suppress(UndecodableError):
        return decode(data).text
    return None


def theirs(data: bytes, possible: list[str] | None = None) -> str | None:
    """Read by charset-normalizer, which leaves a byte order mark in the text."""
    best = charset_normalizer.from_bytes(data, cp_isolation=possible).best()
    return str(best).removeprefix("\ufeff") if best else None


def told(data: bytes) -> str | None:
    """Read by charset-normalizer among the encodings that ours knows."""
    return theirs(data, ["utf_8", "utf_16", "utf_32", *(name for name in CANDIDATES if name != MAZOVIA)])


READERS: Mapping[str, Reader] = {"ours": ours, "charset-normalizer": theirs, "the same, told": told}


def samples(starts: int) -> Iterator[Sample]:
    """Yield every text in every encoding, each length from so many places."""
    for language, encodings in ENCODINGS.items():
        whole = _whole(language)
        for encoding in encodings:
            for length in LENGTHS:
                for start in range(starts):
                    first = start * (len(whole) - length) // starts
                    yield _sample(f"{language}, {encoding}", whole[first : first + length], encoding)
            yield _sample("sentences of the tests", _SENTENCES[language], encoding)


def _whole(language: str) -> str:
    """Return all shipped texts of a language, without their front matter, twice where they are short."""
    bodies = []
    for path in sorted(TEXTS.glob("*.md")):
        _, head, body = path.read_text(encoding="utf-8").split("---\n", 2)
        if f"language: {language}\n" in head:
            bodies.append(body.strip())
    whole = "\n\n".join(bodies)
    return whole * (1 + LENGTHS[-1] // len(whole))


def _sample(row: str, text: str, encoding: str) -> Sample:
    """Encode a text without the characters that the encoding lacks."""
    if encoding == "mazovia":
        text = "".join(character for character in text if character.isascii() or character in _MAZOVIA)
        return Sample(row, text, bytes(_MAZOVIA.get(character, ord(character) & 0x7F) for character in text))
    held = text.encode(encoding, "ignore")
    return Sample(row, held.decode(encoding), held)


def measured(starts: int) -> dict[str, dict[str, Tally]]:
    """Return for each row of the table, all together last, what each reader did."""
    together = {name: Tally() for name in READERS}
    table: dict[str, dict[str, Tally]] = {}
    for sample in samples(starts):
        row = table.setdefault(sample.row, {name: Tally() for name in READERS})
        for name, reader in READERS.items():
            begun = time.process_time()
            read = reader(sample.data)
            seconds = time.process_time() - begun
            for tally in (row[name], together[name]):
                tally.samples += 1
                tally.right += read == sample.text
                tally.seconds += seconds
    return {**table, "all": together}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--starts", type=int, default=1, metavar="N", help="places that each length is cut from")
    table = measured(parser.parse_args().starts)
    print("| text, encoding | samples |" + "".join(f" {name}: right | ms |" for name in READERS))
    print("|---|---|" + "---|---|" * len(READERS))
    for row, tallies in table.items():
        print(f"| {row} | {tallies['ours'].samples} | {' | '.join(map(str, tallies.values()))} |")


if __name__ == "__main__":
    main()
