"""Questions in Polish. Only such as leave every word in the case in which it stands: what is asked for opens them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.documents import Document
from corpus.text.segment import fold, polish_tags
from kb.suggestions.drafts import Draft, Sentence, balanced, headed, lists, named_at_start, sentences

_ASKING = re.compile(
    r"^(?:(?:za|po|na|od|do|o|w|we|z|ze|dla|u|ku|przez|przy|przed|nad|pod) )?"
    r"(?:kto|kogo|komu|kim|co|czego|czemu|czym|jak|jaki|jaka|jakie|jakich|jakim|ktory|ktora|ktore|kiedy|gdzie|skad"
    r"|dokad|dlaczego|ile|ilu|czyj|czyja)\b"
)
_HEDGE = r"(?:niemal|prawie|blisko|ponad|około|ok\.|aż|tylko|zaledwie|co najmniej) "
_BEGINS = r"(?:^|(?<=, że )|(?<=\. ))"
_REST = r"(?P<rest>[^;:!?()„”]+)"
_SHARE = re.compile(_BEGINS + rf"(?:{_HEDGE})?(?P<share>\d+(?:,\d+)?\s?(?:%|proc\.|procent)) {_REST}", re.IGNORECASE)
_COUNT = re.compile(_BEGINS + rf"(?:{_HEDGE})?(?P<count>\d[\d \u00a0]*) (?=[^\W\d_]){_REST}", re.IGNORECASE)
_YEAR = re.compile(r"^W (?P<year>[12]\d{3} (?:roku|r\.)) (?P<rest>[^;:!?()„”,]+)$")
_SAYS = re.compile(
    r"^(?P<name>[A-ZĄĆĘŁŃÓŚŹŻ]\w+(?: [A-ZĄĆĘŁŃÓŚŹŻ][\w’'-]+){1,2})(?:, [^,]+,| z [^,]{3,40},)? "
    r"(?P<said>uważa|twierdzi|dodaje|podkreśla|przekonuje|radzi|zaleca|pisze|proponuje|zauważa|wskazuje|ostrzega)"
    r"(?P<rest>, (?:że|by|aby) [^.!?]{10,120})[.!]?$"
)
_DEFINES = re.compile(r"^(?: \([^()]*\))?(?:,[^,]{3,40},)? (?:to|oznacza|jest to) \w")
_TASKS = "zadań|obowiązków|kompetencji|cech|celów|zalet|wad|błędów"
_LEADS = (
    (re.compile(rf"^(?P<rest>Do (?:{_TASKS}) [^,:]+) należą:$"), "Co należy {rest}?"),
    (re.compile(r"^(?P<rest>[^,:]{3,60}) (?P<verb>obejmuj[eą]):$"), "Co {verb} {rest}?"),
    (re.compile(r"^(?P<rest>[^,:]{3,60}) (?P<verb>składa|składają) się z:$"), "Z czego {verb} się {rest}?"),
    (re.compile(r"^Na (?P<rest>[^,:]{3,60}) składają się:$"), "Co składa się na {rest}?"),
)
# A word that points to what stands outside the sentence, so that it cannot be asked alone.
_POINTS = frozenset(
    "ten ta to tego tej temu tym te tych tymi tę on ona ono oni one jego jej ich mu im nim nich niego niej nią go ją "
    "je powyzszy powyzsza powyzsze tamten tamta tam tu wowczas wtedy nasz nasza nasze my moj".split()
)


def drafts(document: Document) -> Iterator[Draft]:
    """Yield questions on one text."""
    for title, first in headed(document):
        asks = _ASKING.match(fold(title)) and "," not in title and balanced(title)
        if asks and 8 <= len(title) <= 70 and not title.endswith((".", "!")):
            yield Draft(title.rstrip("?") + "?", (first,), "heading")
    for listed in lists(document):
        for pattern, question in _LEADS:
            found = pattern.match(listed.lead.text.strip())
            if found and not _points(found["rest"]) and _may_be_small(found["rest"]):
                yield Draft(
                    question.format(**found.groupdict() | {"rest": _small(found["rest"])}), listed.items, "list"
                )
    for sentence in sentences(document):
        yield from _definition(sentence)
        yield from _figure(sentence)
        yield from _saying(sentence)


def _definition(sentence: Sentence) -> Iterator[Draft]:
    named = named_at_start(sentence.text)
    if not named or not _DEFINES.match(sentence.text[len(named[0]) :]):
        return
    name, concept = named
    asked = "Kim jest" if concept is not None and concept.kind == "role" else "Co to jest"
    told = name if not name[1:].islower() else _small(name)
    yield Draft(f"{asked} {told}?", (sentence.span(0, len(sentence.text)),), "definition")


def _figure(sentence: Sentence) -> Iterator[Draft]:
    text = sentence.text
    if (year := _YEAR.match(text)) and _stands_alone(year["rest"]):
        yield Draft(f"W którym roku {_clause(year['rest'])}?", (sentence.span(*year.span("year")),), "figure")
    if (share := _SHARE.search(text)) and _stands_alone(rest := _clause(share["rest"])) and _agrees(rest, past="m1"):
        yield Draft(f"Jaki odsetek {rest}?", (sentence.span(*share.span("share")),), "figure")
    if (count := _COUNT.search(text)) and _takes_genitive(count["count"]) and _is_genitive(count["rest"].split()[0]):
        rest = _clause(count["rest"])
        if _stands_alone(rest) and _agrees(rest, past="n"):
            end = count.end("count") + 1 + len(count["rest"].split()[0])
            yield Draft(f"Ile {rest}?", (sentence.span(count.start("count"), end),), "figure")


def _saying(sentence: Sentence) -> Iterator[Draft]:
    match = _SAYS.match(sentence.text)
    if match and not _points(match["rest"]) and balanced(match["rest"]):
        yield Draft(f"Kto {match['said']}{match['rest']}?", (sentence.span(*match.span("name")),), "name")


def _clause(rest: str) -> str:
    """Return what belongs to the figure: up to a comma that opens another clause of the main sentence."""
    return rest.split(", ")[0].strip().removesuffix(".")


def _stands_alone(rest: str) -> bool:
    return 12 <= len(rest) <= 110 and not _points(rest) and not re.search(r"\d", rest)


def _points(text: str) -> bool:
    return any(fold(word) in _POINTS or word in _POINTS for word in re.findall(r"\w+", text.lower()))


def _agrees(rest: str, *, past: str) -> bool:
    """Tell whether the verb is one that „ile" and „jaki odsetek" take: third person singular, past in this gender."""
    for word in re.findall(r"[^\W\d_]+", rest)[1:]:
        tags = polish_tags(word)
        verbs = {tag for tag in tags if tag.startswith(("fin:", "praet:"))}
        if any(tag.startswith("fin:sg:ter") for tag in verbs):
            return True
        if verbs and verbs == tags:
            return any(tag.startswith("praet:sg") and past in re.split("[:.]", tag) for tag in verbs)
    return False


def _takes_genitive(count: str) -> bool:
    """Tell whether a number is one that takes its noun in the genitive plural, as „ile" does."""
    number = int(re.sub(r"\D", "", count))
    return (
        number >= 5
        and not (number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14))
        and not 1900 <= number < 2100
    )


def _is_genitive(word: str) -> bool:
    return any(tag.startswith("subst:pl:gen") for tag in polish_tags(word))


def _may_be_small(text: str) -> bool:
    first = text.split()[0]
    return first.isupper() or bool(polish_tags(first.lower()))


def _small(text: str) -> str:
    """Return `text` with a small first letter, but for an abbreviation."""
    first = text.split()[0]
    return text if len(first) > 1 and not first[1:].islower() else text[0].lower() + text[1:]
