"""Sentences of a text, and the lexical tokens that keyword search counts."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from corpus.text.dictionary import LONGEST_RUN, jieba_words, whole_words
from corpus.text.normalize import HAN, NORMALIZER_VERSION, search_form
from corpus.text.numerals import NUMBER_WORDS, digits_for_numerals, plain_number, scaled_numbers

# ------------------------------------------------------------------------------------------------------- sentences

_CLOSING = "”’»\"')）】」』〉》］"
_HARD_END = re.compile(rf"(?:[。！？!?]+|…{{2,}}|\.{{3,}}|\.)[{re.escape(_CLOSING)}]*")
_NEXT = re.compile(r"\s*(\S)")
_LAST_WORD = re.compile(r"[^\W\d_]*$")
_CLAUSE_END = re.compile(r"[；;：:，,、]")
_ABBREVIATIONS = frozenset(
    "al art ang b bł bp cd cyt cz dn doc dr dra dyr ds dz etc ew fr gen gł godz hab im in inż jw kard kat kl "
    "km kol kpt ks lek lic łac łąc m mec mgr mjr mld mln mr mrs ms n nast niem nr np o ob oo os oz p pan par "
    "pkt pl płk pn poch pocz pod pol poł por pow poz pp ppłk pr prof przeł przyp pw ref rej reż ros ryc rys s "
    "sp sr st str szt śp św t tab tel tj tys tzn tzw u ul vs w wg wł woj wsch wym wyst wyd z zach zam zob zw ż".split()
)
_ASIDES = {"（": "）", "(": ")", "《": "》", "〈": "〉"}
_LONGEST_ASIDE = 120
"""Characters after which an opening bracket is taken for a slip."""
_LONGEST_SENTENCE = 200
"""Characters; text without sentence ends (slides) is cut at clauses to stay below."""


def sentence_spans(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """Return the spans of the sentences in `text[start:end]`, trimmed, in order, with no word between them."""
    end = len(text) if end is None else end
    spans: list[tuple[int, int]] = []
    begin = start
    for match in _HARD_END.finditer(text, start, end):
        if _ends_sentence(text, match, begin, end):
            _append(spans, text, begin, match.end())
            begin = match.end()
    _append(spans, text, begin, end)
    return [piece for span in spans for piece in _cut_long(text, *span)]


def _ends_sentence(text: str, match: re.Match[str], begin: int, end: int) -> bool:
    mark, after = match.group(), match.end()
    following = text[after : after + 1] if after < end else ""
    if following not in ("", "\n") and _in_an_aside(text, begin, match.start(), end):
        return False
    if mark[0] in "。！？":
        # 「好嗎？」他問 goes on: a quotation inside a sentence does not end it, unless the quote is all of it.
        return not (
            mark[-1] in "」”』" and following and following not in " \n\t“「『" and _joins_on(text[after : after + 2])
        )
    if mark[0] in "!?…" or mark.startswith("..."):
        return not following or not (following.islower() or following.isdigit() or following in "，,")
    if not following:
        return True
    if not following.isspace():
        return bool(re.match(f"[{HAN}]", following)) and not text[match.start() - 1 : match.start()].isascii()
    opening = _NEXT.match(text, after, end)
    if opening is None or "\n" in text[after : after + 2]:
        return True
    if not (opening[1].isupper() or opening[1].isdigit() or opening[1] in '„“"«–—-(['):
        return False
    word = _LAST_WORD.search(text[max(begin, match.start() - 12) : match.start()])
    before = word.group() if word else ""
    return not (before.lower() in _ABBREVIATIONS or (len(before) == 1 and before.isupper()))


def _in_an_aside(text: str, begin: int, place: int, end: int) -> bool:
    """Tell whether `place` is in brackets or a title that opens within its sentence: 《絕對續訂！》的作者."""
    reach = min(place + _LONGEST_ASIDE, end)
    line_end = text.find("\n", place, reach)
    reach = reach if line_end < 0 else line_end
    for opening, closing in _ASIDES.items():
        opened = text.rfind(opening, max(begin, place - _LONGEST_ASIDE), place)
        # What opens a sentence may be all of it, except a title: （他沒有來。）
        if opened < 0 or (opening in "（(" and not _NEXT.match(text, begin, opened)):
            continue
        if text.find(closing, opened, place) < 0 and text.find(closing, place, reach) >= 0:
            return True
    return False


def _joins_on(following: str) -> bool:
    return bool(re.match(r"[，,。、；;：:）)]|[他她它的是说說问問道等一这這那就也和与與]", following))


def _append(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start >= end:
        return
    if not any(character.isalnum() for character in text[start:end]) and spans:
        spans[-1] = (spans[-1][0], end)
    else:
        spans.append((start, end))


def _cut_long(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the span as it is, or, where it is longer than a sentence can be, pieces of half that length at clauses."""
    limit = _LONGEST_SENTENCE if _mostly_han(text[start:end]) else _LONGEST_SENTENCE * 3
    while end - start > limit:
        cut = _last_clause_end(text, start, start + limit // 2) or _last_clause_end(text, start, start + limit)
        cut = cut or text.rfind(" ", start + limit // 2, start + limit) + 1 or start + limit
        if text[start:cut].strip():
            yield _trimmed(text, start, cut)
        start = cut
    if text[start:end].strip():
        yield _trimmed(text, start, end)


def _last_clause_end(text: str, start: int, end: int) -> int | None:
    """Return where the last clause in `text[start:end]` ends, None where it would leave only a scrap."""
    ends = [match.end() for match in _CLAUSE_END.finditer(text, start, end)]
    return ends[-1] if ends and ends[-1] - start > (end - start) // 3 else None


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())


def _mostly_han(text: str) -> bool:
    return 4 * len(_HAN_CHARACTER.findall(text)) > len(text)


# ---------------------------------------------------------------------------------------------------------- tokens

_HAN_CHARACTER = re.compile(f"[{HAN}]")
_PIECE = re.compile(rf"[{HAN}]+|[^\W_{HAN}]+(?:[.,'’\-/&][^\W_{HAN}]+)*")
_JOINTS = re.compile(r"[.,'’\-/&]")
# Polish writes one thousand as 1 026; NFKC has made plain spaces of the narrow and unbreaking ones.
_SPACED_THOUSANDS = re.compile(r"(?<=\d) (?=\d{3}(?!\d))(?<!\d\d\d\d )")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def lexical_tokens(text: str) -> list[str]:
    """Return the tokens of any text, source or question, by which keyword search matches it.

    Han: jieba's words and all character bigrams. Latin script: Polish lemmas and stems without diacritics. Figures:
    in digits, however they are written. The kinds carry a prefix, so that a stem never meets a word of another kind by
    chance.
    """
    form = token_form(text)
    tokens = ["n" + number for number in scaled_numbers(form)]
    for match in _PIECE.finditer(form):
        piece = match.group()
        if _HAN_CHARACTER.match(piece):
            tokens += _han_tokens(piece)
        else:
            tokens += _word_tokens(piece)
    return tokens


def content_tokens(question: str) -> list[str]:
    """Return the distinct lexical tokens of `question` less those that only ask (what, who, is, please)."""
    # A question made of nothing else ("什么?") is searched as it is.
    return list(dict.fromkeys(lexical_tokens(asking_removed(question)) or lexical_tokens(question)))


def content_words(question: str) -> list[tuple[str, ...]]:
    """Return the words of `question` that do more than ask, each as its lexical tokens, any of which finds it."""
    found: list[tuple[str, ...]] = []
    for match in _PIECE.finditer(asking_removed(question)):
        piece = match.group()
        if _HAN_CHARACTER.match(piece):
            chinese = (word for word in _parts(piece[:LONGEST_RUN]) if len(word) > 1)
            found += [tuple("c" + word[i : i + 2] for i in range(len(word) - 1)) for word in chinese]
        else:
            found.append(tuple(_word_tokens(piece)))
    return found


def _parts(run: str) -> Iterator[str]:
    """Yield jieba's words of a Han run; of a name that is kept whole, the words that it is made of."""
    for word in jieba_words().cut(run, HMM=False):
        parts = [part for part in jieba_words().cut_for_search(word, HMM=False) if part != word]
        yield from parts if word in whole_words() and parts else [word]


def asking_removed(question: str) -> str:
    """Return the token form of `question` less the words that only ask (what, who, is, please)."""
    form = token_form(_ASKING_HAN.sub(" ", search_form(question)))
    return " ".join(word for word in _PIECE.findall(form) if fold(word) not in _ASKING_WORDS)


def words(form: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the words of a text in token form, in order: jieba's with no tokens, all others with their tokens."""
    for match in _PIECE.finditer(form):
        piece = match.group()
        if _HAN_CHARACTER.match(piece):
            for start in range(0, len(piece), LONGEST_RUN):
                yield from ((word, ()) for word in jieba_words().cut(piece[start : start + LONGEST_RUN], HMM=False))
        elif _NUMBER.fullmatch(piece):
            yield piece, ("n" + plain_number(piece),)
        else:
            yield from ((part, _latin_tokens(part)) for part in _JOINTS.split(piece) if part)


def token_form(text: str) -> str:
    """Return the search form of `text` with its figures in plain digits: what all tokens are cut from."""
    return _SPACED_THOUSANDS.sub("", digits_for_numerals(search_form(text)))


_ASKING_HAN = re.compile(
    "请问|什么时候|什么样|什么叫|什么|为什么|为何|怎么样|怎么办|怎么|怎样|如何|哪些|哪个|哪一|哪里|哪儿|哪位|哪几|哪|多少|几个|几种|几次|"
    "多久|多大|多长|是不是|有没有|能不能|可不可以|是否|是谁|谁|是何|何时|何地|何人|[吗呢吧啊的了么]"
)
_ASKING_WORDS = frozenset(
    "co to jest kto kogo komu kim czym czego czemu jaki jaka jakie jacy jakich jakiego jakiej jakim jakimi "
    "ktory ktora ktore ktorzy ktorych ktorej ktorego ktorym ile ilu iloma kiedy gdzie skad dokad dlaczego po "
    "czy jak jakby sie sa byl byla bylo byly byc w we z ze na do od o u i a oraz lub albo za dla przez przy "
    "ten ta te tego tej tych tym czyli prosze powiedz what who whom whose which when where why how many much "
    "is are was were do does did the a an of in on for to and or by with".split()
)


def _han_tokens(run: str) -> list[str]:
    tokens = ["c" + run[i : i + 2] for i in range(len(run) - 1)]
    tokens += ["u" + character for character in run]
    for start in range(0, len(run), LONGEST_RUN):
        tokens += [
            "h" + word
            for word in jieba_words().cut_for_search(run[start : start + LONGEST_RUN], HMM=False)
            if len(word) > 2
        ]
    return tokens


def proper_nouns(text: str) -> list[str]:
    """Return the Chinese names of people, places and organisations in `text` that jieba's dictionary has."""
    runs = re.findall(f"[{HAN}]+", search_form(text)[:LONGEST_RUN])
    return [word for run in runs for word in jieba_words().cut(run, HMM=False) if word in _names()]


_NAME_TAGS = frozenset(("nr", "nrt", "nrfg", "ns", "nt", "nz"))


def _word_tokens(piece: str) -> list[str]:
    if _NUMBER.fullmatch(piece):
        return ["n" + plain_number(piece)]
    tokens: list[str] = []
    for part in _JOINTS.split(piece):
        tokens += _latin_tokens(part)
    return tokens


@lru_cache(maxsize=200_000)
def _latin_tokens(word: str) -> tuple[str, ...]:
    if word.isdigit():
        return ("n" + word,)
    lemmas = {fold(lemma) for lemma in polish_lemmas(word)} or {fold(word)}
    numbers = {f"n{NUMBER_WORDS[lemma]}" for lemma in lemmas if lemma in NUMBER_WORDS}
    return tuple(sorted({"l" + lemma for lemma in lemmas} | {"s" + polish_stem(fold(word))} | numbers))


def fold(word: str) -> str:
    """Return `word` without diacritics (ł included), in lower case."""
    decomposed = unicodedata.normalize("NFD", word.casefold().replace("ł", "l"))
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def polish_lemmas(word: str) -> set[str]:
    """Return all dictionary forms that `word` may be an inflection of; empty where the dictionary has none."""
    analyser = _morfeusz()
    found = analyser.analyse(word)
    # By place, not by iterator: Morfeusz and FAISS are both made with SWIG, whose iterators are of one type in the
    # whole process, and once FAISS is loaded after Morfeusz it is FAISS that steps through Morfeusz's lists and falls.
    readings = [found[place] for place in range(len(found))]
    return {
        reading.lemma.split(":")[0].casefold()
        for reading in readings
        if reading.getTag(analyser) not in ("ign", "interp")
    }


def polish_tags(word: str) -> set[str]:
    """Return the grammatical tags that `word` may have, in Morfeusz's notation; empty where the dictionary has none."""
    analyser = _morfeusz()
    found = analyser.analyse(word)
    return {found[place].getTag(analyser) for place in range(len(found))} - {"ign", "interp"}


_ENDINGS = tuple(
    sorted(
        "iego owego iemu owemu ami iami ach iach om iom ow ego emu ymi imi ych ich ym im ej iej owi iowi em iem ie "
        "y i a ia e o u iu iom aniu eniu ania enia anie enie aniem eniem owa owy owe owych owym ala alo aly ali "
        "ila ilo ily ili yla ylo yly yli ac ec ic yc owac uje uja ujac ujacy ujaca ujace".split(),
        key=len,
        reverse=True,
    )
)


def polish_stem(folded: str) -> str:
    """Cut the longest known ending off a folded word, leaving at least four letters."""
    for ending in _ENDINGS:
        if folded.endswith(ending) and len(folded) - len(ending) >= 4:
            return folded[: -len(ending)]
    return folded


@lru_cache(maxsize=1)
def normalizer() -> str:
    """Return what names the way in which texts become tokens; an index answers only to the one that it was made by."""
    words = hashlib.sha256(repr(sorted(whole_words().items())).encode()).hexdigest()[:8]
    return f"{NORMALIZER_VERSION}-{words}"


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    """Return the words of two characters and more that jieba's dictionary tags as names.

    Read off its file, a word, its count and its tag on each line: jieba's own tagger takes three times as long to load.
    """
    with jieba_words().get_dict_file() as file:
        entries = (line.split(" ") for line in file.read().decode("utf-8").splitlines())
        return frozenset(word for word, _, tag in entries if tag in _NAME_TAGS and len(word) > 1)


@lru_cache(maxsize=1)
def _morfeusz() -> Any:
    import morfeusz2

    return morfeusz2.Morfeusz(generate=False)._morfeusz_obj
