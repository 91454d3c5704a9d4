"""The one piece of the report's HTML that is not made by a template."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup, escape


def marked(text: str, answers: Iterable[str]) -> Markup:
    """Return `text` escaped, with the first answer that stands in it word for word marked."""
    for answer in sorted(filter(None, answers), key=len, reverse=True):
        before, found, after = text.partition(answer)
        if found:
            return escape(before) + Markup("<mark>{}</mark>").format(found) + escape(after)
    return escape(text)
