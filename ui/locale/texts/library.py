"""Words of the library: zh-Hans, zh-Hant, pl, en."""

from __future__ import annotations

from ui.locale.texts import Plurals, Table

MESSAGES: Table = {
    "library_note": (
        "所有回答都出自这里的文档。",
        "所有回答都出自這裡的文件。",
        "Z tych dokumentów pochodzą wszystkie odpowiedzi.",
        "Every answer comes from these documents.",
    ),
    "library_empty": (
        "资料库还是空的。添加第一份文档，就可以开始提问。",
        "資料庫還是空的。加入第一份文件，就可以開始提問。",
        "Biblioteka jest jeszcze pusta. Dodaj pierwszy dokument, a potem pytaj.",
        "The library is still empty. Add a first document, then ask.",
    ),
    "drop_here": ("把文件拖到这里，或者", "把檔案拖到這裡，或者", "Upuść pliki tutaj albo", "Drop files here, or"),
    "choose_files": ("选择文件", "選擇檔案", "wybierz pliki", "choose files"),
    "kinds": (
        "PDF、Word、PowerPoint、EPUB、HTML、Markdown、纯文本；单个文件不超过 {most} MB",
        "PDF、Word、PowerPoint、EPUB、HTML、Markdown、純文字；單一檔案不超過 {most} MB",
        "PDF, Word, PowerPoint, EPUB, HTML, Markdown, tekst; do {most} MB na plik",
        "PDF, Word, PowerPoint, EPUB, HTML, Markdown, plain text; up to {most} MB a file",
    ),
    "uploads": ("正在添加的文件", "正在加入的檔案", "Dodawane pliki", "Files being added"),
    "uploading": ("正在上传", "正在上傳", "Wysyłanie", "Uploading"),
    "indexing": ("正在编入索引…", "正在編入索引…", "Indeksowanie…", "Indexing…"),
    "upload_waiting": ("等待中", "等待中", "Czeka", "Waiting"),
    "upload_added": ("已添加", "已加入", "Dodano", "Added"),
    "upload_skipped": ("已跳过", "已略過", "Pominięto", "Skipped"),
    "upload_failed": (
        "上传失败，请再试一次",
        "上傳失敗，請再試一次",
        "Nie udało się wysłać, spróbuj ponownie",
        "The upload failed; try again",
    ),
    "upload_and_why": ("：", "：", ": ", ": "),
    "upload_too_large": (
        "文件超过 {most} MB",
        "檔案超過 {most} MB",
        "Plik ma ponad {most} MB",
        "The file is larger than {most} MB",
    ),
    "filter": ("按标题筛选", "依標題篩選", "Filtruj po tytule", "Filter by title"),
    "filter_language": ("语言", "語言", "Język", "Language"),
    "all_languages": ("全部语言", "所有語言", "Wszystkie języki", "All languages"),
    "none_match": (
        "没有符合条件的文档。",
        "沒有符合條件的文件。",
        "Żaden dokument nie pasuje.",
        "No document matches.",
    ),
    "search_texts": ("在原文中搜索", "在原文中搜尋", "Szukaj w tekstach", "Search in the texts"),
    "search_again": ("返回全部文档", "返回所有文件", "Wróć do listy dokumentów", "Back to all documents"),
    "found_for": (
        "与“{query}”最接近的段落",
        "與「{query}」最接近的段落",
        "Fragmenty najbliższe zapytaniu „{query}”",
        "Passages closest to “{query}”",
    ),
    "nothing_found": ("没有找到相关段落。", "沒有找到相關段落。", "Nic nie znaleziono.", "Nothing was found."),
    "column_title": ("标题", "標題", "Tytuł", "Title"),
    "column_language": ("语言", "語言", "Język", "Language"),
    "column_passages": ("段落", "段落", "Fragmenty", "Passages"),
    "column_date": ("日期", "日期", "Data", "Date"),
    "column_size": ("大小", "大小", "Rozmiar", "Size"),
    "column_actions": ("操作", "操作", "Działania", "Actions"),
    "remove": ("移除", "移除", "Usuń", "Remove"),
    "remove_document": ("移除《{title}》", "移除《{title}》", "Usuń „{title}”", "Remove “{title}”"),
    "confirm_remove": ("移除《{title}》？", "移除《{title}》？", "Usunąć „{title}”?", "Remove “{title}”?"),
    "confirm_remove_note": (
        "移除后，回答不再引用这份文档。十分钟内、且资料库没有其他改动时可以撤销。",
        "移除後，回答不再引用這份文件。十分鐘內、且資料庫沒有其他變動時可以復原。",
        "Odpowiedzi przestaną cytować ten dokument. Usunięcie można cofnąć przez dziesięć minut, dopóki w bibliotece nic innego się nie zmieni.",
        "Answers will no longer cite it. For ten minutes, and until something else changes in the library, this can be undone.",
    ),
    "keep": ("保留", "保留", "Zostaw", "Keep it"),
    "removed_one": ("已移除《{title}》。", "已移除《{title}》。", "Usunięto „{title}”.", "“{title}” was removed."),
    "brought_back": ("已恢复《{title}》。", "已復原《{title}》。", "Przywrócono „{title}”.", "“{title}” is back."),
    "too_late": (
        "资料库在此期间有了改动，已无法恢复。",
        "資料庫在這期間有了變動，已無法復原。",
        "W bibliotece zaszły już inne zmiany i nie można tego cofnąć.",
        "The library has changed since, so this can no longer be undone.",
    ),
    "rebuild": ("重建索引", "重建索引", "Przebuduj indeks", "Rebuild the index"),
    "rebuild_note": (
        "重新读取所有文件并重新编码。期间照常可以阅读和提问。",
        "重新讀取所有檔案並重新編碼。期間照常可以閱讀和提問。",
        "Wszystkie pliki zostaną odczytane i zakodowane od nowa. Przez ten czas można normalnie czytać i pytać.",
        "Every file is read and encoded anew. Reading and asking go on meanwhile.",
    ),
    "rebuilding": ("正在重建索引", "正在重建索引", "Przebudowa indeksu", "Rebuilding the index"),
    "rebuilt": (
        "索引已重建，用时 {seconds} 秒。",
        "索引已重建，費時 {seconds} 秒。",
        "Indeks przebudowano w {seconds} s.",
        "The index was rebuilt in {seconds} s.",
    ),
    "job_failed": ("没有完成：{reason}", "沒有完成：{reason}", "Nie udało się: {reason}", "This failed: {reason}"),
    "library_locked": (
        "这个部署不允许在页面上改动资料库。",
        "這個部署不允許在頁面上更動資料庫。",
        "W tym wdrożeniu biblioteki nie można zmieniać na stronie.",
        "In this deployment the library cannot be changed from the page.",
    ),
    "editors_only": (
        "只有编辑者可以改动资料库。",
        "只有編輯者可以更動資料庫。",
        "Bibliotekę mogą zmieniać tylko redaktorzy.",
        "Only editors may change the library.",
    ),
    "kilobytes": ("{size} KB", "{size} KB", "{size} kB", "{size} kB"),
}

PLURALS: Plurals = {
    "passages": (
        ("{count} 个段落",),
        ("{count} 個段落",),
        ("{count} fragment", "{count} fragmenty", "{count} fragmentów"),
        ("{count} passage", "{count} passages"),
    ),
}
