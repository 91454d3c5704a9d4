"""The encoding of a source file: bytes -> text, strictly, and judged by how plausible the text is.

Ours, since charset-normalizer 3.5 gives back .92 of 9,223 texts of 20 to 20,000 characters, .95 where it is told which
encodings are possible, and this .999: `python -m benchmarks.encodings --starts 20`. It misses half of what is in ISO
8859-2, and GB or Big5 where there is little of it.
"""

from __future__ import annotations

import codecs
import functools
import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass

from corpus.reasons import Refusal, why

MAZOVIA = "mazovia"
CANDIDATES = ("utf-16-le", "utf-16-be", "gb18030", "cp950", "big5hkscs", "cp1250", "cp852", MAZOVIA, "iso-8859-2")
"""Tried in this order once strict UTF-8 has failed; of two equally plausible texts the earlier wins."""

PLAUSIBLE = 0.6
"""Least mean plausibility of a text's characters beyond ASCII; below it the encoding counts as unknown."""

SAMPLE = 4000
"""How many characters beyond ASCII are judged; more would not change the verdict."""

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_POLISH_LETTERS = "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ"
_POLISH = frozenset(_POLISH_LETTERS)
_MAZOVIA = dict(enumerate(bytes(range(256)).decode("cp437"))) | dict(
    zip(bytes.fromhex("868d9192a4a29ea6a78f95909ca5a398a0a1"), _POLISH_LETTERS, strict=True)
)
"""The code page of Polish DOS machines of the eighties, for which Python has no codec: 437 with Polish letters."""
_TYPOGRAPHY = frozenset("„”“‚‘’–—…«»·•°§€×©®\u00a0")
_EVERYDAY = frozenset(
    "的一是不了在人有我他這这個个們们中來来上大為为和國国地到以說说時时要就出會会可也你對对生能而子那得於于著着下"
    "自之年過过發发後后作里用道行所然家種种事成方多經经么麼去法學学如都同現现當当沒没動动面起看定天分還还進进好小"
    "部其些主樣样理心她本前開开但因只從从想實实日與与及或由將将被並并更最客戶户公司服務务"
)


class UndecodableError(Refusal):
    """The bytes are text in no encoding that is known here."""


@dataclass(frozen=True)
class Decoded:
    """A file's text and the encoding that it was in; a byte order mark is not part of the text."""

    text: str
    encoding: str


def decode(data: bytes) -> Decoded:
    """Decode a file's bytes: by its byte order mark, as strict UTF-8, else as the most plausible candidate.

    Raises UndecodableError with the offset at which UTF-8 failed and the encodings that were tried.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _decode_marked(data, mark, encoding)
    if b"\0" in data:  # NUL is valid UTF-8, yet in a text it only ever stands in UTF-16
        if not _is_ascii_with_nuls(data) and (
            found := _most_plausible(data, ("utf-16-le", "utf-16-be"), least=PLAUSIBLE / 2)
        ):
            return found
        raise UndecodableError(why("binary", byte=data.index(0)))
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as error:
        offset = error.start
    with suppress(UnicodeDecodeError):
        # Halves of surrogate pairs, each written for itself as some programs do; a half alone is no character.
        halves = data.decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass")
        return Decoded(halves.decode("utf-16-le", "ignore"), "utf-8")
    if _is_broken_utf8(data):
        raise UndecodableError(why("broken_utf8", byte=offset))
    found = _most_plausible(data, CANDIDATES)
    if found is None:
        raise UndecodableError(why("unknown_encoding", byte=offset, tried=", ".join(CANDIDATES)))
    return found


def plausibility(text: str) -> float:
    """Judge how much a decoded text looks like Chinese, Polish or English: the mean over characters beyond ASCII.

    Returns 1 for a text of ASCII alone and less the more rare Han characters, stray letters and control codes it has.
    """
    total, count = 0.0, 0
    for match in re.finditer(r"[^\x09\x0a\x0d\x20-\x7e]", text):
        place = match.start()
        total += _character_plausibility(text[place - 1 : place], match[0], text[place + 1 : place + 2])
        count += 1
        if count == SAMPLE:
            break
    return total / count if count else 1.0


def _character_plausibility(before: str, character: str, after: str) -> float:
    if "\u4e00" <= character <= "\u9fff":
        # A Polish letter and the one beside it, read as GB or Big5, leave one Han character stuck to a Latin word.
        stuck = after.isascii() and before.isascii() and before.islower()
        value = 1.2 if character in _EVERYDAY else 1.0 if character in _common_han() else 0.1
        return value - 0.8 if stuck else value
    # Many a small letter of one code page is a capital of another, in the middle of a word.
    in_word = (before.isalpha() or after.isalpha()) and not (character.isupper() and before.islower())
    if character in _POLISH:
        return 1.0 if in_word else 0.2
    if character in _TYPOGRAPHY:
        return 0.9
    if "\u3001" <= character <= "\u301f" or "\uff01" <= character <= "\uff5e":
        return 1.0
    category = unicodedata.category(character)
    if category in {"Cc", "Cn", "Co", "Cs"} or character == "\ufffd":
        return -3.0
    if category.startswith("L") and unicodedata.name(character, "").startswith("LATIN"):
        return 0.65 if (before + after).isascii() and in_word else 0.2
    return 0.3 if category[0] in "LPSZ" else 0.0


@functools.cache
def _common_han() -> frozenset[str]:
    """Collect the characters of everyday use: level 1 of GB 2312 (3,755) and of Big5 (5,401)."""
    rows = [("gb2312", range(0xB0, 0xD8)), ("big5", range(0xA4, 0xC7))]
    pairs = [(name, bytes((lead, trail))) for name, leads in rows for lead in leads for trail in range(0x40, 0xFF)]
    return frozenset(character for name, pair in pairs if len(character := pair.decode(name, "ignore")) == 1)


def _decode_marked(data: bytes, mark: bytes, encoding: str) -> Decoded:
    try:
        return Decoded(data[len(mark) :].decode(encoding), encoding)
    except UnicodeDecodeError as error:
        offset = len(mark) + error.start
        raise UndecodableError(why("broken_marked", encoding=encoding.upper(), byte=offset)) from None


def _most_plausible(data: bytes, encodings: tuple[str, ...], *, least: float = PLAUSIBLE) -> Decoded | None:
    best, best_value = None, least
    for encoding in encodings:
        try:
            text = codecs.charmap_decode(data, "strict", _MAZOVIA)[0] if encoding == MAZOVIA else data.decode(encoding)
        except UnicodeDecodeError:
            continue
        value = plausibility(text)
        if "\0" not in text and value > best_value:
            best, best_value = Decoded(text, encoding), value
    return best


def _is_ascii_with_nuls(data: bytes) -> bool:
    """Tell a binary file, or a text with a few NULs, from UTF-16, which has many NULs or many bytes beyond ASCII."""
    printable = len(re.findall(rb"[\x09\x0a\x0d\x20-\x7e]", data))
    nuls = data.count(0)
    return nuls < 0.2 * len(data) and printable >= 0.95 * (len(data) - nuls)


def _is_broken_utf8(data: bytes) -> bool:
    """Tell UTF-8 with a few spoilt bytes from another encoding: nearly all bytes beyond ASCII form valid sequences."""
    high = sum(map(len, re.findall(rb"[\x80-\xff]+", data)))
    sequences = rb"[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
    valid = [len(sequence) for sequence in re.findall(sequences, data)]
    # GB text holds a chance sequence of two bytes now and then, hardly ever one of three.
    han = sum(length for length in valid if length == 3)
    return len(valid) >= 3 and (sum(valid) >= 0.9 * high or han >= 0.75 * high)
