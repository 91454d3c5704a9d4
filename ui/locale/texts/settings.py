"""Words of the settings: zh-Hans, zh-Hant, pl, en."""

from __future__ import annotations

from ui.locale.texts import Plurals, Table

MESSAGES: Table = {
    "settings_note": (
        "改动保存后对之后的提问立即生效。",
        "變更儲存後，對之後的提問立即生效。",
        "Zapisane zmiany obowiązują od następnego pytania.",
        "Saved changes hold from the next question on.",
    ),
    "settings_locked": (
        "这个部署锁定了设置，只能在服务器上修改。",
        "這個部署鎖定了設定，只能在伺服器上修改。",
        "W tym wdrożeniu ustawienia są zablokowane i zmienia się je tylko na serwerze.",
        "In this deployment the settings are locked and changed on the server only.",
    ),
    "settings_editors_only": (
        "只有编辑者可以修改设置。",
        "只有編輯者可以修改設定。",
        "Ustawienia mogą zmieniać tylko redaktorzy.",
        "Only editors may change the settings.",
    ),
    "section_answers": ("回答", "回答", "Odpowiedzi", "Answers"),
    "section_retrieval": ("检索", "檢索", "Wyszukiwanie", "Retrieval"),
    "section_model": ("向量模型", "向量模型", "Model wektorowy", "Embedding model"),
    "section_llm": (
        "语言模型（可选）",
        "語言模型（選用）",
        "Model językowy (opcjonalnie)",
        "Language model (optional)",
    ),
    "most_sentences": (
        "一个回答最多几句",
        "一個回答最多幾句",
        "Najwięcej zdań w odpowiedzi",
        "Sentences in an answer at most",
    ),
    "most_sentences_note": (
        "问题要求列举时，列表会完整给出。",
        "問題要求列舉時，清單會完整給出。",
        "Lista, o którą ktoś pyta, pojawia się w całości.",
        "A list that was asked for is given whole.",
    ),
    "refuse_below": ("把握低于多少就不回答", "把握低於多少就不回答", "Próg odmowy", "Refuse below this confidence"),
    "refuse_below_note": (
        "越高越谨慎：拒答更多，答错更少。默认 0.5。",
        "越高越謹慎：拒答更多，答錯更少。預設 0.5。",
        "Im wyżej, tym ostrożniej: więcej odmów, mniej błędnych odpowiedzi. Domyślnie 0,5.",
        "The higher, the more careful: more refusals, fewer wrong answers. The default is 0.5.",
    ),
    "passages_given": (
        "随回答给出的段落数",
        "隨回答給出的段落數",
        "Fragmenty podawane z odpowiedzią",
        "Passages given with an answer",
    ),
    "passages_given_note": (
        "语言模型也从这些段落里找依据。",
        "語言模型也從這些段落裡找依據。",
        "Z nich korzysta też model językowy.",
        "A language model works from these too.",
    ),
    "mode": ("怎样检索", "怎樣檢索", "Sposób wyszukiwania", "How passages are found"),
    "mode_note": (
        "两者结合在实测中最好。",
        "兩者結合在實測中最好。",
        "W pomiarach najlepsze było połączenie obu.",
        "Both together were measured to be best.",
    ),
    "mode_hybrid": ("向量与关键词结合", "向量與關鍵字結合", "wektory i słowa kluczowe", "vectors and keywords"),
    "mode_dense": ("只用向量", "只用向量", "tylko wektory", "vectors only"),
    "mode_sparse": ("只用关键词", "只用關鍵字", "tylko słowa kluczowe", "keywords only"),
    "keyword_weight": ("关键词的权重", "關鍵字的權重", "Waga słów kluczowych", "Weight of keywords"),
    "keyword_weight_note": (
        "相对于实测的最佳值 1。",
        "相對於實測的最佳值 1。",
        "Względem wartości 1, najlepszej w pomiarach.",
        "Relative to 1, which was measured to be best.",
    ),
    "reranker": ("重排模型", "重排模型", "Model porządkujący", "Reranking model"),
    "reranker_note": (
        "sentence-transformers CrossEncoder 的名称或文件夹；留空则不用。",
        "sentence-transformers CrossEncoder 的名稱或資料夾；留空則不用。",
        "Nazwa lub folder modelu CrossEncoder z sentence-transformers; puste pole wyłącza.",
        "Name or folder of a sentence-transformers CrossEncoder; empty for none.",
    ),
    "model": ("模型", "模型", "Model", "Model"),
    "model_note": (
        "sentence-transformers 模型的名称或文件夹。更换后要重建索引才会生效。",
        "sentence-transformers 模型的名稱或資料夾。更換後要重建索引才會生效。",
        "Nazwa lub folder modelu sentence-transformers. Zmiana działa dopiero po przebudowie indeksu.",
        "Name or folder of a sentence-transformers model. A change takes effect once the index is rebuilt.",
    ),
    "dtype": ("数值精度", "數值精度", "Dokładność obliczeń", "Numeric precision"),
    "dtype_note": (
        "float32 在任何电脑上给出相同的回答；bfloat16 在带 AMX 的处理器上建索引更快，回答会略有不同。",
        "float32 在任何電腦上給出相同的回答；bfloat16 在具備 AMX 的處理器上建立索引較快，回答會略有不同。",
        "float32 daje te same odpowiedzi na każdym komputerze; bfloat16 indeksuje szybciej na procesorach z AMX, "
        "ale odpowiedzi nieco się różnią.",
        "float32 gives the same answers on every computer; bfloat16 indexes faster on processors with AMX, "
        "with slightly different answers.",
    ),
    "dtype_auto": ("自动（float32）", "自動（float32）", "automatycznie (float32)", "automatic (float32)"),
    "dtype_float32": ("float32", "float32", "float32", "float32"),
    "dtype_bfloat16": ("bfloat16", "bfloat16", "bfloat16", "bfloat16"),
    "needs_rebuild": ("需要重建索引", "需要重建索引", "wymaga przebudowy indeksu", "needs a rebuild"),
    "rebuild_due": (
        "索引是用 {old} 建的，设置里是 {new}。重建之后才会使用新模型。",
        "索引是用 {old} 建的，設定裡是 {new}。重建之後才會使用新模型。",
        "Indeks powstał z modelem {old}, a w ustawieniach jest {new}. Nowy model zadziała po przebudowie.",
        "The index was made with {old}, the settings name {new}. The new model is used once the index is rebuilt.",
    ),
    "llm_note": (
        "任何兼容 OpenAI 接口的服务器都可以。没有它，回答就直接摘录原文。",
        "任何相容 OpenAI 介面的伺服器都可以。沒有它，回答就直接摘錄原文。",
        "Dowolny serwer zgodny z API OpenAI. Bez niego odpowiedzi są cytatami ze źródeł.",
        "Any OpenAI-compatible server. Without one, answers are quotes from the sources.",
    ),
    "base_url": ("服务器地址", "伺服器位址", "Adres serwera", "Server address"),
    "base_url_note": (
        "例如 http://127.0.0.1:8080/v1；换了地址要重新填写密钥。",
        "例如 http://127.0.0.1:8080/v1；換了位址要重新填寫金鑰。",
        "Na przykład http://127.0.0.1:8080/v1; po zmianie adresu trzeba ponownie podać klucz.",
        "Such as http://127.0.0.1:8080/v1; with another address the key must be given again.",
    ),
    "llm_model": ("模型名称", "模型名稱", "Nazwa modelu", "Name of the model"),
    "llm_model_note": (
        "服务器只有一个模型时可以留空。",
        "伺服器只有一個模型時可以留空。",
        "Może być puste, jeśli serwer ma jeden model.",
        "May be empty where the server has one model.",
    ),
    "api_key": ("密钥", "金鑰", "Klucz", "Key"),
    "api_key_note": (
        "只写入，不再显示；留空则保持不变。",
        "只寫入，不再顯示；留空則保持不變。",
        "Nigdy nie jest pokazywany; puste pole niczego nie zmienia.",
        "Never shown again; left empty it stays as it is.",
    ),
    "api_key_set": ("已设置", "已設定", "ustawiony", "set"),
    "api_key_unset": ("未设置", "未設定", "nieustawiony", "not set"),
    "test_connection": ("测试连接", "測試連線", "Sprawdź połączenie", "Test the connection"),
    "test_passed": (
        "连接成功，模型有回应，用时 {seconds} 秒。",
        "連線成功，模型有回應，費時 {seconds} 秒。",
        "Połączenie działa, model odpowiedział w {seconds} s.",
        "Connected; the model answered in {seconds} s.",
    ),
    "test_without_address": (
        "请先填写服务器地址。",
        "請先填寫伺服器位址。",
        "Najpierw podaj adres serwera.",
        "Give the server's address first.",
    ),
    "save": ("保存", "儲存", "Zapisz", "Save"),
    "saved": ("设置已保存。", "設定已儲存。", "Ustawienia zapisano.", "The settings were saved."),
    "not_saved": ("没有保存：{reason}", "沒有儲存：{reason}", "Nie zapisano: {reason}", "Not saved: {reason}"),
    "settings_value": (
        "“{field}”的值不能用",
        "「{field}」的值無法使用",
        "nieprawidłowa wartość w polu „{field}”",
        "the value of “{field}” cannot be used",
    ),
    "settings_model": (
        "“{field}”里写的模型无法加载；请检查名称或文件夹，原因见服务器日志",
        "「{field}」所填的模型無法載入；請檢查名稱或資料夾，原因請見伺服器記錄檔",
        "nie można wczytać modelu podanego w polu „{field}”; sprawdź nazwę lub folder, przyczynę podaje dziennik serwera",
        "the model in “{field}” cannot be loaded; check its name or folder, the server’s log says why",
    ),
    "fallback_used": (
        "已保存的“{field}”（{saved}）无法使用，现在用的是 {used}。原因见服务器日志；在这里保存一次即可改用它。",
        "已儲存的「{field}」（{saved}）無法使用，目前使用的是 {used}。原因請見伺服器記錄檔；在這裡儲存一次即可改用它。",
        "Nie można użyć zapisanej wartości pola „{field}” ({saved}); zamiast niej działa {used}. Przyczynę podaje dziennik "
        "serwera. Zapisanie ustawień utrwali tę zmianę.",
        "The saved value of “{field}” ({saved}) cannot be used; {used} is used instead. The server’s log says why. "
        "Saving here makes that permanent.",
    ),
    "fallback_off": (
        "已保存的“{field}”（{saved}）无法使用，现在不用它。原因见服务器日志；在这里保存一次即可清除。",
        "已儲存的「{field}」（{saved}）無法使用，目前不使用。原因請見伺服器記錄檔；在這裡儲存一次即可清除。",
        "Nie można użyć zapisanej wartości pola „{field}” ({saved}); program działa bez niej. Przyczynę podaje dziennik "
        "serwera. Zapisanie ustawień ją usunie.",
        "The saved value of “{field}” ({saved}) cannot be used; the program does without it. The server’s log says why. "
        "Saving here clears it.",
    ),
    "settings_address": (
        "“{field}”指向不允许从这里填写的网络地址；请管理员写入设置文件，或在那里放行",
        "「{field}」指向不允許從這裡填寫的網路位址；請管理員寫入設定檔，或在那裡放行",
        "pole „{field}” wskazuje adres, którego nie wolno tu podać; administrator może wpisać go do pliku ustawień albo "
        "tam na niego zezwolić",
        "“{field}” names an address that may not be given here; whoever keeps the server can write it into the settings "
        "file, or allow it there",
    ),
    "settings_unreadable": (
        "服务器上的设置文件无法读取；请告知管理员",
        "伺服器上的設定檔無法讀取；請告知管理員",
        "nie można odczytać pliku ustawień na serwerze; powiadom administratora",
        "the settings file on the server cannot be read; tell whoever keeps it",
    ),
    "settings_unwritable": (
        "服务器上的设置文件无法写入；请告知管理员",
        "伺服器上的設定檔無法寫入；請告知管理員",
        "nie można zapisać pliku ustawień na serwerze; powiadom administratora",
        "the settings file on the server cannot be written; tell whoever keeps it",
    ),
    "settings_key": (
        "密钥不能用：应为一行字母、数字和符号",
        "金鑰無法使用：應為一行字母、數字和符號",
        "klucza nie można użyć: powinien to być jeden wiersz liter, cyfr i znaków",
        "the key cannot be used: it should be one line of letters, digits and signs",
    ),
    "settings_key_given_elsewhere": (
        "密钥由服务器的环境变量给出，只能用于其中设定的地址",
        "金鑰由伺服器的環境變數提供，只能用在那裡設定的位址",
        "klucz pochodzi ze zmiennej środowiskowej serwera i należy do ustawionego tam adresu",
        "the key comes from a variable of the server and goes with the address that is set there",
    ),
    "settings_client_missing": (
        "服务器上没有安装连接语言模型所需的组件；请告知管理员",
        "伺服器上沒有安裝連接語言模型所需的元件；請告知管理員",
        "na serwerze brakuje składnika do łączenia się z modelem językowym; powiadom administratora",
        "the server lacks what connects to a language model; tell whoever keeps it",
    ),
    "settings_other": (
        "这些设置不能一起用",
        "這些設定無法一起使用",
        "tych ustawień nie da się użyć razem",
        "these settings cannot be used together",
    ),
    "by_environment": (
        "由服务器的环境变量 {variable} 决定",
        "由伺服器的環境變數 {variable} 決定",
        "ustawia zmienna środowiskowa {variable}",
        "set by the server's variable {variable}",
    ),
}

PLURALS: Plurals = {}
