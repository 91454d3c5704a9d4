"""What kind of answer a question asks for, read off its question words."""

from __future__ import annotations

import re
from enum import Enum

from corpus.normalize import HAN, search_form
from corpus.segment import fold, lexical_tokens, proper_nouns


class Kind(Enum):
    """What would answer the question."""

    LIST = "list"
    NUMBER = "number"
    TIME = "time"
    PERSON = "person"
    PLACE = "place"
    REASON = "reason"
    MANNER = "manner"
    DEFINITION = "definition"
    COMPARISON = "comparison"
    OTHER = "other"


# Tried in this order on the folded search form: „jakie są różnice" compares, though „jakie" alone asks for a list.
_RULES: tuple[tuple[Kind, str], ...] = (
    (
        Kind.COMPARISON,
        r"区别|差别|差异|不同之处|有何不同|有什么不同|比较|相比|czym.{0,40}(?:rozn|odroznia)|roznic"
        r"|\bdiffer|\bversus\b|\bvs\b",
    ),
    (
        Kind.NUMBER,
        r"多少|几[个家人年次成项种位名倍点天条]|百分之几|比例|占比"
        r"|\bilu?\b|\biloma\b|\bile\b|odsetek|procent|how (?:many|much)|percentage",
    ),
    (
        Kind.TIME,
        r"什么时候|何时|哪一?年|哪一?天|几时|什么年代|哪个年代|多久"
        r"|\bkiedy\b|w ktorym roku|od kiedy|\bwhen\b|what year",
    ),
    (Kind.REASON, r"为什么|为何|原因|何以|\bdlaczego\b|\bczemu\b|z jakiego powodu|\bwhy\b"),
    (
        Kind.LIST,
        r"哪些|哪几|有什么(?!关系|影响)|包括什么|分为|(?:职责|任务|步骤|要素|因素|特点|原则|素质)(?:是什么|有)"
        r"|\bjakie\b|\bjakich\b|\bktore\b|\bktorzy\b|\bktorych\b|wymien|\bwhich\b.*s\b|\blist\b|what are",
    ),
    (Kind.PERSON, r"谁|哪位|何人|什么人|\bkto\b|\bkogo\b|\bkomu\b|\bkim\b|\bwho(?:m|se)?\b"),
    (Kind.PLACE, r"哪里|哪儿|什么地方|何处|在哪|哪个(?:国家|城市|地区)|\bgdzie\b|skad|\bwhere\b"),
    (
        Kind.DEFINITION,
        r"什么是|是什么|什么叫|是指什么|指的是|何谓|是啥|定义|什么意思"
        r"|co to\b|czym jest|co oznacza|co znaczy|definicj|what is|what does .* mean",
    ),
    (Kind.MANNER, r"怎么|怎样|如何|\bjak\b|w jaki sposob|\bhow\b"),
)
_COMPILED = tuple((kind, re.compile(pattern)) for kind, pattern in _RULES)

_SIGNS = {
    Kind.NUMBER: re.compile(
        r"\d|[一二三四五六七八九十百千万两半]+(?:成|个|家|人|年|次|项|种|位|名|倍|点|天|条|分)|百分之"
        r"|polow|prawie|dwa|trzy|czter|piec|szesc|siedem|osiem|dziewiec|dziesie"
    ),
    Kind.TIME: re.compile(
        r"\d{3,4}|[一二三四五六七八九十\d]+(?:年|月|日|世纪)|年代|年前"
        r"|roku|wieku|stycz|lut|marc|kwie|maj|czerw|lip|sierp|wrzes|pazdz|listop|grud|dni|tygod|miesi"
    ),
    Kind.REASON: re.compile(
        r"因为|由于|所以|因此|为了|原因|导致|以免|poniewaz|dlatego|bo |gdyz|z powodu|dzieki|aby|zeby|because"
    ),
    Kind.DEFINITION: re.compile(
        r"是指|是一[种个项]|指的是|即|称为|定义|是对|是把|是|\bto\b|oznacza|jest|polega|\bis\b|means"
    ),
    Kind.COMPARISON: re.compile(
        r"而|不同|区别|则|相比|比|natomiast|zas\b|podczas gdy|wobec|roznic|while|whereas|differ"
    ),
    Kind.PERSON: re.compile(
        r"长|官|经理|总监|总裁|主管|ceo|cmo|coo|cxo|cco|dyrektor|prezes|szef|wiceprezes|[a-z]+ [a-z]+"
    ),
}


def kind_of(question: str) -> Kind:
    """Return the kind of answer that `question` asks for."""
    form = fold(search_form(question))
    return next((kind for kind, pattern in _COMPILED if pattern.search(form)), Kind.OTHER)


def bears_sign(kind: Kind, sentence: str) -> bool:
    """Tell whether `sentence` has what an answer of this kind has, such as a figure for „how many"."""
    pattern = _SIGNS.get(kind)
    return pattern is None or bool(pattern.search(fold(search_form(sentence))))


_NAME_PART = re.compile(r"[^\W\d_][\w'’.-]*|\d[\d.,]*")
_JOINS_NAMES = re.compile(r"[ \u00a0&-]*")


def names_in(question: str) -> list[tuple[str, ...]]:
    """Return the names and figures of `question`, each as its lexical tokens: what an answer can hardly do without.

    In a Chinese question these are proper nouns and all words in Latin script, elsewhere words with a capital that does
    not open a sentence. Neighbouring parts (Anne Bowman) are one name, any part of which is enough.
    """
    chinese = re.search(f"[{HAN}]", question) is not None
    names: list[list[str]] = []
    last = -1
    for match in _NAME_PART.finditer(re.sub(f"[{HAN}]", "\u3000", question)):
        word = match.group().rstrip(".,-'’")
        figure = word[0].isdigit()
        if not (figure or (len(word) > 1 and (chinese or _is_capitalised(question, match.start(), word)))):
            continue
        tokens = lexical_tokens(word)
        if last >= 0 and not figure and _JOINS_NAMES.fullmatch(question, last, match.start()):
            names[-1] += tokens
        else:
            names.append(tokens)
        last = -1 if figure else match.end()
    if chinese:
        # Without single characters: 里 is in every text, 阿里巴巴 is not.
        names += [[t for t in lexical_tokens(noun) if len(t) > 2] for noun in proper_nouns(question)]
    return [tuple(name) for name in names if name]


def _is_capitalised(question: str, start: int, word: str) -> bool:
    before = question[:start].rstrip(' „“"«')
    opens_sentence = not before or before[-1] in ".!?:"
    return sum(map(str.isupper, word)) > 1 or (word[0].isupper() and not opens_sentence)
