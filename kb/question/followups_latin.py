"""Follow-ups in Polish and English: which questions lean on the one before, and how they read when completed.

Polish nouns change with their place in the sentence, so what is meant is put in front („CXO: komu podlega?"), which is
right whatever the sentence; only what the reader has put into its form is put into the place of another word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from corpus.text.normalize import HAN
from corpus.text.segment import fold, polish_lemmas, polish_tags
from kb.question.question_words import asks_definition
from kb.question.topics import Named, named_in, topic_of, topics_of
from kb.terms.lexicon import Lexicon

_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_LEAD = re.compile(r"^(?:(?:a|i|ale|no|więc|to|czyli|natomiast|zatem|and|but|so|then|ok)[\s,]+)+", re.IGNORECASE)
_WHAT_ABOUT = re.compile(
    r"^(?:co|jak)\s+z(?:e)?\s+(?P<pl>[^?]+)|^(?:what|how) about\s+(?:(?:the|an?)\s+)?(?P<en>[^?]+)", re.IGNORECASE
)
_PERSON = frozenset("on ona oni he she him her his hers".split())
# In Polish a metric is a „he" as well as a person is.
_THING = frozenset(
    "jego jej go jemu mu niego niemu nim nią niej ją ono one ich im nich nimi it its they them their theirs".split()
)
_BOTH = frozenset("oba obie obaj obu oboje obydwa both".split())
_THIS = frozenset("to tego temu tym ten ta tę tej te tych ci tamten tamta tamto this that these those".split())
_POINTED_AT = frozenset(
    "stanowisko rola funkcja osoba człowiek dyrektor menedżer wskaźnik miara metoda pojęcie skrót termin firma spółka "
    "organizacja zespół podział wzór narzędzie zasada sposób role position person metric measure company term".split()
)
_PREPOSITIONS = frozenset(
    "w we na po przed za dla przy od do u z ze bez podczas o pod nad między poza według wobec przez niż ku "
    "in at on for with without during after before of to from by than".split()
)
_OF_PLACE = frozenset("w we na po przed podczas przy u dla in at during after before for".split())
_OWNED = frozenset(
    "wzór formuła wada zaleta ograniczenie zadanie obowiązek cel przykład różnica definicja autor twórca "
    "założyciel budżet pensja wynagrodzenie zarobek kompetencja umiejętność uprawnienie rola skutek przyczyna "
    "powód korzyść ryzyko koszt etap krok rodzaj typ źródło skala pytanie wynik znaczenie nazwa skrót plan "
    "problem wyzwanie błąd podwładny przełożony szef zespół dział odpowiedzialność zakres pole skład członek "
    "warunek wymóg cecha początek historia pochodzenie zastosowanie sens priorytet narzędzie wskaźnik liczba "
    "odsetek interpretacja termin okres".split()
)
_BARE = frozenset(
    "dlaczego czemu kiedy gdzie kto co jak ile skąd po jaki jaka jakie to czyli na przykład np konkretnie why "
    "when where who how what".split()
)
_ASIDE = frozenset("się są jest by nie też także jeszcze najczęściej zwykle zazwyczaj a i".split())
_ENGLISH = frozenset("how what why when where who which is are was does do did can should the and".split())
_IMPERSONAL = frozenset("można trzeba warto należy wolno".split())


def completed_latin(question: str, language: str, turns: Sequence[str], lexicon: Lexicon) -> str:
    """Return `question` as one that stands on its own; `turns` are the questions before, complete, the newest last."""
    lead = _LEAD.match(question)
    body = question[lead.end() :] if lead and lead.end() < len(question.rstrip("?")) else question
    said = [match.group() for match in _WORD.finditer(body)]
    lower = [word.casefold() for word in said]
    own = named_in(body, lexicon)
    about = _WHAT_ABOUT.match(body)
    if about:
        return _of_another(about[about.lastgroup or 0].strip(), body, language, turns, lexicon, nominative=False)
    if all(word in _BARE for word in lower) and not (lower[:2] == ["co", "to"] and len(lower) > 2):
        return _after_the_last(body, language, turns, lexicon)
    if not _asks(lower):
        if lower[0] in _PREPOSITIONS:
            return _in_another_place(body, language, turns, lexicon)
        if lead or len(said) <= 3:
            return _of_another(body.rstrip("?. "), body, language, turns, lexicon, nominative=True)
        return question
    kinds = _pronoun(body, lower, own)
    if kinds is not None:
        return _told(body, language, turns, lexicon, kinds)
    if language != "en" and _subject_missing(said, lower, own, body, led=lead is not None):
        return _told(body, language, turns, lexicon, ())
    return question


def _asks(lower: Sequence[str]) -> bool:
    """Tell whether a question has what makes it one: a question word or a verb."""
    return any(
        word in _BARE - {"to", "na", "po", "np", "przykład"}
        or re.match(r"^(?:jak|któr|czy|komu|kogo|kim|czym|czego|ilu|which|whom|whose|is|are|does|do|did|can)", word)
        or _is(word, "fin", "praet", "inf", "bedzie", "winien", "pred", "impt")
        for word in lower
    )


def _is(word: str, *classes: str) -> bool:
    """Tell whether a word can be of one of these classes in Morfeusz's notation."""
    return not {tag.split(":")[0] for tag in polish_tags(word)}.isdisjoint(classes)


def _is_verb(word: str, *forms: str) -> bool:
    """Tell whether a word has one of these forms of a verb and cannot as well be a noun that is a subject: „udział"."""
    tags = polish_tags(word)
    return any(tag.startswith(forms) for tag in tags) and not any(
        tag.startswith("subst") and "nom" in tag for tag in tags
    )


# ------------------------------------------------------------------------------------------------------------ signs


def _pronoun(body: str, lower: Sequence[str], own: Sequence[Named]) -> tuple[str, ...] | None:
    """Return which kinds of topic a pronoun of the question can stand for, None without such a pronoun."""
    places = [match.start() for match in _WORD.finditer(body)]
    for number, word in enumerate(lower):
        before = [n for n in own if n.end <= places[number] and n.kind != "place"]
        compares = number > 0 and lower[number - 1] in ("od", "niż", "z", "than", "from", "with")
        if before and not compares:
            return None
        if word in _BOTH:
            return ("both",)
        if word in _PERSON:
            return ("role", "name")
        if word in _THING and not (word == "im" and "tym" in lower):
            owners = any(re.match("subst:pl", tag) for earlier in lower[:number] for tag in polish_tags(earlier))
            return None if word == "ich" and owners else ()
        if word in _THIS and _points_back(lower, number, own):
            return ()
    return None


def _points_back(lower: Sequence[str], number: int, own: Sequence[Named]) -> bool:
    following = lower[number + 1] if number + 1 < len(lower) else ""
    if following and (following in _POINTED_AT or polish_lemmas(following) & _POINTED_AT):
        return True
    tags = polish_tags(following) if following else set()
    last = number + 2 >= len(lower) or not any(t.startswith(("subst", "ger")) for t in polish_tags(lower[number + 2]))
    if tags and last and all(tag.startswith(("adj", "ppas")) for tag in tags):
        return True  # „w tej zewnętrznej": the noun was said before
    if lower[number] in ("to", "tym", "tego", "temu", "this", "that") and not own:
        # „Co to jest lojalność?" asks of what follows; „Kto to wymyślił?" of what was said.
        explains = following in ("jest", "są", "za", "znaczy") and number + 2 < len(lower)
        noun = bool(following) and any(tag.startswith("subst") and "nom" in tag for tag in polish_tags(following))
        return not explains and not (noun and not _is(following, "fin", "praet", "inf"))
    return False


def _subject_missing(said: Sequence[str], lower: Sequence[str], own: Sequence[Named], body: str, *, led: bool) -> bool:
    """Tell whether a Polish question has a verb without a subject, or speaks of what must belong to something."""
    content = [word for word in lower if not _asking(word)]
    nouns = _free_nouns(said, lower, own, body)
    owned = [n for n in nouns if polish_lemmas(n) & _OWNED]
    unowned = [n for n in nouns if n not in owned]
    third = any(_is_verb(word, "fin:sg:ter", "fin:pl:ter", "praet", "winien") for word in lower)
    being = any(word in ("jest", "są", "był", "była", "było", "były", "będzie") for word in lower)
    impersonal = "się" in lower and not any(w.startswith(("różni", "zajm", "kieruj")) for w in lower)
    named = [n for n in own if n.kind != "place"]
    free_names = [n for n in named if not _after_preposition(body, n)]
    if free_names and not (led and "ma" in lower[:3] and all(n.kind == "practice" for n in free_names)):
        return False
    if being:
        return bool(owned) and not unowned and not named and not _with_genitive(said, lower)
    if third and not impersonal:
        if lower[0] == "kto" or lower[:2] == ["co", "decyduje"]:
            return len(content) <= 1 and not named
        if unowned and "ma" not in lower[:3] and "mają" not in lower[:3]:
            return False
        return not _with_genitive(said, lower) if owned else True
    infinitive = impersonal or any(_is(word, "inf") or word in _IMPERSONAL for word in lower)
    if infinitive or not third:
        return not named and not unowned and len(content) <= (3 if owned else 2)
    return False


def _asking(word: str) -> bool:
    return (
        word in _ASIDE
        or word in _PREPOSITIONS
        or word in _BARE
        or bool(re.match(r"^(?:jak|któr|czy|kto|kog|kom|kim|co|cze|ile|ilu)", word))
    )


def _free_nouns(said: Sequence[str], lower: Sequence[str], own: Sequence[Named], body: str) -> list[str]:
    """Return the nouns that no preposition governs: what the verb's subject or object may be."""
    free, governed = [], False
    for word, small in zip(said, lower, strict=True):
        tags = polish_tags(small)
        if small in _PREPOSITIONS:
            governed = True
        elif _is_verb(small, "fin", "praet", "inf", "pred", "winien"):
            governed = False
        elif _asking(small):
            continue
        elif not governed and (not tags or any(tag.startswith(("subst", "ger")) for tag in tags)):
            free.append(word.casefold())
    return free


def _after_preposition(body: str, named: Named) -> bool:
    before = _WORD.findall(body[: named.start].casefold())
    return any(word in _PREPOSITIONS for word in before[-2:])


def _with_genitive(said: Sequence[str], lower: Sequence[str]) -> bool:
    """Tell whether an owned noun is followed by its owner: „wady outsourcingu"."""
    for place in range(len(lower) - 1):
        if polish_lemmas(lower[place]) & _OWNED and lower[place + 1] not in _PREPOSITIONS:
            tags = polish_tags(lower[place + 1])
            if not tags or any(t.startswith(("subst", "ger")) and "gen" in t for t in tags):
                return not polish_lemmas(lower[place + 1]) & _OWNED
    return False


# -------------------------------------------------------------------------------------------------------- completing


def _told(body: str, language: str, turns: Sequence[str], lexicon: Lexicon, kinds: Sequence[str]) -> str:
    """Return the question with what it is about in front of it."""
    if kinds == ("both",):
        topics = list(dict.fromkeys(t.in_language(language) for turn in turns[-2:] for t in topics_of(turn, lexicon)))
        name = (" and " if language == "en" else " i ").join(topics[:2])
    else:
        topic = topic_of(turns, lexicon, kinds)
        name = topic.in_language(language) if topic else ""
    return f"{_raised(name)}: {_lowered(body)}" if name else f"{turns[-1]} {_raised(body)}"


def _after_the_last(body: str, language: str, turns: Sequence[str], lexicon: Lexicon) -> str:
    """Return a bare „Dlaczego?" after what it asks the reason of."""
    if re.search(f"[{HAN}]", turns[-1]):
        return _told(body, language, turns, lexicon, ())
    return f"{turns[-1]} {_raised(body)}"


def _in_another_place(body: str, language: str, turns: Sequence[str], lexicon: Lexicon) -> str:
    """Complete „A w Polsce?": what the last question asked, with this in place of what stood after the same word."""
    before, place = turns[-1], body.rstrip("?. ")
    preposition = place.split()[0].casefold()
    if re.search(f"[{HAN}]", before) or preposition not in _OF_PLACE:
        return _told(body, language, turns, lexicon, ())
    place = place[:1].lower() + place[1:]
    words = list(re.finditer(r"[^\s?,.]+", before))
    old = next((n for n in range(len(words) - 1, -1, -1) if words[n].group().casefold() == preposition), None)
    count = len(place.split())
    if old is not None and old + count <= len(words) and (old + count == len(words) or _modifies(place.split()[-1])):
        return before[: words[old].start()] + place + before[words[old + count - 1].end() :]
    return before.rstrip().rstrip("?.").rstrip() + f" {place}?"


def _modifies(word: str) -> bool:
    return any(tag.startswith("adj") for tag in polish_tags(word))


def _of_another(
    about: str, body: str, language: str, turns: Sequence[str], lexicon: Lexicon, *, nominative: bool
) -> str:
    """Complete „A CMO?": what the last question asked, of another of its kind; or this, of what it was about."""
    before = turns[-1]
    said = named_in(about, lexicon)
    whole = said[0] if said and len(said[0].text) >= len(about) - 2 else None
    if whole is None or re.search(f"[{HAN}]", before):
        return _told(body, language, turns, lexicon, ())
    mentioned = topics_of(before, lexicon)
    old = next((t for t in mentioned if t.kind == whole.kind), None)
    if old is None and (asks_definition(before) or before.casefold().startswith("kim jest")):
        old = mentioned[0] if mentioned else None
    if (
        old is None
        and whole.kind in ("role", "metric")
        and mentioned
        and mentioned[0].kind in ("role", "metric", "asked")
    ):
        old = mentioned[0]
    if old is None:
        return _told(body, language, turns, lexicon, ())
    name = about if nominative or whole.concept is None else _unbent(whole, language)
    return before[: old.start] + name + before[old.end :]


def _unbent(named: Named, language: str) -> str:
    assert named.concept is not None
    return named.text if named.text in named.concept.abbreviations else named.concept.name(language)


def _lowered(body: str) -> str:
    """Return a question as it goes on after a colon; a name keeps its capital."""
    first = re.match(r"\w*", body)
    word = first.group() if first else ""
    named = word[1:].isupper() or (re.match(r"\w+ [A-Z]", body) and not _asking(word.casefold()))
    known = word.casefold() in _ENGLISH or polish_tags(word.casefold())
    return body[:1].lower() + body[1:] if known and not named else body


def _raised(body: str) -> str:
    return body[:1].upper() + body[1:]


def polish(words: Sequence[str]) -> bool:
    """Tell whether each of these words is one of Polish, with or without its diacritics."""
    return bool(words) and all(polish_tags(word.casefold()) or fold(word) != word.casefold() for word in words)
