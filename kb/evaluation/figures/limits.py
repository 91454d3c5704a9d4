"""Limits that a run must keep, as CI sets them: `retrieval.R@1=0.95`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_NO_MEASURES = {"manifest", "questions", "interval", "bins", "curve"}


class LimitError(ValueError):
    """A limit that no run could be held to; the message says what there is."""


@dataclass(frozen=True)
class Limit:
    """A measure of a run and the value that it may not be under, or over."""

    path: str
    value: float
    over: bool = False

    @classmethod
    def read(cls, text: str, *, over: bool = False) -> Limit:
        """Read `PATH=VALUE`. Raises `LimitError`."""
        path, equals, value = text.rpartition("=")
        try:
            number = float(value)
        except ValueError:
            number = float("nan")
        if not equals or not path.strip() or number != number:
            raise LimitError(f"{text!r} is no limit; expected PATH=VALUE, such as retrieval.R@1=0.95")
        return cls(path.strip(), number, over)


def broken(run: Mapping[str, Any], limits: Sequence[Limit]) -> list[str]:
    """Return a line for each limit that `run` does not keep. Raises `LimitError` at a path that no run has."""
    measures = measures_of(run)
    unknown = [limit.path for limit in limits if limit.path not in measures]
    if unknown:
        short = [path for path in measures if ".by_" not in path and ".overall." not in path]
        grouped = next((path for path in measures if ".by_" in path and not path.endswith(".n")), "")
        more = f"; of one group alone such as {grouped}" if grouped else ""
        raise LimitError(f"the run has no {', '.join(unknown)}; it has {', '.join(short)}{more}")
    lines = []
    for limit in limits:
        value = measures[limit.path]
        word = "over" if limit.over else "under"
        if value is None:
            lines.append(f"{limit.path} was not measured, so whether it is {word} {limit.value:g} is not known")
        elif (value > limit.value) if limit.over else (value < limit.value):
            lines.append(f"{limit.path} is {value:.4g}, {word} {limit.value:g}")
    return lines


def measures_of(run: Mapping[str, Any]) -> dict[str, float | None]:
    """Return every figure of a run by dotted path; those over all questions without `overall` too."""
    found: dict[str, float | None] = {}
    for path, value in _leaves(run):
        if ".overall." in path:
            found[path.replace(".overall.", ".", 1)] = value
        found[path] = value
    return found


def _leaves(value: Mapping[str, Any], place: str = "") -> Iterator[tuple[str, float | None]]:
    for key, inner in value.items():
        path = f"{place}.{key}" if place else key
        if key in _NO_MEASURES and not place.endswith(("by_kind", "by_language", "by_pair")):
            continue
        if isinstance(inner, Mapping):
            yield from _leaves(inner, path)
        elif inner is None or (isinstance(inner, int | float) and not isinstance(inner, bool)):
            yield path, inner
