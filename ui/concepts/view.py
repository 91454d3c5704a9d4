"""The concepts as HTML. Pure; whatever comes from outside is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby

from corpus.documents import Passage
from kb import Answer
from kb.terms.concept_map import ConceptMap
from kb.terms.concepts import KINDS, NAME_TAGS, Concept
from ui.chat.citing import sentences_html
from ui.concepts.drawing import drawing
from ui.locale.messages import LANGUAGES, Words
from ui.widgets.document_view import document_address, language_attribute, meta_line
from ui.widgets.icons import icon
from ui.widgets.widgets import page_head

MOST_PASSAGES = 60


def concepts_page(concept_map: ConceptMap, words: Words) -> str:
    """Return all concepts by kind, and the map of those that occur together."""
    facts = meta_line(
        escape(words.count("concepts_count", len(concept_map.concepts))),
        escape(words.count("spoken_count", concept_map.spoken_of)),
    )
    label = escape(words("filter_concepts"))
    search = (
        f'<div class="tools"><label class="field">{icon("search")}<span class="unseen">{label}</span>'
        f'<input type="search" id="filter-concepts" placeholder="{label}" autocomplete="off"></label></div>'
        f'<p class="empty" id="none-match-concept" hidden>{escape(words("none_match_concept"))}</p>'
    )
    kinds = "".join(_kind(kind, concept_map, words) for kind in KINDS)
    head = page_head(words("nav_concepts"), words("concepts_note"), words, facts=facts)
    return f"{head}{_map(concept_map, words)}{search}{kinds}"


def concept_page(
    concept_map: ConceptMap,
    number: int,
    passages: Sequence[tuple[Passage, str]],
    definition: Answer | None,
    question: str,
    words: Words,
) -> str:
    """Return one concept; `passages` come with the titles of their documents."""
    concept = concept_map.concepts[number]
    back = f'<a class="back" href="#/concepts">{icon("back")}{escape(words("all_concepts"))}</a>'
    facts = meta_line(escape(words(f"kind_{concept.kind}")), escape(words.count("passages", len(passages))))
    head = page_head(concept.name(words.language), "", words, facts=facts, back=back)
    return (
        f"{head}{_definition(definition, question, words)}{_names(concept, words)}"
        f"{_neighbours(concept_map, number, words)}{_passages(passages, words)}"
    )


def missing_page(words: Words) -> str:
    """Return what stands where there is no such concept."""
    back = f'<a class="back" href="#/concepts">{icon("back")}{escape(words("all_concepts"))}</a>'
    return page_head(words("nav_concepts"), words("no_such_concept"), words, back=back)


def _kind(kind: str, concept_map: ConceptMap, words: Words) -> str:
    spoken, absent = list[str](), list[str]()
    for number, concept in enumerate(concept_map.concepts):
        if concept.kind == kind:
            (spoken if concept_map.passages[number] else absent).append(_item(number, concept_map, words))
    folded = (
        f"<details><summary>{escape(words('not_spoken_of'))} · {escape(words.count('concepts_count', len(absent)))}"
        f'</summary><ul class="cards">{"".join(absent)}</ul></details>'
        if absent
        else ""
    )
    return (
        f'<section class="kind"><h2>{escape(words(f"kind_{kind}"))}</h2><ul class="cards">{"".join(spoken)}</ul>'
        f"{folded}</section>"
    )


def _item(number: int, concept_map: ConceptMap, words: Words) -> str:
    concept, count = concept_map.concepts[number], len(concept_map.passages[number])
    said = escape(words.count("passages", count) if count else words("not_spoken_of"))
    others = "".join(
        f'<span lang="{tag}">{escape(concept.name(tag))}</span>' for tag in LANGUAGES if tag != words.language
    )
    sought = escape(" ".join((*concept.all_names(), *concept.abbreviations)).casefold())
    short = f" <abbr>{escape(', '.join(concept.abbreviations))}</abbr>" if concept.abbreviations else ""
    return (
        f'<li data-sought="{sought}"{"" if count else " class=absent"}><a href="#/concepts/{escape(concept.id)}">'
        f"<strong>{escape(concept.name(words.language))}{short}</strong>"
        f'<span class="others">{others}</span><span class="meta">{said}</span></a></li>'
    )


def _map(concept_map: ConceptMap, words: Words) -> str:
    drawn = drawing(concept_map, words)
    title = f"<h2>{escape(words('map'))}</h2>"
    if not drawn:
        return f'<section class="together">{title}<p class="empty">{escape(words("map_empty"))}</p></section>'
    legend = "".join(
        f'<li class="{kind}"><span aria-hidden="true"></span>{escape(words(f"kind_{kind}"))}</li>' for kind in KINDS
    )
    return (
        f'<section class="together">{title}<p class="meta">{escape(words("map_note"))}</p>'
        f'<ul class="legend">{legend}</ul><div class="map-frame">{drawn}</div>'
        f"<details><summary>{escape(words('map_table'))}</summary>{_table(concept_map, words)}</details></section>"
    )


def _table(concept_map: ConceptMap, words: Words) -> str:
    rows = "".join(
        f'<tr><th scope="row">{_link(concept_map.concepts[number], words)}</th>'
        f'<td class="passages">{len(concept_map.passages[number])}</td>'
        f"<td>{_list(concept_map, number, words, most=8)}</td></tr>"
        for number in sorted(range(len(concept_map.concepts)), key=lambda n: (-len(concept_map.passages[n]), n))
        if concept_map.passages[number]
    )
    head = "".join(
        f'<th scope="col"{" class=passages" if name == "passages" else ""}>{escape(words(f"column_{name}"))}</th>'
        for name in ("concept", "passages", "together")
    )
    return f'<div class="wide"><table class="plain"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _list(concept_map: ConceptMap, number: int, words: Words, most: int) -> str:
    found = concept_map.neighbours(number)[:most]
    return ", ".join(f"{_link(concept_map.concepts[other], words)} ({count})" for other, count in found) or "–"


def _link(concept: Concept, words: Words) -> str:
    return f'<a href="#/concepts/{escape(concept.id)}">{escape(concept.name(words.language))}</a>'


def _definition(definition: Answer | None, question: str, words: Words) -> str:
    if definition is None:
        body = f'<p class="meta">{escape(words("no_definition"))}</p>'
    else:
        cited = definition.citations[0]
        where = meta_line(
            f"<span{language_attribute(cited.language)}>{escape(cited.title)}</span>",
            escape(words.name_of(cited.language)),
        )
        body = f'<div class="answer quotes-inline">{sentences_html(definition, words)}</div><p class="meta">{where}</p>'
    ask = (
        f'<button type="button" class="button" data-ask="{escape(question)}">{icon("ask")}'
        f"{escape(words('ask_about', question=question))}</button>"
    )
    return (
        f'<section class="definition"><h2>{escape(words("definition"))}</h2>{body}'
        f'<p class="buttons">{ask}</p></section>'
    )


def _names(concept: Concept, words: Words) -> str:
    order = sorted(NAME_TAGS, key=lambda tag: tag != words.language)
    rows = "".join(
        f'<dt>{escape(words.name_of(tag))}</dt><dd lang="{tag}">{escape(" · ".join(concept.names[tag]))}</dd>'
        for tag in order
        if tag in concept.names
    )
    if concept.abbreviations:
        rows += f"<dt>{escape(words('abbreviations'))}</dt><dd>{escape(' · '.join(concept.abbreviations))}</dd>"
    return f'<section><h2>{escape(words("names"))}</h2><dl class="names">{rows}</dl></section>'


def _neighbours(concept_map: ConceptMap, number: int, words: Words) -> str:
    found = concept_map.neighbours(number)[:12]
    if not found:
        return ""
    items = "".join(
        f'<li>{_link(concept_map.concepts[other], words)}<span class="meta">'
        f"{escape(words.count('passages', count))}</span></li>"
        for other, count in found
    )
    return f'<section><h2>{escape(words("together"))}</h2><ul class="chips">{items}</ul></section>'


def _passages(passages: Sequence[tuple[Passage, str]], words: Words) -> str:
    if not passages:
        return ""
    order = [words.language, *LANGUAGES, "und"]
    shown = sorted(passages[:MOST_PASSAGES], key=lambda item: order.index(item[0].language))
    groups = []
    for language, group in groupby(shown, key=lambda item: item[0].language):
        items = "".join(_passage(passage, title, words) for passage, title in group)
        groups.append(f'<h3>{escape(words.name_of(language))}</h3><ol class="quotes">{items}</ol>')
    more = ""
    if len(passages) > MOST_PASSAGES:
        more = f'<p class="meta">{escape(words("only_first", most=MOST_PASSAGES))}</p>'
    return f"<section><h2>{escape(words('spoken_of'))}</h2>{more}{''.join(groups)}</section>"


def _passage(passage: Passage, title: str, words: Words) -> str:
    language = language_attribute(passage.language)
    address = document_address(passage.document_id, words, (passage.start, passage.end))
    section = f'<p class="meta"><span{language}>{escape(passage.section)}</span></p>' if passage.section else ""
    return (
        f'<li><a class="title" data-pane href="{escape(address)}"{language}>{escape(title)}</a>{section}'
        f"<blockquote{language}>{escape(passage.text)}</blockquote></li>"
    )
