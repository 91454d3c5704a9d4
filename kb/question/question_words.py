"""What is read off a question's words: its question words, its names, and what it opens with."""

from __future__ import annotations

import re
from functools import lru_cache

from corpus.text.normalize import HAN, search_form
from corpus.text.segment import fold, lexical_tokens, proper_nouns

# Tried in this order on the folded search form: „jakie są różnice" compares, though „jakie" alone asks for a list.
_RULES: tuple[tuple[str, str], ...] = (
    (
        "fact",
        r"区别|差别|差异|不同之处|有何不同|有什么不同|比较|相比|czym.{0,40}(?:rozn|odroznia)|roznic"
        r"|\bdiffer|\bversus\b|\bvs\b"
        r"|多少|几[个家人年次成项种位名倍点天条]|百分之几|比例|占比"
        r"|\bilu?\b|\biloma\b|\bile\b|odsetek|procent|how (?:many|much)|percentage"
        r"|什么时候|何时|哪一?年|哪一?天|几时|什么年代|哪个年代|多久"
        r"|\bkiedy\b|w ktorym roku|\bwhen\b|what year"
        r"|为什么|为何|原因|何以|\bdlaczego\b|\bczemu\b|z jakiego powodu|\bwhy\b",
    ),
    (
        "list",
        r"哪些|哪几|有什么(?!关系|影响)|包括什么|分为|(?:职责|任务|步骤|要素|因素|特点|原则|素质)(?:是什么|有)"
        r"|\bjakie\b|\bjakich\b|\bktore\b|\bktorzy\b|\bktorych\b|wymien|\bwhich\b.*s\b|\blist\b|what are",
    ),
    (
        "definition",
        r"什么是|是什么|什么叫|是指什么|指的是|何谓|是啥|定义|什么意思"
        r"|co to\b|czym jest|co oznacza|co znaczy|definicj|what is|what does .* mean"
        # Who a role or a person is, not whose it is: „Kim jest CXO?", but „Kto jest dyrektorem w Voxeo?"
        r"|^(?:那|请问)?(?:[a-z][a-z .'-]{1,30}|[\u4e00-\u9fff·]{2,6})(?:到底|究竟)?是(?:谁|什么人|何许人)"
        r"|\bkim (?:jest|sa|byl|byla|byli)\b(?!.*\b(?:w|we|u) )|\bkto to (?:jest|taki|byl)"
        r"|^who (?:is|are|was) (?!.*\b(?:of|at|in|for)\b)",
    ),
    (
        "fact",
        r"谁|哪位|何人|什么人|\bkto\b|\bkogo\b|\bkomu\b|\bkim\b|\bwho(?:m|se)?\b"
        r"|哪里|哪儿|什么地方|何处|在哪|哪个(?:国家|城市|地区)|\bgdzie\b|skad|\bwhere\b"
        r"|怎么|怎样|如何|\bjak\b|w jaki sposob|\bhow\b",
    ),
)
_COMPILED = tuple((asked, re.compile(pattern)) for asked, pattern in _RULES)

_DEFINES = re.compile(r"是指|是一[种个项]|指的是|即|称为|定义|是对|是把|是|\bto\b|oznacza|jest|polega|\bis\b|means")


def has_question_word(message: str) -> bool:
    """Tell whether there is a question word in a message."""
    return bool(_asked_by(message))


def asks_list(question: str) -> bool:
    """Tell whether the question words ask for several things."""
    return _asked_by(question) == "list"


def asks_definition(question: str) -> bool:
    """Tell whether the question words ask what something is, or who a role is."""
    return _asked_by(question) == "definition"


@lru_cache(maxsize=1000)
def _asked_by(question: str) -> str:
    form = fold(search_form(question))
    return next((asked for asked, pattern in _COMPILED if pattern.search(form)), "")


_GREETINGS = re.compile(
    r"(?:你们?好|您好|大家好|哈喽|哈啰|嗨|早安|早上好|上午好|中午好|下午好|晚上好|晚安|午安|谢谢?你?们?|多谢|感谢|辛苦了?|再见|拜拜"
    r"|在吗|在不在|好的|ok|okay|hello|hi|hey|thanks|thank you|bye|good (?:morning|evening|day)"
    r"|czesc|hej|siema|witam|witaj|dzien dobry|dobry wieczor|dobranoc|dzieki|dziekuje|do widzenia|pa|co slychac"
    r"|there|bardzo|很|非常|了|啊|吗|呢|呀|啦|哦|[\s,.!?;:~、。])+"
)


@lru_cache(maxsize=1000)
def is_greeting(message: str) -> bool:
    """Tell whether a message greets, thanks or takes leave and says nothing else."""
    return bool(_GREETINGS.fullmatch(fold(search_form(message))))


def is_question(sentence: str) -> bool:
    """Tell whether a sentence asks instead of stating."""
    return sentence.rstrip("”」』\"' ").endswith(("?", "？"))


def states_definition(sentence: str) -> bool:
    """Tell whether `sentence` has what a definition has, whatever was asked."""
    return bool(_DEFINES.search(fold(search_form(sentence))))


_NAME_PART = re.compile(r"[^\W\d_][\w'’.-]*|\d[\d.,]*")
_OWNER = re.compile(rf"^(?:请问|請問|那么?|那麼?)?([{HAN}]{{2,4}}?)(?:的|有(?=[没沒]有|.*[吗嗎]))")
"""Whose a thing is: 用友的首席客户官, 小米有首席客户官吗. No list of words knows every company."""
_SUBJECT = re.compile(
    r"^(?:请问|那么?|听说|你知道|想问一?下?|关于|在|像|据说)?"
    r"(?![有哪把多没我你您他她它这那还光大做换养全一第从如果想书刚新历什怎谁几为最自各某每所是不公企])"
    rf"([{HAN}]{{2,5}}?)"
    r"(?=怎么|怎样|如何|为什么|为何|对|也|在|用(?!户)|有|(?<!委员)会(?!议|员)|把|从|跟|和|与|要|该|应|曾|去年|今年|最近|后来|一年|每年"
    r"|目前|现在|改善|采用|推出|提出|赞成|设[有立了置]|是|的|什么时候|哪|多久|平均|当初|当年|这|,|到底|究竟)"
)
_JOINS_NAMES = re.compile(r"[ \u00a0&-]*")


@lru_cache(maxsize=1000)
def names_in(question: str) -> tuple[tuple[str, ...], ...]:
    """Return the names and figures of `question`, each as its lexical tokens: what an answer can hardly do without.

    In a Chinese question these are proper nouns, whose thing it opens with, and all words in Latin script, elsewhere
    words with a capital that does not open a sentence. Neighbouring parts (Anne Bowman) are one name, any part of which
    is enough.
    """
    chinese = re.search(f"[{HAN}]", question) is not None
    names: list[list[str]] = []
    last = -1
    for match in _NAME_PART.finditer(re.sub(f"[{HAN}]", "\u3000", question)):
        word = match.group().rstrip(".,-'’")
        figure = word[0].isdigit()
        if not (figure or (len(word) > 1 and (chinese or _is_capitalised(question, match.start(), word)))):
            continue
        tokens = lexical_tokens(word)
        if last >= 0 and not figure and _JOINS_NAMES.fullmatch(question, last, match.start()):
            names[-1] += tokens
        else:
            names.append(tokens)
        last = -1 if figure else match.end()
    if chinese:
        # Without single characters: 里 is in every text, 阿里巴巴 is not.
        nouns = [*proper_nouns(question), *_OWNER.findall(question)]
        names += [[t for t in lexical_tokens(noun) if len(t) > 2] for noun in dict.fromkeys(nouns)]
    return tuple(tuple(name) for name in names if name)


@lru_cache(maxsize=1000)
def subject_of(question: str) -> str:
    """Return, in search form, what a Chinese question (海底捞为什么……？) opens with if it may be a name, else ""."""
    found = _SUBJECT.match(search_form(question).strip())
    return found[1] if found else ""


def _is_capitalised(question: str, start: int, word: str) -> bool:
    before = question[:start].rstrip(' „“"«')
    opens_sentence = not before or before[-1] in ".!?:"
    # mBank has its capital within.
    return any(map(str.isupper, word[1:] if opens_sentence else word))
