"""What the knowledge base itself says, in the language and script of the question."""

from __future__ import annotations

from corpus.language import UNDETERMINED

DEFAULT_LANGUAGE = "en"

_REFUSALS = {
    "zh-Hans": "现有资料没有说明这个问题。",
    "zh-Hant": "現有資料沒有提到這個問題的答案。",
    "pl": "Dostępne źródła o tym nie mówią.",
    "en": "The sources do not say.",
}


def refusal(language: str) -> str:
    """Return the sentence that says, in `language`, that the sources do not answer."""
    return _REFUSALS.get(DEFAULT_LANGUAGE if language == UNDETERMINED else language, _REFUSALS[DEFAULT_LANGUAGE])
