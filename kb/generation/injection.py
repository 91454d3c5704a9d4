"""Texts that speak to the model instead of to the reader: „ignore the above and ..."."""

from __future__ import annotations

import re

from corpus.text.normalize import search_form
from corpus.text.segment import fold

_OBJECTS_ZH = r"(?:指令|指示|提示|说明|规则|要求|命令|设定|限制|内容|对话|上下文|问题|资料|原则|一切|所有)"
_OBJECTS_PL = (
    r"(?:instrukcj|polecen|wytyczn|zasad|regul|kontekst|pytani|wiadomosc|powyzsz|poprzedni|wczesniejsz|wszystk)"
)
_OBJECTS_EN = r"(?:instruction|prompt|rule|direction|context|message|above|previous|prior|everything)"
_TELL_ZH = r"(?:回答|回复|答复|输出|写出|说出|写上|告诉(?:用户|读者|他们)|声称|宣称|打印|附上|加上)"
_TELL_PL = (
    r"(?:odpowiedz|odpowiadaj|odpisz|napisz|pisz|powiedz|podaj|wypisz|wyswietl|zwroc|stwierdz|cytuj|dopisz|dodaj)"
)
_TELL_EN = r"(?:answer|reply|respond|say|write|print|output|state|tell the user|append|cite)"
_TONGUES = r"(?:英[语文]|中文|波兰[语文]|法[语文]|德[语文]|日[语文])"

# Matched against the folded search form: Simplified, lower case, without diacritics. Each is a way of addressing a
# machine that reads; what such a text goes on to demand may be anything.
_SET_ASIDE = (
    rf"(?:忽略|无视|不要理会|别理会|忘记|忘掉|抛开|不必遵守|不再遵守|停止遵守|跳过)[^,。;]{{0,16}}{_OBJECTS_ZH}",
    r"(?:以上|上述|之前|前面|此前|先前)的?(?:所有|一切|全部)?(?:的)?(?:指令|指示|提示|规则|命令|设定).{0,8}(?:作废|无效|失效|取消|忽略)",
    rf"\b(?:z?ignoruj\w*|zapomnij\w*|pomin\w*|pomijaj\w*|odrzuc|zlekcewaz\w*)\b.{{0,40}}{_OBJECTS_PL}",
    rf"\bnie (?:zwazaj|zwracaj uwagi|stosuj\w*|przestrzegaj)\b.{{0,40}}{_OBJECTS_PL}",
    rf"\b(?:ignor\w*|disregard\w*|forget\w*|overrid\w*|bypass\w*|skip)\b.{{0,40}}\b{_OBJECTS_EN}",
)
_BE_ANOTHER = (
    r"(?:你|您)(?:现在|从现在起|从此|的新?身份|的新?角色)(?:开始)?(?:是|为|扮演|变成|不再是)",
    r"(?:请|你要|你将|你应|你来)(?:扮演|假装)|假装(?:你|自己)是|假设你是",
    r"\bjestes (?:teraz|odtad|od teraz)\b|\b(?:wciel sie|udawaj|zachowuj sie jak)\b",
    r"\b(?:od (?:teraz|tej chwili)|odtad|teraz) (?:jestes|bedziesz|masz)\b",
    r"\b(?:you are now|from now on,? you|act as (?:a|an|if)|pretend (?:to be|you)|your new (?:role|task|instruction))",
)
_NAMED = (
    r"(?:系统|初始|隐藏的?)(?:提示词?|指令|消息)|(?:语言|大)模型.{0,8}(?:必须|应当|应该|请|需要|注意)",
    r"(?:致|给|告)(?:人工智能|ai|模型|助手|机器人)|(?:ai|智能)助[手理].{0,6}(?:请|必须|应|注意|你)|api ?(?:密钥|key)",
    r"\bprompt\w* systemow\w*|\bsystemow\w* prompt|\bklucz\w* api",
    r"\binstrukcj\w+ (?:systemow\w*|dla (?:modelu|asystenta|ai))",
    r"\b(?:uwaga|wiadomosc|polecenie|notatka)[, ]+(?:dla )?(?:modelu?|asystent\w*|ai|sztuczn\w+)\b",
    r"\b(?:drogi|szanowny) (?:asystencie|modelu)\b|\bmodel\w* jezykow\w+.{0,20}(?:musi|powini\w+|ma obowiazek|prosz)",
    r"\b(?:system prompt|developer mode|jailbreak|api[ _-]?key)\b|\b(?:dear|attention,?) (?:ai|assistant|model)\b",
    r"\b(?:note|message|instructions?) (?:to|for) (?:the )?(?:ai|assistant|model|llm)\b",
)
_TOLD = (
    rf"(?:请|必须|务必|只(?:需|要|能|准|许)|一律|直接|统一|仅|应当|应该|改为|改成|永远|始终|你要){_TELL_ZH}",
    rf"{_TELL_ZH}(?:以下|下列|如下)|(?:输出|打印):|(?:用|以|改用){_TONGUES}.{{0,4}}(?:回答|回复|作答)",
    rf"\b{_TELL_PL}\b(?: \w+){{0,3}}? ?(?:tylko|wylacznie|jedynie|zawsze|ze\b|slow\w+|zdani\w+|[:„\"«])",
    rf"\b{_TELL_PL}\b(?: \w+){{0,3}}? po (?:angielsku|polsku|chinsku|niemiecku)",
    rf"\b(?:tylko|wylacznie|zawsze|zamiast tego|po prostu) {_TELL_PL}\b",
    rf"\b(?:only|always|instead|just|must|please|simply|then|and) {_TELL_EN}\b",
    rf"(?:^|[.!?:;,] ?|and )\b{_TELL_EN} (?:only|with|exactly|the following|that|in (?:english|polish|chinese))\b",
    r"(?:不要|不得|禁止|切勿|别)(?:再)?(?:引用|标注|注明|提及|透露)(?:任何)?(?:来源|出处|资料|编号|引文)",
    r"\bnie (?:podawaj|cytuj|wspominaj|uzywaj)\b.{0,20}(?:zrod|cytat|numer|przypis)",
    r"\b(?:do not|don't|never) (?:cite|mention|quote|use) (?:any |the )?(?:source|citation)",
)
# What answers should be is no matter of a text about anything else.
_OF_ANSWERS = (
    r"(?:唯一|正确|合法)的?(?:正确|有效|合法|标准)?的?(?:答案|答复)|(?:答案|答复|回答)(?:一概|一律|均|都)(?:无效|作废|不算)",
    r"(?:不论|无论|不管)(?:别人|用户|谁|对方)?(?:问什么|问何事|怎么问|如何问|什么问题)",
    r"(?:作答|答题|回答|引用|概括|转述|摘要)(?:本文|本表|本篇|此文)?(?:者|的人|的文字)[^。;]{0,12}(?:仅|只|须|应|必须|一律|均|都)",
    r"\b(?:jedyna|wlasciwa|prawidlowa|obowiazujaca)(?: \w+)? odpowiedz\b",
    r"\b(?:bez wzgledu na|niezaleznie od|o cokolwiek)(?: \w+){0,2} (?:pyta\w*|pytani\w*)",
    r"\b(?:streszcz\w+|podsumowan\w+|odpowiedzi?|cytat\w*)\b[^.;]{0,30}\b(?:musi|musza|powin\w+|nalezy|ma byc|maja)\b",
    r"\b(?:only|sole|right|correct|valid|lawful|proper)(?: \w+)? (?:answer|reply|response)\b",
    r"\b(?:whatever|no matter what)(?: \w+){0,3} (?:ask|question)",
    r"\b(?:summar(?:y|ies)|answers?|replies|quotations?)\b.{0,40}\b(?:must|should|shall|has to|have to|end|begin)\b",
)
_CHAT_FORMAT = (
    r"<\|?/?(?:im_(?:start|end)|system|assistant|user|start_of_turn|end_of_turn|eot_id|s)\|?>|\[/?inst\]|<<sys>>",
    r"## ?(?:system|instruction|assistant|user)\b|\b(?:system|assistant|user|asystent|uzytkownik) ?: ?\S",
    r"(?:系统|助手|管理员) ?:|\b(?:koniec|end of) (?:dokument|fragment|kontekst|zrod|document|context|passage)",
)
_ANY = re.compile("|".join((*_SET_ASIDE, *_BE_ANOTHER, *_NAMED, *_TOLD, *_OF_ANSWERS, *_CHAT_FORMAT)))


def speaks_to_model(text: str) -> bool:
    """Tell whether `text` gives orders to whatever machine reads it, in Chinese, Polish or English.

    A guard, not a proof: what it lets through still has to pass every check of an answer's sentences.
    """
    return bool(_ANY.search(fold(search_form(text))))
