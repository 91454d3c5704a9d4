"""Words of the page that is shown while the program starts: zh-Hans, zh-Hant, pl, en."""

from __future__ import annotations

from ui.locale.texts import Plurals, Table

MESSAGES: Table = {
    "starting": ("正在启动", "正在啟動", "Uruchamianie", "Starting"),
    "step_program": ("正在加载程序", "正在載入程式", "Wczytywanie programu", "Loading the program"),
    "step_model": (
        "正在加载语言模型",
        "正在載入語言模型",
        "Wczytywanie modelu językowego",
        "Loading the language model",
    ),
    "step_reading": ("正在读取资料", "正在讀取資料", "Czytanie źródeł", "Reading the sources"),
    "step_encoding": ("正在建立索引", "正在建立索引", "Tworzenie indeksu", "Making the index"),
    "step_page": ("正在准备页面", "正在準備頁面", "Przygotowywanie strony", "Preparing the page"),
    "step_count": ("{done} / {total}", "{done} / {total}", "{done} z {total}", "{done} of {total}"),
    "starting_then": (
        "启动完成后，页面会自动打开。",
        "啟動完成後，頁面會自動開啟。",
        "Strona otworzy się sama, gdy tylko wszystko będzie gotowe.",
        "The page opens by itself as soon as everything is ready.",
    ),
    "too_fast": (
        "您的操作太频繁了。",
        "您的操作太頻繁了。",
        "W krótkim czasie wysłano z tego miejsca zbyt wiele żądań.",
        "Too many requests came from here in a short time.",
    ),
    "users_unavailable": (
        "暂时无法核对用户身份。",
        "目前無法確認使用者身分。",
        "W tej chwili nie można sprawdzić, kto jest użytkownikiem.",
        "Users cannot be looked up at the moment.",
    ),
    "nobody_here": (
        "这个网站还没有任何用户，因此无法经代理访问。管理员可以用 cco users add NAME 添加用户，或用 cco serve --open 向所有人开放提问。",
        "這個網站還沒有任何使用者，因此無法透過代理伺服器使用。管理員可以用 cco users add NAME 新增使用者，"
        "或用 cco serve --open 開放所有人提問。",
        "Ta strona nie ma jeszcze żadnych użytkowników, więc przez serwer pośredniczący nikt nie może z niej korzystać. "
        "Administrator może dodać użytkownika (cco users add NAME) albo pozwolić pytać wszystkim (cco serve --open).",
        "This site has no users yet, so nobody can use it through a proxy. Whoever runs it can add a user "
        "(cco users add NAME) or let everyone ask (cco serve --open).",
    ),
    "tried_again": (
        "页面将在 {seconds} 秒后自动重试。",
        "頁面將在 {seconds} 秒後自動重試。",
        "Strona spróbuje ponownie sama za {seconds} s.",
        "The page tries again by itself in {seconds} s.",
    ),
    "starting_gone": (
        "程序已退出，或无法连接。请查看启动程序的终端，那里写有原因。",
        "程式已結束，或無法連線。請查看啟動程式的終端機，那裡寫有原因。",
        "Program zakończył działanie albo nie ma z nim połączenia. Przyczynę podaje terminal, w którym go uruchomiono.",
        "The program has ended, or cannot be reached. The terminal in which it was started says why.",
    ),
}

PLURALS: Plurals = {}
