"""Citation precision and recall as ALCE defines them (Gao et al., 2023, section 3.3).

In place of its entailment model stands a test of support: word for word, or by figures, names, roles and words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kb.answering.answers import Answer
from kb.evaluation.figures.measures import mean

Supports = Callable[[str, Sequence[Any]], bool]
"""Tells whether citations, taken together, bear out a sentence; none bear out nothing."""


def citation_recall(answer: Answer, supports: Supports) -> float:
    """Return the share of the answer's sentences that their citations, taken together, bear out."""
    return mean(supports(text, cited) for text, cited in _cited(answer))


def citation_precision(answer: Answer, supports: Supports) -> float:
    """Return the share of the citations that are needed: 0 of an answer without any.

    A citation counts where its sentence is borne out and it bears it out alone, or the others do not without it.
    """

    def counts(text: str, cited: list[Any], citation: Any) -> bool:
        others = [other for other in cited if other != citation]
        return supports(text, cited) and (supports(text, [citation]) or not supports(text, others))

    return mean(counts(text, cited, citation) for text, cited in _cited(answer) for citation in cited)


def _cited(answer: Answer) -> list[tuple[str, list[Any]]]:
    numbered = {citation.number: citation for citation in answer.citations}
    return [(s.text, [numbered[n] for n in s.citations if n in numbered]) for s in answer.sentences]
