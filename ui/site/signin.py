"""The page on which users sign in, in the four languages, and the way out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from kb.accounts.audit import Audit
from kb.accounts.users import UsersUnavailable, canonical
from ui.locale.messages import OWN_NAMES, Words
from ui.security.access import COOKIE, Access, client_of, visitor_of
from ui.security.limits import Limiter
from ui.site.pages import head

TEXTS: Mapping[str, Mapping[str, str]] = {
    "sign_in": {"zh-Hans": "登录", "zh-Hant": "登入", "pl": "Zaloguj się", "en": "Sign in"},
    "why": {
        "zh-Hans": "这个知识库仅供获得授权的人使用。",
        "zh-Hant": "這個知識庫僅供獲得授權的人使用。",
        "pl": "Z tej bazy wiedzy korzystają tylko osoby z kontem.",
        "en": "This knowledge base is for people with an account.",
    },
    "name": {"zh-Hans": "用户名", "zh-Hant": "使用者名稱", "pl": "Nazwa użytkownika", "en": "User name"},
    "password": {"zh-Hans": "密码", "zh-Hant": "密碼", "pl": "Hasło", "en": "Password"},
    "wrong": {
        "zh-Hans": "用户名或密码不对，请重新输入。",
        "zh-Hant": "使用者名稱或密碼不正確，請重新輸入。",
        "pl": "Nazwa użytkownika lub hasło się nie zgadza. Spróbuj jeszcze raz.",
        "en": "The user name or the password is wrong. Try again.",
    },
    "too_many": {
        "zh-Hans": "失败次数过多，请过几分钟再试。",
        "zh-Hant": "失敗次數過多，請過幾分鐘再試。",
        "pl": "Zbyt wiele nieudanych prób. Spróbuj ponownie za kilka minut.",
        "en": "Too many attempts have failed. Try again in a few minutes.",
    },
    "unavailable": {
        "zh-Hans": "暂时无法登录，请稍后再试。",
        "zh-Hant": "暫時無法登入，請稍後再試。",
        "pl": "Logowanie chwilowo nie działa. Spróbuj ponownie za chwilę.",
        "en": "Signing in does not work at the moment. Try again shortly.",
    },
    "forgotten": {
        "zh-Hans": "忘了密码？请联系管理员重设；重设后，所有已登录的会话和访问令牌都会失效。",
        "zh-Hant": "忘記密碼？請聯絡管理員重設；重設後，所有已登入的工作階段和存取權杖都會失效。",
        "pl": "Nie pamiętasz hasła? Administrator może nadać nowe; wszystkie sesje i tokeny przestaną wtedy działać.",
        "en": "Forgotten the password? Whoever runs this server can give you a new one, "
        "which ends all your sessions and tokens.",
    },
    "language": {"zh-Hans": "语言", "zh-Hant": "語言", "pl": "Język", "en": "Language"},
    "product": {
        "zh-Hans": "CCO 知识库",
        "zh-Hant": "CCO 知識庫",
        "pl": "Baza wiedzy CCO",
        "en": "CCO Knowledge Base",
    },
}
_log = logging.getLogger(__name__)

LATE_SECONDS = 5.0
"""How much later those are answered who try a name that was tried wrongly too often."""
_CHECKED_AT_ONCE = 2
"""Passwords; each takes 64 MB for a moment."""
_STYLE = Path(__file__).with_name("signin.css")


class _Attempts:
    """Slows guessing down, and locks nobody out of their own name.

    What OWASP's Authentication Cheat Sheet and NIST SP 800-63B (5.2.2) weigh against each other: a name that is locked
    after so many failures is safe from guessing, and whoever can type it keeps its owner out for as long as they like.
    So what refuses is counted by address alone, and evenly refilled; by name, from all addresses together, what is too
    much is only answered late, the right password too. A session that has begun is asked for neither.
    """

    def __init__(self, most: int) -> None:
        self._by_address, self._by_name = Limiter(most, 600.0), Limiter(most, 600.0)

    def refused(self, address: str) -> float:
        """Return 0.0 and count one from `address`, else the seconds until it may try again."""
        # Counted beforehand, so that many at once do not slip by; what succeeds is given back.
        return self._by_address.wait(address)

    def late(self, name: str) -> float:
        """Count one for `name`, in its canonical form, and return the seconds after which it is looked at."""
        return min(self._by_name.wait(name), LATE_SECONDS)

    def give_back(self, address: str, name: str, late: float) -> None:
        """Uncount what was no failure; for its name it was counted only where it was not late."""
        self._by_address.give_back(address)
        if not late:
            self._by_name.give_back(name)


def signing_in(access: Access, audit: Audit) -> APIRouter:
    """Return the routes of the page and of its form."""
    router = APIRouter(include_in_schema=False)
    attempts = _Attempts(access.settings.sign_in_attempts)
    checking = CapacityLimiter(_CHECKED_AT_ONCE)

    def begun(name: str, password: str, address: str) -> str | None:
        """Begin a session and return its secret, None where the password is wrong; both are recorded."""
        signed_in = access.users.sign_in(name, password, access.settings.session_hours)
        if signed_in is None:
            known = access.users.named(name)
            # What nobody is called may be a password that was typed into the wrong field.
            audit.record(known.name if known else "nobody", "session.refused", address=address)
            return None
        audit.record(signed_in[0].name, "session.begin", address=address)
        return signed_in[1]

    @router.get("/signin")
    def shown(request: Request, next: str = "/", ui: str = "") -> HTMLResponse:
        return HTMLResponse(page(_language(request, ui), next))

    @router.post("/signin")
    async def sign_in(
        request: Request,
        name: Annotated[str, Form(max_length=1000)] = "",
        password: Annotated[str, Form(max_length=10_000)] = "",
        next: Annotated[str, Form(max_length=10_000)] = "/",
        ui: Annotated[str, Form()] = "",
    ) -> Response:
        language = _language(request, ui)
        sender, called = client_of(request), canonical(name)
        if wait := attempts.refused(sender):
            retry = {"Retry-After": str(max(1, round(wait + 0.5)))}
            return HTMLResponse(page(language, next, "too_many", name), 429, retry)
        late = attempts.late(called)
        await asyncio.sleep(late)
        address = request.client.host if request.client else ""
        try:
            session = await run_sync(begun, name, password, address, limiter=checking)
        except UsersUnavailable:
            attempts.give_back(sender, called, late)
            _log.exception("somebody could not sign in")
            return HTMLResponse(page(language, next, "unavailable", name), 503, {"Retry-After": "2"})
        if session is None:
            return HTMLResponse(page(language, next, "wrong", name), 401)
        attempts.give_back(sender, called, late)
        response = RedirectResponse(local(next), 303)
        seconds = int(access.settings.session_hours * 3600)
        secure = request.url.scheme == "https"
        response.set_cookie(COOKIE, session, max_age=seconds, httponly=True, samesite="lax", secure=secure, path="/")
        return response

    @router.post("/signout")
    def sign_out(request: Request) -> Response:
        secret = request.cookies.get(COOKIE)
        if secret:
            access.users.end_session(secret)
            audit.record(visitor_of(request).name, "session.end")
        # The browser keeps conversations; on a shared computer the next one should not find them.
        response = RedirectResponse("/signin", 303, {"Clear-Site-Data": '"storage"'})
        response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")
        return response

    return router


def page(language: str, target: str, problem: str = "", name: str = "") -> str:
    """Return the whole page; `target` is where to go on to, `problem` what was wrong with the last attempt."""
    words = Words.of(language)

    def text(key: str) -> str:
        return escape(TEXTS[key][words.language])

    to = local(target)
    said = f'<p class="problem" role="alert">{text(problem)}</p>' if problem else ""
    switch = "".join(
        f"<b>{escape(own)}</b>"
        if tag == words.language
        else f'<a lang="{tag}" hreflang="{tag}" href="?{escape(urlencode({"ui": tag, "next": to}))}">{escape(own)}</a>'
        for tag, own in OWN_NAMES.items()
    )
    return (
        f'<!doctype html><html lang="{words.language}"><head><meta charset="utf-8">'
        f"<title>{text('sign_in')} · {text('product')}</title>"
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f'{head()}<style>{_STYLE.read_text(encoding="utf-8")}</style></head><body class="signin"><main>'
        f"<h1>{text('product')}</h1><p>{text('why')}</p>{said}"
        '<form method="post" action="/signin">'
        f'<label for="name">{text("name")}</label><input id="name" name="name" autocomplete="username"'
        f' autocapitalize="none" spellcheck="false" required value="{escape(name)}"{"" if name else " autofocus"}>'
        f'<label for="password">{text("password")}</label><input id="password" name="password" type="password"'
        f' autocomplete="current-password" required{" autofocus" if name else ""}>'
        f'<input type="hidden" name="next" value="{escape(to)}">'
        f'<input type="hidden" name="ui" value="{words.language}">'
        f'<button type="submit">{text("sign_in")}</button></form>'
        f'<p class="meta">{text("forgotten")}</p><nav aria-label="{text("language")}">{switch}</nav>'
        "</main></body></html>"
    )


def local(target: str) -> str:
    """Return `target` where it is a place on this server, else its first page."""
    own = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if own and "\\" not in target else "/"


def _language(request: Request, chosen: str) -> str:
    """Return the language chosen, else the first of the browser's that there is."""
    return Words.preferred(chosen, request.headers.get("accept-language", "")).language
