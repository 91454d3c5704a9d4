"""The same twenty-four sentences in each language: they tell where a model places a language, whatever the subject.

`measure` encodes them once per model, as documents and as questions. The difference between two languages' means is
the model's offset between these languages; the difference between the two encodings of one language is what the
question prompt does to it. Both are needed where the indexed texts alone cannot tell.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from corpus.text.normalize import encoder_form
from retrieval.models.encoder import Encoder

PROBES: dict[str, tuple[str, ...]] = {
    "zh-Hans": (
        "公司去年的收入增长了百分之十二。",
        "谁负责这个项目的预算?",
        "会议改到星期四下午三点。",
        "这座城市有三百多年的历史。",
        "为什么订单延迟了两周?",
        "医生建议他每天走路半小时。",
        "新的仓库位于机场附近。",
        "如何申请退款?",
        "这份报告比较了三种不同的方法。",
        "员工可以在网上报名参加培训。",
        "她在大学里学的是化学。",
        "这项服务每个月多少钱?",
        "工厂因为停电关闭了两天。",
        "客人对早餐的质量表示满意。",
        "他们什么时候签的合同?",
        "软件更新之后,系统变得更稳定了。",
        "我们需要更多的数据才能做出决定。",
        "哪些国家参加了这次比赛?",
        "火车票可以提前一个月预订。",
        "经理向董事会汇报了结果。",
        "图书馆星期天不开放。",
        "两种产品之间有什么区别?",
        "价格上涨使销量下降。",
        "孩子们在公园里踢足球。",
    ),
    "zh-Hant": (
        "公司去年的營收成長了百分之十二。",
        "誰負責這個專案的預算?",
        "會議改到星期四下午三點。",
        "這座城市有三百多年的歷史。",
        "為什麼訂單延遲了兩週?",
        "醫生建議他每天走路半小時。",
        "新的倉庫位於機場附近。",
        "如何申請退款?",
        "這份報告比較了三種不同的方法。",
        "員工可以在網路上報名參加訓練。",
        "她在大學裡讀的是化學。",
        "這項服務每個月多少錢?",
        "工廠因為停電關閉了兩天。",
        "客人對早餐的品質表示滿意。",
        "他們什麼時候簽的合約?",
        "軟體更新之後,系統變得更穩定了。",
        "我們需要更多的資料才能做出決定。",
        "哪些國家參加了這次比賽?",
        "火車票可以提前一個月預訂。",
        "經理向董事會報告了結果。",
        "圖書館星期天不開放。",
        "兩種產品之間有什麼差別?",
        "價格上漲使銷量下降。",
        "孩子們在公園裡踢足球。",
    ),
    "pl": (
        "W zeszłym roku przychody firmy wzrosły o dwanaście procent.",
        "Kto odpowiada za budżet tego projektu?",
        "Spotkanie przeniesiono na czwartek na godzinę piętnastą.",
        "To miasto ma ponad trzysta lat.",
        "Dlaczego zamówienie opóźniło się o dwa tygodnie?",
        "Lekarz zalecił mu codzienny półgodzinny spacer.",
        "Nowy magazyn znajduje się w pobliżu lotniska.",
        "Jak złożyć wniosek o zwrot pieniędzy?",
        "Raport porównuje trzy różne metody.",
        "Pracownicy mogą zapisać się na szkolenie przez internet.",
        "Na uniwersytecie studiowała chemię.",
        "Ile kosztuje ta usługa miesięcznie?",
        "Z powodu awarii prądu fabryka stała przez dwa dni.",
        "Goście byli zadowoleni z jakości śniadania.",
        "Kiedy podpisali umowę?",
        "Po aktualizacji oprogramowania system działa stabilniej.",
        "Potrzebujemy więcej danych, żeby podjąć decyzję.",
        "Które kraje wzięły udział w tych zawodach?",
        "Bilety na pociąg można rezerwować z miesięcznym wyprzedzeniem.",
        "Kierownik przedstawił wyniki zarządowi.",
        "Biblioteka jest w niedzielę nieczynna.",
        "Czym różnią się te dwa produkty?",
        "Wzrost cen spowodował spadek sprzedaży.",
        "Dzieci grają w parku w piłkę nożną.",
    ),
    "en": (
        "The company's revenue grew by twelve per cent last year.",
        "Who is responsible for the budget of this project?",
        "The meeting has been moved to Thursday at three in the afternoon.",
        "This city is more than three hundred years old.",
        "Why was the order delayed by two weeks?",
        "The doctor advised him to walk for half an hour every day.",
        "The new warehouse is near the airport.",
        "How do I apply for a refund?",
        "The report compares three different methods.",
        "Employees can sign up for the training online.",
        "She studied chemistry at university.",
        "How much does this service cost per month?",
        "The factory was closed for two days because of a power cut.",
        "The guests were happy with the quality of the breakfast.",
        "When did they sign the contract?",
        "After the software update the system became more stable.",
        "We need more data before we can decide.",
        "Which countries took part in this competition?",
        "Train tickets can be booked a month in advance.",
        "The manager reported the results to the board.",
        "The library is closed on Sundays.",
        "What is the difference between the two products?",
        "Higher prices led to lower sales.",
        "The children are playing football in the park.",
    ),
}


@dataclass(frozen=True)
class ProbeMeans:
    """Mean vectors of the probe sentences by language, each of shape `(dimension,)`, float32."""

    documents: dict[str, np.ndarray]
    questions: dict[str, np.ndarray]


def measure(encoder: Encoder) -> ProbeMeans:
    """Encode the probes with `encoder` both ways."""
    documents, questions = {}, {}
    for language, sentences in PROBES.items():
        forms = [encoder_form(sentence) for sentence in sentences]
        documents[language] = encoder.encode_documents(forms).mean(axis=0)
        questions[language] = encoder.encode_queries(forms).mean(axis=0)
    return ProbeMeans(documents, questions)
