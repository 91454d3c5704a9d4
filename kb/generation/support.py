"""Does a quote bear out a sentence? Its figures, names and roles must all be in the quote, and most of its words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from corpus.text.language import UNDETERMINED, detect_language, family_of
from corpus.text.normalize import HAN, is_han
from corpus.text.numerals import NUMBER_WORDS, plain_number, unscaled
from corpus.text.segment import content_words, fold, lexical_tokens, polish_lemmas, proper_nouns, token_form, words
from kb.terms.lexicon import Lexicon

SAME_LANGUAGE, OTHER_LANGUAGE = 0.7, 0.6
"""Support from which a sentence is shown. All sentences of the shipped texts bear themselves out; of their 3,424 pairs
with another sentence of the same passage 0.2 in 100 do, of 1,712 with three others in a row 0.9. Of 250 lines of news,
each against a free translation into the other Chinese script, 16 in 100 pass, between Polish and Chinese 20 to 25, most
of the others for a name that the glossary does not have; against the nearest other line 0 to .8 in 100. What is kept is
seldom wrong, and what is dropped was often right: quotes stand in for it, which costs less than a falsehood."""
FEWEST_WORDS = 2
"""Words and figures of a sentence that says anything: not „HACKED"."""

_FUNCTION_WORDS = frozenset(
    "ze zeby aby jako takze rowniez tez juz moze mozna jej jego ich nie miec gdy jesli ale wiec dlatego poniewaz byc "
    "swoj kazdy niz tylko bardzo ktory oni on ona ono jednak natomiast bowiem zas its it this that these those they "
    "he she his her their be been has have had can may will would should must not no also than so as at from "
    "以及 因此 所以 但是 并且 而且 可以 一个 这个 这些 那些 通过 对于 根据 其中 他们 我们 它们 例如 如果 就是 不是 "
    "没有 由于 因为 同时 之间 以下 以上 还有 或者 虽然 不仅 作为 这种 这样 那么 然而 此外".split()
)
_MONTHS = (
    "styczen luty marzec kwiecien maj czerwiec lipiec sierpien wrzesien pazdziernik listopad grudzien",
    "january february march april may june july august september october november december",
)
_MONTH_NUMBERS = {name: str(n) for names in _MONTHS for n, name in enumerate(names.split(), 1)}
_FIGURE = re.compile(r"(\d+(?:[.,]\d+)*)\s*(%|proc)?")
_LATIN_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_WORDS_WITH_NO = re.compile(
    r"非常|无论|不仅|不但|不只|不断|不同|不管|不过|不少|无数|未来|没错|莫不|无不|是不是|能不能|nie tylko|not only"
)
_NO = re.compile(
    r"不|没有?|未|无|非|别|勿|\bnie\b|\bbez\b|\bnigdy\b|\bnikt\b|\bnic\b|\bzaden\b|\bzadn\w+|\bani\b"
    r"|\bnot\b|\bno\b|\bnever\b|\bwithout\b|\bnor\b|\bnone\b|n't\b|\bcannot\b"
)
_CLAUSE = re.compile(r"[，,；;。！？!?]|(?<=\D)[.:：](?=\D|$)|\b(?:ale|lecz|tylko|but)\b|而是|但")


Name = tuple[tuple[str, ...], frozenset[int]]
"""A proper name as its tokens and the terms that go by it; any one of them finds it."""


@dataclass(frozen=True)
class Statement:
    """What a text says, as far as support is concerned."""

    language: str
    figures: frozenset[str]
    """In digits; shares with a per cent sign."""
    names: frozenset[Name]
    roles: tuple[frozenset[int], ...]
    """The terms of each role and each metric that it names."""
    words: tuple[tuple[frozenset[str], frozenset[int]], ...]
    """Each content word, or name of a term: the tokens that must all be there, and the terms that say the same."""
    tokens: frozenset[str]
    terms: frozenset[int]
    clauses: tuple[tuple[frozenset[str], bool], ...]
    """Of each clause its tokens, and whether it denies."""


@lru_cache(maxsize=4_096)
def statement(text: str) -> Statement:
    """Read `text`, a sentence or a quote."""
    form = token_form(text)
    said, mentions = Lexicon.load().said(text)
    lexicon = Lexicon.load()
    within = {place for m in mentions for place in range(m.first, m.first + len(m.words))}
    known = {word: frozenset(mention.terms) for mention in mentions for word, _ in mention.words}
    units: list[tuple[frozenset[str], frozenset[int]]] = []
    for mention in mentions:
        tokens = [t for word, _ in mention.words for t in _needed(word)]
        if not all(fold(word) in _FUNCTION_WORDS for word, _ in mention.words):
            units.append((frozenset(tokens), frozenset(mention.terms)))
    plain = [word for place, (word, _) in enumerate(said) if place not in within]
    units += [(frozenset(_needed(word)), frozenset()) for word in plain if _is_content(word)]
    return Statement(
        detect_language(text),
        frozenset(_figures(form)),
        frozenset(_names(text, known)),
        tuple(roles for m in mentions if (roles := frozenset(filter(lexicon.is_exact, m.terms)))),
        tuple(unit for unit in units if unit[0] or unit[1]),
        frozenset(lexical_tokens(text)),
        frozenset(term for mention in mentions for term in (*mention.terms, *lexicon.parts_of(mention))),
        tuple(_clauses(form)),
    )


def support(sentence: str, quote: str, *, question: str = "", context: str = "", cosine: float | None = None) -> float:
    """Return how far `quote` bears out `sentence`, 0 to 1; 0 where a figure, a name or a role of it is not there.

    `context` is what the quote stands under, its titles: roles, names and up to half of the words may come from there,
    figures may not.
    In one language, whatever the script, it is the share of the sentence's content words that the quote says, in any
    inflection or by another name, or that of the words which `question` does not say, if lower: a sentence that repeats
    the question and adds one falsehood has most of its words right. Across languages that share counts words by the
    lexicon, and `cosine`, of sentence and quote with their languages taken out, is heard beside it.
    """
    told, source = statement(sentence), statement(quote)
    around = statement(context) if context else None
    tokens = source.tokens | (around.tokens if around else frozenset())
    terms = source.terms | (around.terms if around else frozenset())
    if len(told.words) + len(told.figures) < FEWEST_WORDS or not told.figures <= source.figures:
        return 0.0
    if any(tokens.isdisjoint(name) and terms.isdisjoint(known_as) for name, known_as in told.names):
        return 0.0
    if not _roles_agree(told, source, terms):
        return 0.0
    known = statement(question) if question else None
    news = [word for word in told.words if known is None or not _says(word, known.tokens, known.terms)]
    share = min(_share(told.words, tokens, terms), _share(news, tokens, terms))
    # A title bears nothing out by itself: whoever wrote the text may have put there what they want to be said.
    share = min(
        share, 2 * _share(told.words, source.tokens, source.terms), 2 * _share(news, source.tokens, source.terms)
    )
    alike = _family(told.language) == _family(source.language)
    if _denial_differs(told, source, alike=alike):
        return 0.0
    if alike or cosine is None:
        return share
    return min(1.0, max(0.0, 0.5 * share + 0.5 * min(1.0, cosine / NEAR)))


NEAR = 0.6
"""Centred cosine from which two sentences in different languages count as saying the same: .44 to .60 is the middle
half of true translations, .28 to .39 that of their nearest others."""


def enough(sentence: str, quote: str) -> float:
    """Return the support from which `sentence` may be shown with `quote`."""
    return SAME_LANGUAGE if same_language(sentence, quote) else OTHER_LANGUAGE


def same_language(sentence: str, quote: str) -> bool:
    """Tell whether two texts are in one language, whatever the script."""
    return _family(statement(sentence).language) == _family(statement(quote).language)


def _roles_agree(told: Statement, source: Statement, terms: frozenset[int]) -> bool:
    """Tell whether the quote names the sentence's roles and metrics, or stands under them and names no other."""
    if any(terms.isdisjoint(role) for role in told.roles):
        return False
    if all(not source.terms.isdisjoint(role) for role in told.roles):
        return True
    meant = frozenset().union(*told.roles)
    return all(not meant.isdisjoint(role) for role in source.roles)


def _share(
    wanted: Sequence[tuple[frozenset[str], frozenset[int]]], tokens: frozenset[str], terms: frozenset[int]
) -> float:
    return sum(_says(word, tokens, terms) for word in wanted) / len(wanted) if wanted else 1.0


def _says(word: tuple[frozenset[str], frozenset[int]], tokens: frozenset[str], terms: frozenset[int]) -> bool:
    needed, names = word
    if not terms.isdisjoint(names):
        return True
    if not needed:
        return False
    han = {token for token in needed if token[0] in "cu"}
    return han <= tokens and (len(han) == len(needed) or not tokens.isdisjoint(needed - han))


def _needed(word: str) -> list[str]:
    """Return the tokens of a word in token form: of Han characters all its pairs, of other letters all readings."""
    if is_han(word):
        return ["c" + word[i : i + 2] for i in range(len(word) - 1)] or ["u" + word]
    return [token for tokens in content_words(word) for token in tokens]


def _is_content(word: str) -> bool:
    if fold(word) in _FUNCTION_WORDS or word[0].isdigit():
        return False
    return len(word) > 1


def _figures(form: str) -> Iterator[str]:
    for match in _FIGURE.finditer(unscaled(form)):
        yield plain_number(match[1]) + ("%" if match[2] else "")
    for word, tokens in words(form):
        if tokens and not word[0].isdigit():
            yield from (t[1:] for t in tokens if t[0] == "n")
            yield from (_MONTH_NUMBERS[t[1:]] for t in tokens if t[0] == "l" and t[1:] in _MONTH_NUMBERS)


def _names(text: str, known: Mapping[str, frozenset[int]]) -> Iterator[Name]:
    """Yield proper names: words with a capital that is not the sentence's, in Chinese all Latin words and names."""
    chinese = re.search(f"[{HAN}]", text) is not None
    for match in _LATIN_WORD.finditer(re.sub(f"[{HAN}]", "\u3000", text)):
        word = match.group()
        if len(word) < 2 and not word.isupper():
            continue
        before = text[: match.start()].rstrip(' „“"«(')
        opens = not before or before[-1] in ".!?:"
        capital = sum(map(str.isupper, word)) > 1 or word[0].isupper()
        if (chinese or capital) and not (opens and not chinese and polish_lemmas(word.casefold())):
            tokens = tuple(lexical_tokens(word))
            if not set(map(fold, [word])) & _FUNCTION_WORDS and not any(t[1:] in NUMBER_WORDS for t in tokens):
                yield tokens, known.get(word.casefold(), frozenset())
    for noun in proper_nouns(text) if chinese else ():
        tokens = tuple(t for t in lexical_tokens(noun) if t[0] == ("c" if len(noun) == 2 else "h"))
        yield tokens, known.get(noun, frozenset())


def _clauses(form: str) -> Iterator[tuple[frozenset[str], bool]]:
    plain = _WORDS_WITH_NO.sub(" ", form if re.search(f"[{HAN}]", form) else fold(form))
    for clause in _CLAUSE.split(plain):
        tokens = frozenset(t for t in lexical_tokens(clause) if t[0] in "cl")
        if tokens:
            yield tokens, bool(_NO.search(clause))


def _denial_differs(told: Statement, source: Statement, *, alike: bool) -> bool:
    """Tell whether the sentence denies what the quote says, or says what it denies."""
    if not alike:
        return any(no for _, no in told.clauses) != any(no for _, no in source.clauses)
    for tokens, denies in told.clauses:
        shared = [(len(tokens & others), no) for others, no in source.clauses]
        most = max((count for count, _ in shared), default=0)
        if most and all(no != denies for count, no in shared if count == most):
            return True
    return False


def _family(language: str) -> str:
    return "pl" if language == UNDETERMINED else family_of(language)
