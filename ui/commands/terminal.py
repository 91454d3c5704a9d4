"""What goes to a terminal: nothing in a text, a title or a name moves its cursor or turns its lines round."""

from __future__ import annotations

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


class Visible:
    """A stream of text before another one that is a terminal, or may end in one."""

    def __init__(self, stream: TextIO) -> None:
        self.plain = stream
        """For what draws in the terminal itself."""

    def write(self, text: str) -> int:
        """Write `text`, made visible."""
        self.plain.write(visible(text))
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
