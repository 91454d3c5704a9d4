"""Words of the documents and the source pane: zh-Hans, zh-Hant, pl, en."""

from __future__ import annotations

from ui.locale.texts import Plurals, Table

MESSAGES: Table = {
    "library": ("资料库", "資料庫", "Biblioteka", "Library"),
    "source": ("原文", "原文", "Źródło", "Source"),
    "close": ("关闭", "關閉", "Zamknij", "Close"),
    "to_question": ("返回提问", "返回提問", "Wróć do pytań", "Back to the questions"),
    "restates": ("依据：", "依據：", "Na podstawie: ", "Based on: "),
    "page": ("第 {page} 页", "第 {page} 頁", "str. {page}", "page {page}"),
    "gone": (
        "资料库里已经没有这份文档。",
        "資料庫裡已經沒有這份文件。",
        "Tego dokumentu nie ma już w bibliotece.",
        "This document is no longer in the library.",
    ),
    "in_zh-Hans": ("简体中文", "簡體中文", "chiński uproszczony", "Simplified Chinese"),
    "in_zh-Hant": ("繁体中文", "繁體中文", "chiński tradycyjny", "Traditional Chinese"),
    "in_pl": ("波兰语", "波蘭語", "polski", "Polish"),
    "in_en": ("英语", "英語", "angielski", "English"),
    "in_und": ("语言不明", "語言不明", "język nieokreślony", "language unknown"),
    "previous_quote": ("上一处引文", "上一處引文", "Poprzedni cytat", "Previous quote"),
    "next_quote": ("下一处引文", "下一處引文", "Następny cytat", "Next quote"),
    "changed": (
        "这份文档后来改过，引文已不在原来的位置。",
        "這份文件後來改過，引文已不在原來的位置。",
        "Dokument zmienił się od tamtej pory i cytatu nie ma już w tym miejscu.",
        "This document has changed since, and the quote is no longer at this place.",
    ),
}

PLURALS: Plurals = {}
