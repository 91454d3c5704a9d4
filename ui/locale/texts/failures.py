"""Why work failed, and what is wrong with a file of questions (`kb.evaluation.sets.faults`): zh-Hans, zh-Hant, pl, en."""

from __future__ import annotations

from ui.locale.texts import Plurals, Table

_FAULTS: Table = {
    "no_json": (
        "不是正确的 JSON（第 {column} 个字符处）",
        "不是正確的 JSON（第 {column} 個字元處）",
        "niepoprawny JSON (znak {column})",
        "not JSON (at character {column})",
    ),
    "half_character": (
        "含有不完整的字符",
        "含有不完整的字元",
        "zawiera niepełny znak",
        "holds half a character",
    ),
    "too_deep": (
        "嵌套的层数太多，不是问题",
        "巢狀的層數太多，不是問題",
        "zagnieżdżenie jest zbyt głębokie; to nie jest pytanie",
        "nested too deeply to be a question",
    ),
    "no_object": (
        "应当是一个 JSON 对象",
        "應該是一個 JSON 物件",
        "powinien to być obiekt JSON",
        "a JSON object is expected",
    ),
    "lacks": ("缺少“{key}”", "缺少「{key}」", "brak klucza „{key}”", "there is no “{key}”"),
    "lacks_but": (
        "缺少“{key}”；是不是写成了“{near}”？",
        "缺少「{key}」；是不是寫成了「{near}」？",
        "brak klucza „{key}”; czy chodziło o „{near}”?",
        "there is no “{key}”; was “{near}” meant?",
    ),
    "no_words": (
        "“{key}”应当是一段文字，不能为空",
        "「{key}」應該是一段文字，不能空白",
        "wartość „{key}” powinna być niepustym tekstem",
        "“{key}” must be a string with words",
    ),
    "no_list": (
        "“{key}”应当是一组文字，写在方括号里",
        "「{key}」應該是一組文字，寫在方括號裡",
        "wartość „{key}” powinna być listą tekstów",
        "“{key}” must be a list of strings",
    ),
    "odd_item": (
        "“{key}”里的每一项都应当是文字，{got} 不是",
        "「{key}」裡的每一項都應該是文字，{got} 不是",
        "każdy element listy „{key}” powinien być niepustym tekstem, a {got} nim nie jest",
        "“{key}” must be a list of strings, which {got} is not",
    ),
    "language": (
        "“language”不能是 {got}，应为 {tags} 之一",
        "「language」不能是 {got}，應為 {tags} 其中之一",
        "wartość „language” to {got}, a powinna być jedną z: {tags}",
        "“language” is {got}, expected one of {tags}",
    ),
    "no_string": (
        "“{key}”应当是文字",
        "「{key}」應該是文字",
        "wartość „{key}” powinna być tekstem",
        "“{key}” must be a string",
    ),
    "id_twice": (
        "id {got} 与第 {earlier} 行的重复",
        "id {got} 與第 {earlier} 行的重複",
        "identyfikator {got} występuje już w wierszu {earlier}",
        "the id {got} stands in line {earlier} already",
    ),
    "unreadable": (
        "系统无法读取这个文件",
        "系統無法讀取這個檔案",
        "systemowi nie udało się odczytać pliku",
        "the system cannot read the file",
    ),
    "no_utf8": (
        "不是 UTF-8 编码（第 {byte} 个字节处）；请存为 UTF-8",
        "不是 UTF-8 編碼（第 {byte} 個位元組處）；請存成 UTF-8",
        "to nie jest UTF-8 (bajt {byte}); zapisz plik w UTF-8",
        "not UTF-8 (at byte {byte}); save it as UTF-8",
    ),
    "holds_none": (
        "里面没有问题；应当每行一个 JSON 对象",
        "裡面沒有問題；應該每行一個 JSON 物件",
        "nie ma w nim pytań; w każdym wierszu powinien być jeden obiekt JSON",
        "it holds no question; one JSON object a line is expected",
    ),
    "squad": (
        "这是 SQuAD 格式的文件；请在命令行用 cco eval --squad 评测",
        "這是 SQuAD 格式的檔案；請在命令列用 cco eval --squad 評測",
        "to plik w formacie SQuAD; uruchom go z wiersza poleceń: cco eval --squad",
        "it is in SQuAD’s format; run it from the command line with cco eval --squad",
    ),
    "one_list": (
        "整个文件是一个列表；应当每行一个 JSON 对象，不加方括号和逗号",
        "整個檔案是一個清單；應該每行一個 JSON 物件，不加方括號和逗號",
        "cały plik to jedna lista; w każdym wierszu powinien być jeden obiekt JSON, bez nawiasów i przecinków listy",
        "it is one list; one JSON object a line is expected, without the list’s brackets and commas",
    ),
    "run": (
        "这是一次评测的结果，不是问题集",
        "這是一次評測的結果，不是問題集",
        "to wynik przebiegu, a nie zestaw pytań",
        "it is the outcome of a run, not a question set",
    ),
    "no_set": (
        '这不是问题集：每行应当是一个 JSON 对象，例如 {{"question": "…", "answers": ["…"]}}',
        '這不是問題集：每行應該是一個 JSON 物件，例如 {{"question": "…", "answers": ["…"]}}',
        'to nie jest zestaw pytań: w każdym wierszu powinien być obiekt JSON, np. {{"question": "…", "answers": ["…"]}}',
        'it is no question set: each line should be a JSON object such as {{"question": "…", "answers": ["…"]}}',
    ),
    "no_run": (
        "这个文件不是评测结果",
        "這個檔案不是評測結果",
        "ten plik nie zawiera wyniku przebiegu",
        "this file is not the outcome of a run",
    ),
    "broken_off": (
        "这次评测没有完成",
        "這次評測沒有完成",
        "ten przebieg został przerwany",
        "this run was broken off",
    ),
    "figures_only": (
        "这次评测只留下了汇总数字，不能逐题对比",
        "這次評測只留下彙總數字，無法逐題比較",
        "ten przebieg zawiera same wskaźniki, bez pojedynczych pytań, więc nie ma czego porównać",
        "this run has figures alone and no questions to compare",
    ),
    "index_changed": (
        "评测进行时资料库有改动；请重新评测",
        "評測進行時資料庫有變動；請重新評測",
        "w trakcie przebiegu biblioteka się zmieniła; uruchom go jeszcze raz",
        "the library was changed during the run; run it again",
    ),
    "settings_changed": (
        "评测进行时设置有改动；请重新评测",
        "評測進行時設定有變動；請重新評測",
        "w trakcie przebiegu zmieniły się ustawienia; uruchom go jeszcze raz",
        "the settings were changed during the run; run it again",
    ),
    "nothing_in_common": (
        "两次评测没有一个共同的、资料能够回答的问题；请比较用同一问题集做的评测",
        "兩次評測沒有任何共同的、資料能夠回答的問題；請比較用同一問題集做的評測",
        "przebiegi nie mają wspólnego pytania, na które źródła odpowiadają; porównaj przebiegi z tym samym zestawem",
        "the runs have no answerable question in common; compare runs over one set",
    ),
    "other": (
        "文件的格式不对",
        "檔案的格式不對",
        "plik ma nieprawidłowy format",
        "the file is not in the format expected",
    ),
}

MESSAGES: Table = {f"fault_{code}": row for code, row in _FAULTS.items()} | {
    "fault_in_line": (
        "第 {line} 行：{fault}",
        "第 {line} 行：{fault}",
        "wiersz {line}: {fault}",
        "line {line}: {fault}",
    ),
    "failure_busy": (
        "另一个程序正在修改资料库；请稍后再试",
        "另一個程式正在修改資料庫；請稍後再試",
        "inny program właśnie zmienia bibliotekę; spróbuj za chwilę",
        "another program is changing the library; try again in a moment",
    ),
    "failure_index": (
        "资料库目前无法读取或修改；原因见服务器日志",
        "資料庫目前無法讀取或修改；原因請見伺服器記錄檔",
        "biblioteki nie można teraz odczytać ani zmienić; przyczynę podaje dziennik serwera",
        "the library cannot be read or changed at the moment; the server’s log says why",
    ),
    "failure_model": (
        "无法使用设置中的模型；原因见服务器日志",
        "無法使用設定中的模型；原因請見伺服器記錄檔",
        "nie można użyć ustawionego modelu; przyczynę podaje dziennik serwera",
        "the model that is set cannot be used; the server’s log says why",
    ),
    "failure_other": (
        "服务器出错了；原因见服务器日志",
        "伺服器發生錯誤；原因請見伺服器記錄檔",
        "wystąpił błąd serwera; przyczynę podaje jego dziennik",
        "something went wrong on the server; its log says what",
    ),
}

PLURALS: Plurals = {
    "more_faults": (
        ("另有 {count} 处",),
        ("另有 {count} 處",),
        ("i jeszcze {count} błąd", "i jeszcze {count} błędy", "i jeszcze {count} błędów"),
        ("and {count} more", "and {count} more"),
    ),
}
