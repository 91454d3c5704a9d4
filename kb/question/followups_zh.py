"""Follow-ups in Chinese: which questions lean on the one before, and how they read when completed.

The signs are looked for in simplified characters, which stand one for one in the place of the traditional ones.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from corpus.text.normalize import HAN, to_simplified
from corpus.text.segment import asking_removed
from kb.question.question_words import asks_definition
from kb.question.topics import Named, named_in, topic_of, topics_of
from kb.terms.lexicon import Lexicon

_LEAD = re.compile(
    r"(?:那么|那(?![个家位些种里边时样一两三几天次年份项条])|还有|另外|然后|对了|可是|但是|不过|所以|请问|而|但)[，,、\s]*"
)
_ROLES = "职位|职务|角色|岗位|头衔|职衔|主管|高管|人"
_METRICS = "指标|数字|分数|数值|公式|算法|工具|方法|做法|图|概念|名词|词|说法|制度|机制|系统"
_COMPANIES = "公司|企业|机构|组织|部门|品牌"
_PRONOUN = re.compile(
    rf"(?P<both>两者|二者|这两[个者种]?(?:{_METRICS}|{_ROLES})?|它们(?=之间|有什么不同|有什么区别|有什么差)|他们(?=之间))"
    r"|(?P<person>(?<!其)[他她](?:们)?(?!人))"
    rf"|(?P<role>(?:这|那|该|此)一?[个位种]?(?:{_ROLES}))"
    rf"|(?P<metric>(?:这|那|该|此)一?[个种项套]?(?:{_METRICS}))"
    rf"|(?P<company>(?:这|那|该|此)一?[家个间]?(?:{_COMPANIES}))"
    r"|(?P<thing>(?<!其)[它牠](?:们)?)"
    r"|(?P<its>(?<![与尤极])其(?![他它实中次余所]))"
    r"|(?P<this>^[这此](?=[跟和与同是算叫由要该能会对有怎])|(?<=[跟和与同])这(?=[有个]))"
)
_KINDS = {
    "person": ("role", "name"),
    "role": ("role",),
    "company": ("name",),
    "metric": ("metric", "practice", "asked"),
    "thing": ("metric", "name", "asked", "practice", "role"),
}
_POINTING = re.compile(
    r"^(?:这|那)[些几一两三四五六个种项条点次]|^第[一二三四五六七八九十\d]+[个种项条点步圈类件](?!.*的)|^哪[一几]?[个项种位]?[最更]|^其中|^其他"
)
_WHAT_ABOUT = re.compile(r"^(?P<about>[^，,？?]{1,24}?)(?:又)?呢[？?]*$")
_ASKS = re.compile(r"什么|怎|如何|为何|谁|哪|多少|多久|几|吗|是不是|有没有|能不能|何时")
_COMPARED = re.compile(r"^(?:[跟和与同比]|相比|相较)")
_GOES_ON = re.compile(r"^(?:向|对|由|归|也|还|都|又|到底|究竟|直接|平时|通常|一般|现在|后来|最早|最初|当初)")
_DIRECT = re.compile(
    r"^(?:[向由归有是怎要会能该得在最也还都又管对靠用从算叫指不没难好花占跟和与同比需应何]|可以|为什么|为何|什么时候|如何|包括|分(?=[成为几哪多])"
    r"|属于|主要|通常|一般|多久|多大|适合|负责|掌管|到底|究竟|直接|代表|平时|现在|后来|目前|必须|值得|最早|几)"
)
_OWNED = re.compile(
    "公式|题目|限制|缺点|优点|好处|坏处|弱点|特点|特征|职责|责任|任务|工作|定义|例子|目标|目的|作用|意义|算法|作者|创始人|预算|"
    "薪水|薪资|待遇|权力|权限|困难|障碍|挑战|步骤|阶段|来源|类型|种类|类别|区别|差别|差异|不同|原因|结果|效果|上司|下属|手下|"
    "名字|名称|英文|全名|全称|缩写|素质|能力|条件|资格|内容|流程|方法|办法|指标|标准|范围|对象|频率|角色|地位|历史|来历|起源|"
    "由来|风险|成本|费用|关系|做法|优势|劣势|信号|讯号|诊断|成效|成果|贡献|功能|用途|部门|主管|团队|项目|分数|数据|数字|比例|"
    "具体|主要|通常|一般|最大|最早|最初|最重要|最常见|最|第一|常见|重要|关键|真正|平时|现在|后来|当初|当时|未来|直接|公司|企业|情况"
)
_LEANING = re.compile(
    "提出|提到|发明|发起|成立|创立|创办|设立|出现|开始|汇报|报告|负责|计算|算|掌管|管理|管|做|用|使用|看|分成|分为|分|包括|包含|"
    "组成|衡量|评估|评价|考核|改善|提高|降低|减少|避免|防止|开会|解决|处理|普及|流行|适合|需要|具备|担任|晋升|任命|出身|举例|"
    "举个例子|解释|说明|说|讲|认为|主张|建议|证明|计分|打分|作答|画|问|写|叫|指|发|定|选|找|学|花|值|怕|信|准|难|赚|贵|久|"
    "注意|失败|成功|失效|失灵|变化|改变|发生|影响|带来|得到|存在|执行|实施|推动|推行|落实|开展|举行|召开|颁发|奖励"
)
_SMALL = re.compile(
    "举个?|请|给|可以|可能|应该|必须|会|能|要|该|想|得|让|把|被|对|向|由|归|跟|和|与|同|比|在|到|从|以|为|是|有|没|不|也|还|都|又|就|"
    "才|再|更|很|太|多|少|大|小|高|低|好|坏|一|二|两|三|个|种|项|条|点|次|些|家|位|人|年|月|天|时|候|这|那|哪|何|几|谁|之|后|"
    "前|间|里|上|下|中|出|来|去|过|着|样|怎|什|么|自己|我|你|您|们|吧|呀|啊|嘛|吗|呢|的|地|得|了|到底|究竟|具体|第|差"
)


def completed_zh(question: str, language: str, turns: Sequence[str], lexicon: Lexicon) -> str:
    """Return `question` as one that stands on its own; `turns` are the questions before, complete, the newest last."""
    body = _without_lead(question)
    led = body != question
    form = to_simplified(body)
    about = _WHAT_ABOUT.match(form)
    if about and not _ASKS.search(about["about"]) and not _PRONOUN.search(about["about"]):
        return _what_about(body[: about.end("about")].strip(), language, turns, lexicon)
    own = named_in(body, lexicon)
    pronoun = _PRONOUN.search(form)
    if pronoun and not _names_it_itself(form, own, pronoun.start()):
        return _pronoun_filled(body, form, pronoun, language, turns, lexicon)
    strong = [n for n in own if n.kind in ("role", "metric", "name")]
    if not strong and _POINTING.search(form) and len(_left_when_erased(form, own)) <= 4:
        return _after_the_last(body, language, turns, lexicon)
    if _COMPARED.match(form) and own and own[0].start <= 3 and not _JOINED.search(form[own[0].end :]):
        return _prefixed(body, language, turns, lexicon)
    rest = _left_when_erased(form, own)
    led = led or _UNFINISHED.search(form) is not None
    if not own and not rest and not asking_removed(form).strip() and not _OWNED.search(form):
        return _after_the_last(body, language, turns, lexicon)
    weak_object = (
        bool(own) and not strong and (_GOES_ON.match(form) or re.match("[管负掌需拥要会能]", form)) is not None
    )
    object_only = bool(own) and _GOES_ON.match(form) is not None and _left_of(form, own[0]) <= 2
    if weak_object or object_only or (not own and len(rest) <= (2 if led else 1)):
        return _prefixed(body, language, turns, lexicon)
    return question


_UNFINISHED = re.compile("(?:担任|使用|采用|用|设立|提出|需要|负责|做|主张|建议)(?:过|的)?[？?]*$")
"""Verbs that end a question and lack their object, which is what was spoken of."""
_JOINED = re.compile(r"^\s*[跟和与同]")


def _without_lead(question: str) -> str:
    body = question
    while match := _LEAD.match(to_simplified(body)):
        if match.end() >= len(body.rstrip("？?")):
            break
        body = body[match.end() :]
    return body


def _same_script(turn: str) -> bool:
    return re.search(f"[{HAN}]", turn) is not None


def _left_of(form: str, named: Named) -> int:
    return len(form[: named.start].strip())


def _names_it_itself(form: str, own: Sequence[Named], place: int) -> bool:
    """Tell whether what a pronoun stands for is named before it in the question: 客户长和他的团队, not CMO和他."""
    before = [n for n in own if n.end <= place and n.kind != "place"]
    joined = re.search(r"[跟和与同比]\s*$", form[:place]) and not re.match("[他她它]们?的", form[place:])
    return bool(before) and not joined


def _left_when_erased(form: str, own: Sequence[Named]) -> str:
    """Return the Han characters of a question that are left when all that leans on a subject is taken out."""
    for named in reversed(own):
        form = form[: named.start] + " " + form[named.end :]
    left = asking_removed(form)
    for pattern in (_OWNED, _LEANING, _SMALL):
        left = pattern.sub(" ", left)
    return "".join(re.findall(f"[{HAN}A-Za-z0-9]", left))


def _name(turns: Sequence[str], language: str, lexicon: Lexicon, kinds: Sequence[str] = ()) -> str:
    """Return what the conversation is about, in `language`; of one of `kinds` if it has come up at all."""
    topic = topic_of(turns, lexicon, kinds)
    return topic.in_language(language) if topic else ""


def _pronoun_filled(
    body: str, form: str, pronoun: re.Match[str], language: str, turns: Sequence[str], lexicon: Lexicon
) -> str:
    sign = pronoun.lastgroup or "thing"
    if sign == "both":
        name = _both(turns, language, lexicon)
        filled = body[: pronoun.start()] + name + body[pronoun.end() :]
        return filled if name else _about(body, language, turns, lexicon)
    name = _name(turns, language, lexicon, _KINDS.get(sign, ()))
    if not name:
        return _about(body, language, turns, lexicon)
    owner = "的" if sign == "its" else ""
    first, last = pronoun.span()
    # Every later pronoun of the question means the same and may stay.
    return _spaced(body[:first], name + owner, body[last:])


def _both(turns: Sequence[str], language: str, lexicon: Lexicon) -> str:
    found: list[str] = []
    for turn in reversed(turns):
        for topic in topics_of(turn, lexicon):
            name = topic.in_language(language)
            if name not in found:
                found.append(name)
        if len(found) > 1:
            break
    return "和".join(sorted(found[:2], key=lambda n: " ".join(turns).find(n))) if len(found) > 1 else ""


def _prefixed(body: str, language: str, turns: Sequence[str], lexicon: Lexicon) -> str:
    """Return the question with the subject that it lacks in front of it."""
    name = _name(turns, language, lexicon)
    form = to_simplified(body)
    if not name:
        return _about(body, language, turns, lexicon)
    if re.match("谁.{1,8}的[？?]*$", form):
        return _spaced("", f"{name}是", body)
    if _DIRECT.match(form) and not re.match("有没有(?:例|什么)|能不能举|能举|可以举|能给|能说|可以说|能解释", form):
        return _spaced("", name, body)
    if (owned := _OWNED.match(form)) and re.match("有哪|是|怎|如何|在哪|多|有什|为|呢", form[owned.end() :]):
        return _spaced("", f"{name}的", body)
    return _about(body, language, turns, lexicon)


def _about(body: str, language: str, turns: Sequence[str], lexicon: Lexicon) -> str:
    name = _name(turns, language, lexicon)
    if not name:
        return f"{turns[-1].rstrip('？?。 ')}？{body}"
    return f"{'關於' if language == 'zh-Hant' else '关于'}{_spaced('', name, '')}，{body}"


def _after_the_last(body: str, language: str, turns: Sequence[str], lexicon: Lexicon) -> str:
    """Return a bare 为什么 or 第二点是什么 after what it asks the reason or the second part of."""
    if not _same_script(turns[-1]):
        return _about(body, language, turns, lexicon)
    return f"{turns[-1].rstrip('？?。 ')}？{body}"


def _what_about(about: str, language: str, turns: Sequence[str], lexicon: Lexicon) -> str:
    """Complete 那X呢: what the last question asked, of X; or what it asked about, in X; or X of what it was about."""
    before = turns[-1]
    said = named_in(about, lexicon)
    if not _same_script(before):
        return _about(f"{about}呢？", language, turns, lexicon)
    place = re.match("在", about)
    if place or (said and said[0].kind == "place" and len(said[0].text) == len(about)):
        return _placed(about if place else f"在{about}", before, lexicon)
    if _COMPARED.match(to_simplified(about)) and said:
        compared = next((t for t in topics_of(before, lexicon)[1:] if t.start), None)
        if compared is None:
            return _prefixed(f"{about}呢？", language, turns, lexicon)
        return before[: compared.start] + said[0].text + before[compared.end :]
    alike = _alike(to_simplified(about), to_simplified(before))
    if alike:
        return before[: alike[0]] + about + before[alike[1] :]
    asked = topics_of(before, lexicon)
    if (said and said[0].kind != "practice") or (said and asks_definition(before)):
        whole = said[0].end - said[0].start >= len(about.strip()) - 1
        same = next((t for t in asked if t.kind == said[0].kind), None)
        if same is None and asked and asks_definition(before) and whole:
            same = asked[0]
        if same and whole:
            return _spaced(before[: same.start], about, before[same.end :])
        if whole and said[0].kind in ("role", "metric") and asked:
            return _spaced(before[: asked[0].start], about, before[asked[0].end :])
    name = _name(turns, language, lexicon)
    return _spaced("", f"{name}的", f"{about}呢？") if name else f"{before.rstrip('？?。 ')}？{about}呢？"


def _placed(place: str, before: str, lexicon: Lexicon) -> str:
    """Return the last question asked of another place: in the old one's stead, or after what it is about."""
    old = next((n for n in named_in(before, lexicon) if n.kind == "place"), None)
    if old:
        start = old.start - 1 if before[: old.start].endswith("在") else old.start
        return before[:start] + (place if start < old.start else place.removeprefix("在")) + before[old.end :]
    topic = next((t for t in topics_of(before, lexicon) if not before[: t.start].strip()), None)
    if topic and not before[topic.end :].startswith("的"):
        return _spaced(before[: topic.end], place, before[topic.end :])
    return f"{place}，{before}"


def _alike(about: str, before: str) -> tuple[int, int] | None:
    """Return the span of `before` in whose place `about` goes: both end in one word (层面), or count (第一, 第二)."""
    counted = re.match(r"第[一二三四五六七八九十\d]+", about)
    if counted and (old := re.search(r"第[一二三四五六七八九十\d]+", before)):
        length = len(about) - counted.end()
        return old.start(), old.end() + (length if before[old.end() :].startswith(about[counted.end() :]) else 0)
    if re.fullmatch(r"\d{4}年", about) and (old := re.search(r"\d{4}年", before)):
        return old.span()
    for length in range(len(about) - 1, 1, -1):
        end = before.find(about[-length:])
        if end > 0:
            end += length
            start = end - length
            while (
                start
                and re.match(f"[{HAN}A-Za-z]", before[start - 1])
                and before[start - 1] not in "在对的是和与跟把被从用当"
            ):
                start -= 1
            return (start, end) if end - start <= len(about) + 4 else None
    return None


def _spaced(before: str, middle: str, after: str) -> str:
    """Join three parts, with a space between a Han character and a Latin one where the writer has them."""
    wide = " " if re.search(rf"[{HAN}] [A-Za-z]|[A-Za-z] [{HAN}]", before + after) else ""

    def gap(left: str, right: str) -> str:
        pair = left[-1:] + right[:1]
        return wide if re.fullmatch(rf"[{HAN}][A-Za-z]|[A-Za-z][{HAN}]", pair) else ""

    return before + gap(before, middle) + middle + gap(middle, after) + after
