"""Words of the page that is shown while the program starts: zh-Hans, zh-Hant, pl, en."""

from __future__ import annotations

from ui.texts import Plurals, Table

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
    "starting_gone": (
        "程序已退出，或无法连接。请查看启动程序的终端，那里写有原因。",
        "程式已結束，或無法連線。請查看啟動程式的終端機，那裡寫有原因。",
        "Program zakończył działanie albo nie ma z nim połączenia. Przyczynę podaje terminal, w którym go uruchomiono.",
        "The program has ended, or cannot be reached. The terminal in which it was started says why.",
    ),
}

PLURALS: Plurals = {}
