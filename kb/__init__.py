"""Cited answers from source texts: `from kb import KnowledgeBase`."""

from kb.answers import Answer, AnswerSentence, Citation
from kb.knowledge_base import Change, KnowledgeBase, QuestionError, UnknownDocument
from kb.settings import Settings, SettingsError

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
]
