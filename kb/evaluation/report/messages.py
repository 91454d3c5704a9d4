"""Every word of the report in its four languages (`messages.tsv`), and how each writes figures."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib import resources

LANGUAGES = ("zh-Hans", "zh-Hant", "pl", "en")
DEFAULT_LANGUAGE = "en"
OWN_NAMES = {"zh-Hans": "简体中文", "zh-Hant": "繁體中文", "pl": "Polski", "en": "English"}


_PLACES = {"tenth": 1, "decimal": 3}


@lru_cache(maxsize=1)
def messages() -> Mapping[str, Mapping[str, str]]:
    """Return the words by key and language. Figures stand beside nouns, so that no plural has to be formed."""
    table = resources.files("kb.evaluation.report").joinpath("messages.tsv").read_text(encoding="utf-8")
    header, *rows = (line.split("\t") for line in table.splitlines())
    return {key: dict(zip(header[1:], words, strict=True)) for key, *words in rows}


def number(value: float, form: str, language: str) -> str:
    """Write a figure as `percent` (.825: 82.5%), `tenth`, `decimal` (three places) or `whole`, as `report.js` does."""
    if form == "percent":
        text = f"{value * 100:.1f}%"
    elif form in ("tenth", "decimal"):
        text = f"{value:.{_PLACES[form]}f}"
    else:
        text = f"{value:,.0f}"
    # In Polish a comma before the fraction, and a space in numbers from five digits on.
    if language != "pl":
        return text
    whole = text.replace(",", "\u00a0" if abs(value) >= 10_000 or form != "whole" else "")
    return whole.replace(".", ",")
