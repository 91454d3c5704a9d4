"""The `cco` command. Results go to stdout, everything else to stderr; the only module of kb that prints."""

from __future__ import annotations

import argparse
import atexit
import gc
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

# Nothing heavy is imported here: `cco --help` answers at once, and each command loads what it needs.
if TYPE_CHECKING:
    from kb.knowledge_base import Change, KnowledgeBase
    from kb.settings import Settings

SHIPPED_TEXTS = Path(__file__).resolve().parents[1] / "corpus" / "texts"
SHIPPED_CONVERSATIONS = Path(__file__).resolve().parent / "evaluation" / "conversations.jsonl"
_MODES = ("hybrid", "dense", "sparse")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status: 0 done, 1 the work failed, 2 wrong usage."""
    options = _parser().parse_args(arguments)
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    if options.run in (_ask, _search, _docs, _concepts):
        # Over before there is garbage worth a walk over all that the libraries hold, which takes a second, and at the
        # end of the process another, unless nothing is left to walk over.
        gc.disable()
        atexit.register(gc.freeze)
    try:
        return int(options.run(options) or 0)
    except KeyboardInterrupt:
        return _fail("stopped", 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if os.environ.get("CCO_DEBUG"):
            raise
        return _fail(_one_line(error))
    finally:
        gc.enable()


def _one_line(error: Exception) -> str:
    from kb.errors import is_expected

    message = str(error).strip()
    if is_expected(error):
        return message
    kind = type(error).__name__
    return f"unexpected {kind}: {message.splitlines()[0] if message else 'no message'} (CCO_DEBUG=1 shows where)"


def _fail(message: str, status: int = 1) -> int:
    print(f"cco: {message}", file=sys.stderr)
    return status


# -------------------------------------------------------------------------------------------------------- commands


def _index(options: argparse.Namespace) -> int:
    from kb.knowledge_base import KnowledgeBase
    from retrieval.storage import IndexMissing

    paths = options.paths or [SHIPPED_TEXTS]
    settings = _settings(options)
    with _Progress() as progress:
        if options.rebuild:
            base = KnowledgeBase.build(paths, settings=settings, report=progress)
        else:
            try:
                base = KnowledgeBase.open(settings=settings)
            except IndexMissing:
                base = KnowledgeBase.build(paths, settings=settings, report=progress)
            else:
                base.add(paths, report=progress)
    return _summarise(base, options)


def _add(options: argparse.Namespace) -> int:
    with _Progress() as progress:
        base = _open(options)
        base.add(options.paths, report=progress)
    return _summarise(base, options)


def _remove(options: argparse.Namespace) -> int:
    base = _open(options)
    base.remove(options.document_ids)
    return _summarise(base, options)


def _docs(options: argparse.Namespace) -> int:
    from kb import catalogue

    documents = catalogue.documents(_settings(options))
    if options.json:
        return _print_json({"documents": documents})
    width = max((len(document["id"]) for document in documents), default=0)
    for document in documents:
        print(f"{document['id']:<{width}}  {document['language']:<7}  {document['title']}")
    return 0


def _concepts(options: argparse.Namespace) -> int:
    from kb import catalogue
    from retrieval.storage import IndexMissing

    try:
        opened = catalogue.snapshot(_settings(options)) if options.name or options.json else None
    except IndexMissing as error:
        opened = None
        print(f"cco: {error}", file=sys.stderr)
    told = catalogue.concepts(options.name, opened)
    if options.json:
        return _print_json({"concepts": told})
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
            print(f"  {document['id']} ({document['language']}, {count}): {document['title']}")
        if not concept.get("documents", True):
            print("  no document speaks of it")
    return 0


def _search(options: argparse.Namespace) -> int:
    from kb.answers import passage_json

    base = _open(options)
    hits = base.search(options.query, options.k, mode=options.mode, languages=options.language)
    if options.json:
        expansion = [{"said": w.said, "names": list(w.names)} for w in base.question(options.query).words if w.names]
        passages = [passage_json(hit) for hit in hits]
        return _print_json({"query": options.query, "mode": options.mode, "expansion": expansion, "passages": passages})
    for number, hit in enumerate(hits, 1):
        passage = hit.passage
        place = f"{passage.document_id}, {passage.section}" if passage.section else passage.document_id
        print(f"{number}. {place} ({passage.language}, {hit.score:.2f})\n   {_flat(passage.text)}\n")
    if not hits:
        print("cco: nothing found", file=sys.stderr)
    return 0


def _ask(options: argparse.Namespace) -> int:
    answer = _open(options).ask(options.question, k=options.k, languages=options.language, history=options.after)
    if options.json:
        return _print_json(answer.to_json())
    if answer.completed:
        print(f"cco: understood as: {answer.completed}", file=sys.stderr)
    if answer.reason:
        print(f"cco: {answer.reason}", file=sys.stderr)
    print(answer.text)
    for citation in answer.citations:
        place = " · ".join(filter(None, (citation.title, citation.section, citation.date)))
        print(f"\n[{citation.number}] {place}\n    {_flat(citation.quote)}\n    {citation.source}")
    if not answer.answered:
        for hit in answer.hits[:3]:
            print(f"\n    {hit.passage.document_id}: {_flat(hit.passage.text[hit.start - hit.passage.start :])[:120]}")
    return 0


def _serve(options: argparse.Namespace) -> int:
    from kb.knowledge_base import KnowledgeBase
    from retrieval.storage import IndexMissing
    from ui.app import serve

    settings = _settings(options)
    try:
        base = KnowledgeBase.open(settings=settings)
    except IndexMissing:
        print("cco: no index yet, making one of the shipped texts", file=sys.stderr)
        with _Progress() as progress:
            base = KnowledgeBase.build([SHIPPED_TEXTS], settings=settings, report=progress)

    def ready(url: str) -> None:
        print(f"cco: {base.manifest.documents} documents at {url} (Ctrl+C stops)", file=sys.stderr, flush=True)

    try:
        serve(base, options.host, options.port, ready=ready)
    except OSError as error:
        return _fail(f"{error}")
    return 0


def _eval(options: argparse.Namespace) -> int:
    from kb.evaluation.command import evaluate

    if bool(options.pair) != bool(options.parallel):
        _usage("--parallel FILE.tsv and --pair FROM:TO go together")
    if sum(map(bool, (options.questions, options.conversations, options.squad, options.parallel))) != 1:
        _usage("give one of QUESTIONS.jsonl, --squad FILE.json, --parallel FILE.tsv, --conversations [FILE.jsonl]")
    if options.html and options.conversations:
        _usage("--html does not go with --conversations; --json FILE has every conversation")
    with _Progress() as progress:
        result = evaluate(options, _settings(options), progress)
    if options.html:
        from kb.evaluation.report import write_report

        write_report(result, options.html)
    if options.json_file:
        options.json_file.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return _print_json({key: value for key, value in result.items() if key != "questions" or not options.json_file})


def _compare(options: argparse.Namespace) -> int:
    from kb.evaluation.comparison import compare

    return _print_json(compare(options.run_a, options.run_b))


# --------------------------------------------------------------------------------------------------------- helpers


def _settings(options: argparse.Namespace) -> Settings:
    from kb.settings import Settings

    settings = Settings.load()
    given: dict[str, Any] = {key: value for key in ("model", "index") if (value := getattr(options, key)) is not None}
    if getattr(options, "reranker", None) is not None:
        given["reranker"] = settings.reranker.model_copy(update={"model": options.reranker})
    return settings.model_copy(update=given)


def _open(options: argparse.Namespace) -> KnowledgeBase:
    from kb.knowledge_base import KnowledgeBase

    return KnowledgeBase.open(settings=_settings(options))


def _summarise(base: KnowledgeBase, options: argparse.Namespace) -> int:
    change: Change = base.last_change
    for item in change.skipped:
        print(f"cco: skipped {_flat(item.path)}: {item.reason}", file=sys.stderr)
    summary = {
        "documents": change.documents,
        "passages": change.passages,
        "windows": change.windows,
        "added": list(change.added),
        "removed": list(change.removed),
        "skipped": [{"path": item.path, "reason": item.reason} for item in change.skipped],
        "seconds": round(change.seconds, 2),
        "index": str(base.settings.index),
    }
    if options.json:
        return _print_json(summary)
    print(
        f"{change.documents} documents, {change.passages} passages, {change.windows} windows; "
        f"{len(change.added)} added, {len(change.removed)} removed, {len(change.skipped)} skipped; "
        f"{change.seconds:.1f} s; {base.settings.index}"
    )
    return 0


def _print_json(value: Any) -> int:
    print(json.dumps(value, ensure_ascii=False, indent=2))
    return 0


def _flat(text: str) -> str:
    return " ".join(text.split())


def _usage(message: str) -> NoReturn:
    print(f"cco eval: error: {message}; see cco eval --help", file=sys.stderr)
    raise SystemExit(2)


class _Progress:
    """Shows what is being done on stderr: a bar in a terminal, a line a step elsewhere."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._step = ""

    def __enter__(self) -> Callable[[str, int, int], None]:
        return self._show

    def __exit__(self, *_: object) -> None:
        self._close()

    def _show(self, step: str, done: int, total: int) -> None:
        from tqdm import tqdm

        if step != self._step:
            self._close()
            self._step = step
            self._bar = tqdm(total=total, desc=step, file=sys.stderr, disable=not sys.stderr.isatty(), leave=False)
            if not sys.stderr.isatty():
                print(f"cco: {step} {total}", file=sys.stderr)
        self._bar.update(done - self._bar.n)

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None


# ---------------------------------------------------------------------------------------------------------- parser


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="cco", description="Cited answers from your own texts.")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(
        name: str, run: Callable[[argparse.Namespace], int], help_: str, example: str
    ) -> argparse.ArgumentParser:
        sub = commands.add_parser(
            name,
            help=help_,
            description=help_[0].upper() + help_[1:] + ".",
            epilog=f"example: {example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        sub.add_argument("--index", type=Path, metavar="DIR", help="the index's folder (or CCO_INDEX)")
        sub.add_argument("--model", metavar="NAME_OR_FOLDER", help="a sentence-transformers model (or CCO_MODEL)")
        sub.set_defaults(run=run)
        return sub

    sub = command(
        "index", _index, "index files and folders, without PATH the shipped texts", "cco index notes/ report.md"
    )
    sub.add_argument("paths", nargs="*", metavar="PATH")
    sub.add_argument("--rebuild", action="store_true", help="make the index anew instead of bringing it up to date")
    _json_flag(sub)

    _json_flag(command("docs", _docs, "list the documents", "cco docs --json"))
    sub = command("add", _add, "add files and folders", "cco add notes.md")
    sub.add_argument("paths", nargs="+", metavar="PATH")
    _json_flag(sub)
    sub = command("remove", _remove, "remove documents", "cco remove notes")
    sub.add_argument("document_ids", nargs="+", metavar="DOCUMENT_ID")
    _json_flag(sub)

    sub = command("concepts", _concepts, "show concepts, their names and who speaks of them", "cco concepts 客戶長")
    sub.add_argument("name", nargs="?", metavar="NAME", help="a name in any language, or an abbreviation")
    _json_flag(sub)

    sub = command("search", _search, "rank passages", "cco search 'rola CXO a CMO' -k 5")
    sub.add_argument("query", metavar="QUERY")
    sub.add_argument("-k", type=_positive, default=10, metavar="N", help="how many passages (10)")
    sub.add_argument("--mode", choices=_MODES, default="hybrid")
    _language_option(sub)
    _reranker_option(sub)
    _json_flag(sub)

    sub = command("ask", _ask, "give a cited answer", "cco ask '客戶長是做什麼的?'")
    sub.add_argument("question", metavar="QUESTION")
    sub.add_argument("-k", type=_positive, metavar="N", help="how many passages to give with the answer (5)")
    sub.add_argument(
        "--after",
        action="append",
        default=[],
        metavar="QUESTION",
        help="a question asked before this one, which it may lean on; may be repeated, the newest last",
    )
    _language_option(sub)
    _reranker_option(sub)
    _json_flag(sub)

    sub = command("eval", _eval, "run a question set and measure", "cco eval questions.jsonl --json run.json")
    sub.add_argument("questions", nargs="?", type=Path, metavar="QUESTIONS.jsonl")
    sub.add_argument(
        "--squad", type=Path, metavar="FILE.json", help="index this file's paragraphs and ask its questions"
    )
    sub.add_argument(
        "--conversations",
        nargs="?",
        type=Path,
        const=SHIPPED_CONVERSATIONS,
        metavar="FILE.jsonl",
        help="ask the last question of each conversation alone and after the others; without FILE the shipped ones",
    )
    sub.add_argument("--limit", type=_positive, metavar="N", help="with --squad: ask the first N questions")
    sub.add_argument("--parallel", type=Path, metavar="FILE.tsv", help="the mixed-pool cross-language probe")
    sub.add_argument("--pair", metavar="FROM:TO", help="with --parallel: its languages, such as pl:zh-Hans")
    sub.add_argument("--json", dest="json_file", type=Path, metavar="OUT", help="write the whole run to this file")
    sub.add_argument("--html", type=Path, metavar="OUT", help="write a report to this file")
    _reranker_option(sub)

    sub = command("compare", _compare, "show what changed between two runs", "cco compare before.json after.json")
    sub.add_argument("run_a", type=Path, metavar="RUN_A.json")
    sub.add_argument("run_b", type=Path, metavar="RUN_B.json")

    sub = command("serve", _serve, "serve the web page", "cco serve --port 8000")
    sub.add_argument("--host", default="127.0.0.1", metavar="H")
    sub.add_argument("--port", type=_port, default=7860, metavar="P")
    return parser


def _json_flag(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def _language_option(parser: argparse.ArgumentParser) -> None:
    tags = ("zh-Hans", "zh-Hant", "pl", "en")
    parser.add_argument(
        "--language",
        action="append",
        default=[],
        choices=tags,
        metavar="TAG",
        help="only texts in this language; may be repeated",
    )


def _reranker_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--reranker", metavar="NAME_OR_FOLDER", help="a sentence-transformers CrossEncoder for the first hits (none)"
    )


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from 1 to 65535")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
