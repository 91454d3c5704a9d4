"""Why files were skipped, in the page's language. Pure; what is returned is text and yet to be escaped."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.reasons import Reason, Skipped, Value
from ui.locale.messages import Words

LISTED = 5
"""Files of an archive whose reasons are told; of more only the number."""


def worded(why: Reason, words: Words) -> str:
    """Return a reason as it goes on after "skipped:"."""
    if why.code == "nothing_left" and why.because:
        return reasons(why.because, words)
    shown = {name: _shown(name, value, words) for name, value in why.values.items()}
    if why.code == "too_many":
        shown["amount"] = words.count(f"most_{why.values['what']}", int(str(why.values["most"])))
    text = words(f"why_{why.code}", **shown)
    if not why.because:
        return text
    return words("reason_such_as", reason=text, example=_named(why.because[0], words))


def reasons(skipped: Sequence[Skipped], words: Words, *, name: str = "") -> str:
    """Return the reasons of what was skipped in one line; what happened to the file called `name` needs no name."""
    if not skipped:
        return ""
    alone = len(skipped) == 1
    told = [
        worded(item.why, words) if item.path == name or (alone and not name) else _named(item, words)
        for item in skipped[:LISTED]
    ]
    if len(skipped) > LISTED:
        told.append(words.count("more_skipped", len(skipped) - LISTED))
    return words("reason_next").join(told)


def _named(item: Skipped, words: Words) -> str:
    """Return a reason after the name of the file, of which its own part is enough."""
    return words("reason_of", name=item.path.rpartition("/")[2], reason=worded(item.why, words))


def _shown(name: str, value: Value, words: Words) -> str:
    if name in ("kind", "looks"):
        return words(f"filekind_{value}")
    if isinstance(value, list):
        return words("listed_next").join(map(str, value))
    if name == "line" or isinstance(value, str):
        return str(value)
    return words.number(value, 1 if name == "size" else 0)
