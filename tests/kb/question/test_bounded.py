"""That no question ties a worker up: what one costs is held against the others, in calls and not in seconds."""

from __future__ import annotations

import cProfile
import random
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

from kb import KnowledgeBase, Settings
from kb.question.understanding import LONGEST_QUESTION
from kb.terms.lexicon import MOST_EXPANDED
from tests.conftest import SHIPPED_TEXTS
from tests.helpers.fakes import FakeEncoder

OURS = tuple(f"{Path(__file__).resolve().parents[3] / package}" for package in ("corpus", "retrieval", "kb"))
OPENINGS = {"pl": "Komu podlega CXO? ", "zh-Hans": "客户长向谁汇报？", "zh-Hant": "客戶長向誰報告？"}
PIECES = (
    *("CXO ", "CCO ", "NPS ", "客户长", "客戶長", "dyrektor ds. klienta ", "odsetek klientów ", "客户满意度"),
    *("a? ", "客", "и ", "1 ", "3,5 ", "2024-", "35 tys. ", "三百", "(", "[1] ", "((a))", "„", "…"),
    *("Anna Nowak ", "Nazwa", "Żółć ", "用友", "的"),
    *("CXO客户长 ", "ＣＸＯ", "e\u0301", "\u200d", "https://a.b/c?d=e ", "\n", "- ", "| ", "**"),
)  # fmt: skip


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    """Some of the shipped texts, so that concepts have passages that speak of them."""
    files: list[str | Path] = sorted(SHIPPED_TEXTS.rglob("*.md"))[::4]
    settings = Settings(index=tmp_path_factory.mktemp("bounded") / "index")
    return KnowledgeBase.build(files, settings=settings, encoder=FakeEncoder())


def questions() -> Iterator[str]:
    """Yield questions of all lengths: one piece again and again, and pieces mixed, behind the openings in turn."""
    chosen = random.Random(17)
    openings = list(OPENINGS.values())
    for number, piece in enumerate(PIECES):
        yield (openings[number % 3] + piece * LONGEST_QUESTION)[:LONGEST_QUESTION]
    yield "Czym różni się CXO od CMO, COO i CEO? " * 50
    for number in range(20):
        most = chosen.choice([60, 400, 1_200, LONGEST_QUESTION])
        yield (openings[number % 3] + "".join(chosen.choices(PIECES, k=most)))[:most]


def calls(base: KnowledgeBase, question: str) -> tuple[int, int]:
    """Return how many functions of the project, and how many of anything, are called for an answer."""
    with cProfile.Profile() as profile:
        base.ask(question, quotes_only=True)
    counted = [(entry.callcount, entry.code) for entry in profile.getstats()]
    own = sum(count for count, code in counted if getattr(code, "co_filename", "").startswith(OURS))
    return own, sum(count for count, _ in counted)


@pytest.mark.slow
def test_no_question_costs_more_than_ten_others(base: KnowledgeBase) -> None:
    for opening in OPENINGS.values():
        base.ask(opening)  # what is loaded once is no question's cost
    costs = {question: calls(base, question) for question in questions()}
    middles = [statistics.median(kind) for kind in zip(*costs.values(), strict=True)]
    # „…" is three characters to whatever reads it, and the libraries read character by character.
    most = (10 * middles[0], 20 * middles[1])
    dear = {question[:60]: cost for question, cost in costs.items() if cost[0] > most[0] or cost[1] > most[1]}
    assert not dear, f"at most {most}"


def test_what_is_said_again_is_looked_up_once(base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    sparse = type(base.snapshot.sparse)
    sought: list[object] = []
    saying = sparse.saying
    monkeypatch.setattr(sparse, "saying", lambda self, phrase: (sought.append(phrase), saying(self, phrase))[1])

    def looked_up(question: str) -> int:
        sought.clear()
        base.question(question)
        return len(sought)

    once, often = looked_up("Komu podlega CXO?"), looked_up("Komu podlega CXO? " + "CXO " * 400)
    assert 0 < often <= once + 1
    question = base.question("Komu podlega CXO? " + "CXO " * 400)
    assert len(question.sought) == len(question.words) > 400
    assert len({id(word) for word in question.sought}) <= once
    assert sum(word.weight for word in question.sought) == pytest.approx(1.0)


def test_so_many_names_are_looked_for_elsewhere(base: KnowledgeBase) -> None:
    names = [concept.name("zh-Hans") for concept in base.lexicon.concepts]
    question = base.question("，".join(names)[:LONGEST_QUESTION])
    expanded = {id(word) for word in question.words if word.others}
    assert len(expanded) == MOST_EXPANDED
    assert len(question.words) > MOST_EXPANDED
