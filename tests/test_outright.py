"""What a thing is and whom a role answers to: sentences that say so, told from those that only speak of it."""

from __future__ import annotations

import pytest

from kb import KnowledgeBase, Settings
from kb.outright import Told, says_outright, tells
from kb.questions import Kind, asks_how_it_is_calculated, asks_whom_it_answers_to, kind_of, sorts_wanted
from tests.fakes import FakeEncoder, document

TEXTS = {
    "zawod": (
        "pl",
        "Nowy dyrektor ds. klienta rozmawia z zarządem. Chief Customer Officer (CCO), po polsku dyrektor ds. klienta, "
        "to członek kierownictwa, który odpowiada za relacje z klientami.",
    ),
    "zhiwei": ("zh-Hans", "首席客户官（CCO）是指专门负责客户关系的高管。首席客户官要常见客户。"),
    "duibi": ("zh-Hans", "首席营销官（CMO）是指统管市场传播的高管。首席营销官看品牌。首席客户官与客户见面。"),
}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    documents = [document(name, text, language) for name, (language, text) in TEXTS.items()]
    settings = Settings(index=tmp_path_factory.mktemp("defining"), answer={"refuse_below": 0.0})  # type: ignore[arg-type]
    return KnowledgeBase.of_documents(documents, settings=settings, encoder=FakeEncoder())


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Kim jest dyrektor ds. klienta?", Kind.DEFINITION),
        ("Kto to jest CXO?", Kind.DEFINITION),
        ("Kim jest Anne Bowman?", Kind.DEFINITION),
        ("Kto jest dyrektorem ds. klienta w Voxeo?", Kind.PERSON),
        ("首席客户官是谁？", Kind.DEFINITION),
        ("客戶長到底是誰？", Kind.DEFINITION),
        ("Voxeo的首席客户官是谁？", Kind.PERSON),
        ("谁是首席客户官？", Kind.PERSON),
        ("Who is the CCO?", Kind.DEFINITION),
        ("Who is the CCO of Voxeo?", Kind.PERSON),
    ],
)
def test_who_a_role_is_asks_for_a_definition_and_whose_it_is_for_a_name(question: str, kind: Kind) -> None:
    assert kind_of(question) is kind
    assert bool(sorts_wanted(question)) is (kind is Kind.PERSON)


@pytest.mark.parametrize(
    ("question", "sentence", "wanted"),
    [
        ("什么是CCO？", "首席客户官（CCO，即Chief Customer Officer）是指高层里专管客户关系的人。", Told.DEFINES),
        ("什麼是客戶長？", "依照維基百科的定義，客戶長是指掌管客戶關係的主管。", Told.DEFINES),
        ("什么是首席客户官？", "首席客户官要定期与客户见面。", Told.OPENS),
        ("什么是首席客户官？", "在很多公司里，权力的大小取决于首席客户官是不是高管。", Told.NOTHING),
        (
            "Co to jest CCO?",
            "Chief Customer Officer (CCO), po polsku dyrektor ds. klienta, to członek zarządu.",
            Told.DEFINES,
        ),
        ("Co to jest CCO?", "Dyrektor ds. klienta rozmawia z trzema grupami klientów.", Told.OPENS),
        ("Co to jest NPS?", "Wskaźnik NPS oznacza różnicę dwóch odsetków.", Told.DEFINES),
    ],
)
def test_a_definition_begins_with_the_name_and_joins_it_to_what_it_is(
    base: KnowledgeBase, question: str, sentence: str, wanted: Told
) -> None:
    asked = base.question(question)
    concept = next(word for word in asked.words if word.synonyms)
    assert tells(concept, sentence) & (Told.DEFINES | Told.OPENS) == wanted | (wanted and Told.OPENS)
    assert says_outright(asked, [sentence]).tolist() == [wanted == Told.DEFINES]


@pytest.mark.parametrize(
    ("question", "sentence", "wanted"),
    [
        ("首席客户官向谁汇报？", "理想的首席客户官是一个握有实权的职位，直接向首席执行官（CEO）报告。", True),
        ("客戶長要向誰報告？", "首席客户官通常直接向总裁汇报工作。", True),
        ("客戶長對誰負責？", "客戶長對執行長負責，不對行銷長負責。", True),
        ("CCO隶属于谁？", "Dyrektor ds. klienta podlega zwykle prezesowi.", True),
        ("Komu podlega CCO?", "Dyrektor ds. klienta podlega zwykle prezesowi.", True),
        ("Komu raportuje dyrektor ds. klienta?", "首席客户官直接向首席执行官汇报。", True),
        ("首席客户官向谁汇报？", "研发部因此要向首席客户官汇报。", False),
        ("首席客户官向谁汇报？", "首席客户官分管销售和客服，两个部门的主管都向他报告进度。", False),
        ("首席客户官向谁汇报？", "首席客户官要定期向董事会报告流失率。", False),
        ("客戶長要向誰報告？", "客戶長向董事會報告時，只看分數沒有意義。", False),
        ("首席营销官向谁汇报？", "首席客户官直接向首席执行官汇报。", False),
        ("首席客户官什么时候向首席执行官汇报？", "首席客户官直接向首席执行官汇报。", False),
        ("Kto podlega CCO?", "CCO podlega prezesowi.", False),
    ],
)
def test_whom_a_role_answers_to_is_said_of_the_role_and_of_no_matter(
    base: KnowledgeBase, question: str, sentence: str, wanted: bool
) -> None:
    assert says_outright(base.question(question), [sentence]).tolist() == [wanted]


@pytest.mark.parametrize(
    ("question", "sentence", "wanted"),
    [
        ("NPS怎麼計算？", "NPS的公式是推薦者百分比減去批評者百分比。", True),
        ("NPS怎么算？", "NPS最常见的公式是推荐者百分比减去批评者百分比。", True),
        ("客户留存率如何计算？", "客戶留存率等於100%減去客戶流失率。", True),
        ("Jak liczy się CLV?", "Uproszczony wzór na CLV to marża podzielona przez churn.", True),
        ("Jaki jest wzór na NPS?", "NPS oblicza się, odejmując odsetek krytyków od odsetka promotorów.", True),
        ("How is NPS calculated?", "The formula for NPS is simple.", True),
        ("NPS怎麼計算？", "NPS調查有兩種。", False),
        ("NPS怎麼計算？", "想了解整體關係，適合調查NPS。", False),
        ("Jak liczy się CLV?", "CLV liczy się od marży, a nie od przychodu.", False),
        ("Jak liczy się CLV?", "Wzór na NPS to różnica dwóch odsetków.", False),
        ("什么是NPS？", "NPS的公式是推荐者百分比减去批评者百分比。", False),
    ],
)
def test_how_a_figure_is_calculated_is_said_by_its_formula(
    base: KnowledgeBase, question: str, sentence: str, wanted: bool
) -> None:
    assert says_outright(base.question(question), [sentence]).tolist() == [wanted]


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("流失率怎么算？", True),
        ("客户终身价值的计算方法是什么？", True),
        ("Jak obliczyć NPS?", True),
        ("怎么算是流失？", False),
        ("怎么算数？", False),
        ("Jak działa NPS?", False),
    ],
)
def test_how_a_figure_is_calculated_is_told_from_what_counts_as_it(question: str, asks: bool) -> None:
    assert asks_how_it_is_calculated(question) is asks


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("那他向谁汇报？", True),
        ("客戶長的上司是誰？", True),
        ("Przed kim odpowiada CXO?", True),
        ("Who does the CCO report to?", True),
        ("谁向客户长汇报？", False),
        ("Kto podlega dyrektorowi ds. klienta?", False),
        ("客户长汇报什么？", False),
    ],
)
def test_whom_somebody_answers_to_is_told_from_who_answers_to_him(question: str, asks: bool) -> None:
    assert asks_whom_it_answers_to(question) is asks


def test_nothing_is_defined_for_a_question_that_asks_something_else(base: KnowledgeBase) -> None:
    sentence = "首席客户官（CCO）是指专门负责客户关系的高管。"
    assert not says_outright(base.question("首席客户官有多少下属？"), [sentence]).any()
    assert not says_outright(base.question("什么是夸克？"), [sentence]).any()


@pytest.mark.parametrize(
    ("question", "document_id", "mark"),
    [
        ("Kim jest dyrektor ds. klienta?", "zawod", "członek kierownictwa, który odpowiada za relacje z klientami"),
        ("CCO是什么？", "zhiwei", "专门负责客户关系的高管"),
        ("首席客户官是谁？", "zhiwei", "专门负责客户关系的高管"),
    ],
)
def test_the_definition_in_the_readers_language_comes_first(
    base: KnowledgeBase, question: str, document_id: str, mark: str
) -> None:
    first = base.ask(question).citations[0]
    assert first.document_id == document_id
    text = base.snapshot.documents[document_id].text
    assert [text[start:end] for start, end in first.marks] == [mark]


def test_a_comparison_tells_each_side_by_what_defines_it(base: KnowledgeBase) -> None:
    answer = base.ask("首席客户官和首席营销官有什么区别？")
    assert {c.quote[:5] for c in answer.citations} == {"首席客户官", "首席营销官"}
    assert "首席营销官（CMO）是指统管市场传播的高管。" in {c.quote for c in answer.citations}
    assert "首席营销官看品牌。" not in {c.quote for c in answer.citations}


def test_a_list_is_answered_as_a_whole_where_together_its_items_are_likelier(shipped_base: KnowledgeBase) -> None:
    answer = shipped_base.ask("Jakie są zadania CMO?")
    told = [sentence.text for sentence in answer.sentences]
    assert told[0].startswith("CMO dochodzi do tego celu na siedmiu polach") and len(told) == 8
    assert "CMO ustala ceny" in told[6]
