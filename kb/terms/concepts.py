"""Roles, metrics and practices of the field, and their names in four languages."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

KINDS = ("role", "metric", "practice")
NAME_TAGS = ("zh-Hans", "zh-Hant", "zh-Hant-HK", "pl", "en")


class UnknownConcept(KeyError):
    """There is no concept of this name."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True)
class Concept:
    """Something that the field speaks of, in whatever language."""

    id: str
    kind: str
    names: Mapping[str, tuple[str, ...]]
    """By language tag, the usual name first. `zh-Hant` is Taiwan's; `zh-Hant-HK` is there where Hong Kong differs."""
    abbreviations: tuple[str, ...]
    """Latin letters, the same in every language; several concepts may share one (CCO)."""
    has_tasks: bool = False
    """Whether it is a post or a body of which one can ask what it does; a customer is a role without."""

    def all_names(self) -> tuple[str, ...]:
        """Return the full names in every language, without the abbreviations."""
        return tuple(name for names in self.names.values() for name in names)

    def name(self, language: str) -> str:
        """Return the usual name in `language`, in English where it has none."""
        return self.names.get(language, self.names["en"])[0]


@lru_cache(maxsize=1)
def concepts() -> tuple[Concept, ...]:
    """Return the concepts of `concepts.toml`, in its order: of those that share an abbreviation the likeliest first."""
    text = resources.files("kb.terms").joinpath("concepts.toml").read_text(encoding="utf-8")
    return tuple(
        Concept(
            entry["id"],
            entry["kind"],
            {tag: tuple(entry[tag]) for tag in NAME_TAGS if tag in entry},
            tuple(entry.get("abbreviations", ())),
            entry["kind"] == "role" and entry.get("tasks", True),
        )
        for entry in tomllib.loads(text)["concept"]
    )


def found(name: str, among: Sequence[Concept]) -> list[Concept]:
    """Return the concepts that `name` names: an id, a name in any language or an abbreviation, in any case.

    Raises `UnknownConcept`, with names that are near.
    """
    wanted = name.strip().casefold()
    exact = [
        concept
        for concept in among
        if wanted in (concept.id, *map(str.casefold, (*concept.all_names(), *concept.abbreviations)))
    ]
    if exact:
        return exact
    near = [c.id for c in among if any(wanted in n.casefold() for n in (c.id, *c.all_names()))] if wanted else []
    hint = f"; did you mean {', '.join(near[:3])}?" if near else "; cco concepts lists them"
    raise UnknownConcept(f"no concept {name!r}{hint}")
