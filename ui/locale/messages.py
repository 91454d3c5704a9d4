"""Every word of the page in its four languages, plural forms included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ui.locale.texts import (
    Forms,
    chat,
    concepts,
    evaluation,
    failures,
    library,
    reading,
    reasons,
    settings,
    shell,
    starting,
)

LANGUAGES = ("zh-Hans", "zh-Hant", "pl", "en")
DEFAULT_LANGUAGE = "en"

OWN_NAMES = {"zh-Hans": "简体中文", "zh-Hant": "繁體中文", "pl": "Polski", "en": "English"}
"""What each language calls itself, for the switch."""

_PARTS = (shell, chat, reading, library, reasons, concepts, settings, evaluation, failures, starting)

MESSAGES: Mapping[str, Mapping[str, str]] = {
    name: dict(zip(LANGUAGES, row, strict=True)) for part in _PARTS for name, row in part.MESSAGES.items()
}
PLURALS: Mapping[str, Mapping[str, Forms]] = {
    name: dict(zip(LANGUAGES, row, strict=True)) for part in _PARTS for name, row in part.PLURALS.items()
}

_MONTHS = {
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia".split(),
    "en": "January February March April May June July August September October November December".split(),
}


@dataclass(frozen=True)
class Words:
    """The page's words in one language."""

    language: str = DEFAULT_LANGUAGE

    @classmethod
    def of(cls, language: object) -> Words:
        """Take a language that came from outside; any other than the four is the default."""
        return cls(language if isinstance(language, str) and language in LANGUAGES else DEFAULT_LANGUAGE)

    @classmethod
    def preferred(cls, chosen: str, accepted: str) -> Words:
        """Take the language chosen, else the first that there is of those in a browser's Accept-Language."""
        if chosen in LANGUAGES:
            return cls(chosen)
        for part in accepted.split(","):
            tag = part.split(";")[0].strip().lower()
            if tag.startswith("zh"):
                return cls("zh-Hant" if any(place in tag for place in ("hant", "tw", "hk", "mo")) else "zh-Hans")
            for known in ("pl", "en"):
                if tag == known or tag.startswith(f"{known}-"):
                    return cls(known)
        return cls()

    def __call__(self, message: str, **values: object) -> str:
        """Return one message with its places filled."""
        return MESSAGES[message][self.language].format(**values)

    def count(self, message: str, count: int) -> str:
        """Return the form of a message that goes with `count`."""
        return PLURALS[message][self.language][plural_form(self.language, count)].format(count=self.number(count))

    def number(self, value: float, decimals: int = 0) -> str:
        """Return a number as it is written in this language; from 10,000 its digits are in groups of three."""
        written = f"{value:,.{decimals}f}" if abs(value) >= 10_000 else f"{value:.{decimals}f}"
        # A space that no line breaks at.
        return written.translate({ord(","): "\u00a0", ord("."): ","}) if self.language == "pl" else written

    def name_of(self, language: str) -> str:
        """Return what a text's language is called."""
        return self(f"in_{language}" if f"in_{language}" in MESSAGES else "in_und")

    def date(self, iso: str) -> str:
        """Return a date as it is written in this language; anything but a full ISO date as it is."""
        try:
            day = date.fromisoformat(iso)
        except ValueError:
            return iso
        if self.language in _MONTHS:
            return f"{day.day} {_MONTHS[self.language][day.month - 1]} {day.year}"
        return f"{day.year}年{day.month}月{day.day}日"


def plural_form(language: str, count: int) -> int:
    """Return the number of the form that `count` takes, as the Unicode CLDR has it."""
    if language == "pl":
        if count == 1:
            return 0
        return 1 if count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14) else 2
    return int(count != 1) if language == "en" else 0
