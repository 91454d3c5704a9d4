"""What a source file may cost to read; `kb.settings.schema` lets a user change it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bounds on one file. What goes beyond is refused in one line and nothing of it is kept."""

    seconds: float = 15.0
    """From handing the file to the reading process to its answer; an archive with all that is in it counts as one."""
    memory_megabytes: int = 1000
    """Address space of the reading process."""
    text_megabytes: int = 20
    """Of a text, a page or a table: some five million words, more than any single source of this kind has."""
    file_megabytes: int = 100
    """Of any other file."""
    unpacked_megabytes: int = 200
    """What the parts of an archive or an Office file may unpack to, together."""
    members: int = 2_000
    """Files in an archive; an Office file may have ten times as many parts."""
    pages: int = 5_000
    elements: int = 200_000
    """Headings, paragraphs, items and rows of one document."""
    characters: int = 20_000_000
    """Of one document's text."""
