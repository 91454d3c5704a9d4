"""What a question speaks of: the concepts and names in it, and where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus.text.language import UNDETERMINED, chinese_script, detect_language
from corpus.text.normalize import HAN, to_simplified, to_traditional
from corpus.text.segment import lexical_tokens, polish_tags, proper_nouns
from kb.terms.concepts import Concept
from kb.terms.lexicon import Lexicon
from kb.terms.names import Word

_LATIN_WORD = re.compile(rf"[^\W_{HAN}]+")
_NAME_RUN = re.compile(rf"[A-Z][^\W_{HAN}]*+(?:[ .&’'-]*+[A-Z0-9][^\W_{HAN}]*+)*+")
_HAN_CHARACTER = re.compile(f"[{HAN}]")
_PLACE = re.compile(
    "[台臺]灣|台湾|中[国國]|大[陆陸]|内地|內地|香港|澳門|澳门|日本|[韩韓][国國]|美[国國]|英[国國]|德[国國]|法[国國]|波[兰蘭]"
    "|[欧歐]洲|[亚亞]洲|北美|北京|上海|深圳|台北|[华華]沙|新加坡"
    "|(?:Pols|Chin|Tajwan|Europ|Azj|Niem|Ameryk|Japoni|Stan(?:y|ach) Zjednoczon|USA|Warszaw|Hongkong)[^\\W_]*"
)
# What joins the parts of one name: Voxeo的首席客户官, Heidrick & Struggles.
_JOIN = re.compile(r"\s*+[前后後里裡中]?的?\s*+")
_HOLDER = re.compile(
    f"(?:\\s*的[{HAN}]{{0,6}}?|\\s*(?:[^管哪几幾有是做看问問的]{{2}})?)(?:代表|公司|集[团團]|[经經]理|[总總][监監]|主管|[负負][责責]人|[团團][队隊]|[员員]工|部[门門]|客[户戶]部)"
)
_ASKED_FIRST = re.compile(
    r"^(?:什[么麼]是|什[么麼]叫|何[谓謂])(?P<after>[^？?，,]+)"
    r"|^(?P<before>[^？?，,是]{2,14}?)(?:到底)?(?:是什[么麼]|是[谁誰]|是做什[么麼]|是指|怎[么麼]|如何"
    r"|[为為]什[么麼]|[为為]何|什[么麼][时時]候)"
    r"|^(?:co to (?:jest|są)|czym (?:jest|są)|kim (?:jest|są)|co oznacza|what (?:is|are)|who (?:is|are))"
    r"\s+(?:an? |the )?"
    r"(?P<latin>[^?,]+?)(?= i (?:co|jak|czym|do|po|za)\b|[?,]|$)",
    re.IGNORECASE,
)
_OPENING = frozenset(
    "what who whom whose which when where why how is are was were does do did can could should will would the a an "
    "and but so then in at on for it he she they its his her their this that these those tell give please czy co "
    "kto kim czym jak kiedy gdzie dlaczego czemu ile za po na w we z ze o u do od dla przed komu kogo czego jaki "
    "jaka jakie który która które skąd".split()
)
_ONE_NAME = re.compile(f"(?!.*[的和与與跟在对對为為从從不要该該])[{HAN}A-Za-z]{{3,10}}")
_COMPARING = re.compile(
    r"(?:[跟和与與同比向对對]|相[较較]于|\b(?:od|niż|z|do|wobec|than|from|with|vs\.?|versus)\s+)\s*$", re.IGNORECASE
)


@dataclass(frozen=True)
class Named:
    """A concept or a name that a question says, and its place there, `[start, end)`."""

    start: int
    end: int
    text: str
    concept: Concept | None = None
    kind: str = "name"
    """`role`, `metric` or `practice` of a concept; `name`, `place`, or `asked` for what a question asks to explain."""

    def in_language(self, language: str) -> str:
        """Return what it is called in `language`: as it was said where that is this language or no language at all."""
        said = detect_language(self.text)
        if _HAN_CHARACTER.search(self.text) and language.startswith("zh"):
            traditional = language == "zh-Hant"
            if (
                self.text in (to_traditional(self.text), to_simplified(self.text))
                or chinese_script(self.text) != language
            ):
                return to_traditional(self.text) if traditional else to_simplified(self.text)
            return self.text
        if self.concept is None or self.text in self.concept.abbreviations:
            return self.text
        first = _LATIN_WORD.match(self.text)
        as_subject = language == "pl" and first is not None and _may_be_subject(first.group())
        if said == UNDETERMINED or self.text in self.concept.names.get(language, ()) or (said != "en" and as_subject):
            return self.text
        return _uninflected(self.text, self.concept, language)


def _may_be_subject(word: str) -> bool:
    return any(tag.startswith(("subst:sg:nom", "subst:pl:nom", "adj:sg:nom")) for tag in polish_tags(word))


def _uninflected(text: str, concept: Concept, language: str) -> str:
    """Return the name of `concept` that `text` is a form of: „radzie klienta" is „rada klienta", not its synonym."""
    said = [set(lexical_tokens(word)) for word in _LATIN_WORD.findall(text)]
    best, most = concept.name(language), 0
    for name in concept.names.get(language, ()):
        parts = _LATIN_WORD.findall(name)
        alike = [not told.isdisjoint(lexical_tokens(part)) for told, part in zip(said, parts, strict=False)]
        same = sum(part in text.split() for part in parts) + 1
        if len(parts) == len(said) and all(alike) and same > most:
            best, most = name, same
    return best


def named_in(question: str, lexicon: Lexicon) -> list[Named]:
    """Return the concepts, names and places of `question` in order, none inside another."""
    found = [*_concepts_in(question, lexicon)]
    found += [Named(m.start(), m.end(), m.group(), None, "place") for m in _PLACE.finditer(question)]
    found += [Named(s, e, question[s:e]) for s, e in _names_in(question)]
    kept: list[Named] = []
    for named in sorted(found, key=lambda n: (n.concept is None and n.kind == "name", n.start - n.end)):
        if all(named.end <= other.start or named.start >= other.end for other in kept):
            kept.append(named)
    return sorted(kept, key=lambda n: n.start)


def topics_of(question: str, lexicon: Lexicon) -> list[Named]:
    """Return what `question` may be about, the likeliest first.

    A name and the role that it goes with are one (Voxeo的首席客户官). What something is compared with comes last.
    """
    named = [n for n in named_in(question, lexicon) if n.kind != "place"]
    joined: list[Named] = []
    for item in named:
        before = joined[-1] if joined else None
        if before and _HAN_CHARACTER.search(question):
            between = question[before.end : item.start]
            of_it = "的" in between and item.kind == "role" if before.concept else bool(between.strip() or item.concept)
            if _JOIN.fullmatch(between) and of_it:
                text = question[before.start : item.end]
                joined[-1] = Named(before.start, item.end, text, None, item.kind)
                continue
        joined.append(item)
    joined = [_with_holder(question, item) for item in joined]
    compared = [n for n in joined if _COMPARING.search(question[: n.start])]
    first = [n for n in joined if n not in compared]
    asked = _asked(question)
    within = [n for n in first if asked and n.start >= asked.start and n.end <= asked.end]
    if asked and len(within) == 1 and within[0].text != asked.text and _ONE_NAME.fullmatch(asked.text):
        # 客户资产份额 is no name of the lexicon's, but what the question asks of, and not 客户资产.
        first[first.index(within[0])] = Named(asked.start, asked.end, asked.text, None, within[0].kind)
    elif asked and not any(n.start < asked.end and n.end > asked.start for n in joined):
        first.insert(0, asked)
    return first + compared


def _with_holder(question: str, named: Named) -> Named:
    """Return a name together with whom it stands for: IBM的客户代表."""
    held = _HOLDER.match(question, named.end) if named.concept is None and named.kind == "name" else None
    return Named(named.start, held.end(), question[named.start : held.end()], None, "role") if held else named


def _asked(question: str) -> Named | None:
    match = _ASKED_FIRST.search(question)
    if match is None or match.lastgroup is None:
        return None
    start, end = match.span(match.lastgroup)
    text = question[start:end].rstrip(" 呢吗嗎")
    return Named(start, start + len(text), text, None, "asked") if text else None


def _concepts_in(question: str, lexicon: Lexicon) -> Iterator[Named]:
    numbers = {number for said in lexicon.said_in(question) for number in said}
    taken: list[tuple[int, int]] = []
    names = [
        (name, n) for n in sorted(numbers) for name in lexicon.concepts[n].all_names() if _HAN_CHARACTER.search(name)
    ]
    for name, number in sorted(names, key=lambda pair: -len(pair[0])):
        for form in {name, to_traditional(name), to_simplified(name)}:
            for match in re.finditer(re.escape(form), question):
                if all(match.end() <= s or match.start() >= e for s, e in taken):
                    taken.append(match.span())
                    concept = lexicon.concepts[number]
                    yield Named(*match.span(), match.group(), concept, concept.kind)
    places, said = _latin_words(question)
    for first, count, terms in lexicon.mentions_in(said):
        start, end = places[first][0], places[first + count - 1][1]
        concept = lexicon.concepts[terms[0]]
        yield Named(start, end, question[start:end], concept, concept.kind)


def _latin_words(question: str) -> tuple[list[tuple[int, int]], list[Word]]:
    places = [match.span() for match in _LATIN_WORD.finditer(question)]
    return places, [(question[s:e].casefold(), tuple(lexical_tokens(question[s:e]))) for s, e in places]


def _names_in(question: str) -> Iterator[tuple[int, int]]:
    chinese = _HAN_CHARACTER.search(question) is not None
    for match in _NAME_RUN.finditer(question):
        opening = not re.search(r"\w", question[: match.start()].rsplit("? ", 1)[-1].rsplit(". ", 1)[-1])
        start = match.start()
        first, *rest = match.group().split(" ", 1)
        if opening and not chinese:
            # The first word of a sentence has its capital from there; a name may follow it at once (Czy Voxeo ...).
            if not rest and (polish_tags(first) or first.casefold() in _OPENING):
                continue
            start += len(first) + 1 if first.casefold() in _OPENING else 0
        if match.end() - start > 1:
            yield start, match.end()
    if chinese:
        for noun in proper_nouns(question):
            for form in {noun, to_traditional(noun)}:
                yield from (match.span() for match in re.finditer(re.escape(form), question))


def topic_of(turns: Sequence[str], lexicon: Lexicon, kinds: Sequence[str] = ()) -> Named | None:
    """Return what the newest of `turns` is about, of one of `kinds` if that has come up at all."""
    first = None
    for topic in (topic for turn in reversed(turns) for topic in topics_of(turn, lexicon)):
        if not kinds or topic.kind in kinds:
            return topic
        first = first or topic
    return first
