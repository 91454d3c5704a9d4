"""The words of a quote that answer the question, where they are fewer than all of it."""

from __future__ import annotations

import re

from corpus.segment import content_words, lexical_tokens
from kb.expressions import Expression
from kb.questions import Kind, asks_how_it_is_calculated, asks_whom_it_answers_to, kind_of, sorts_wanted, telling

Span = tuple[int, int]

_CLAUSE = re.compile(r"[^，,；;：:。！!？?—–()（）]+")
_COPULA = re.compile(
    r"是指|指的是|是对|是對|就是|意思是|意味着|意味著|定义为|定義為|被称为|被稱為|是(?![不否])|即"
    r"|\b(?:to jest|oznacza|polega na|to|jest|means|refers to|is)\b|[—–:：]"
)
_BECAUSE = re.compile(
    r"因为|因為|由于|由於|原因是|原因在[于於]|为了|為了|以便|以免|出于|出於"
    r"|\b(?:ponieważ|bo|gdyż|dlatego że|z powodu|dzięki|aby|żeby|because|since|due to|in order to)\b",
    re.IGNORECASE,
)
_ANSWERED_TO = re.compile(
    r"(?<=[向对對])(?![谁誰])[^，；。向对對]{1,24}?(?=(?:汇报|匯報|彙報|报告|報告|负责|負責)(?:工作)?(?:[，；。）”」,;.)]|$))"
)
_FORMULA = re.compile(
    r"(?:公式|算法|计算方法|計算方法|计算方式|計算方式)[^，；。]{0,6}?(?:是[:：]?|为|為|[:：])|等于|等於"
    r"|\bto\b|\brówna się\b|\bequals\b| = "
)
_LATEST_COPULA = 0.6
"""Share of a sentence within which the copula of a definition stands."""
_KNOWN = 0.75
"""Share of a clause's words above which the question has said it already."""
_BRACKETS = re.compile(r"[(（][^()（）]*[)）]")
_CLOSES = re.compile(r"[^()（）]*[)）]")
"""Up to the end of brackets that were opened before."""
_BETWEEN = " ，,、:："
_END = "。.！!；; \n"


def marks(question: str, sentence: str) -> tuple[Span, ...]:
    """Return the spans of `sentence` that answer `question`, in order; none where it does so as a whole."""
    if asks_whom_it_answers_to(question) and (named := _ANSWERED_TO.search(sentence)):
        return (named.span(),)
    if asks_how_it_is_calculated(question) and (named := _FORMULA.search(sentence)):
        return _after(named, sentence, _LATEST_COPULA)
    wanted = sorts_wanted(question)
    told = telling(sentence, wanted, question) if wanted else []
    if told:
        return (_nearest(question, sentence, told),)
    kind = kind_of(question)
    if kind is Kind.DEFINITION:
        return _after(_COPULA.search(_without_brackets(sentence)), sentence, _LATEST_COPULA)
    if kind is Kind.REASON:
        return _after(_BECAUSE.search(sentence), sentence, 1.0)
    return _new(question, sentence)


def _nearest(question: str, sentence: str, told: list[Expression]) -> Span:
    """Return the expression that stands nearest to the question's words; of those as near the longest."""
    asked = {token for word in content_words(question) for token in word}
    places = [
        (match.start() + match.end()) / 2
        for match in re.finditer(r"[^\W\d_]{2,}", sentence)
        if asked & set(lexical_tokens(match.group()))
    ]
    if any("\u4e00" <= character <= "\u9fff" for character in sentence):
        # Han runs have no spaces: the pairs of characters that the question has too.
        pairs = {token[1:] for token in lexical_tokens(question) if token[0] == "c"}
        places += [
            n + 1.0
            for n in range(len(sentence) - 1)
            if set(lexical_tokens(sentence[n : n + 2])) & {f"c{p}" for p in pairs}
        ]

    def distance(e: Expression) -> float:
        return min((abs((e.start + e.end) / 2 - place) for place in places), default=0.0)

    best = min(told, key=lambda e: (distance(e), e.start - e.end))
    return best.start, best.end


def _after(match: re.Match[str] | None, sentence: str, latest: float) -> tuple[Span, ...]:
    """Return what follows the words matched, up to the sentence's end mark."""
    if match is None or match.start() > latest * len(sentence):
        return ()
    start, end = match.end(), len(sentence)
    while start < end and sentence[start] in " ，,:：":
        start += 1
    while end > start and sentence[end - 1] in _END:
        end -= 1
    return ((start, end),) if end > start else ()


def _without_brackets(sentence: str) -> str:
    """Return `sentence` with blanks for what stands in brackets, where an „also called" is not what defines."""
    return _BRACKETS.sub(lambda match: " " * len(match.group()), sentence)


def _new(question: str, sentence: str) -> tuple[Span, ...]:
    """Return the clauses, from the first to the last, that do more than repeat the question; none where all do."""
    asked = {token for word in content_words(question) for token in word} | set(lexical_tokens(question))
    clauses = [match.span() for match in _CLAUSE.finditer(sentence) if match.group().strip()]
    new = [span for span in clauses if not _says_only(sentence[span[0] : span[1]], asked)]
    if not new or len(new) == len(clauses):
        return ()
    start, end = new[0][0], new[-1][1]
    closing = _CLOSES.match(sentence, start, end)
    if closing and closing.end() < end:
        start = closing.end()
    while start < end and sentence[start] in _BETWEEN:
        start += 1
    while end > start and sentence[end - 1] in _END:
        end -= 1
    return ((start, end),) if end > start else ()


def _says_only(clause: str, asked: set[str]) -> bool:
    tokens = [token for token in lexical_tokens(clause) if token[0] != "u"]
    return bool(tokens) and sum(token in asked for token in tokens) / len(tokens) >= _KNOWN
