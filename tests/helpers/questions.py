"""Questions about the texts of `tests.helpers.fakes`, and what the tests of evaluation do with them."""

from __future__ import annotations

from pathlib import Path

from kb import KnowledgeBase, Settings
from tests.helpers.fakes import FakeEncoder

CATS = {
    "id": "cats",
    "question": "猫每天睡多久?",
    "language": "zh-Hans",
    "answers": ["十六个小时"],
    "documents": ["cats"],
}
FISH = {"id": "fish", "question": "鱼晚上睡觉吗?", "language": "zh-Hans", "answers": ["nie śpią"], "kind": "across"}
NOBODY = {"id": "none", "question": "Kto wynalazł koło?", "language": "pl", "answers": [], "kind": "unanswerable"}

SQUAD = {
    "data": [
        {
            "title": "Koty",
            "paragraphs": [
                {
                    "context": "Kot śpi w koszu.",
                    "qas": [
                        {"id": 1, "question": "Gdzie śpi kot?", "answers": [{"text": "koszu"}, {"text": "koszu"}]},
                        {"question": "Co je kot?", "is_impossible": True, "answers": [], "plausible_answers": []},
                    ],
                },
                {
                    "context": "Kot śpi w koszu.",
                    "qas": [{"id": "3", "question": "Co robi kot?", "answers": [{"text": "śpi"}]}],
                },
                {"context": "狗在屋外。", "qas": [{"id": "4", "question": "狗在哪里?", "answers": [{"text": "屋外"}]}]},
                {"context": "Nikt o to nie pyta.", "qas": []},
            ],
        }
    ]
}


def write(path: Path, *lines: str) -> Path:
    """Write lines to a file; return it."""
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def with_threshold(base: KnowledgeBase, refuse_below: float) -> KnowledgeBase:
    """Return the same index, opened anew, refusing what is below a confidence."""
    settings = Settings(index=base.settings.index, answer={"refuse_below": refuse_below})  # type: ignore[arg-type]
    return KnowledgeBase.open(settings=settings, encoder=FakeEncoder())
