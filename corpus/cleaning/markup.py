"""A Markdown file -> its front matter and the pieces of its text, markup removed."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from corpus.cleaning.lines import Piece, joined
from corpus.reasons import Refusal, why

LONGEST_PARAGRAPH = 100_000
"""Characters above which a paragraph's inline markup stays as it is: a million may take the parser 15 seconds."""
DEEPEST = 100
"""Of lists and quotes within each other, each list counting twice."""
DEEPEST_INLINE = 12
"""Of links and emphasis within each other: the parser goes this deep anew at every bracket of `[[[[`."""

_FENCE = re.compile(r"---[ \t]*\n(.*?)(?:^|(?<=\n))(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FOOTNOTE = re.compile(r"\[\^[^\]\s]{1,40}\]:?\s?")


class FrontMatterError(Refusal):
    """The front matter is not a mapping that can be read; the reason names the line of the file."""


class NestingError(Refusal):
    """Lists or quotes are too deep within each other to be read."""


def split_front_matter(text: str) -> tuple[dict[str, Any], str]:
    """Split a Markdown text into its front matter, JSON-ready, and the rest.

    Raises FrontMatterError where the front matter is not closed, no YAML, or not a mapping.
    """
    if not re.match(r"---[ \t]*\n", text):
        return {}, text
    match = _FENCE.match(text)
    if match is None:
        if re.match(r"---[ \t]*\n[\w-]+[ \t]*:", text):
            raise FrontMatterError(why("front_unclosed", line=1))
        return {}, text
    return _mapping(match[1]), text[match.end() :]


def line_of_key(text: str, key: str) -> int:
    """Return the number of the line that gives `key` in the front matter of `text`, 1 where it cannot be found."""
    for number, line in enumerate(text.split("\n"), 1):
        if re.match(rf"""["']?{re.escape(key)}["']?\s*:""", line):
            return number
    return 1


def pieces_of_markdown(text: str) -> Iterator[Piece]:
    """Parse a Markdown text and yield its headings, paragraphs, list items and table rows without their markup.

    Raises `NestingError`.
    """
    tokens = _parser(DEEPEST).parse(text, {})
    if any(token.level >= DEEPEST - 2 for token in tokens):
        # The parser would leave out what is deeper, and all that follows it, without a word.
        raise NestingError(why("nested_lists", most=DEEPEST // 2 - 1))
    return _pieces(tokens)


def _parse_inline(state: StateCore) -> None:
    inline = _parser(DEEPEST_INLINE)
    for token in state.tokens:
        if token.type == "inline" and len(token.content) <= LONGEST_PARAGRAPH:
            token.children = []
            inline.inline.parse(token.content, inline, state.env, token.children)


@functools.cache
def _parser(deepest: int) -> MarkdownIt:
    # Four spaces before a paragraph are an indent far more often than a program.
    parser = MarkdownIt("commonmark", {"maxNesting": deepest}).enable(["table", "strikethrough"]).disable("code")
    parser.core.ruler.at("inline", _parse_inline)
    return parser


def _mapping(written: str) -> dict[str, Any]:
    try:
        loaded = yaml.load(written, _Loader)  # a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, detail = (mark.line if mark else 0) + 2, str(error.problem or error.context)
        raise FrontMatterError(why("front_no_yaml", line=line, detail=detail)) from None
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError) as error:
        detail = "nested too deep" if isinstance(error, RecursionError) else str(error).split("\n")[0]
        raise FrontMatterError(why("front_no_yaml", line=2, detail=detail)) from None
    if loaded is None:
        return {}
    if not isinstance(loaded, dict):
        raise FrontMatterError(why("front_no_mapping", line=2, got=type(loaded).__name__))
    plain: dict[str, Any] = _plain(loaded)
    return plain


class _Loader(yaml.SafeLoader):
    """YAML without aliases, of which a few lines can unfold into gigabytes, and with dates left as they are written."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "aliases are not read", mark)
        return super().compose_node(parent, index)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _plain(value: Any) -> Any:
    """Turn what YAML can hold into what JSON can."""
    if isinstance(value, dict):
        return {_plain(key) if isinstance(key, str) else str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, set):
        return sorted(str(item) for item in value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if value is None or isinstance(value, (bool, int)) or (isinstance(value, float) and abs(value) < float("inf")):
        return value
    return re.sub("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", "", str(value))


def _pieces(tokens: Sequence[Token]) -> Iterator[Piece]:  # noqa: C901 (one case a kind of token)
    lists, marker, level, row = list[list[Any]](), "", 0, list[str]()
    kind = "paragraph"
    for token in tokens:
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            lists.append([token.type])
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            lists.pop()
        elif token.type == "list_item_open":
            marker = "-" if lists[-1][0] == "bullet_list_open" else f"{token.info}{token.markup}"
        elif token.type == "heading_open":
            kind, level = "heading", int(token.tag[1])
        elif token.type == "paragraph_open":
            kind, level = ("item", len(lists)) if marker else ("paragraph", 0)
        elif token.type == "tr_open":
            kind, row = "row", []
        elif token.type == "tr_close":
            yield Piece("row", " | ".join(cell for cell in row if cell))
        elif token.type in {"th_open", "td_open"}:
            kind = "row"
        elif token.type == "inline":
            words = _words(token)
            if kind == "row":
                row.append(words)
            elif words:
                yield Piece(kind, words, level, marker if kind == "item" else "")
                marker = ""
        elif token.type == "fence":
            yield from (Piece("paragraph", line.strip()) for line in token.content.split("\n") if line.strip())


def _words(token: Token) -> str:
    if len(token.content) > LONGEST_PARAGRAPH:
        return token.content
    return _FOOTNOTE.sub("", _inline(token.children or ())).strip()


def _inline(children: Iterable[Token]) -> str:
    parts, broken = [""], False
    for child in children:
        if child.type in {"softbreak", "hardbreak"} or (
            child.type == "html_inline" and re.match(r"<br\b", child.content)
        ):
            broken = True
        elif child.type in {"text", "code_inline", "text_special"} and child.content:
            parts += _after_break(parts, child.content.lstrip()) if broken else [child.content]
            broken = False
    return "".join(parts)


def _after_break(parts: list[str], after: str) -> list[str]:
    """Take the white space off the end of `parts`, and return what follows it after a line break."""
    while len(parts) > 1 and not parts[-1].rstrip():
        parts.pop()
    parts[-1] = parts[-1].rstrip()
    before = "".join(parts[-2:])[-2:]
    return [joined(before, after)[len(before) :]] if after else []
