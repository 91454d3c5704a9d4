"""Questions in Chinese. A question word stands where its answer would, so that a clause needs little change."""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.documents import Document
from corpus.text.normalize import HAN
from corpus.text.segment import proper_nouns
from kb.suggestions.drafts import Draft, Sentence, balanced, headed, lists, named_at_start, sentences

_ASKING = re.compile(
    "什么|什麼|如何|怎么|怎麼|怎样|怎樣|为什么|為什麼|为何|為何|谁|誰|哪些|哪个|哪個|哪一|多少|何时|何時|是否|能不能|是不是"
)
_NO_HEADING = re.compile("[，；。：！]|无论|無論|不管|什么都|什麼都|没什么|沒什麼")
# A clause that points to what stands outside it cannot be asked alone.
_POINTS = re.compile(
    "这|這|那|其(?!实|實)|该|該|他|她|它|此|上述|前者|后者|後者|以上|如下|当时|當時|同年|我|你|您|两者|兩者|双方|雙方"
)
_NO_SUBJECT = re.compile(
    "^(?:而|但|并|並|也|还|還|又|却|卻|则|則|因此|所以|如果|若|虽|雖|就|才|都|只|仅|僅|不|有|没|沒|在|从|從|到|后来|後來"
    "|随后|隨後|其中|另|再|更|把|被|让|讓|使|可|能|会|會|要|以|为|為|对|對|超过|超過|将近|將近|大约|大約|约|約|至少|近|第|每|，"
    "|、|假设|假設|假如|假定|举例|舉例|例如|比如|譬如)"
)
_HEDGE = "(?:将近|將近|接近|超过|超過|大约|大約|约|約|至少|不到|不足|近|逾|多达|多達|高达|高達)?"
_UNITS = "人|家|个|個|名|位|种|種|项|項|次|倍|元|美元|欧元|歐元|天|分钟|分鐘|小时|小時|个月|個月|年"
_FIGURES = (
    (re.compile(r"(?:\d{2}世纪|\d{2}世紀)?\d{2,4}年代"), ("什么年代", "什麼年代")),
    (re.compile(r"(?:公元|西元)?(?<!\d)[12]\d{3}年(?!代|度)(?:\d{1,2}月)?"), ("哪一年", "哪一年")),
    (re.compile(rf"{_HEDGE}(?<!\d)\d++(?:\.\d++)?+\s?[%％]"), ("百分之多少", "百分之多少")),
    (re.compile(rf"{_HEDGE}百分之[一二三四五六七八九十百点點]+"), ("百分之多少", "百分之多少")),
    (
        re.compile(rf"{_HEDGE}(?<!\d)\d[\d,.]{{0,30}}\s?[万亿萬億千百]*[余多餘]?({_UNITS})(?!级|級|轮|輪)"),
        (r"多少\1", r"多少\1"),
    ),
)
_NO_END = tuple("第 - – 至 到 ． . 高于 高於 低于 低於 大于 大於 小于 小於 等于 等於".split())
_DEFINES = re.compile(r"^(?:（[^（）]*）|\([^()]*\))?(?:是指|指的是|就是|是)")
_NAME = rf"[A-Z][\w'’.-]+(?:[ ·][A-Z][\w'’.-]+){{0,3}}|[{HAN}]{{1,5}}[．·・][{HAN}]{{1,5}}|[{HAN}]{{2,4}}"
_SAYS = re.compile(
    rf"^(?P<name>{_NAME})(?P<said>认为|認為|主张|主張|指出|提出|强调|強調|断定|斷定|建议|建議)(?P<rest>[^。！？]{{6,60}})[。！]?$"
)
_IS = re.compile(r"是(?:一[种種个個项項位名套]|对|對|把|用|由|指|企业|企業|公司|衡量)")
_LEAD = re.compile(
    r"^(?P<before>[^，。；：]{2,24}?)(?P<verb>包括|包含|分为|分為|可分为|可分為|分成|有|涵盖|涵蓋)(?:以下|下列|如下)?"
    r"(?:[一二两兩三四五六七八九十\d]+)(?P<unit>个|個|项|項|种|種|类|類|条|條|点|點|步|方面|大类|大類|块|塊)(?P<what>[^，。；：]{0,10})[：:]$"
)


def drafts(document: Document) -> Iterator[Draft]:
    """Yield questions on one text, in its script."""
    traditional = document.language == "zh-Hant"
    for title, first in headed(document):
        if _ASKING.search(title) and not _NO_HEADING.search(title) and 4 <= len(title) <= 30 and balanced(title):
            yield Draft(title.rstrip("？?") + "？", (first,), "heading")
    for listed in lists(document):
        found = _LEAD.match(listed.lead.text.strip())
        if found and not _POINTS.search(found[0]) and balanced(found[0]):
            yield Draft(f"{found['before']}{found['verb']}哪些{_what(found)}？", listed.items, "list")
    for sentence in sentences(document):
        yield from _definition(sentence, traditional=traditional)
        yield from _figure(sentence, traditional=traditional)
        yield from _saying(sentence, traditional=traditional)


def _what(found: re.Match[str]) -> str:
    """Return what is listed; with a measure word alone the question says „aspects"."""
    return found["what"] or ("方面" if found["unit"] in ("个", "個", "方面", "块", "塊") else "")


def _definition(sentence: Sentence, *, traditional: bool) -> Iterator[Draft]:
    named = named_at_start(sentence.text)
    if not named:
        return
    name, _ = named
    defines = _DEFINES.match(sentence.text[len(name) :])
    if not defines or len(sentence.text) < len(name) + 10:
        return
    outright = defines[0].endswith(("是指", "指的是"))
    if not outright and not _IS.search(sentence.text[:40]):
        return
    what = "什麼是" if traditional else "什么是"
    yield Draft(f"{what}{name}？", (sentence.span(0, len(sentence.text)),), "definition")


def _figure(sentence: Sentence, *, traditional: bool) -> Iterator[Draft]:
    text = sentence.text
    for pattern, words in _FIGURES:
        for match in pattern.finditer(text):
            start = max((m.end() for m in re.finditer("[；：。！？]", text[: match.start()])), default=0)
            end = next((m.start() for m in re.finditer("[，；。：！？]", text[match.end() :])), len(text) - match.end())
            clause = text[start : match.end() + end]
            before, after = text[start : match.start()], text[match.end() : match.end() + end]
            if before.endswith(_NO_END) or not 8 <= len(clause) <= 48:
                continue
            if "，" in before or len(re.findall(r"\d+", clause)) > 1 or not balanced(clause):
                continue
            if len(before) < 2 or _NO_SUBJECT.search(clause) or _POINTS.search(clause) or _ASKING.search(clause):
                continue
            word = match.expand(words[traditional])
            if before.endswith(("只有", "仅有", "僅有")):
                before = before[:-2] + "有"
            yield Draft(f"{before}{word}{after}？", (sentence.span(*match.span()),), "figure")
            return


def _saying(sentence: Sentence, *, traditional: bool) -> Iterator[Draft]:
    match = _SAYS.match(sentence.text)
    if not match or _POINTS.search(match["rest"]) or not balanced(match["rest"]):
        return
    name = match["name"]
    if re.fullmatch(f"[{HAN}]{{2,4}}", name) and name not in proper_nouns(name):
        return
    who = "誰" if traditional else "谁"
    yield Draft(f"{who}{match['said']}{match['rest'].lstrip('，：')}？", (sentence.span(*match.span("name")),), "name")
