"""Who is asking, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from starlette.requests import HTTPConnection

from ui.api_errors import ApiError

Role = Literal["reader", "editor"]


@dataclass(frozen=True)
class Visitor:
    """Whoever sent a request."""

    name: str
    role: Role

    @property
    def may_edit(self) -> bool:
        """Whether they may add, remove, set and run evaluations."""
        return self.role == "editor"


LOCAL = Visitor("local", "editor")
"""Whoever sits at this machine, where there are no users."""


def visitor_of(request: HTTPConnection) -> Visitor:
    """Return who sent a request."""
    visitor: Visitor = request.scope.get("visitor", LOCAL)
    return visitor


def editor(request: HTTPConnection) -> Visitor:
    """Return who sent a request. Raises `ApiError` (403) for anyone but an editor."""
    visitor = visitor_of(request)
    if not visitor.may_edit:
        raise ApiError(403, "only an editor may change the library")
    return visitor
