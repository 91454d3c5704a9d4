"""Every word of the page in its four languages, plural forms included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

LANGUAGES = ("zh-Hans", "zh-Hant", "pl", "en")
DEFAULT_LANGUAGE = "en"

OWN_NAMES = {"zh-Hans": "简体中文", "zh-Hant": "繁體中文", "pl": "Polski", "en": "English"}
"""What each language calls itself, for the switch."""

EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "zh-Hans": ("首席客户官和首席营销官有什么区别？", "首席客户官最早是什么时候提出的？"),
    "zh-Hant": ("客戶長是做什麼的？", "流失率怎麼算？"),
    "pl": ("Komu podlega CXO?", "Co to jest CLV?"),
}
"""Questions that the shipped texts answer, by their language; a test asks each of them."""

MESSAGES: Mapping[str, Mapping[str, str]] = {
    "product": {
        "zh-Hans": "CCO 知识库",
        "zh-Hant": "CCO 知識庫",
        "pl": "Baza wiedzy CCO",
        "en": "CCO Knowledge Base",
    },
    "welcome": {
        "zh-Hans": "问一句，看原文怎么说",
        "zh-Hant": "問一句，看原文怎麼說",
        "pl": "Zapytaj i zobacz, co mówią źródła",
        "en": "Ask, and see what the sources say",
    },
    "promise": {
        "zh-Hans": "回答里的每句话都摘自资料原文，并标有编号；点开编号，就能看到它在原文中的位置。"
        "资料没有提到的，会直接告诉你。",
        "zh-Hant": "回答裡的每句話都摘自資料原文，並標有編號；點開編號，就能看到它在原文中的位置。"
        "資料沒有提到的，會直接告訴你。",
        "pl": "Każde zdanie odpowiedzi jest dosłownym cytatem z numerem, a numer otwiera źródło w tym właśnie miejscu. "
        "Jeśli źródła milczą, strona powie to wprost.",
        "en": "Every sentence of an answer is quoted word for word and numbered; the number opens the source at that "
        "very place. Where the sources do not say, the page tells you so.",
    },
    "examples": {
        "zh-Hans": "可以这样问",
        "zh-Hant": "可以這樣問",
        "pl": "Na przykład",
        "en": "For example",
    },
    "conversation": {"zh-Hans": "对话", "zh-Hant": "對話", "pl": "Rozmowa", "en": "Conversation"},
    "question": {"zh-Hans": "你的问题", "zh-Hant": "你的問題", "pl": "Twoje pytanie", "en": "Your question"},
    "placeholder": {
        "zh-Hans": "问一个职位或一种做法",
        "zh-Hant": "問一個職位或一種做法",
        "pl": "Zapytaj o rolę lub praktykę",
        "en": "Ask about a role or a practice",
    },
    "keys": {
        "zh-Hans": "按 Enter 发送，Shift + Enter 换行",
        "zh-Hant": "按 Enter 送出，Shift + Enter 換行",
        "pl": "Enter wysyła, Shift + Enter zaczyna nowy wiersz",
        "en": "Enter sends, Shift + Enter starts a new line",
    },
    "send": {"zh-Hans": "发送", "zh-Hant": "送出", "pl": "Wyślij", "en": "Send"},
    "stop": {"zh-Hans": "停止", "zh-Hant": "停止", "pl": "Zatrzymaj", "en": "Stop"},
    "clear": {"zh-Hans": "清空对话", "zh-Hant": "清除對話", "pl": "Wyczyść rozmowę", "en": "Clear conversation"},
    "pending": {
        "zh-Hans": "正在查阅资料…",
        "zh-Hant": "正在查閱資料…",
        "pl": "Przeglądam źródła…",
        "en": "Reading the sources…",
    },
    "understood": {
        "zh-Hans": "理解为：",
        "zh-Hant": "理解為：",
        "pl": "Pytanie rozumiem jako: ",
        "en": "Understood as: ",
    },
    "stopped": {"zh-Hans": "已停止。", "zh-Hant": "已停止。", "pl": "Zatrzymano.", "en": "Stopped."},
    "failed": {
        "zh-Hans": "出了点问题，没能回答。请再试一次；如果仍然不行，请查看服务器日志。",
        "zh-Hant": "出了點問題，沒能回答。請再試一次；如果仍然不行，請查看伺服器記錄。",
        "pl": "Coś poszło nie tak. Spróbuj ponownie, a jeśli to nie pomoże, zajrzyj do dziennika serwera.",
        "en": "Something went wrong. Try again; if that does not help, look at the server's log.",
    },
    "unreachable": {
        "zh-Hans": "连接不上服务器，请检查服务是否仍在运行。",
        "zh-Hant": "連不上伺服器，請確認服務是否仍在執行。",
        "pl": "Brak połączenia z serwerem. Sprawdź, czy nadal działa.",
        "en": "The server cannot be reached. Check that it is still running.",
    },
    "empty": {
        "zh-Hans": "请先输入一个问题。",
        "zh-Hant": "請先輸入一個問題。",
        "pl": "Najpierw wpisz pytanie.",
        "en": "Type a question first.",
    },
    "too_long": {
        "zh-Hans": "问题有 {count} 个字符，最多 {most} 个，请缩短后再试。",
        "zh-Hant": "問題有 {count} 個字元，最多 {most} 個，請縮短後再試。",
        "pl": "Długość pytania to {count} (w znakach), a dozwolona to najwyżej {most}. Skróć je.",
        "en": "The question is {count} characters long; the limit is {most}. Shorten it.",
    },
    "no_words": {
        "zh-Hans": "问题里没有文字或数字，请用文字提问。",
        "zh-Hant": "問題裡沒有文字或數字，請用文字提問。",
        "pl": "W pytaniu nie ma ani słowa, ani liczby. Zadaj je słowami.",
        "en": "The question holds no word or figure. Ask it in words.",
    },
    "strong": {
        "zh-Hans": "依据充分",
        "zh-Hant": "依據充分",
        "pl": "Mocne oparcie w źródłach",
        "en": "Strongly supported",
    },
    "fair": {
        "zh-Hans": "依据尚可",
        "zh-Hant": "依據尚可",
        "pl": "Umiarkowane oparcie w źródłach",
        "en": "Fairly supported",
    },
    "weak": {
        "zh-Hans": "依据较弱，请核对原文",
        "zh-Hant": "依據薄弱，請核對原文",
        "pl": "Słabe oparcie, sprawdź źródło",
        "en": "Weakly supported, check the source",
    },
    "sources": {"zh-Hans": "出处", "zh-Hant": "出處", "pl": "Źródła", "en": "Sources"},
    "source_number": {
        "zh-Hans": "出处 {number}：{title}",
        "zh-Hant": "出處 {number}：{title}",
        "pl": "Źródło {number}: {title}",
        "en": "Source {number}: {title}",
    },
    "in_model_words": {
        "zh-Hans": "由语言模型组织文字；每句话都已与下面的原文核对。",
        "zh-Hant": "由語言模型組織文字；每句話都已與下面的原文核對。",
        "pl": "Słowa modelu językowego; każde zdanie sprawdzono z cytatami poniżej.",
        "en": "In a language model's words; each sentence was checked against the quotes below.",
    },
    "stands_in": {
        "zh-Hans": "因此直接摘录资料原文。",
        "zh-Hant": "因此直接摘錄資料原文。",
        "pl": "Dlatego pokazano cytaty ze źródeł.",
        "en": "So the sources themselves are quoted.",
    },
    "not_found": {
        "zh-Hans": "没有找到答案",
        "zh-Hant": "沒有找到答案",
        "pl": "Brak odpowiedzi w źródłach",
        "en": "No answer in the sources",
    },
    "nearest": {
        "zh-Hans": "最接近的段落",
        "zh-Hant": "最接近的段落",
        "pl": "Najbliższe fragmenty",
        "en": "The closest passages",
    },
    "nearest_note": {
        "zh-Hans": "这些段落与问题最接近，但不一定回答了它。",
        "zh-Hant": "這些段落與問題最接近，但不一定回答了它。",
        "pl": "Te fragmenty są najbliższe pytaniu, ale mogą na nie nie odpowiadać.",
        "en": "They come nearest to the question but may not answer it.",
    },
    "open_source": {
        "zh-Hans": "在原文中查看",
        "zh-Hant": "在原文中查看",
        "pl": "Pokaż w źródle",
        "en": "Show in the source",
    },
    "library": {"zh-Hans": "资料库", "zh-Hant": "資料庫", "pl": "Biblioteka", "en": "Library"},
    "library_note": {
        "zh-Hans": "所有回答都出自这些文档。",
        "zh-Hant": "所有回答都出自這些文件。",
        "pl": "Z tych dokumentów pochodzą wszystkie odpowiedzi.",
        "en": "Every answer comes from these documents.",
    },
    "source": {"zh-Hans": "原文", "zh-Hant": "原文", "pl": "Źródło", "en": "Source"},
    "close": {"zh-Hans": "关闭", "zh-Hant": "關閉", "pl": "Zamknij", "en": "Close"},
    "to_question": {
        "zh-Hans": "返回提问",
        "zh-Hant": "返回提問",
        "pl": "Wróć do pytań",
        "en": "Back to the questions",
    },
    "restates": {"zh-Hans": "依据：", "zh-Hant": "依據：", "pl": "Na podstawie: ", "en": "Based on: "},
    "page": {"zh-Hans": "第 {page} 页", "zh-Hant": "第 {page} 頁", "pl": "str. {page}", "en": "page {page}"},
    "gone": {
        "zh-Hans": "资料库里已经没有这份文档。",
        "zh-Hant": "資料庫裡已經沒有這份文件。",
        "pl": "Tego dokumentu nie ma już w bibliotece.",
        "en": "This document is no longer in the library.",
    },
    "interface_language": {
        "zh-Hans": "界面语言",
        "zh-Hant": "介面語言",
        "pl": "Język strony",
        "en": "Language of the page",
    },
    "in_zh-Hans": {
        "zh-Hans": "简体中文",
        "zh-Hant": "簡體中文",
        "pl": "chiński uproszczony",
        "en": "Simplified Chinese",
    },
    "in_zh-Hant": {
        "zh-Hans": "繁体中文",
        "zh-Hant": "繁體中文",
        "pl": "chiński tradycyjny",
        "en": "Traditional Chinese",
    },
    "in_pl": {"zh-Hans": "波兰语", "zh-Hant": "波蘭語", "pl": "polski", "en": "Polish"},
    "in_en": {"zh-Hans": "英语", "zh-Hant": "英語", "pl": "angielski", "en": "English"},
    "in_und": {"zh-Hans": "语言不明", "zh-Hant": "語言不明", "pl": "język nieokreślony", "en": "language unknown"},
}

Forms = tuple[str, ...]
PLURALS: Mapping[str, Mapping[str, Forms]] = {
    "documents": {
        "zh-Hans": ("{count} 份文档",),
        "zh-Hant": ("{count} 份文件",),
        "pl": ("{count} dokument", "{count} dokumenty", "{count} dokumentów"),
        "en": ("{count} document", "{count} documents"),
    },
    "quotes": {
        "zh-Hans": ("{count} 处引文",),
        "zh-Hant": ("{count} 處引文",),
        "pl": ("{count} cytat", "{count} cytaty", "{count} cytatów"),
        "en": ("{count} quote", "{count} quotes"),
    },
    "from_documents": {
        "zh-Hans": ("出自 {count} 份文档",),
        "zh-Hant": ("出自 {count} 份文件",),
        "pl": ("z {count} dokumentu", "z {count} dokumentów", "z {count} dokumentów"),
        "en": ("from {count} document", "from {count} documents"),
    },
    "more_quotes": {
        "zh-Hans": ("另有 {count} 处引文",),
        "zh-Hant": ("另有 {count} 處引文",),
        "pl": ("Jeszcze {count} cytat", "Jeszcze {count} cytaty", "Jeszcze {count} cytatów"),
        "en": ("{count} more quote", "{count} more quotes"),
    },
}
"""One form for Chinese, two for English, three for Polish: 1, 2 to 4 (but not 12 to 14), any other."""

_MONTHS = {
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia".split(),
    "en": "January February March April May June July August September October November December".split(),
}


@dataclass(frozen=True)
class Words:
    """The page's words in one language."""

    language: str = DEFAULT_LANGUAGE

    @classmethod
    def of(cls, language: object) -> Words:
        """Take a language that came from outside; any other than the four is the default."""
        return cls(language if isinstance(language, str) and language in LANGUAGES else DEFAULT_LANGUAGE)

    def __call__(self, message: str, **values: object) -> str:
        """Return one message with its places filled."""
        return MESSAGES[message][self.language].format(**values)

    def count(self, message: str, count: int) -> str:
        """Return the form of a message that goes with `count`."""
        return PLURALS[message][self.language][plural_form(self.language, count)].format(count=count)

    def name_of(self, language: str) -> str:
        """Return what a text's language is called."""
        return self(f"in_{language}" if f"in_{language}" in MESSAGES else "in_und")

    def date(self, iso: str) -> str:
        """Return a date as it is written in this language; anything but a full ISO date as it is."""
        try:
            day = date.fromisoformat(iso)
        except ValueError:
            return iso
        if self.language in _MONTHS:
            return f"{day.day} {_MONTHS[self.language][day.month - 1]} {day.year}"
        return f"{day.year}年{day.month}月{day.day}日"


def plural_form(language: str, count: int) -> int:
    """Return the number of the form that `count` takes, as the Unicode CLDR has it."""
    if language == "pl":
        if count == 1:
            return 0
        return 1 if count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14) else 2
    return int(count != 1) if language == "en" else 0
