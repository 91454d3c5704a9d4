"""The concepts page: what the field speaks of, and where the texts do."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from kb import KnowledgeBase
from kb.suggestions.definitions import definition_of, question_about
from kb.terms.concept_map import ConceptMap
from retrieval.index.snapshot import Snapshot
from ui.concepts.view import concept_page, concepts_page, missing_page
from ui.locale.messages import Words
from ui.security.concurrency import ConcurrencyLimiter


class ConceptsPage:
    """The handlers behind the concepts page."""

    def __init__(self, base: KnowledgeBase, concurrency: ConcurrencyLimiter) -> None:
        self._base, self._concurrency = base, concurrency
        self._maps: WeakKeyDictionary[Snapshot, ConceptMap] = WeakKeyDictionary()

    def routes(self) -> APIRouter:
        """Return the page's routes."""
        router = APIRouter(prefix="/pages/concepts", include_in_schema=False)
        router.get("")(self.page)
        router.get("/{concept_id}")(self.concept)
        return router

    def page(self, ui: str = "") -> HTMLResponse:
        """Show all concepts."""
        return HTMLResponse(concepts_page(self._map(self._base.snapshot), Words.of(ui)))

    def concept(self, concept_id: str, ui: str = "") -> HTMLResponse:
        """Show one concept."""
        words, snapshot = Words.of(ui), self._base.snapshot
        concept_map = self._map(snapshot)
        number = concept_map.number(concept_id)
        if number is None:
            return HTMLResponse(missing_page(words), 404)
        concept = concept_map.concepts[number]
        speaking = self._base.lexicon.speaking_of(concept, snapshot)
        passages = [snapshot.contents.passages[place] for place in speaking]
        titled = [(passage, snapshot.documents[passage.document_id].title) for passage in passages]
        question = question_about(concept, words.language)
        with self._concurrency.turn():
            definition = definition_of(self._base, concept, words.language, set(speaking)) if speaking else None
        return HTMLResponse(concept_page(concept_map, number, titled, definition, question, words))

    def _map(self, snapshot: Snapshot) -> ConceptMap:
        if snapshot not in self._maps:
            self._maps[snapshot] = ConceptMap.of(snapshot, self._base.lexicon)
        return self._maps[snapshot]
