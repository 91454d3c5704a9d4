"""Why a file was skipped, by the code of the reason (`corpus.reasons`): zh-Hans, zh-Hant, pl, en.

Each goes on after "skipped:". What only a programmer or the keeper of the server can use, such as what a library says
of a fault, stays with the command line.
"""

from __future__ import annotations

from ui.locale.texts import Plurals, Table

_WHY: Table = {
    # What is at a path.
    "does_not_exist": ("文件不存在", "檔案不存在", "plik nie istnieje", "the file does not exist"),
    "no_permission": (
        "没有读取权限",
        "沒有讀取權限",
        "brak uprawnień do odczytu",
        "there is no permission to read it",
    ),
    "unreadable": (
        "系统无法读取这个文件",
        "系統無法讀取這個檔案",
        "systemowi nie udało się odczytać pliku",
        "the system cannot read it",
    ),
    "is_a_folder": (
        "这是文件夹，不是文件",
        "這是資料夾，不是檔案",
        "to folder, nie plik",
        "it is a folder, not a file",
    ),
    "not_a_file": ("这不是普通文件", "這不是一般檔案", "to nie jest zwykły plik", "it is not a regular file"),
    "dead_link": (
        "链接指向的文件不存在",
        "連結指向的檔案不存在",
        "dowiązanie prowadzi donikąd",
        "it is a link that leads nowhere",
    ),
    "unknown_ending": (
        "不支持扩展名 {ending}；可以读取的有：{endings}",
        "不支援副檔名 {ending}；可以讀取的有：{endings}",
        "nieznane rozszerzenie {ending}; obsługiwane są: {endings}",
        "the ending {ending} is unknown; these are read: {endings}",
    ),
    "no_ending": (
        "文件没有扩展名；可以读取的有：{endings}",
        "檔案沒有副檔名；可以讀取的有：{endings}",
        "plik nie ma rozszerzenia; obsługiwane są: {endings}",
        "the file has no ending; these are read: {endings}",
    ),
    "no_source": (
        "里面没有可以读取的文件；可以读取的有：{endings}",
        "裡面沒有可以讀取的檔案；可以讀取的有：{endings}",
        "w środku nie ma żadnego obsługiwanego pliku; obsługiwane są: {endings}",
        "there is no file in it that can be read; these are read: {endings}",
    ),
    # What its bytes are.
    "empty": ("里面没有文字", "裡面沒有文字", "nie ma w nim tekstu", "there is no text in it"),
    "only_furniture": (
        "去掉菜单、页眉页脚之类的内容后，没有剩下正文",
        "去掉選單、頁首頁尾之類的內容後，沒有剩下正文",
        "po usunięciu menu i innych elementów strony nie zostaje żadna treść",
        "nothing is left once menus and other page furniture are gone",
    ),
    "too_large": (
        "大小为 {size} MB，超过 {most} MB 的上限；请拆成几个较小的文件",
        "大小為 {size} MB，超過 {most} MB 的上限；請拆成幾個較小的檔案",
        "plik ma {size} MB, a limit to {most} MB; podziel go na mniejsze",
        "it has {size} MB, above the limit of {most} MB; split it into smaller files",
    ),
    "other_bytes": (
        "内容不是“{kind}”，或者文件已损坏",
        "內容不是「{kind}」，或者檔案已毀損",
        "to nie jest {kind} albo plik jest uszkodzony",
        "it is not {kind}, or damaged",
    ),
    "looks_like": (
        "内容看起来是“{looks}”，而不是“{kind}”；请改用正确的扩展名",
        "內容看起來是「{looks}」，而不是「{kind}」；請改用正確的副檔名",
        "wygląda jak {looks}, a nie jak {kind}; nadaj mu właściwe rozszerzenie",
        "it looks like {looks}, not like {kind}; give it the ending of what it is",
    ),
    "binary": (
        "这不像文本文件：第 {byte} 个字节处有空字符",
        "這不像文字檔：第 {byte} 個位元組處有空字元",
        "to nie wygląda na tekst: bajt {byte} jest zerowy",
        "it does not look like text: byte {byte} is zero",
    ),
    "binary_text": (
        "这不像文本文件：第 {character} 个字符处有空字符",
        "這不像文字檔：第 {character} 個字元處有空字元",
        "to nie wygląda na tekst: znak {character} jest zerowy",
        "it does not look like text: character {character} is zero",
    ),
    "broken_utf8": (
        "UTF-8 编码从第 {byte} 个字节起出错；请重新存为 UTF-8",
        "UTF-8 編碼從第 {byte} 個位元組起出錯；請重新存成 UTF-8",
        "kodowanie UTF-8 psuje się od bajtu {byte}; zapisz plik ponownie w UTF-8",
        "its UTF-8 is broken at byte {byte}; save it again as UTF-8",
    ),
    "broken_marked": (
        "文件开头标明 {encoding} 编码，但从第 {byte} 个字节起出错；请重新存为 UTF-8",
        "檔案開頭標明 {encoding} 編碼，但從第 {byte} 個位元組起出錯；請重新存成 UTF-8",
        "plik jest oznaczony jako {encoding}, ale psuje się od bajtu {byte}; zapisz go ponownie w UTF-8",
        "it is marked as {encoding} but broken at byte {byte}; save it again as UTF-8",
    ),
    "unknown_encoding": (
        "无法识别文字编码；请存为 UTF-8",
        "無法辨識文字編碼；請存成 UTF-8",
        "nie udało się rozpoznać kodowania; zapisz plik w UTF-8",
        "its encoding is unknown; save it as UTF-8",
    ),
    # What keeps it from being read.
    "encrypted": (
        "文件设有密码；请取消密码后重新添加",
        "檔案設有密碼；請移除密碼後重新加入",
        "plik jest zabezpieczony hasłem; zapisz go bez hasła i dodaj ponownie",
        "it is protected by a password; save it without one and add it again",
    ),
    "copy_protected": (
        "这本书有版权保护（DRM）；只能读取没有保护的书",
        "這本書有版權保護（DRM）；只能讀取沒有保護的書",
        "książka jest zabezpieczona przed kopiowaniem (DRM); można czytać tylko książki bez zabezpieczeń",
        "the book is protected against copying (DRM); only books without it can be read",
    ),
    "scan": (
        "这是扫描件，没有文字层（共 {count} 页）；请先用 ocrmypdf 之类的程序识别文字",
        "這是掃描檔，沒有文字層（共 {count} 頁）；請先用 ocrmypdf 之類的程式辨識文字",
        "to skan bez warstwy tekstowej (liczba stron: {count}); najpierw rozpoznaj tekst, np. programem ocrmypdf",
        "it is a scan without a text layer (pages: {count}); have a program such as ocrmypdf recognise its text first",
    ),
    "scanned_pages": (
        "第 {pages} 页是图片，没有文字层，未能读入；可先用 ocrmypdf 之类的程序识别文字",
        "第 {pages} 頁是圖片，沒有文字層，未能讀入；可先用 ocrmypdf 之類的程式辨識文字",
        "strony bez tekstu, same obrazy (numery: {pages}), pominięto; rozpoznaj tekst, np. programem ocrmypdf",
        "pages that are pictures without text (numbers: {pages}) were left out; have a program such as ocrmypdf "
        "recognise their text first",
    ),
    "old_office": (
        "这是旧版 Office 文件；请在新版中打开，另存为新格式",
        "這是舊版 Office 檔案；請用新版開啟，另存成新格式",
        "to plik starego pakietu Office; otwórz go i zapisz w nowym formacie",
        "it is a file of an old Office; open it and save it in today's format",
    ),
    "library_missing": (
        "服务器上没有安装读取这种文件所需的组件（{library}）；请告知管理员",
        "伺服器上沒有安裝讀取這種檔案所需的元件（{library}）；請告知管理員",
        "na serwerze brakuje składnika do czytania takich plików ({library}); powiadom administratora",
        "the server lacks what reads such files ({library}); tell whoever keeps it",
    ),
    "archive_in_archive": (
        "这是压缩包里的压缩包；请先解压",
        "這是壓縮檔裡的壓縮檔；請先解壓縮",
        "to archiwum w archiwum; najpierw je rozpakuj",
        "it is an archive in an archive; unpack it first",
    ),
    "declares_entities": (
        "其中的 {part} 声明了 XML 实体，为安全起见不予读取",
        "其中的 {part} 宣告了 XML 實體，為了安全不予讀取",
        "{part} deklaruje encje XML; ze względów bezpieczeństwa takie pliki nie są czytane",
        "its {part} declares XML entities; for safety such files are not read",
    ),
    "several_documents": (
        "里面有 {count} 份文档，应当只有一份",
        "裡面有 {count} 份文件，應該只有一份",
        "powinien być jeden dokument, a jest ich więcej (liczba: {count})",
        "one document was expected, and it holds {count}",
    ),
    # What it costs.
    "too_many": (
        "超过 {amount}；请拆成几个较小的文件",
        "超過 {amount}；請拆成幾個較小的檔案",
        "plik ma więcej niż {amount}; podziel go na mniejsze",
        "it has more than {amount}; split it into smaller files",
    ),
    "too_slow": (
        "读取时间超过 {seconds} 秒；请拆成几个较小的文件",
        "讀取時間超過 {seconds} 秒；請拆成幾個較小的檔案",
        "odczyt trwał ponad {seconds} s; podziel plik na mniejsze",
        "reading it takes longer than {seconds} s; split it into smaller files",
    ),
    "too_much_memory": (
        "读取所需内存超过 {most} MB；请拆成几个较小的文件",
        "讀取所需記憶體超過 {most} MB；請拆成幾個較小的檔案",
        "odczyt wymaga ponad {most} MB pamięci; podziel plik na mniejsze",
        "reading it takes more than {most} MB of memory; split it into smaller files",
    ),
    "nested_too_deep": (
        "内容嵌套太深，无法读取",
        "內容巢狀太深，無法讀取",
        "jego części są zbyt głęboko zagnieżdżone",
        "it is nested too deep to be read",
    ),
    "nested_lists": (
        "列表或引用的嵌套超过 {most} 层",
        "清單或引用的巢狀超過 {most} 層",
        "listy lub cytaty są zagnieżdżone głębiej niż na {most} poziomów",
        "its lists or quotes are more than {most} deep within each other",
    ),
    # How it is damaged.
    "damaged": (
        "文件已损坏，无法作为“{kind}”读取",
        "檔案已毀損，無法當作「{kind}」讀取",
        "plik jest uszkodzony; nie da się go odczytać jako: {kind}",
        "it is damaged and cannot be read as {kind}",
    ),
    "damaged_zip": (
        "文件已损坏或不完整",
        "檔案已毀損或不完整",
        "plik jest uszkodzony lub niepełny",
        "it is damaged or incomplete",
    ),
    "damaged_pdf": (
        "PDF 文件已损坏或不完整",
        "PDF 檔已毀損或不完整",
        "plik PDF jest uszkodzony lub niepełny",
        "the PDF is damaged or incomplete",
    ),
    "part_missing": (
        "文件已损坏：缺少 {part}",
        "檔案已毀損：缺少 {part}",
        "plik jest uszkodzony: brakuje w nim {part}",
        "it is damaged: {part} is missing",
    ),
    "part_damaged": (
        "文件已损坏：{part} 无法解压",
        "檔案已毀損：{part} 無法解壓縮",
        "plik jest uszkodzony: nie da się rozpakować {part}",
        "it is damaged: {part} cannot be unpacked",
    ),
    "part_no_xml": (
        "文件已损坏：{part} 不是完整的 XML",
        "檔案已毀損：{part} 不是完整的 XML",
        "plik jest uszkodzony: {part} nie jest pełnym plikiem XML",
        "it is damaged: {part} is no whole XML",
    ),
    "part_without_text": (
        "文件已损坏：{part} 里没有正文",
        "檔案已毀損：{part} 裡沒有正文",
        "plik jest uszkodzony: w {part} nie ma tekstu",
        "it is damaged: {part} holds no text",
    ),
    "no_book": (
        "电子书已损坏：找不到目录信息",
        "電子書已毀損：找不到目錄資訊",
        "książka jest uszkodzona: brakuje jej opisu",
        "the book is damaged: its description is missing",
    ),
    "no_html": (
        "里面没有可以读取的 HTML",
        "裡面沒有可以讀取的 HTML",
        "nie ma w nim czytelnego kodu HTML",
        "it holds no HTML that can be read",
    ),
    "no_table": (
        "表格已损坏：应当每行一条记录",
        "表格已毀損：應該每列一筆資料",
        "tabela jest uszkodzona: każdy wiersz pliku powinien być wierszem tabeli",
        "the table is damaged: one row a line is expected",
    ),
    "no_process": (
        "没有读取：这台服务器无法启动读取文件的进程，请联系管理员",
        "沒有讀取：這台伺服器無法啟動讀取檔案的程序，請聯絡管理員",
        "pliku nie odczytano: na tym serwerze nie daje się uruchomić procesu, który czyta pliki; powiedz o tym administratorowi",
        "it was not read: the process that reads files does not start on this server; tell whoever runs it",
    ),
    "broke_off": (
        "文件已损坏：读取过程意外中断",
        "檔案已毀損：讀取過程意外中斷",
        "plik jest uszkodzony: jego odczyt nagle się urwał",
        "it is damaged: reading it broke off",
    ),
    "broke_reader": (
        "读取时出错，无法读取这个文件",
        "讀取時發生錯誤，無法讀取這個檔案",
        "przy odczycie wystąpił błąd i pliku nie da się odczytać",
        "reading it failed with an error",
    ),
    # What is wrong with one of its lines.
    "line_no_json": (
        "第 {line} 行不是 JSON",
        "第 {line} 行不是 JSON",
        "wiersz {line} to nie JSON",
        "line {line} is not JSON",
    ),
    "line_no_object": (
        '第 {line} 行应当是一个对象，例如 {{"question": "…", "answer": "…"}}',
        '第 {line} 行應該是一個物件，例如 {{"question": "…", "answer": "…"}}',
        'w wierszu {line} powinien być obiekt, np. {{"question": "…", "answer": "…"}}',
        'line {line} should be an object such as {{"question": "…", "answer": "…"}}',
    ),
    "line_lacks": (
        "第 {line} 行缺少 {lacking}",
        "第 {line} 行缺少 {lacking}",
        "w wierszu {line} brakuje {lacking}",
        "line {line} has no {lacking}",
    ),
    "front_unclosed": (
        "第 {line} 行开始的元数据没有用一行 --- 结束",
        "第 {line} 行開始的中繼資料沒有用一行 --- 結束",
        "metadane zaczęte w wierszu {line} nie są zamknięte wierszem ---",
        "the front matter opened in line {line} is never closed by a line ---",
    ),
    "front_no_yaml": (
        "第 {line} 行的元数据不是正确的 YAML",
        "第 {line} 行的中繼資料不是正確的 YAML",
        "metadane w wierszu {line} nie są poprawnym YAML-em",
        "the front matter in line {line} is broken YAML",
    ),
    "front_no_mapping": (
        "第 {line} 行起的元数据应当写成“键: 值”的形式",
        "第 {line} 行起的中繼資料應該寫成「鍵: 值」的形式",
        "metadane od wiersza {line} powinny mieć postać „klucz: wartość”",
        "the front matter from line {line} must be lines of “key: value”",
    ),
    "front_no_string": (
        "第 {line} 行：{name} 的值应当是文字；请加上引号",
        "第 {line} 行：{name} 的值應該是文字；請加上引號",
        "wiersz {line}: wartość {name} powinna być tekstem; ujmij ją w cudzysłów",
        "line {line}: {name} must be a string; put it in quotes",
    ),
    "front_id": (
        "第 {line} 行：id 不能写成 {got}，请改为 {better}",
        "第 {line} 行：id 不能寫成 {got}，請改為 {better}",
        "wiersz {line}: id nie może mieć postaci {got}; wpisz {better}",
        "line {line}: the id {got} does not do; write {better}",
    ),
    "front_language": (
        "第 {line} 行：不认识语言 {got}；请写 {tags} 之一",
        "第 {line} 行：不認得語言 {got}；請寫 {tags} 其中之一",
        "wiersz {line}: nieznany język {got}; wpisz jeden z: {tags}",
        "line {line}: the language {got} is unknown; write one of {tags}",
    ),
    # What is known of it already.
    "same_as_before": (
        "与前面一个文件内容相同",
        "與前面一個檔案內容相同",
        "ma tę samą treść co jeden z wcześniejszych plików",
        "it holds the same as a file before it",
    ),
    "there_already": (
        "资料库里已有相同的内容：{document}",
        "資料庫裡已有相同的內容：{document}",
        "ta treść jest już w bibliotece: {document}",
        "the library holds this already: {document}",
    ),
    "nothing_left": ("没有可以添加的内容", "沒有可以加入的內容", "nie ma czego dodać", "there is nothing to add"),
}

_KINDS: Table = {
    "markdown": ("Markdown 文件", "Markdown 檔", "plik Markdown", "a Markdown file"),
    "plain": ("纯文本", "純文字檔", "zwykły tekst", "plain text"),
    "html": ("网页", "網頁", "strona HTML", "an HTML page"),
    "pdf": ("PDF 文件", "PDF 檔", "plik PDF", "a PDF"),
    "docx": ("Word 文档", "Word 文件", "dokument Worda", "a Word file"),
    "pptx": ("PowerPoint 演示文稿", "PowerPoint 簡報", "prezentacja PowerPointa", "a PowerPoint file"),
    "odt": ("OpenDocument 文本", "OpenDocument 文字文件", "dokument OpenDocument", "an OpenDocument text"),
    "epub": ("EPUB 电子书", "EPUB 電子書", "książka EPUB", "an EPUB book"),
    "table": ("CSV 表格", "CSV 表格", "tabela CSV", "a CSV table"),
    "pairs": ("JSONL 文件", "JSONL 檔", "plik JSONL", "a JSONL file"),
    "zip": ("ZIP 压缩包", "ZIP 壓縮檔", "archiwum ZIP", "a ZIP archive"),
    "zip_or_office": (
        "ZIP 压缩包或 Office 文件",
        "ZIP 壓縮檔或 Office 檔案",
        "archiwum ZIP albo plik pakietu Office",
        "a ZIP archive or an Office file",
    ),
    "png": ("PNG 图片", "PNG 圖片", "obraz PNG", "a PNG image"),
    "jpeg": ("JPEG 图片", "JPEG 圖片", "obraz JPEG", "a JPEG image"),
    "gif": ("GIF 图片", "GIF 圖片", "obraz GIF", "a GIF image"),
    "old_office": ("旧版 Office 文件", "舊版 Office 檔案", "plik starego pakietu Office", "an old Office file"),
    "gzip": ("gzip 压缩包", "gzip 壓縮檔", "archiwum gzip", "a gzip archive"),
    "rar": ("RAR 压缩包", "RAR 壓縮檔", "archiwum RAR", "a RAR archive"),
    "seven_zip": ("7-Zip 压缩包", "7-Zip 壓縮檔", "archiwum 7-Zip", "a 7-Zip archive"),
    "rtf": ("RTF 文件", "RTF 檔", "plik RTF", "an RTF file"),
    "program": ("可执行程序", "執行檔", "program", "a program"),
}

MESSAGES: Table = (
    {f"why_{code}": row for code, row in _WHY.items()}
    | {f"filekind_{kind}": row for kind, row in _KINDS.items()}
    | {
        "reason_of": ("{name}：{reason}", "{name}：{reason}", "{name}: {reason}", "{name}: {reason}"),
        "reason_such_as": (
            "{reason}（例如 {example}）",
            "{reason}（例如 {example}）",
            "{reason} (na przykład {example})",
            "{reason} (such as {example})",
        ),
        "reason_next": ("；", "；", "; ", "; "),
        "listed_next": ("、", "、", ", ", ", "),
    }
)

PLURALS: Plurals = {
    "most_pages": (
        ("{count} 页",),
        ("{count} 頁",),
        ("{count} stronę", "{count} strony", "{count} stron"),
        ("{count} page", "{count} pages"),
    ),
    "most_slides": (
        ("{count} 张幻灯片",),
        ("{count} 張投影片",),
        ("{count} slajd", "{count} slajdy", "{count} slajdów"),
        ("{count} slide", "{count} slides"),
    ),
    "most_elements": (
        ("{count} 个段落、列表项和表格行",),
        ("{count} 個段落、清單項目和表格列",),
        (
            "{count} akapit, punkt lub wiersz tabeli",
            "{count} akapity, punkty i wiersze tabel",
            "{count} akapitów, punktów i wierszy tabel",
        ),
        ("{count} paragraph, item or row", "{count} paragraphs, items and rows"),
    ),
    "most_lines": (
        ("{count} 行",),
        ("{count} 行",),
        ("{count} wiersz", "{count} wiersze", "{count} wierszy"),
        ("{count} line", "{count} lines"),
    ),
    "most_characters": (
        ("{count} 个字符",),
        ("{count} 個字元",),
        ("{count} znak", "{count} znaki", "{count} znaków"),
        ("{count} character", "{count} characters"),
    ),
    "most_files": (
        ("{count} 个文件",),
        ("{count} 個檔案",),
        ("{count} plik", "{count} pliki", "{count} plików"),
        ("{count} file", "{count} files"),
    ),
    "most_megabytes": (
        ("{count} MB（解压后）",),
        ("{count} MB（解壓縮後）",),
        ("{count} MB po rozpakowaniu", "{count} MB po rozpakowaniu", "{count} MB po rozpakowaniu"),
        ("{count} MB when unpacked", "{count} MB when unpacked"),
    ),
    "more_skipped": (
        ("另有 {count} 个文件",),
        ("另有 {count} 個檔案",),
        ("i jeszcze {count} plik", "i jeszcze {count} pliki", "i jeszcze {count} plików"),
        ("and {count} more file", "and {count} more files"),
    ),
}
