"""What the words of a question are called elsewhere: concepts of the field, and a glossary of plain words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from weakref import WeakKeyDictionary

import numpy as np

from corpus.text.language import family_of
from corpus.text.segment import asking_removed, token_form, words
from kb.terms.concepts import Concept, concepts
from kb.terms.names import Mention, TermFinder, Word, is_named, name_phrase, phrase
from kb.terms.senses import Sense, saying_any, sense
from kb.terms.word_lists import COLUMNS, WordLists, word_lists
from retrieval.index.snapshot import AskedWord, Snapshot
from retrieval.index.sparse import Phrase
from retrieval.languages.centring import family_number

MOST_EXPANDED = 50
"""Names in one question for which others are looked for; the longest of the shipped questions has eight."""


class Lexicon:
    """The concepts and the glossary as one list of terms: first the concepts, then the lines of the glossary."""

    def __init__(self, lists: WordLists) -> None:
        self._lists = lists
        self._full, self._short = lists.full, lists.short
        self._sharing: dict[str, list[int]] = {}
        for number, forms in enumerate(self._short):
            for form in forms:
                self._sharing.setdefault(form, []).append(number)
        self._senses: WeakKeyDictionary[Snapshot, dict[str, Sense]] = WeakKeyDictionary()

    @classmethod
    def load(cls) -> Lexicon:
        """Return the lexicon that the program ships."""
        return _shipped()

    @property
    def concepts(self) -> tuple[Concept, ...]:
        """The concepts, in the order of their numbers."""
        return concepts()

    @cached_property
    def _finder(self) -> TermFinder:
        first = len(self._full)
        named = zip(self._full, self._short, strict=True)
        return TermFinder(
            [(name, number) for number, (full, short) in enumerate(named) for name in (*full, *short)]
            + [(n, first + i) for i, line in enumerate(self._lists.glossary) for names in line for n in names],
            self._lists.words,
        )

    def said(self, text: str) -> tuple[list[Word], list[Mention]]:
        """Return the words of any text, and the names of terms among them."""
        said = self._finder.known_words(words(token_form(text)))
        return said, self._finder.mentions(said)

    def parts_of(self, mention: Mention) -> set[int]:
        """Return the terms that single words of a longer name go by: of „odsetek klientów" those of „klientów"."""
        if len(mention.words) < 2:
            return set()
        alone = (part for word in mention.words for part in self._finder.mentions([word]))
        return {term for part in alone for term in part.terms if not self.is_exact(term)}

    def is_exact(self, term: int) -> bool:
        """Tell whether a term is one of the field's roles or metrics, in whose place no other can stand."""
        return term < len(self._full) and self.concepts[term].kind in ("role", "metric")

    # ------------------------------------------------------------------------------------------------- of a question

    def expand(self, question: str, language: str, snapshot: Snapshot) -> tuple[AskedWord, ...]:
        """Return the content words of `question`, in `language`, and what else they are called in the texts."""
        said = self._finder.known_words(words(asking_removed(question)))
        mentions = self._finder.mentions(said)
        asked: list[AskedWord] = []
        expanded: dict[tuple[object, ...], AskedWord] = {}
        alone: dict[Phrase, AskedWord] = {}
        place = 0
        for mention in mentions:
            key = (tuple(mention.words), tuple(mention.terms))
            if key not in expanded:
                if len(expanded) == MOST_EXPANDED:
                    continue  # its words are taken as they are, with those that come next
                expanded[key] = self._expanded(mention, said, mentions, language, snapshot)
            asked += _as_they_are(said[place : mention.first], snapshot, alone)
            asked.append(expanded[key])
            place = mention.first + len(mention.words)
        return (*asked, *_as_they_are(said[place:], snapshot, alone))

    def _expanded(
        self, mention: Mention, said: Sequence[Word], mentions: Sequence[Mention], language: str, snapshot: Snapshot
    ) -> AskedWord:
        own = phrase(mention.words)
        meant = self._meant(mention, said, mentions, snapshot)
        synonyms = dict.fromkeys(name for number in meant for name in self._full[number])
        lines = self._lines_naming(mention.words, mention.terms, language)
        plain = {
            tag: [name for line in lines for name in line[place] if len(name) > 1 and name not in synonyms]
            for place, tag in enumerate(COLUMNS)
            if tag != family_of(language)
        }
        names = tuple(dict.fromkeys([*synonyms, *(name for said in plain.values() for name in said)]))
        others = dict.fromkeys(name_phrase(name) for name in names)
        passages = [self.passages_of(number, snapshot) for number in meant]
        passages += [_saying_in(tag, dict.fromkeys(said), snapshot) for tag, said in plain.items()]
        own_passages = snapshot.sparse.saying(own)
        # A name of one character is in too many words to find what it names, but where it is in none, nothing says it.
        short = [name for line in lines for name in line[COLUMNS.index("zh")] if len(name) == 1]
        found = np.setdiff1d(np.unique(np.concatenate(passages)), own_passages, True)
        words_said = " ".join(word for word, _ in mention.words)
        by_concept = tuple(map(name_phrase, synonyms))
        nowhere = bool(others) and not (len(own_passages) or len(found))
        nowhere = nowhere and not len(saying_any(snapshot, [name_phrase(name) for name in short]))
        return AskedWord(own, tuple(others), own_passages, found, by_concept, words_said, names, nowhere)

    def _lines_naming(self, said: Sequence[Word], terms: Sequence[int], language: str) -> list[list[list[str]]]:
        """Return the lines of the glossary that have these words among the names of the question's own language.

        Latin words are told by their Polish forms: nie is a form of on, and so is the English go.
        """
        # Chinese questions have English words among theirs; of what is in no language nothing is known.
        own = {"zh": ("zh", "en"), "pl": ("pl",), "en": ("en",)}.get(family_of(language), COLUMNS)
        lines = [self._lists.glossary[number - len(self._full)] for number in terms if number >= len(self._full)]
        places = [COLUMNS.index(tag) for tag in own]
        known = self._lists.words
        return [line for line in lines if any(is_named(said, name, known) for p in places for name in line[p])]

    def _meant(
        self, mention: Mention, said: Sequence[Word], mentions: Sequence[Mention], snapshot: Snapshot
    ) -> list[int]:
        """Return the numbers of the concepts that a mention means; of those that share an abbreviation only one."""
        rivals = [number for number in mention.terms if number < len(self._full)]
        form = mention.words[0][0]
        if len(rivals) < 2 or form not in self._sharing:
            return rivals
        named = [n for n in rivals if any(n in other.terms for other in mentions if other.terms != mention.terms)]
        if named:
            return named[:1]
        # „CCO" beside „compliance": the words that only one rival's names have speak for it.
        tokens = {token for part in phrase(said) for token in part}
        parts = {n: {token for name in self._full[n] for part in name_phrase(name) for token in part} for n in rivals}
        others = {n: set().union(*(parts[m] for m in rivals if m != n)) for n in rivals}
        heard = {n: len(tokens & (parts[n] - others[n])) for n in rivals}
        loudest = max(rivals, key=lambda n: heard[n])
        return [loudest] if heard[loudest] else [self._sense(form, snapshot).mostly]

    def said_in(self, question: str) -> list[tuple[int, ...]]:
        """Return the numbers of the concepts that each name in `question` may mean, in order."""
        return [terms for _, _, terms in self.mentions_in(list(words(token_form(question))))]

    def mentions_in(self, said: Sequence[Word]) -> list[tuple[int, int, tuple[int, ...]]]:
        """Return for each concept that these words name the first word, how many they are, and its numbers."""
        known = self._finder.mentions(self._finder.known_words(said))
        of_concepts = [(m.first, len(m.words), tuple(n for n in m.terms if n < len(self._full))) for m in known]
        return [(first, count, terms) for first, count, terms in of_concepts if terms]

    # --------------------------------------------------------------------------------------------------- of the texts

    def passages_of(self, number: int, snapshot: Snapshot) -> np.ndarray:
        """Return the numbers of the passages that speak of a concept, ascending.

        A passage with no more than an abbreviation that other concepts share counts where its document means this one.
        """
        found = [saying_any(snapshot, [name_phrase(name) for name in self._full[number]])]
        for form in self._short[number]:
            passages = snapshot.sparse.saying(name_phrase(form))
            if len(self._sharing[form]) > 1 and len(passages):
                means = self._sense(form, snapshot).by_document
                passages = passages[means[snapshot.document_numbers[passages]] == number]
            found.append(passages)
        return np.unique(np.concatenate(found))

    def speaking_of(self, concept: Concept, snapshot: Snapshot) -> list[int]:
        """Return the numbers of the passages that say a name of `concept` word by word, or stand under such a title."""
        number = self.concepts.index(concept)
        titles = {document.id: document.title for document in snapshot.contents.documents}
        speaking = []
        for place in self.passages_of(number, snapshot).tolist():
            passage = snapshot.contents.passages[place]
            text = token_form(f"{titles[passage.document_id]}\n{passage.section}\n{passage.text}")
            mentions = self._finder.mentions(self._finder.known_words(words(text)))
            if any(number in mention.terms for mention in mentions):
                speaking.append(place)
        return speaking

    def _sense(self, form: str, snapshot: Snapshot) -> Sense:
        senses = self._senses.setdefault(snapshot, {})
        if form not in senses:
            rivals = self._sharing[form]
            full = {number: [name_phrase(name) for name in self._full[number]] for number in rivals}
            senses[form] = sense(snapshot, rivals, full)
        return senses[form]


def _saying_in(tag: str, names: Iterable[str], snapshot: Snapshot) -> np.ndarray:
    """Return the numbers of the passages that say names of one language, less those in another of its script.

    To the keyword index all Latin words are Polish: go is a form of on, and stands in any Polish text.
    """
    found = saying_any(snapshot, [name_phrase(name) for name in names])
    mistaken = {"pl": "en", "en": "pl"}.get(tag)
    return found[snapshot.families[found] != family_number(mistaken)] if mistaken else found


def _as_they_are(said: Iterable[Word], snapshot: Snapshot, known: dict[Phrase, AskedWord]) -> list[AskedWord]:
    """Return words that have no other name; a lone Han character says too little to be one. `known` keeps them."""
    own = [phrase((word,)) for word in said if word[1] or len(word[0]) > 1]
    for part in own:
        if part not in known:
            known[part] = AskedWord(part, (), snapshot.sparse.saying(part), np.empty(0, np.int64))
    return [known[part] for part in own]


@lru_cache(maxsize=1)
def _shipped() -> Lexicon:
    return Lexicon(word_lists())
