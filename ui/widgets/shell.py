"""What stands around every page: the way between the pages, the language switch, and the question box."""

from __future__ import annotations

from html import escape

from ui.locale.messages import LANGUAGES, OWN_NAMES, Words
from ui.widgets.icons import LOGO, icon

PAGES = ("ask", "library", "concepts", "evaluation", "settings")


def rail(words: Words, signed_in: str = "", *, may_sign_in: bool = False) -> str:
    """Return the pages' links and the language switch; for whoever has signed in, by name, also the way out."""
    door = _way_out(words, signed_in) if signed_in else _way_in(words) if may_sign_in else ""
    links = "".join(
        f'<li><a href="#/{"" if page == "ask" else page}" data-page="{page}">{icon(page)}'
        f"<span>{escape(words(f'nav_{page}'))}</span></a></li>"
        for page in PAGES
    )
    options = "".join(
        f'<option value="{tag}" lang="{tag}"{" selected" if tag == words.language else ""}>{OWN_NAMES[tag]}</option>'
        for tag in LANGUAGES
    )
    return (
        f'<div class="rail" lang="{words.language}" data-unreachable="{escape(words("unreachable"))}"'
        f' data-product="{escape(words("product"))}">'
        f'<a class="skip" href="#content">{escape(words("skip"))}</a>'
        f'<a class="home-mark" href="#/" aria-label="{escape(words("product"))}">{LOGO}</a>'
        f'<nav aria-label="{escape(words("navigation"))}"><ul>{links}</ul></nav>'
        f'<label class="switch">{icon("language")}<span class="unseen">{escape(words("interface_language"))}</span>'
        f'<select id="language">{options}</select></label>{door}</div>'
    )


def _way_in(words: Words) -> str:
    return (
        f'<a class="leave" href="signin?ui={words.language}">{icon("leave")}<span>{escape(words("sign_in"))}</span></a>'
    )


def _way_out(words: Words, name: str) -> str:
    label = escape(words("sign_out", name=name))
    return (
        f'<form class="leave" method="post" action="signout"><button aria-label="{label}" title="{label}">'
        f"{icon('leave')}<span>{escape(name)}</span></button></form>"
    )


def composer(words: Words) -> str:
    """Return the question box with its buttons, and the templates of what the script shows by itself."""
    export = "".join(
        f'<button type="button" data-export="{form}">{escape(words(f"export_{form}"))}</button>'
        for form in ("markdown", "json")
    )
    return (
        f'<form class="ask" lang="{words.language}"><p id="problem" role="alert"></p>'
        f'<p id="editing" hidden>{escape(words("editing"))} <button type="button" class="quiet" id="cancel">'
        f"{escape(words('cancel'))}</button></p><div class='box'>"
        f'<textarea id="question" rows="1" autocomplete="off" aria-describedby="problem"'
        f' aria-label="{escape(words("question"))}" placeholder="{escape(words("placeholder"))}"></textarea>'
        f"{_button('send', 'submit', words)}{_button('stop', 'button', words)}</div>"
        f'<div class="under"><span class="keys">{escape(words("keys"))}</span>'
        f'<p id="cleared" role="status" hidden>{escape(words("cleared"))} '
        f'<button type="button" class="quiet" id="undo">{escape(words("undo"))}</button></p>'
        '<div class="with-turns"><details class="menu" id="export">'
        f"<summary>{icon('export')}<span>{escape(words('export'))}</span></summary><div>{export}</div></details>"
        f'<button type="button" id="clear" class="quiet">{icon("clear")}<span>{escape(words("clear"))}</span></button>'
        "</div></div></form>"
    )


def _button(name: str, kind: str, words: Words) -> str:
    label = escape(words(name))
    return f'<button type="{kind}" id="{name}" aria-label="{label}" title="{label}">{icon(name)}</button>'
