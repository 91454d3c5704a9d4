"""Figures written in characters or with a scale word, brought to plain digits: 三百 and 300, 3万 and 30 000."""

from __future__ import annotations

import re

_DIGIT = "〇零一二两三四五六七八九"
_VALUES = {character: value for value, character in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}

_SECTION = rf"(?:[{_DIGIT}]千零?)?(?:[{_DIGIT}]百零?)?(?:[{_DIGIT}]?十)?[{_DIGIT}]?"
_WELL_FORMED = re.compile(rf"(?:{_SECTION}亿零?)?(?:{_SECTION}万零?)?{_SECTION}")
_MEASURES = "个名位家项种次倍年天日月周岁份条类步层级台间座期届轮"
_RUN = rf"(?:十|[{_DIGIT}])[{_DIGIT}十百千万亿]+"
_HAN_NUMBER = re.compile(
    rf"百分之(?P<share>{_RUN}|[{_DIGIT}十百])(?:点(?P<part>[{_DIGIT}]+))?"
    rf"|(?P<tenths>[{_DIGIT}])成(?![立为功员本长交熟份果就绩分型套形])"
    rf"|(?P<year>[{_DIGIT}]{{4}})(?=年)"
    rf"|(?P<run>{_RUN})"
    rf"|(?P<single>[二两三四五六七八九十](?=[{_MEASURES}])|一(?=月))"
)


def digits_for_numerals(form: str) -> str:
    """Return a text in search form with its Chinese numerals in digits: 三百家 as 300家, 百分之二十 and 二成 as 20%.

    Only what can hardly be anything but a count is changed: a run with tens or hundreds in it, a year, a lone digit
    before a measure word. 一个 stays, being no more than an article, and so do 万一, 五四 and 三三两两.
    """
    return _HAN_NUMBER.sub(_in_digits, form)


def _in_digits(match: re.Match[str]) -> str:
    if match["year"]:
        return _positional(match["year"])
    if match["tenths"]:
        return f"{_VALUES[match['tenths']]}0%"
    if match["share"]:
        value = 100 if match["share"] == "百" else _value(match["share"])
        part = "." + _positional(match["part"]) if match["part"] else ""
        return match.group() if value is None else f"{value}{part}%"
    value = _value(match["run"] or match["single"])
    return match.group() if value is None else str(value)


def _positional(run: str) -> str:
    return "".join(str(_VALUES[character]) for character in run)


def _value(run: str) -> int | None:
    """Return what a Chinese numeral says, None where it is not well formed (二三十, 一一)."""
    if not _WELL_FORMED.fullmatch(run):
        return None
    total = section = digit = 0
    for character in run:
        unit = _UNITS.get(character)
        if unit is None:
            digit = _VALUES[character]
        elif unit < 10_000:
            section, digit = section + (digit or 1) * unit, 0
        else:
            total, section, digit = total + (section + digit) * unit, 0, 0
    # 两万五 is 25 000: a last digit right after a unit counts the next lower one.
    if len(run) > 1 and digit and run[-2] in "百千万亿":
        digit *= _UNITS[run[-2]] // 10
    return total + section + digit


_SCALED = re.compile(
    # Of no more digits than a number of a text has: one of 400 is more than a float holds.
    r"(?<![\d.,])(\d{1,3}(?:[.,]\d{3}){1,5}+|\d{1,15}+(?:[.,]\d{1,15}+)?) ?"
    r"(百万|千万|百亿|千亿|[千万亿]|tys\b|mln\b|mld\b|tysi[aą]c|milion|miliard|thousand|million|billion)"
)
_SCALES = {
    **{"千": 10**3, "万": 10**4, "百万": 10**6, "千万": 10**7, "亿": 10**8, "百亿": 10**10, "千亿": 10**11},
    **{"tys": 10**3, "tysiac": 10**3, "tysiąc": 10**3, "mln": 10**6, "milion": 10**6, "mld": 10**9, "miliard": 10**9},
    **{"thousand": 10**3, "million": 10**6, "billion": 10**9},
}


def scaled_numbers(form: str) -> list[str]:
    """Return in digits the numbers that `form` writes with a scale word: 3.5万 as 35000, „3,5 tys." as 3500."""
    return [str(round(float(plain_number(figure)) * _SCALES[scale])) for figure, scale in _SCALED.findall(form)]


def unscaled(form: str) -> str:
    """Return `form` with the numbers that it writes with a scale word in digits: „3,5 tys. osób" as „3500. osób"."""
    return _SCALED.sub(lambda m: str(round(float(plain_number(m[1])) * _SCALES[m[2]])), form)


def plain_number(figure: str) -> str:
    """Return a figure as 1026 or 3.1: 1,026 and 1.026 are one thousand, 3,1 and 3.1 are three and a bit."""
    if re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", figure):
        return re.sub(r"[.,]", "", figure)
    return figure.replace(",", ".")


NUMBER_WORDS = {
    word: value
    for value, words in {
        **{2: "dwa two", 3: "trzy three", 4: "cztery four", 5: "piec five", 6: "szesc six", 7: "siedem seven"},
        **{8: "osiem eight", 9: "dziewiec nine", 10: "dziesiec", 11: "jedenascie eleven", 12: "dwanascie twelve"},
        **{15: "pietnascie fifteen", 20: "dwadziescia twenty", 30: "trzydziesci thirty", 40: "czterdziesci forty"},
        **{50: "piecdziesiat fifty", 60: "szescdziesiat sixty", 70: "siedemdziesiat seventy"},
        **{80: "osiemdziesiat eighty", 90: "dziewiecdziesiat ninety", 100: "sto hundred"},
    }.items()
    for word in words.split()
}
"""Polish and English number words, as folded lemmas; without ten, which is Polish for this."""
