"""The one table of what each kind of message gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from kb.question.kinds import Kind


@dataclass(frozen=True)
class Treatment:
    """What a message gets; the rest is the same for all."""

    looked_up: bool = True
    """Whether the sources are asked; else a fixed reply is given, with questions that they do answer."""
    answered: bool = True
    """Whether such a reply is what was wanted."""
    means: Literal["reading", "overview", "summary"] = "reading"
    """How the sources are asked: read for the words that answer, told by their titles, or summed up."""
    whole_list: bool = False
    """Whether a list is quoted with all its items, the likeliest list before the likeliest sentence."""


TREATMENTS: Mapping[Kind, Treatment] = {
    Kind.FACT: Treatment(),
    Kind.DEFINITION: Treatment(),
    Kind.LIST: Treatment(whole_list=True),
    Kind.COMPARISON: Treatment(),
    Kind.REASON: Treatment(),
    Kind.YES_NO: Treatment(),
    Kind.OPINION: Treatment(),
    Kind.FIGURE: Treatment(),
    Kind.SUMMARY: Treatment(means="summary"),
    Kind.OVERVIEW: Treatment(means="overview"),
    Kind.SEVERAL: Treatment(),
    Kind.SMALL_TALK: Treatment(looked_up=False),
    Kind.ASSISTANT: Treatment(looked_up=False),
    Kind.OTHER: Treatment(looked_up=False, answered=False),
}
