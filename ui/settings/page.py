"""The settings page: what is saved holds from the next question on; a key goes in and never comes out."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from pydantic import SecretStr, ValidationError
from starlette.concurrency import run_in_threadpool

from kb.answering.wording import stand_in
from kb.any_base import AnyBase
from kb.generation.llm import LlmFailure, check_server
from kb.hosting.fallback import remember
from kb.settings import reach
from kb.settings.file import Value, given_by_environment, staged, with_places
from kb.settings.schema import LlmSettings, SettingsError
from ui.locale.messages import Words
from ui.security.access import visitor_of
from ui.security.requests import json_of
from ui.settings.view import FIELDS, Field, SettingsState, settings_page, tested, value_of

_log = logging.getLogger(__name__)


class SettingsPage:
    """The handlers behind the settings page."""

    def __init__(self, base: AnyBase) -> None:
        self._base = base
        self._saving = threading.Lock()

    def routes(self) -> APIRouter:
        """Return the page's routes."""
        router = APIRouter(prefix="/pages/settings", include_in_schema=False)
        router.get("")(self.page)
        router.post("")(self.save)
        router.post("/test")(self.test)
        return router

    def page(self, request: Request, ui: str = "") -> HTMLResponse:
        """Show the settings in use."""
        return self._shown(request, Words.of(ui))

    async def save(self, request: Request, ui: str = "") -> Response:
        """Save what was changed, and go by it from now on."""
        words = Words.of(ui)
        if locked := self._locked(request):
            return PlainTextResponse(Words.of(ui)(locked), 403)
        sent = await json_of(request)
        try:
            changes = self._changes(sent)
            await run_in_threadpool(self._adopt, changes)
        except SettingsError as error:
            _log.warning("the settings were not saved: %s", error)
            return self._shown(request, words, problem=words("not_saved", reason=_worded(error, words)))
        return self._shown(request, words, notice=words("saved"))

    async def test(self, request: Request, ui: str = "") -> Response:
        """Try the language model's server as the form names it, before anything is saved."""
        words = Words.of(ui)
        if locked := self._locked(request):
            return PlainTextResponse(Words.of(ui)(locked), 403)
        sent = await json_of(request)
        started = time.perf_counter()
        try:
            settings = self._tried(sent)
            if not settings.base_url:
                return HTMLResponse(tested(words("test_without_address"), passed=False))
            await run_in_threadpool(_check_reach, settings.base_url, settings.reach)
            await run_in_threadpool(check_server, settings)
        except LlmFailure as failure:
            return HTMLResponse(tested(stand_in(failure.reason, words.language, failure.status), passed=False))
        except SettingsError as error:
            return HTMLResponse(tested(_worded(error, words), passed=False))
        seconds = f"{time.perf_counter() - started:.1f}"
        return HTMLResponse(tested(words("test_passed", seconds=seconds), passed=True))

    def _changes(self, sent: dict[str, Any]) -> dict[str, Value]:
        """Return what the form changes. Raises `SettingsError` at a value of another kind."""
        settings, fixed = self._base.settings, given_by_environment()
        replaced = {fallback.place for fallback in self._base.fallbacks}
        changes: dict[str, Value] = {}
        for field in FIELDS:
            if field.place in fixed or field.place not in sent:
                continue
            value = _value(field, sent[field.place])
            if field.kind == "key":
                if value:
                    changes[field.place] = value
            elif value != value_of(settings, field.place) or field.place in replaced:
                changes[field.place] = value
        if "llm.base_url" in changes and "llm.api_key" not in changes:
            # A key is for the server that it was given for: with another address it must be given again.
            if "llm.api_key" in fixed:
                raise SettingsError("the key comes from CCO_LLM_API_KEY", "key_given_elsewhere")
            changes |= {"llm.api_key": None, "llm.api_key_file": None}
        if "llm.base_url" in changes:
            changes["llm.reach"] = settings.page.model_servers if changes["llm.base_url"] else None
        return changes

    def _adopt(self, changes: dict[str, Value]) -> None:
        if address := changes.get("llm.base_url"):
            _check_reach(str(address), self._base.settings.page.model_servers)
        with self._saving:
            new = staged(changes)
            self._base.adopt(with_places(self._base.settings, new.settings, changes), new)
            remember(self._base)

    def _tried(self, sent: dict[str, Any]) -> LlmSettings:
        """Return the settings of the language model as the form has them. Raises `SettingsError`."""
        own, fixed = self._base.settings.llm, given_by_environment()

        def one(key: str, held: str) -> str:
            place = f"llm.{key}"
            return held if place in fixed else str(sent.get(place, "")).strip()[:500]

        address = one("base_url", own.base_url)
        same = address.rstrip("/") == own.base_url
        key = str(sent.get("llm.api_key", "")).strip()
        if key and "llm.api_key" not in fixed:
            secret: dict[str, Any] = {"api_key": SecretStr(key), "api_key_file": None}
        elif same:
            secret = {"api_key": own.api_key, "api_key_file": own.api_key_file}
        else:
            secret = {"api_key": SecretStr(""), "api_key_file": None}
        given = {
            "base_url": address,
            "model": one("model", own.model),
            # What the operator set up may be anywhere; what is typed here is held to what the page may name.
            "reach": own.reach if same else self._base.settings.page.model_servers,
        }
        try:
            return LlmSettings(**{**own.model_dump(), **given, **secret})
        except ValidationError as error:
            first = error.errors()[0]
            raise SettingsError(first["msg"], "value", f"llm.{first['loc'][0] if first['loc'] else ''}") from None

    def _shown(self, request: Request, words: Words, notice: str = "", problem: str = "") -> HTMLResponse:
        state = SettingsState(
            self._base.settings,
            self._base.model,
            self._locked(request),
            given_by_environment(),
            notice,
            problem,
            self._base.fallbacks,
            visitor_of(request).may_edit,
        )
        return HTMLResponse(settings_page(state, words), 422 if problem else 200)

    def _locked(self, request: Request) -> str:
        if self._base.settings.page.locked:
            return "settings_locked"
        return "" if visitor_of(request).may_edit else "settings_editors_only"


def _check_reach(address: str, far: reach.Reach) -> None:
    """Raise `SettingsError` where a server may not be asked."""
    try:
        reach.check(address, far)
    except reach.OutOfReach:
        raise SettingsError(
            "the address is not one that the page may name; whoever keeps the server can write it into the settings "
            'file, or allow any but those of the link by model_servers = "any" under [page]',
            "address",
            "llm.base_url",
        ) from None


def _value(field: Field, sent: object) -> Value:
    """Return a value of the form as its field takes it. Raises `SettingsError`."""
    text = str(sent).strip()[:500]
    try:
        return int(text) if field.kind == "whole" else float(text) if field.kind == "number" else text
    except ValueError as error:
        raise SettingsError(f"{field.place}: {error}", "value", field.place) from None


def _worded(error: SettingsError, words: Words) -> str:
    """Return what is wrong in the page's language, without the places on the server that the message names."""
    named = {field.place: words(field.message) for field in FIELDS}
    field = named.get(error.place, error.place)
    return words(f"settings_{error.fault}", field=field)
