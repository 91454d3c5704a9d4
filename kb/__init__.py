"""Cited answers from source texts: `from kb import KnowledgeBase`. Part of cco-kb."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cco_kb import __version__, demand

if TYPE_CHECKING:
    from kb.answering.answers import Answer, AnswerSentence, Citation
    from kb.knowledge_base import KnowledgeBase
    from kb.library.library import Change, UnknownDocument
    from kb.question.understanding import QuestionError
    from kb.settings.schema import Settings, SettingsError

__all__ = [
    "Answer",
    "AnswerSentence",
    "Change",
    "Citation",
    "KnowledgeBase",
    "QuestionError",
    "Settings",
    "SettingsError",
    "UnknownDocument",
    "__version__",
]

demand("corpus", "retrieval")

_HOMES = {
    "kb.answering.answers": ("Answer", "AnswerSentence", "Citation"),
    "kb.knowledge_base": ("KnowledgeBase",),
    "kb.library.library": ("Change", "UnknownDocument"),
    "kb.question.understanding": ("QuestionError",),
    "kb.settings.schema": ("Settings", "SettingsError"),
}


def __getattr__(name: str) -> Any:
    # Loaded when it is asked for, so that `cco --help` need not wait for FAISS.
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
