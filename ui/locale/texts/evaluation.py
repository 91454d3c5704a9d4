"""Words of the evaluation: zh-Hans, zh-Hant, pl, en."""

from __future__ import annotations

from ui.locale.texts import Plurals, Table

MESSAGES: Table = {
    "evaluation_note": (
        "拿一组已知答案的问题来测：找得准不准，答得对不对，该拒答时有没有拒答。",
        "拿一組已知答案的問題來測：找得準不準，答得對不對，該拒答時有沒有拒答。",
        "Zestaw pytań ze znanymi odpowiedziami sprawdza, czy baza znajduje właściwe fragmenty, dobrze odpowiada i odmawia, kiedy trzeba.",
        "Questions with known answers show whether the right passages are found, answers hold, and refusals come where they should.",
    ),
    "run_title": ("运行评测", "執行評測", "Nowy przebieg", "Run an evaluation"),
    "question_set": ("问题集", "問題集", "Zestaw pytań", "Question set"),
    "shipped_set": ("随附的问题集", "隨附的問題集", "Dołączony zestaw", "The shipped set"),
    "upload_set": ("上传问题集", "上傳問題集", "Dodaj zestaw", "Upload a set"),
    "upload_set_note": (
        "JSONL 文件，每行一个问题：id、question、language、answers、documents。",
        "JSONL 檔案，每行一個問題：id、question、language、answers、documents。",
        "Plik JSONL, w każdym wierszu jedno pytanie: id, question, language, answers, documents.",
        "A JSONL file with one question a line: id, question, language, answers, documents.",
    ),
    "set_added": (
        "已添加问题集“{name}”，共 {count} 题。",
        "已加入問題集「{name}」，共 {count} 題。",
        "Dodano zestaw „{name}” (liczba pytań: {count}).",
        "The set “{name}” was added; questions: {count}.",
    ),
    "set_refused": ("这个文件不能用：", "這個檔案不能用：", "Tego pliku nie można użyć:", "This file cannot be used:"),
    "run_start": ("开始评测", "開始評測", "Uruchom", "Run it"),
    "running": ("正在提问", "正在提問", "Zadawanie pytań", "Asking the questions"),
    "run_done": ("评测完成。", "評測完成。", "Przebieg zakończony.", "The run has ended."),
    "runs_title": ("以往的评测", "以往的評測", "Przebiegi", "Runs"),
    "runs_empty": (
        "还没有评测过。先运行一次，结果会列在这里。",
        "還沒有評測過。先執行一次，結果會列在這裡。",
        "Nie było jeszcze żadnego przebiegu. Wyniki pierwszego pojawią się tutaj.",
        "There has been no run yet. The results of the first will be listed here.",
    ),
    "column_run": ("评测", "評測", "Przebieg", "Run"),
    "column_found": ("首位命中", "首位命中", "Trafienia na 1. miejscu", "Found first"),
    "column_answered": ("答案正确", "答案正確", "Dobre odpowiedzi", "Answer found"),
    "column_refused": ("正确拒答", "正確拒答", "Słuszne odmowy", "Rightly refused"),
    "column_questions": ("题数", "題數", "Pytania", "Questions"),
    "open_report": ("查看报告", "檢視報告", "Raport", "Report"),
    "no_such_run": ("没有这次评测", "沒有這次評測", "Nie ma takiego przebiegu", "There is no such run"),
    "compare_title": ("比较两次评测", "比較兩次評測", "Porównanie dwóch przebiegów", "Compare two runs"),
    "run_a": ("先前", "先前", "Wcześniejszy", "Earlier"),
    "run_b": ("后来", "後來", "Późniejszy", "Later"),
    "compare_start": ("比较", "比較", "Porównaj", "Compare"),
    "measure": ("指标", "指標", "Miara", "Measure"),
    "difference": ("差值（95 % 区间）", "差值（95 % 區間）", "Różnica (przedział 95 %)", "Difference (95 % interval)"),
    "better": ("变好", "變好", "lepiej", "better"),
    "worse": ("变差", "變差", "gorzej", "worse"),
    "no_change": ("没有显著变化", "沒有顯著變化", "bez istotnej zmiany", "no significant change"),
    "won": ("新答对：{ids}", "新答對：{ids}", "Teraz dobrze: {ids}", "Now right: {ids}"),
    "lost": ("新答错：{ids}", "新答錯：{ids}", "Teraz źle: {ids}", "Now wrong: {ids}"),
    "only_editors_run": (
        "只有编辑者可以运行评测。",
        "只有編輯者可以執行評測。",
        "Przebiegi uruchamiają tylko redaktorzy.",
        "Only editors may run evaluations.",
    ),
    "runs_locked": (
        "这个部署不允许在页面上运行评测。",
        "這個部署不允許在頁面上執行評測。",
        "W tym wdrożeniu nie można uruchamiać przebiegów na stronie.",
        "In this deployment evaluations cannot be run from the page.",
    ),
}

PLURALS: Plurals = {
    "questions_count": (
        ("{count} 个问题",),
        ("{count} 個問題",),
        ("{count} pytanie", "{count} pytania", "{count} pytań"),
        ("{count} question", "{count} questions"),
    ),
}
