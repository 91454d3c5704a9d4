"""The report's small pieces of HTML. Whatever is not written here is escaped: texts and questions are not trusted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from kb.evaluation.report.messages import messages, number


@dataclass(frozen=True)
class Writer:
    """Writes in one language what `report.js` may put into another."""

    language: str

    def words(self, key: str, tag: str = "span", class_: str = "", **attributes: object) -> str:
        """Return an element with a message."""
        attributes["data-t"] = key
        return element(tag, escape(messages()[key][self.language]), class_, **attributes)

    def figure(self, value: float | None, form: str, tag: str = "span", class_: str = "") -> str:
        """Return an element with a figure, a dash for None."""
        if value is None:
            return element(tag, "–", class_)
        return element(
            tag, number(value, form, self.language), class_, **{"data-n": repr(float(value)), "data-f": form}
        )

    def name(self, kind: str, tag: str = "span") -> str:
        """Return the name of a language, a message; any other text as it is."""
        return self.words(kind, tag) if kind in messages() else element(tag, escape(kind))

    def share(self, part: int, whole: int) -> str:
        """Return „part of whole"."""
        told = messages()["of"][self.language].format(
            a=number(part, "whole", self.language), b=number(whole, "whole", self.language)
        )
        return element("b", told, **{"data-of": f"{part} {whole}"})

    def interval(self, bounds: Sequence[float] | None, form: str) -> str:
        """Return a 95 % interval in small print, nothing where there is none."""
        if bounds is None:
            return ""
        return f"<small>{self.figure(bounds[0], form)} – {self.figure(bounds[1], form)}</small>"


def element(tag: str, inner: str, class_: str = "", **attributes: object) -> str:
    """Return an element around HTML; attributes are escaped, those that are None left out."""
    told = {"class": class_ or None, **attributes}
    head = "".join(f' {name}="{escape(str(value))}"' for name, value in told.items() if value is not None)
    return f"<{tag}{head}>{inner}</{tag}>"


def marked(text: str, answers: Iterable[str]) -> str:
    """Return `text` escaped, with the first answer that stands in it word for word marked."""
    for answer in sorted(answers, key=len, reverse=True):
        at = text.find(answer)
        if answer and at >= 0:
            end = at + len(answer)
            return f"{escape(text[:at])}<mark>{escape(answer)}</mark>{escape(text[end:])}"
    return escape(text)


def table(head: str, rows: Iterable[str], class_: str = "") -> str:
    """Return a table that scrolls sideways where it must."""
    inner = element("table", f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody>", class_)
    return element("div", inner, "scroll sheet" if not class_ else "scroll")


def dash(value: Any) -> str:
    """Return a value as text, escaped; a dash for nothing."""
    return "–" if value in (None, "") else escape(str(value))
