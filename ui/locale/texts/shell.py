"""Words around every page: zh-Hans, zh-Hant, pl, en."""

from __future__ import annotations

from ui.locale.texts import Plurals, Table

MESSAGES: Table = {
    "product": ("CCO 知识库", "CCO 知識庫", "Baza wiedzy CCO", "CCO Knowledge Base"),
    "unreachable": (
        "连接不上服务器，请检查服务是否仍在运行。",
        "連不上伺服器，請確認服務是否仍在執行。",
        "Brak połączenia z serwerem. Sprawdź, czy nadal działa.",
        "The server cannot be reached. Check that it is still running.",
    ),
    "interface_language": ("界面语言", "介面語言", "Język strony", "Language of the page"),
    "navigation": ("页面", "頁面", "Strony", "Pages"),
    "sign_in": ("登录", "登入", "Zaloguj się", "Sign in"),
    "sign_out": ("退出登录（{name}）", "登出（{name}）", "Wyloguj się ({name})", "Sign out ({name})"),
    "skip": ("跳到内容", "跳到內容", "Przejdź do treści", "Skip to the content"),
    "nav_ask": ("提问", "提問", "Pytania", "Ask"),
    "nav_library": ("资料库", "資料庫", "Biblioteka", "Library"),
    "nav_concepts": ("概念", "概念", "Pojęcia", "Concepts"),
    "nav_evaluation": ("评测", "評測", "Ewaluacja", "Evaluation"),
    "nav_settings": ("设置", "設定", "Ustawienia", "Settings"),
}

PLURALS: Plurals = {
    "documents": (
        ("{count} 份文档",),
        ("{count} 份文件",),
        ("{count} dokument", "{count} dokumenty", "{count} dokumentów"),
        ("{count} document", "{count} documents"),
    ),
}
