"""`cco search`, `ask`, `concepts`: what the texts say."""

from __future__ import annotations

import argparse
import sys

from ui.commands.shared import (
    Commands,
    flat,
    json_flag,
    language_option,
    opened,
    positive,
    print_json,
    reranker_option,
    settings_of,
)

_MODES = ("hybrid", "dense", "sparse")


def register(commands: Commands) -> None:
    """Declare the commands."""
    sub = commands.add(
        "concepts", _concepts, "show concepts, their names and who speaks of them", "cco concepts 客戶長", brief=True
    )
    sub.add_argument("name", nargs="?", metavar="NAME", help="a name in any language, or an abbreviation")
    json_flag(sub)

    sub = commands.add("search", _search, "rank passages", "cco search 'rola CXO a CMO' -k 5", brief=True)
    sub.add_argument("query", metavar="QUERY")
    sub.add_argument("-k", type=positive, default=10, metavar="N", help="how many passages (10)")
    sub.add_argument("--mode", choices=_MODES, help="how passages are ranked (as the settings say: hybrid)")
    language_option(sub)
    reranker_option(sub)
    json_flag(sub)

    sub = commands.add("ask", _ask, "give a cited answer", "cco ask '客戶長是做什麼的?'", brief=True)
    sub.add_argument("question", metavar="QUESTION")
    sub.add_argument("-k", type=positive, metavar="N", help="how many passages to give with the answer (5)")
    sub.add_argument(
        "--after",
        action="append",
        default=[],
        metavar="QUESTION",
        help="a question asked before this one, which it may lean on; may be repeated, the newest last",
    )
    language_option(sub)
    reranker_option(sub)
    json_flag(sub)


def _concepts(options: argparse.Namespace) -> int:
    from kb.library import catalogue
    from retrieval.storage.folder import IndexMissing

    try:
        opened = catalogue.snapshot(settings_of(options)) if options.name or options.json else None
    except IndexMissing as error:
        opened = None
        print(f"cco: {error}", file=sys.stderr)
    told = catalogue.concepts(options.name, opened)
    if options.json:
        return print_json({"concepts": told})
    for concept in told:
        names = concept["names"]
        if not options.name:
            short = f" ({', '.join(concept['abbreviations'])})" if concept["abbreviations"] else ""
            print(f"{concept['id']}{short}: {names['zh-Hans'][0]} / {names['zh-Hant'][0]} / {names['pl'][0]}")
            continue
        print(f"{concept['id']} ({concept['kind']})")
        for tag, listed in names.items():
            print(f"  {tag:<10}  {', '.join(listed)}")
        if concept["abbreviations"]:
            print(f"  {'short':<10}  {', '.join(concept['abbreviations'])}")
        for document in concept.get("documents", ()):
            count = f"{document['passages']} passage{'s' if document['passages'] != 1 else ''}"
            print(f"  {document['id']} ({document['language']}, {count}): {flat(document['title'])}")
        if not concept.get("documents", True):
            print("  no document speaks of it")
    return 0


def _search(options: argparse.Namespace) -> int:
    from kb.answering.answers import passage_json

    base = opened(options)
    mode = options.mode or base.settings.retrieval.mode
    hits = base.search(options.query, options.k, mode=mode, languages=options.language)
    if options.json:
        expansion = [{"said": w.said, "names": list(w.names)} for w in base.question(options.query).words if w.names]
        passages = [passage_json(hit) for hit in hits]
        return print_json({"query": options.query, "mode": mode, "expansion": expansion, "passages": passages})
    for number, hit in enumerate(hits, 1):
        passage = hit.passage
        place = f"{passage.document_id}, {passage.section}" if passage.section else passage.document_id
        print(f"{number}. {flat(place)} ({passage.language}, {hit.score:.2f})\n   {flat(passage.text)}\n")
    if not hits:
        print("cco: nothing found", file=sys.stderr)
    return 0


def _ask(options: argparse.Namespace) -> int:
    answer = opened(options).ask(options.question, k=options.k, languages=options.language, history=options.after)
    if options.json:
        return print_json(answer.to_json())
    if answer.completed:
        print(f"cco: understood as: {answer.completed}", file=sys.stderr)
    if answer.reason:
        print(f"cco: {answer.reason}", file=sys.stderr)
    print(answer.text)
    if answer.note:
        print(answer.note)
    for citation in answer.citations:
        page = f"p. {citation.page}" if citation.page is not None else ""
        place = " · ".join(filter(None, (citation.title, citation.section, page, citation.date)))
        print(f"\n[{citation.number}] {flat(place)}\n    {flat(citation.quote)}\n    {flat(citation.source)}")
    if not answer.answered:
        for hit in answer.hits[:3]:
            print(f"\n    {hit.passage.document_id}: {flat(hit.passage.text[hit.start - hit.passage.start :])[:120]}")
    for suggestion in answer.suggestions:
        print(f"\n    → {flat(suggestion)}")
    return 0
