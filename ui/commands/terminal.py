"""What goes to a terminal: nothing in it moves a cursor or turns lines round, and all of it can be written there."""

from __future__ import annotations

import codecs
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

_ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters but tab and end of line, separators, what turns the direction of text, halves of characters."""


def visible(text: str) -> str:
    """Return `text` with what acts upon a terminal written out, as JSON writes it: JSON says the same afterwards."""
    return _ACTING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _written_out(error: UnicodeError) -> tuple[str, int]:
    """Write out what an encoding has no place for, such as Polish in a Chinese terminal, as JSON writes it."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    units = error.object[error.start : error.end].encode("utf-16-be")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2)), error.end


codecs.register_error("cco-written-out", _written_out)


class Visible:
    """A stream of text before another one that is a terminal, or may end in one."""

    def __init__(self, stream: TextIO) -> None:
        self.plain = stream
        """For what draws in the terminal itself."""

    def write(self, text: str) -> int:
        """Write `text`, made visible, in the stream's encoding, whatever that holds."""
        told = visible(text)
        try:
            self.plain.write(told)
        except UnicodeEncodeError:  # before any of it was written
            encoding = self.plain.encoding
            self.plain.write(told.encode(encoding, "cco-written-out").decode(encoding))
        return len(text)

    def writelines(self, lines: Any) -> None:
        """Write each of `lines`, made visible."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.plain, name)


@contextmanager
def visible_output() -> Iterator[None]:
    """Have all that is printed meanwhile be visible, whoever prints it and whatever is in it."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (Visible(stream) for stream in before)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
