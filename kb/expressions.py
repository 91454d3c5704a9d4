"""Figures, dates, names and places in a text, in whichever language: what a question of their kind is answered with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from corpus.normalize import HAN, search_form
from corpus.segment import fold, tagged_names


class Sort(Enum):
    """What an expression tells."""

    MONEY = "money"
    SHARE = "share"
    """A percentage or a fraction."""
    DURATION = "duration"
    DATE = "date"
    COUNT = "count"
    """A figure of anything else."""
    PERSON = "person"
    ROLE = "role"
    PLACE = "place"


FIGURES = frozenset({Sort.MONEY, Sort.SHARE, Sort.DURATION, Sort.COUNT})


@dataclass(frozen=True)
class Expression:
    """A piece of a text that tells a figure, a date, a name or a place."""

    sort: Sort
    start: int
    end: int


def _any(words: str) -> str:
    """Return a pattern of any of `words`, themselves patterns, set apart by white space (a blank within one is `_`)."""
    return "(?:" + "|".join(word.replace("_", r"\s") for word in words.split()) + ")"


_NUMERAL = r"(?:\d+(?:[.,\u00a0 ]\d+)*|[〇零一二兩两三四五六七八九十百千]+)"
_SCALE = r"\s?[多餘余幾几]?" + _any(
    r"百萬 百万 千萬 千万 [萬万億亿兆] tys\. mln mld milion\w* miliard\w* tysi\w+ million billion"
)
_SCALE = f"(?:{_SCALE})?"
_ABOUT = (
    _any(
        "約為? 约为? 大約 大约 近 將近 将近 超過 超过 不到 至少 最多 逾 "
        "ponad około prawie blisko niemal co_najmniej do over about nearly"
    )
    + r"?\s?"
)
_POLISH_NUMERAL = _any(
    "jeden jedna jedno jednego jednej dwa dwie dwóch dwoma trzy trzech trzema cztery czterech pięć pięciu sześć "
    "sześciu siedem siedmiu osiem ośmiu dziewięć dziewięciu dziesięć dziesięciu kilka kilku kilkanaście "
    "kilkudziesięciu kilkadziesiąt dwanaście piętnaście dwadzieścia trzydzieści pięćdziesiąt sto tysiąc "
    "two three four five six seven eight nine ten dozen"
)
_ANY_NUMERAL = rf"(?:{_NUMERAL}|\b{_POLISH_NUMERAL}\b)"
_MONTH = _any(
    r"stycz\w+ lut(?:y|ego|ym) marc\w+ kwie(?:cień|tni\w*) maj(?:a|u)? czerw(?:iec|ca|cu) lip(?:iec|ca|cu) sierp\w+ "
    r"wrze(?:sień|śni\w*) październik\w* listopad\w* grud(?:zień|ni\w*) January February March April May June July "
    "August September October November December"
)
_CURRENCY = _any(
    r"美元 美金 欧元 歐元 日元 日圓 英镑 英鎊 人民币 人民幣 新?[台臺][币幣元] 港[币幣元] 元 塊錢 块钱 "
    r"zł\b złot\w+ PLN\b euro\b EUR\b USD\b dolar\w* funt\w+ dollars? euros?"
)
_PERCENT = _any(r"[%％] proc\. procent\w* percent 個百分點 个百分点 punkt\w*_procent\w* pp\.")
_HAN_PERIOD = (
    _any("年半? 個?月 个?月 [個个]?星期 [週周] 天 日 [個个]?小[時时] 分[鐘钟] 秒 [個个]?季度? [歲岁]")
    + "(?![份會会級级])"
)
_PERIOD = _any(
    r"lat(?:a|ach)? rok(?:u|iem)? miesi\w+ tygod\w+ dni dzień dniach godzin\w* minut\w* sekund\w* kwarta\w+ "
    "years? months? weeks? days? hours? minutes?"
)
_MEASURE = (
    "(?:平方公里|平方公尺|公里|公尺|公分|公斤|"
    "[個个名位人家項项種种條条次倍點点分本款份屆届層层級级步間间隻只座艘架輛辆件篇部首幅顆颗株口戶户筆笔場场類类大])?"
)
_ERA = _any("民[國国] 昭和 平成 明治 大正 康熙 乾隆 [萬万][曆历] 洪武 光[緒绪]")
_CENTURY = (
    r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})\s?世[紀纪]"
    r"(?:\s?[\d一二三四五六七八九十]{1,2}0?\s?年代)?(?:初|末|中[葉叶期])?"
)

# In this order: what is part of an earlier expression is none of a later sort.
_PATTERNS: tuple[tuple[Sort, tuple[str, ...]], ...] = (
    (
        Sort.MONEY,
        (
            rf"(?:NT|US|HK)?[$€£¥￥]\s?\d[\d.,]*{_SCALE}",
            rf"{_NUMERAL}{_SCALE}\s?{_CURRENCY}",
        ),
    ),
    (
        Sort.SHARE,
        (
            rf"\d+(?:[.,]\d+)?\s?{_PERCENT}",
            rf"百分之{_NUMERAL}(?:[點点]{_NUMERAL})?",
            rf"{_NUMERAL}分之{_NUMERAL}",
            "[一二兩两三四五六七八九]成(?![立功為为本果長长員员熟])",
            "[過过大]?半[數数]?(?=以上|的|都|還|还|人|，|。)",
            "一半",
            r"\bpołow\w+",
            r"\bjedn\w+ (?:trzeci\w*|czwart\w*|piąt\w*)",
            r"\bdw\w+ trzeci\w*",
            r"\btrzy czwarte",
            r"\b(?:one|two|three)[- ](?:third|quarter|fifth)s?\b",
            r"\bhalf\b",
        ),
    ),
    (
        Sort.DATE,
        (
            r"(?:公元前?|西元前?)?\d{3,4}\s?年代?(?:\s?\d{1,2}\s?月份?(?:\s?\d{1,2}\s?[日號号])?)?",
            r"\d{1,2}\s?月\s?\d{1,2}\s?[日號号]",
            "[〇零一二三四五六七八九]{4}年(?:[一二三四五六七八九十]{1,2}月)?",
            _CENTURY,
            rf"{_ERA}[\d一二三四五六七八九十元]{{1,3}}年",
            r"[\d一二三四五六七八九十]{1,3}年代(?:初|末|中期)?",
            rf"\b(?:\d{{1,2}}\.?\s)?{_MONTH}(?:\s\d{{4}}(?:\s(?:roku|r\.))?)?",
            r"\b(?:1[0-9]|20)\d{2}(?:[-–/]\d{2,4})?(?:\s?(?:roku|r\.))?(?![\d%])",
            r"\b[IVX]{1,5}\.?\s(?:wieku|w\.)",
            r"\blatach?\s(?:\d{2,4}|[a-ząęćłńóśźż]+(?:dziesiąt|dzieści)\w*)\.?",
        ),
    ),
    (
        Sort.DURATION,
        (
            rf"{_NUMERAL}\s?[多餘余幾几]?\s?{_HAN_PERIOD}",
            "半年",
            "半[個个]月",
            rf"{_ANY_NUMERAL}\s(?:pełn\w+\s)?{_PERIOD}\b",
            r"\b(?:pół roku|rok|roku|miesiąc|tydzień|kwartał)\b",
        ),
    ),
    (Sort.COUNT, (rf"第?{_NUMERAL}{_SCALE}\s?{_MEASURE}", rf"\b{_POLISH_NUMERAL}\b")),
)
_COMPILED = tuple((sort, re.compile(_ABOUT + "(?:" + "|".join(patterns) + ")")) for sort, patterns in _PATTERNS)
_ARTICLE = re.compile("第?一[個个名位家項项種种條条次點点本款份]?")
"""What is „one" in Chinese and mostly no more than „a"."""
# Letters are spelt out, and no \b stands before them: Chinese characters, which are word characters too, adjoin names.
_LATIN = "A-Za-z\u00c0-\u017f"
_LATIN_NAME = re.compile(
    rf"(?<![{_LATIN}\d.])(?:[A-ZŁŚŻŹĆ](?:[{_LATIN}'’-]*|[a-z]?\.)\s)+"
    "(?:(?:van|von|de|der|da|di|del|la|le)\\s)*[A-ZŁŚŻŹĆ][a-ząćęłńóśźżé'’-]+"
)
_ABBREVIATION = re.compile(r"(?<![\w.])[A-Z]{2,}(?![\w.])")
# Organisations, roles and measures go by two capitals too; so does „W Warszawie". Abbreviations are nobody's names.
_NOBODY = re.compile(
    r"^[a-z]\s|\b"
    + _any(
        "academy account agency airlines associat\\w+ bank board business capital center centre chief client college "
        "company consulting continuum corp\\w* council customer director effort executive experience financ\\w+ forum "
        "foundation global gross group head hotels? inc index institute insurance international journal journey "
        "lifetime ltd loyalty manag\\w+ marketing monthly motors national net officer opportunity owner partners press "
        "president product promoter research retention revenue review sales satisfaction school score services? "
        "society software solutions states stores? success systems technolog\\w+ times united university value voice "
        "weekly bank\\w* firm\\w{1,2} fundacj\\w+ grup[aye] instytut\\w* minister\\w+ spolk\\w+ stowarzyszeni\\w+ "
        "towarzystw\\w+ uniwersytet\\w* urzad\\w*"
    )
    + r"\b"
)
_HAN_NAME = re.compile(
    rf"[{HAN}]{{1,5}}(?:[·・‧．•･](?:(?![與与和及])[{HAN}]){{1,4}})+|[{HAN}]{{2,4}}(?=先生|女士|小姐|博士|教授)"
)
_HAN_ROLE = _any(
    r"執行長 执行官 官 總監 总监 經理 经理 總裁 总裁 主管 董事[會会長长]? 主任 部門 部门 負責人 负责人 老闆 老板 "
    r"[長长](?=[^\u4e00-\u9fff]|$|[匯汇報报和與与及或的])"
)
_POLISH_ROLE = (
    _any("dyrektor prezes szef menedżer kierownik zarząd wiceprezes członek_zarządu członk\\w+_zarządu") + r"\w*"
)
_OF_WHAT = _any(
    r"ds\. do_spraw generaln\w+ wykonawcz\w+ operacyjn\w+ marketing\w* finansow\w+ handlow\w+ sprzedaż\w* klient\w+"
)
_ROLE = re.compile(
    # Not what stands before it: 直接向首席执行官, 在所有部门.
    rf"(?:(?![向对對由给給被和与與及在把让讓为為将將从從的是所有各每])[\u4e00-\u9fff]){{0,4}}{_HAN_ROLE}|(?<![{_LATIN}])(?:C[EMOXCFITRPS]O|CHRO)(?![{_LATIN}])|\b{_POLISH_ROLE}(?:\s{_OF_WHAT})*"
    r"|\b(?:director|president|manager|officer|board)\b",
    re.IGNORECASE,
)
_SORTS_OF_TAGS = {"nr": Sort.PERSON, "nrt": Sort.PERSON, "nrfg": Sort.PERSON, "ns": Sort.PLACE}
"""jieba's."""


@lru_cache(maxsize=20_000)
def expressions(text: str) -> tuple[Expression, ...]:
    """Return the figures, dates, names, roles and places of `text`, in order; roles may overlap with names."""
    taken = [False] * len(text)
    found: list[Expression] = []
    for sort, pattern in _COMPILED:
        for match in pattern.finditer(text):
            start, end = _trimmed(text, *match.span())
            if start < end and not any(taken[start:end]) and not _ARTICLE.fullmatch(text, start, end):
                found.append(Expression(sort, start, end))
                taken[start:end] = [True] * (end - start)
    found += [Expression(Sort.ROLE, *match.span()) for match in _ROLE.finditer(text)]
    found += _names(text)
    return tuple(sorted(found, key=lambda e: (e.start, -e.end)))


def _names(text: str) -> Iterator[Expression]:
    for pattern in (_LATIN_NAME, _HAN_NAME):
        for match in pattern.finditer(text):
            if not (_ABBREVIATION.search(match.group()) or _NOBODY.search(fold(match.group()))):
                yield Expression(Sort.PERSON, *match.span())
    if not re.search(f"[{HAN}]", text):
        return
    form = search_form(text)
    # The search form may be longer or shorter than the text; only where it is not are its places the text's.
    same_places = len(form) == len(text)
    for name, tag in tagged_names(form):
        within = form if same_places else text
        if tag in _SORTS_OF_TAGS and name in within:
            start = within.index(name)
            yield Expression(_SORTS_OF_TAGS[tag], start, start + len(name))


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in ",."):
        end -= 1
    return start, end
