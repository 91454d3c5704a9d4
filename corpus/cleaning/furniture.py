"""The furniture of saved web pages: what a line says when it is a menu, a button, a licence number or a promotion.

Lines are `folded` first, so that one spelling of a pattern serves both Chinese scripts; the tables are in
`corpus.cleaning.furniture_tables`.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Mapping, Sequence

from corpus.cleaning.furniture_tables import (
    BUTTONS_HAN,
    BUTTONS_LATIN,
    CONTENTS,
    LINK_LISTS,
    PHRASES,
    READING,
    SENTENCES,
    SIDEBARS,
    SITE_HAN,
    SITE_LATIN,
    TOPICS_HAN,
    TOPICS_LATIN,
)
from corpus.text.normalize import to_simplified

LONGEST = 400
"""Lines above this many characters are prose whatever they say."""

_DATE = (
    r"(?:(?:19|20)\d\d ?[-/.年] ?\d{1,2} ?[-/.月] ?\d{1,2} ?日?"
    r"|\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d\d"
    r"|\d{1,2} (?:sty|lut|mar|kwi|maj|cze|lip|sie|wrz|paź|lis|gru)[a-ząęńś]{0,12} (?:19|20)\d\d"
    r"|\d{1,2} (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,12} (?:19|20)\d\d"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,12} \d{1,2}, (?:19|20)\d\d)"
)
MONTHS = {
    name: number
    for names in ("sty lut mar kwi maj cze lip sie wrz paź lis gru", "jan feb mar apr may jun jul aug sep oct nov dec")
    for number, name in enumerate(names.split(), 1)
}
"""The first three letters of a month's Polish or English name -> its number."""
_TIME = r"(?:[ ,t]*(?:(?:上|下)午|godz\.?|at|o)? ?\d{1,2}:\d\d(?::\d\d)?(?: ?(?:am|pm|r\.))?)?"
_DATE_LABEL = (
    r"(?:(?:发布|发表|发佈|上传|更新|刊登|刊出|出版|创建|编辑|修改|最后更新|最后修改|上架|文章)?(?:时间|日期)"
    r"|(?:发[布表佈]|编辑|更新|修改)于|发[布表佈]|更新|日期"
    r"|opublikowan[yaeo]|(?:data )?publikacj[iae]|data|dodan[yaoe]|utworzono|(?:ostatnia )?aktualizacja"
    r"|zaktualizowano"
    r"|published(?: on)?|posted(?: on)?|last (?:updated|modified)|updated(?: on)?|date)"
)
DATE = re.compile(_DATE)
DATED_LABEL = re.compile(rf"{_DATE_LABEL} ?[:/] ?{_DATE}{_TIME}")
"""A label, a colon and a date at a line's beginning: furniture, though real text may be glued to its end."""
DATE_LINE = re.compile(rf"[\W]*(?:{_DATE_LABEL} ?[:/]? ?)?{_DATE}{_TIME}(?: ?r\.)?(?: ?星期.| ?\(.\))?[\W]*")

_META_LABEL = (
    r"(?:(?:文章|信息|资料|稿件|新闻|词条)?(?:来源|出处)|作者|撰文|(?:责任|执行|值班)?编辑(?:次数)?|责编|记者"
    r"|(?:发布|主办|刊登)(?:单位|者|人|部门)"
    r"|(?:总)?(?:浏览|阅读|点击|点阅|访问|查看|回复|评论|下载)(?:次数|量|数|人次)?|人气|字号|字体|字级"
    r"|字体大小|(?:发布|更新|上传|发表)?(?:时间|日期)"
    r"|最近更新|上传人|文档编号|格式|页数|大小|(?:词条|文章)?(?:分类|标签)|栏目|关键[词字]|autor(?:ka)?"
    r"|(?:ukryta )?kategori[ae]|komentarze"
    r"|tagi|źródło|data|redakcja"
    r"|dodał[ao]?|tekst|author|category|source|views|comments|tags|date)"
)
_META_PAIR = re.compile(rf"{_META_LABEL} ?[:/] ?[^|:]{{0,40}}?(?= *(?:\||$|{_META_LABEL} ?[:/]))")
_DATED = re.compile(rf"{_DATE}{_TIME}")
_LABEL_OR_NUMBER = re.compile(rf"{_DATE_LABEL}|\d+|约|分钟|min")
_BYLINE = re.compile(
    r"(?:(?:特约|实习|本报|特派)?记者|编译|文|撰文|图文|综合报[导道]) ?[^\s/|]{2,6} ?[/／╱] ?\S{2,8}(?:报[导道]|电)?"
    r"|(?:by|przez|autor|作者|文) [^|]{2,24}"
)

_LETTER = re.compile(r"[^\W\d_]")
_AROUND_OPENERS = " ·•-–—*#|>»›:…【】[]()「」.?!↓▼+"


class _Simplifying(dict[int, int | str]):
    """A table for `str.translate` that learns the Simplified form of each Han character when it first meets it."""

    def __missing__(self, code: int) -> int | str:
        self[code] = to_simplified(chr(code)) if 0x4E00 <= code <= 0x9FFF else code
        return self[code]


_SIMPLIFYING = _Simplifying()


def folded(line: str) -> str:
    """Return the form of a line that the patterns know: half-width, lower case, Simplified."""
    text = unicodedata.normalize("NFKC", line).casefold().translate(_SIMPLIFYING)
    return re.sub(r"\s+", " ", text).strip()


def kind_of(form: str, *, ends_sentence: bool) -> str | None:
    """Return what kind of furniture a folded line is by itself, or None; a sentence needs one of `SENTENCES`."""
    if not form or len(form) > LONGEST:
        return None
    for kind, pattern in _compiled("sentences"):
        if pattern.fullmatch(form):
            return kind
    if ends_sentence:
        return None
    if not re.search(r"[^\W\d_]", form):
        return None if re.search(r"[%‰$€¥£]", form) or re.search(r"\d{7}", form) else "pager"
    bare = form.strip("【】[]()<>«» ")
    for kind, pattern in _compiled("phrases"):
        if pattern.fullmatch(form) or pattern.fullmatch(bare):
            return kind
    if len(form) <= 160 and _is_meta_line(form):
        return "meta"
    return "button" if len(form) <= 160 and is_only_buttons(form) else None


def _is_meta_line(form: str) -> bool:
    """Tell whether a folded line is nothing but dates, pairs such as `来源:...`, a byline and buttons.

    A byline alone does not count: who wrote a text may be asked.
    """
    left, dates = _DATED.subn(" | ", form)
    left, pairs = _META_PAIR.subn(" ", left.replace("| |", "|"))
    left, bylines = _BYLINE.subn(" ", left)
    left = _LABEL_OR_NUMBER.sub(" ", left)
    reporter = bylines and re.search(r"[/／╱]", form) and not re.match("作者", form)
    enough = (
        dates > 0 or pairs > 1 or (pairs == 1 and not re.match("作者|autor|author|撰文|tekst|文", form)) or reporter
    )
    return bool(enough) and not _LETTER.search(_menu_words().sub(" ", left))


def is_only_buttons(form: str) -> bool:
    """Tell whether a folded line says nothing but the words of buttons and menus, at least one of them a button's."""
    return menu_share(form) == 1 and bool(_buttons().search(form))


def menu_share(form: str) -> float:
    """Return the share of a folded line's letters that stand in words of menus and buttons, 0 where it has none."""
    letters = len(_LETTER.findall(form))
    return 1 - len(_LETTER.findall(_menu_words().sub(" ", form))) / letters if letters else 0.0


def menu_words_in(form: str) -> int:
    """Count the words of menus and buttons in a folded line."""
    return len(_menu_words().findall(form))


def opener_of(form: str) -> str | None:
    """Return what a folded line opens: `links`, the page's `contents`, a `sidebar`, or None."""
    bare = form.strip(_AROUND_OPENERS)
    if not 0 < len(bare) <= 60:
        return None
    return next((kind for kind, pattern in _compiled("openers") if pattern.fullmatch(bare)), None)


def leads_to_reading(form: str) -> bool:
    """Tell whether a folded line is a link to further reading: an opener, a colon or bracket, and a title."""
    head, sign, title = (*re.split(r"([:|】\]])", form.lstrip(_AROUND_OPENERS), maxsplit=1), "", "")[:3]
    return bool(sign and title.strip(_AROUND_OPENERS)) and any(
        pattern.fullmatch(head.strip()) for _, pattern in _compiled("reading")
    )


def is_menu_word(text: str) -> bool:
    """Tell whether a line is made of the words of menus and buttons alone."""
    return menu_share(folded(text)) == 1


def is_site_word(text: str) -> bool:
    """Tell whether a line is made of words that only a site's own menus and buttons use."""
    return is_menu_word(text) and not _LETTER.search(_site_words().sub(" ", folded(text)))


@functools.cache
def _compiled(table: str) -> Sequence[tuple[str, re.Pattern[str]]]:
    tables: dict[str, Mapping[str, tuple[str, ...]]] = {
        "sentences": SENTENCES,
        "phrases": PHRASES,
        "reading": {"opener": READING},
        "openers": {"links": (*READING, *LINK_LISTS), "contents": CONTENTS, "sidebar": SIDEBARS},
    }
    return [(kind, re.compile("|".join(f"(?:{p})" for p in patterns))) for kind, patterns in tables[table].items()]


@functools.cache
def _buttons() -> re.Pattern[str]:
    return _any_of(BUTTONS_HAN, BUTTONS_LATIN)


@functools.cache
def _site_words() -> re.Pattern[str]:
    return _any_of(f"{BUTTONS_HAN} {SITE_HAN}", f"{BUTTONS_LATIN}|{SITE_LATIN}")


@functools.cache
def _menu_words() -> re.Pattern[str]:
    return _any_of(f"{BUTTONS_HAN} {SITE_HAN} {TOPICS_HAN}", f"{BUTTONS_LATIN}|{SITE_LATIN}|{TOPICS_LATIN}")


def _any_of(han: str, latin: str) -> re.Pattern[str]:
    """Compile two lists of words, longest first; Latin ones must stand alone, Chinese ones may touch."""
    chinese, others = (
        "|".join(map(re.escape, sorted(words, key=len, reverse=True))) for words in (han.split(), latin.split("|"))
    )
    return re.compile(rf"(?<![^\W\d_])(?:{others})(?![^\W\d_])|{chinese}")
