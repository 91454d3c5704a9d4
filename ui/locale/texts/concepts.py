"""Words of the concepts: zh-Hans, zh-Hant, pl, en."""

from __future__ import annotations

from ui.locale.texts import Plurals, Table

MESSAGES: Table = {
    "concepts_note": (
        "这个领域的职位、指标和做法，以及资料里怎么说。",
        "這個領域的職位、指標和做法，以及資料裡怎麼說。",
        "Role, wskaźniki i praktyki tej dziedziny oraz to, co mówią o nich źródła.",
        "The roles, metrics and practices of this field, and what the sources say of them.",
    ),
    "kind_role": ("职位", "職位", "Role", "Roles"),
    "kind_metric": ("指标", "指標", "Wskaźniki", "Metrics"),
    "kind_practice": ("做法", "做法", "Praktyki", "Practices"),
    "filter_concepts": (
        "按任一语言的名称查找",
        "依任一語言的名稱查找",
        "Szukaj po nazwie w dowolnym języku",
        "Find by a name in any language",
    ),
    "none_match_concept": (
        "没有叫这个名字的概念。",
        "沒有叫這個名字的概念。",
        "Żadne pojęcie tak się nie nazywa.",
        "No concept goes by that name.",
    ),
    "not_spoken_of": ("资料里没有提到", "資料裡沒有提到", "źródła o tym nie mówią", "not in the sources"),
    "map": (
        "哪些概念常一起出现",
        "哪些概念常一起出現",
        "Które pojęcia występują razem",
        "Which concepts occur together",
    ),
    "map_note": (
        "点越大，提到它的段落越多；线越粗，两个概念同时出现的段落越多。点开一个概念可以看到详情。",
        "點越大，提到它的段落越多；線越粗，兩個概念同時出現的段落越多。點開一個概念可以看到詳情。",
        "Im większy punkt, tym więcej fragmentów mówi o pojęciu; im grubsza linia, tym częściej dwa pojęcia stoją w jednym fragmencie. Każdy punkt prowadzi do pojęcia.",
        "The larger a dot, the more passages speak of the concept; the thicker a line, the more often two stand in one passage. Each dot leads to its concept.",
    ),
    "map_of": (
        "共现图：{count} 个概念",
        "共現圖：{count} 個概念",
        "Mapa współwystępowania, liczba pojęć: {count}",
        "Map of co-occurrence: {count} concepts",
    ),
    "map_table": ("用表格显示", "以表格顯示", "To samo w tabeli", "The same as a table"),
    "map_empty": (
        "资料里还没有一起出现的概念。",
        "資料裡還沒有一起出現的概念。",
        "W źródłach nie ma jeszcze pojęć, które występują razem.",
        "The sources hold no concepts that occur together yet.",
    ),
    "column_concept": ("概念", "概念", "Pojęcie", "Concept"),
    "column_together": ("一起出现", "一起出現", "Występuje razem z", "Occurs together with"),
    "all_concepts": ("全部概念", "所有概念", "Wszystkie pojęcia", "All concepts"),
    "names": ("名称", "名稱", "Nazwy", "Names"),
    "abbreviations": ("缩写", "縮寫", "Skróty", "Abbreviations"),
    "in_zh-Hant-HK": (
        "繁体中文（香港）",
        "繁體中文（香港）",
        "chiński tradycyjny (Hongkong)",
        "Traditional Chinese (Hong Kong)",
    ),
    "definition": ("资料里的说法", "資料裡的說法", "Co mówią źródła", "What the sources say"),
    "no_definition": (
        "资料里没有直接说明它是什么的句子。",
        "資料裡沒有直接說明它是什麼的句子。",
        "W źródłach nie ma zdania, które mówi wprost, co to jest.",
        "No sentence of the sources says outright what it is.",
    ),
    "no_such_concept": ("没有这个概念。", "沒有這個概念。", "Nie ma takiego pojęcia.", "There is no such concept."),
    "together": (
        "常一起出现的概念",
        "常一起出現的概念",
        "Pojęcia, które występują razem",
        "Concepts that occur together with it",
    ),
    "spoken_of": ("提到它的段落", "提到它的段落", "Fragmenty, które o tym mówią", "Passages that speak of it"),
    "only_first": (
        "只显示前 {most} 个段落。",
        "只顯示前 {most} 個段落。",
        "Pokazano pierwsze fragmenty (najwyżej {most}).",
        "Only the first {most} are shown.",
    ),
    "ask_about": ("提问：{question}", "提問：{question}", "Zapytaj: {question}", "Ask: {question}"),
}

PLURALS: Plurals = {
    "concepts_count": (
        ("{count} 个概念",),
        ("{count} 個概念",),
        ("{count} pojęcie", "{count} pojęcia", "{count} pojęć"),
        ("{count} concept", "{count} concepts"),
    ),
    "spoken_count": (
        ("资料提到其中 {count} 个",),
        ("資料提到其中 {count} 個",),
        ("źródła mówią o {count}", "źródła mówią o {count}", "źródła mówią o {count}"),
        ("the sources speak of {count}", "the sources speak of {count}"),
    ),
}
