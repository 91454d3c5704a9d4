"""What the knowledge base itself says, in the language and script of the question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from corpus.text.language import family_of

DEFAULT_LANGUAGE = "en"

_REFUSALS = {
    "zh-Hans": "现有资料没有说明这个问题。",
    "zh-Hant": "現有資料沒有提到這個問題的答案。",
    "pl": "Dostępne źródła o tym nie mówią.",
    "en": "The sources do not say.",
}

_FACT_MISSING = {
    "zh-Hans": "资料谈到了{concept}，但没有说明这个问题。",
    "zh-Hant": "資料談到了{concept}，但沒有提到這個問題的答案。",
    # A name that cannot be inflected here stands in quotation marks, as what a topic is called.
    "pl": "Temat „{concept}” jest w źródłach, ale odpowiedzi na to pytanie w nich nie ma.",
    "en": "The sources speak of “{concept}”; what you ask they do not say.",
}

_UNCLEAR = {
    "zh-Hans": "没看懂这个问题，请换一种说法再问。",
    "zh-Hant": "看不懂這個問題，請換個說法再問。",
    "pl": "Nie wiadomo, o co chodzi w tym pytaniu. Zapytaj, proszę, innymi słowami.",
    "en": "It is not clear what is asked; please put it in other words.",
}

_NO_MORE = {
    "zh-Hans": "这份资料在这里没有更多内容了；打开来源可以看上下文。",
    "zh-Hant": "這份資料在這裡沒有更多內容了；開啟來源可以看上下文。",
    "pl": "W tym miejscu źródło nie mówi nic więcej; całość można w nim otworzyć.",
    "en": "The source says no more in this place; open it to see what stands around.",
}

_STAND_INS = {
    "timeout": {
        "zh-Hans": "语言模型没有及时回答。",
        "zh-Hant": "語言模型沒有及時回答。",
        "pl": "Model językowy nie odpowiedział na czas.",
        "en": "The language model did not answer in time.",
    },
    "unreachable": {
        "zh-Hans": "连接不上语言模型的服务器。",
        "zh-Hant": "連不上語言模型的伺服器。",
        "pl": "Nie ma połączenia z serwerem modelu językowego.",
        "en": "The language model's server cannot be reached.",
    },
    "out_of_reach": {
        "zh-Hans": "语言模型服务器所在的地址不允许访问。",
        "zh-Hant": "語言模型伺服器所在的位址不允許存取。",
        "pl": "Pod adresem serwera modelu językowego nie wolno o nic pytać.",
        "en": "The language model's server is at an address that may not be asked.",
    },
    "status": {
        "zh-Hans": "语言模型的服务器回应了错误 {status}。",
        "zh-Hant": "語言模型的伺服器回應了錯誤 {status}。",
        "pl": "Serwer modelu językowego zgłosił błąd {status}.",
        "en": "The language model's server reported error {status}.",
    },
    "broken": {
        "zh-Hans": "语言模型的回答中途断了。",
        "zh-Hant": "語言模型的回答中途斷了。",
        "pl": "Odpowiedź modelu językowego urwała się w połowie.",
        "en": "The language model's answer broke off half way.",
    },
    "unreadable": {
        "zh-Hans": "语言模型服务器的回应无法读取。",
        "zh-Hant": "語言模型伺服器的回應無法讀取。",
        "pl": "Odpowiedzi serwera modelu językowego nie da się odczytać.",
        "en": "What the language model's server sent cannot be read.",
    },
    "no_answer": {
        "zh-Hans": "语言模型没有给出回答。",
        "zh-Hant": "語言模型沒有給出回答。",
        "pl": "Model językowy nie podał odpowiedzi.",
        "en": "The language model gave no answer.",
    },
    "nothing_left": {
        "zh-Hans": "语言模型的话，没有一句能在资料里找到依据。",
        "zh-Hant": "語言模型的話，沒有一句能在資料裡找到依據。",
        "pl": "Żadnego zdania modelu językowego źródła nie potwierdzają.",
        "en": "No sentence of the language model is borne out by the sources.",
    },
    "withheld": {
        "zh-Hans": "找到的段落含有写给语言模型的指令，没有交给它。",
        "zh-Hant": "找到的段落含有寫給語言模型的指令，沒有交給它。",
        "pl": "Znalezione fragmenty zawierają polecenia dla modelu językowego i nie zostały mu przekazane.",
        "en": "The passages found hold orders to a language model and were not given to it.",
    },
}


_DIFFERING = {
    "zh-Hans": ("资料的说法不一致：", "[{number}]说“{said}”", "，", "。"),
    "zh-Hant": ("資料的說法不一致：", "[{number}]說「{said}」", "，", "。"),
    "pl": ("Źródła podają różne dane: ", "[{number}] – „{said}”", ", ", "."),
    "en": ("The sources differ: ", "[{number}] says “{said}”", ", ", "."),
}


_SHOWN_OF = {
    "zh-Hans": "共{all}项，这里列出前{shown}项，其余请打开来源查看。",
    "zh-Hant": "共 {all} 項，這裡列出前 {shown} 項，其餘請開啟來源查看。",
    "pl": "Pokazano {shown} z {all} pozycji; pozostałe są w źródle.",
    "en": "{shown} of {all} are shown; open the source for the rest.",
}


# One source of one language, several of one, several of several; by the question's language and the sources' family.
_QUOTED_FROM = {
    "zh-Hans": {
        "zh": ("中文资料《{title}》写道：", "以下引自中文资料："),
        "pl": ("波兰语资料《{title}》写道：", "以下引自波兰语资料："),
        "en": ("英语资料《{title}》写道：", "以下引自英语资料："),
        "": ("外语资料《{title}》写道：", "以下引自几种外语的资料："),
    },
    "zh-Hant": {
        "zh": ("中文資料《{title}》寫道：", "以下引自中文資料："),
        "pl": ("波蘭文資料《{title}》寫道：", "以下引自波蘭文資料："),
        "en": ("英文資料《{title}》寫道：", "以下引自英文資料："),
        "": ("外文資料《{title}》寫道：", "以下引自幾種外文的資料："),
    },
    "pl": {
        "zh": ("Według chińskiego źródła „{title}”:", "Według źródeł w języku chińskim:"),
        "pl": ("Według polskiego źródła „{title}”:", "Według źródeł w języku polskim:"),
        "en": ("Według angielskiego źródła „{title}”:", "Według źródeł w języku angielskim:"),
        "": ("Według obcojęzycznego źródła „{title}”:", "Według źródeł w innych językach:"),
    },
    "en": {
        "zh": ("According to a Chinese source (“{title}”):", "According to Chinese sources:"),
        "pl": ("According to a Polish source (“{title}”):", "According to Polish sources:"),
        "en": ("According to an English source (“{title}”):", "According to English sources:"),
        "": ("According to a source in another language (“{title}”):", "According to sources in other languages:"),
    },
}


def quoted_from(language: str, sources: Sequence[tuple[str, str]]) -> str:
    """Return the line that says, in `language`, what is quoted: `sources` are languages and titles."""
    lines = _QUOTED_FROM.get(language, _QUOTED_FROM[DEFAULT_LANGUAGE])
    families = {family_of(source) for source, _ in sources}
    titles = {title for _, title in sources}
    one, several = lines[families.pop() if len(families) == 1 and families <= lines.keys() else ""]
    return one.format(title=titles.pop()) if len(titles) == 1 else several


_HELD = {
    "zh-Hans": "资料库里有{count}份资料：",
    "zh-Hant": "資料庫裡有 {count} 份文件：",
    "pl": "Dokumenty w bibliotece ({count}):",
    "en": "Documents in the library ({count}):",
}
_TAG_NAMES = {
    "zh-Hans": {"zh-Hans": "简体中文", "zh-Hant": "繁体中文", "pl": "波兰语", "en": "英语"},
    "zh-Hant": {"zh-Hans": "簡體中文", "zh-Hant": "繁體中文", "pl": "波蘭文", "en": "英文"},
    "pl": {"zh-Hans": "chiński uproszczony", "zh-Hant": "chiński tradycyjny", "pl": "polski", "en": "angielski"},
    "en": {"zh-Hans": "Simplified Chinese", "zh-Hant": "Traditional Chinese", "pl": "Polish", "en": "English"},
}
_DESCRIBED = {"zh-Hans": "《{title}》（{about}）", "zh-Hant": "《{title}》（{about}）"}


def held(language: str, count: int) -> str:
    """Return the line that says how many documents there are, before they are named."""
    return _HELD.get(language, _HELD[DEFAULT_LANGUAGE]).format(count=count)


def described(language: str, title: str, tag: str, date: str | None) -> str:
    """Return a document's title, with its language and its date as they are told in `language`."""
    name = _TAG_NAMES.get(language, _TAG_NAMES[DEFAULT_LANGUAGE]).get(tag, "")
    chinese = language in _DESCRIBED
    about = ("，" if chinese else ", ").join(filter(None, [name, date]))
    form = _DESCRIBED.get(language, "{title} ({about})")
    return form.format(title=title, about=about) if about else title


_TITLES_OF = {
    "zh-Hans": "共{all}份资料，这里列出前{shown}份，其余请到资料库页面查看。",
    "zh-Hant": "共 {all} 份文件，這裡列出前 {shown} 份，其餘請到資料庫頁面查看。",
    "pl": "Pokazano {shown} z {all} dokumentów; wszystkie są na stronie biblioteki.",
    "en": "{shown} of {all} documents are shown; the library page has them all.",
}


def titles_of(language: str, shown: int, all: int) -> str:
    """Return the line that says how many of the documents an answer names."""
    return _TITLES_OF.get(language, _TITLES_OF[DEFAULT_LANGUAGE]).format(shown=shown, all=all)


def shown_of(language: str, shown: int, all: int) -> str:
    """Return the line that says how many items of a longer list an answer shows."""
    return _SHOWN_OF.get(language, _SHOWN_OF[DEFAULT_LANGUAGE]).format(shown=shown, all=all)


def differing(language: str, said: Sequence[tuple[int, str]]) -> str:
    """Return the line that names what each of the citations, given by number, says of the same matter."""
    opening, each, between, end = _DIFFERING.get(language, _DIFFERING[DEFAULT_LANGUAGE])
    return opening + between.join(each.format(number=number, said=words) for number, words in said) + end


def stand_in(reason: str, language: str, status: int = 0) -> str:
    """Return the line that says, in `language`, why the answer is not in the language model's words."""
    lines = _STAND_INS[reason]
    return lines.get(language, lines[DEFAULT_LANGUAGE]).format(status=status)


def refusal(language: str) -> str:
    """Return the sentence that says, in `language`, that the sources do not answer."""
    return in_language(_REFUSALS, language)


def fact_missing(language: str, concept: str) -> str:
    """Return the sentence that says that the sources speak of a concept, and do not say what is asked of it."""
    return in_language(_FACT_MISSING, language).format(concept=concept)


def unclear(language: str) -> str:
    """Return the sentence that asks for other words."""
    return in_language(_UNCLEAR, language)


def no_more(language: str) -> str:
    """Return the sentence that says that an answer cannot be gone on with."""
    return in_language(_NO_MORE, language)


def in_language(lines: Mapping[str, str], language: str) -> str:
    """Return the line in `language`, the English one where there is none."""
    return lines.get(language, lines[DEFAULT_LANGUAGE])
