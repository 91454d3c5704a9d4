"""What a message does in a conversation: correct, change the subject, point to an item, want more."""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpus.text.normalize import to_simplified
from corpus.text.numerals import digits_for_numerals

LAST = -1
"""The number of the last item, whatever it is."""

# All are tried on simplified characters, which stand one for one in the place of the traditional ones; a space in these
# patterns stands for nothing, one in a message for \s.
_WRITTEN = re.IGNORECASE | re.VERBOSE
_CORRECTS = re.compile(
    r"""
    (?:不[是对]?|不{2,4}|错了|[弄搞问]错了|你?理解错了) [啊哦啦吧]? [，,、。.!！\s]{1,3}
      (?:我(?:刚才|其实|本来)?[是想要]{0,3}[问说指]的?(?:其实)?是?)?
    | 我(?:刚才|其实|本来)?[是想要]{0,3}[问说指]的(?:其实)?是 [，,：:\s]{0,3}
    | (?:(?:ale\s)?nie(?:,?\snie){0,3}|pomyłka|źle)? [,.!\s–-]{0,3} (?:ja\s)?
      (?:pyta[łl][ea]m|pytam|chodzi(?:[łl]o)?\smi|mia[łl][ea]m\sna\smy[śs]li|mia[łl]o\sby[ćc]|chcia[łl][ea]m\szapyta[ćc])
      (?:\sraczej|\stylko)? (?:\so)? \s?[:,–-]?\s{1,2}
    | (?:no{1,4}|nope|sorry|wrong)? [,.!\s–-]{0,3} i\s(?:meant|mean|was\sasking|asked|am\sasking)
      (?:\sabout|\sfor)? \s?[:,–-]?\s{1,2}
    """,
    _WRITTEN,
)
_CHANGES = re.compile(
    r"""
    (?:换[个一]{0,2}(?:话题|问题)|另外?一?个?问题|说点别的|题外话) [了吧]? [，,、。.：:!！\s]{1,3}
    | (?:inn[aey]\s(?:temat|pytanie|sprawa)|zmie[ńn]my\stemat|zmiana\stematu|z\sinnej\sbeczki) [,.:!\s–-]{1,3}
    | (?:(?:a\s)?change\sof\s(?:topic|subject)|(?:another|different|new)\s(?:topic|question|subject)|by\sthe\sway)
      [,.:!\s–-]{1,3}
    """,
    _WRITTEN,
)
_ITEM_ZH = re.compile(
    r"(?:那么?|还有|请问)?[，,\s]*(?:第(?P<n>\d{1,2}|一)|(?P<last>最后一?))[个种项条点步类件层](?:阶段)?.{0,20}"
)
_ORDINALS = (
    "pierwsz drug trzec czwart piąt szóst siódm ósm dziewiąt dziesiąt".split(),
    "first second third fourth fifth sixth seventh eighth ninth tenth".split(),
)
_ITEM_LATIN = re.compile(
    rf"""
    (?:a\s|i\s|to\s|ok,?\s){{0,2}} (?:co\sz\s|(?:opowiedz|powiedz\scoś)\so\s|rozwiń\s)? (?:t[eaęy]n?go?\s|tym\s)?
      (?:(?P<pl>{"|".join(_ORDINALS[0])})\w{{1,3}}|(?P<last_pl>ostatni\w{{0,3}}))
      (?:\s(?:punk|krok|etap|cech|element|rzecz|pozycj|warun|zasad)\w*)?
    | (?:and\s|ok,?\s){{0,2}} (?:what\sabout\s|how\sabout\s|tell\sme\s(?:more\s)?about\s|explain\s)? (?:the\s)?
      (?:(?P<en>{"|".join(_ORDINALS[1])})|(?P<last_en>last)) (?:\s(?:one|point|step|item|quality|stage))?
    """,
    _WRITTEN,
)
_MORE = re.compile(
    r"""
    (?:那么?|请|可以|能|再){0,3}
      (?:还有(?:呢|吗|别的吗|没有|什么)|继续|接着|往下|然后呢|详细(?:一?[点些]|说说|说明|介绍)?|展开|具体|说?得?更?详细一?点
      |多[说讲](?:一?[点些])?|更多(?:细节|内容)?) (?:说下去|说说|说|讲讲|讲|一?[点些]|一下)? [吗呢吧]?
    | (?:a\s|i\s|to\s){0,2} (?:(?:o?powiedz|napisz|poka[żz])(?:\smi)?\s)? (?:co[śs]\s)?
      (?:wi[ęe]cej(?:\sszczeg[óo][łl][óo]w)?|co\sjeszcze|co[śs]\sjeszcze|jeszcze\sco[śs]|co\sdalej|kontynuuj|dok[łl]adniej
      |szerzej|szczeg[óo][łl]owo|rozwi[ńn](?:\sto|\smy[śs]l)?|szczeg[óo][łl]y) (?:\so\stym|\sna\sten\stemat)?
    | (?:and\s|please\s|can\syou\s|could\syou\s){0,2} (?:(?:tell|give|show)(?:\sme)?\s|say\s)?
      (?:(?:a\sbit\s|a\slittle\s|some\s)?more(?:\sdetails?)?|go\son|continue|elaborate|expand|anything\selse|what\selse
      |(?:in\s)?more\sdetail|details) (?:\s(?:about|on)\s(?:it|that|this))? (?:,?\splease)?
    """,
    _WRITTEN,
)
_ENDS = " ?？。.!！,，"


@dataclass(frozen=True)
class Turn:
    """A message as one of a conversation."""

    text: str
    """What is left of it when what opens it is taken off."""
    corrects: bool = False
    """Whether this is meant in the place of what was asked before."""
    changes: bool = False
    """Whether it has nothing to do with what was asked before."""
    item: int = 0
    """The number of the item of the answer before that is meant, from 1; `LAST`; 0 where none is."""
    more: bool = False
    """Whether it wants the answer before to go on."""


def turn_of(message: str) -> Turn:
    """Tell what `message` does, taken as one of a conversation."""
    text = message.strip()
    if changes := _opening(_CHANGES, text):
        return Turn(text[changes:], changes=True)
    corrects = _opening(_CORRECTS, text)
    body = text[corrects:]
    form = to_simplified(body.strip(_ENDS))
    if _MORE.fullmatch(form):
        return Turn(body, more=True)
    return Turn(body, corrects=corrects > 0, item=_item(digits_for_numerals(form)))


def _opening(pattern: re.Pattern[str], text: str) -> int:
    """Return where what opens `text` ends, 0 where it opens otherwise or says nothing else."""
    match = pattern.match(to_simplified(text))
    return match.end() if match and text[match.end() :].strip(_ENDS) else 0


def _item(form: str) -> int:
    if match := _ITEM_ZH.fullmatch(form):
        return LAST if match["last"] else 1 if match["n"] == "一" else int(match["n"])
    if match := _ITEM_LATIN.fullmatch(form):
        numbers = (
            ordinals.index(said.casefold()) + 1
            for said, ordinals in zip((match["pl"], match["en"]), _ORDINALS, strict=True)
            if said
        )
        return next(numbers, LAST)
    return 0


def points_back(message: str) -> bool:
    """Tell whether a message says nothing by itself, and only points to the answer before it."""
    turn = turn_of(message)
    return turn.more or turn.item != 0
