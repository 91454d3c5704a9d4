"""What the assistant says for itself: to a greeting, to thanks, of itself, and to what it does not do."""

from __future__ import annotations

import re
from collections.abc import Mapping

from corpus.text.normalize import search_form
from corpus.text.segment import fold
from kb.answering.wording import in_language
from kb.question.kinds import Kind

# By kind, tried in this order on the folded search form; where none is said, the reply without a pattern is given.
_SAID: Mapping[Kind, Mapping[str, str]] = {
    Kind.SMALL_TALK: {
        "puzzled": r"没.?(?:懂|明白|看懂)|不(?:懂|明白|理解)|听不懂|看不懂|太长|简[单短](?:点|说)|啥意思|什么意思"
        r"|nie rozumiem|nie lapi|za dlug|krocej|prosciej|(?:do ?n.?t|not) (?:get|understand)|too long|shorter|simpler",
        "goodbye": r"再见|拜拜|\b拜\b|掰|晚安|回头|改天|明天|下次|\b(?:good)?bye\b|see you|good night|do widzenia"
        r"|do zobaczenia|dobranoc|na razie|\bpa\b|milego|weekend|pozdrawiam",
        "thanks": r"谢|感恩|感谢|3q|辛苦|thank|\bthx\b|cheers|dziek|pomogl",
        "praise": r"棒|厉害|点.?赞|大忙|答得|很好|great|awesome|perfect|nice (?:one|job)|well done|good (?:job|answer)"
        r"|\bbest\b|super|swietn|brawo|dobra robota",
        "agreed": r"^(?:ok\w*|好[的喔吧嘞]?|嗯+|行吧?|收到|明白|了解|知道了|懂了|rozumiem"
        r"|jasne|dobra|spoko|sure|got it|fine|right|alright|sounds good)(?!\w*你)\b",
        "greeting": r"你好|您好|哈[喽啰罗]|嗨|嘿|[早午]安|早上好|^早|上好|下午好|安安|在吗|有人"
        r"|hello|\bhi(?:ya)?\b|\bhey\b|\byo\b|howdy|good (?:morning|evening|afternoon|day)"
        r"|czesc|\bhej|\bsiem|witam|witaj|dzien dobry|dobry wieczor|\belo\b",
    },
    Kind.ASSISTANT: {
        "certain": r"真的|确定|确认|肯定|sure\b|really|certain|na pewno|serio|naprawde|jeste?s pew",
        "kept": r"记录|记住|记得|存|隐私|看得到|stor|record|remember|private|secret|zapis|zapamiet|podsluch",
        "languages": r"[语中英波](?:文|语)|[粤台]语|懂.{0,4}[语话]|语言(?!模型)|\bpo \w+sku\b|jezyk(?!ow)"
        r"|language(?! model)|\b(?:speak|understand|talk in)\b",
        "sources": r"资料|数据|来源|来自|依据|根据|哪[里儿]?来|靠谱|瞎编|更新|zrodl|skad|informacj|\bdanych?\b"
        r"|sources?\b|\bdata\b|come from|based on|trust|ufac|aktualn|up.to.date",
        "abilities": r"会什么|能(?:做|干|帮)|可以(?:做|帮)|会做|干[嘛啥]|有什么用|功能"
        r"|potrafi|umiesz|pomoc|pomaga|mozesz|what can|can you|help|able to",
    },
}
_SAID_COMPILED = {
    kind: [(said, re.compile(pattern)) for said, pattern in patterns.items()] for kind, patterns in _SAID.items()
}

_REPLIES: Mapping[str, Mapping[str, str]] = {
    "greeting": {
        "zh-Hans": "你好！想了解什么，直接问就行。",
        "zh-Hant": "你好！想了解什麼，直接問就可以。",
        "pl": "Dzień dobry! O co chcesz zapytać?",
        "en": "Hello! What would you like to know?",
    },
    "thanks": {
        "zh-Hans": "不客气！还想知道什么，接着问就好。",
        "zh-Hant": "不客氣！還想知道什麼，繼續問就好。",
        "pl": "Nie ma za co! Jeśli chcesz wiedzieć więcej, pytaj dalej.",
        "en": "You are welcome! Ask on if you would like to know more.",
    },
    "goodbye": {
        "zh-Hans": "再见！有问题随时回来问。",
        "zh-Hant": "再見！有問題隨時回來問。",
        "pl": "Do zobaczenia! Gdy pojawi się pytanie, wróć tu śmiało.",
        "en": "Goodbye! Come back whenever you have a question.",
    },
    "praise": {
        "zh-Hans": "谢谢夸奖，能帮上忙就好！",
        "zh-Hant": "謝謝誇獎，能幫上忙就好！",
        "pl": "Dziękuję, miło mi to słyszeć!",
        "en": "Thank you, that is good to hear!",
    },
    "agreed": {
        "zh-Hans": "好的，想问什么随时说。",
        "zh-Hant": "好的，想問什麼隨時說。",
        "pl": "W porządku. Gdy będzie pytanie, po prostu je wpisz.",
        "en": "All right. Type a question whenever you have one.",
    },
    "puzzled": {
        "zh-Hans": "答案用的是资料的原话。点开引文可以看上下文，也可以换个更具体的问法，比如只问其中一个词是什么意思。",
        "zh-Hant": "答案用的是資料的原話。點開引文可以看上下文，也可以換個更具體的問法，例如只問其中一個詞是什麼意思。",
        "pl": "Odpowiadam słowami źródeł. Otwórz przypis, aby zobaczyć całość, albo zapytaj o jedno słowo lub zdanie.",
        "en": "The answers are in the sources' own words. Open a citation to read on, or ask about one word of it.",
    },
    "certain": {
        "zh-Hans": "每句话都是资料的原文，点开后面的编号就能核对；资料本身对不对，还请你来判断。",
        "zh-Hant": "每句話都是資料的原文，點開後面的編號就能核對；資料本身對不對，還請你來判斷。",
        "pl": "Każde zdanie stoi w źródle; numer otwiera to miejsce. Czy źródło ma rację, to już inna sprawa.",
        "en": "Each sentence stands in a source, which its number opens. Whether the source is right, you judge.",
    },
    Kind.SMALL_TALK: {
        "zh-Hans": "闲聊我不太在行，不过很乐意回答资料里的问题。",
        "zh-Hant": "閒聊我不太在行，不過很樂意回答資料裡的問題。",
        "pl": "Rozmowa o wszystkim nie jest moją mocną stroną, ale o źródłach opowiem chętnie.",
        "en": "I am not much of a talker, but I am glad to answer from the sources.",
    },
    "kept": {
        "zh-Hans": "在网页上，对话保存在你自己的浏览器里；服务器还会记录什么，请问它的管理员。",
        "zh-Hant": "在網頁上，對話儲存在你自己的瀏覽器裡；伺服器還會記錄什麼，請問它的管理員。",
        "pl": "Na stronie rozmowa zostaje w Twojej przeglądarce; co poza tym zapisuje serwer, wie jego administrator.",
        "en": "The page keeps the conversation in your browser; what the server records, whoever runs it can tell.",
    },
    "languages": {
        "zh-Hans": "可以用简体中文、繁体中文、波兰语或英语提问。",
        "zh-Hant": "可以用簡體中文、繁體中文、波蘭文或英文提問。",
        "pl": "Możesz pytać po polsku, po chińsku (znakami uproszczonymi lub tradycyjnymi) i po angielsku.",
        "en": "You may ask in English, in Polish, and in Chinese, in Simplified or Traditional characters.",
    },
    "sources": {
        "zh-Hans": "我的回答都来自这个资料库收录的文档，每句话都标明出处，可以逐句核对。",
        "zh-Hant": "我的回答都來自這個資料庫收錄的文件，每句話都標明出處，可以逐句核對。",
        "pl": "Wszystkie odpowiedzi pochodzą z dokumentów w tej bibliotece, a przy każdym zdaniu stoi, z którego.",
        "en": "All my answers come from the documents in this library, and each sentence says from which.",
    },
    "abilities": {
        "zh-Hans": "我在这里的资料中查找答案，用原文回答，并注明出处；资料里没有的，我会直说。",
        "zh-Hant": "我在這裡的資料中查找答案，用原文回答，並註明出處；資料裡沒有的，我會直說。",
        "pl": "Szukam odpowiedzi w zebranych tu źródłach i przytaczam je; gdy źródła milczą, mówię to wprost.",
        "en": "I look for answers in the sources here and quote them; where the sources are silent, I say so.",
    },
    Kind.ASSISTANT: {
        "zh-Hans": "我是这个资料库的问答助手：你提问，我从资料里找出答案，并注明出处。",
        "zh-Hant": "我是這個資料庫的問答助理：你提問，我從資料裡找出答案，並註明出處。",
        "pl": "Jestem asystentem tej biblioteki: Ty pytasz, a ja szukam odpowiedzi w źródłach i je przytaczam.",
        "en": "I am this library's assistant: you ask, and I find the answer in the sources and say where it stands.",
    },
    Kind.OTHER: {
        "zh-Hans": "这个我帮不上忙：我只根据这里的资料回答问题。",
        "zh-Hant": "這個我幫不上忙：我只根據這裡的資料回答問題。",
        "pl": "W tym nie pomogę: odpowiadam tylko na pytania o to, co jest w zebranych tu źródłach.",
        "en": "I cannot help with that: I only answer questions from the sources here.",
    },
}


def reply(message: str, kind: Kind, language: str) -> str:
    """Return what is said, in `language`, to a message of a kind that the sources are not asked for."""
    form = fold(search_form(message.strip()))
    said = next((said for said, pattern in _SAID_COMPILED.get(kind, []) if pattern.search(form)), kind)
    return in_language(_REPLIES[said], language)
