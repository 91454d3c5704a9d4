"""What a question asks of its subject: an age, a price, a seat; and the words without which no text tells it.

A near miss speaks of the subject at length and has every word of the question, yet not what is asked. For what people
ask most often this table knows how each language tells it. Written for this project after the development questions; on
those that others wrote, benchmarks/near_misses.jsonl, the likeliest sentence lacks it for 47 of 100 near misses and for
8 of 100 questions that are answered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial

from corpus.normalize import search_form
from corpus.segment import fold
from kb.expressions import Sort, expressions

# Attribute -> what asks for it, and what a text has that tells it; on the folded search form.
_ATTRIBUTES: Mapping[str, tuple[str, str]] = {
    "age": (
        r"(?:今年|现年|现在)多大|多大(?:年纪|岁数|了)|几岁|年龄|多少岁|年纪|ile .{0,24}lat (?:ma|mial|miala|maja)|"
        r"ile lat (?:ma|mial|miala)|w jakim wieku|how old",
        r"岁|年龄|年纪|出生|\burodz|\bwieku\b|\bage[ds]?\b|years old|\d+-letni",
    ),
    "birth": (
        r"出生|生于|哪年生|urodzi|\bborn\b",
        r"出生|生于|\burodz|\bborn\b|[(（]\d{4}|\bur\.|\d{4} ?[-–—]",
    ),
    "pay": (
        r"年薪|薪水|薪酬|薪资|工资|月薪|底薪|待遇|提成|年终奖|奖金|zarabia|zarobk|pensj|wynagrodz|\bpremi|"
        r"salary|\bearn|\bpaid\b",
        r"薪|工资|奖金|待遇|收入|酬|提成|\bzarab|\bzarob|\bpensj|wynagr|\bplac\b|\bplac[aey]\b|\bpremi|"
        r"bonus|salar|\bearn|\bpaid\b",
    ),
    "price": (
        r"多少钱|费用|会费|价格|售价|预算(?!又?(?:有限|不足|紧))|(?:花|投|用)了?.{0,6}多少(?!时间|人)|多少(?:资金|"
        r"预算)|"
        r"ile kosztuj|\bkoszt(?:uj|\b|y\b|ow)|\bcen[aey]\b|oplat|skladk|budzet|how much (?:does|do|did|"
        r"is)|\bcosts?\b|\bprice",
        r"元\b|美元|万元|费用|费|预算|成本|价格|价钱|花费|投入|投资|\bkoszt|\bcen[aey]?\b|budzet|oplat|"
        r"zlot|\bzl\b|dolar|\beuro\b|dollar|\bcost|\bpric|[$€£¥]|naklad",
    ),
    "staff": (
        r"(?:多少|几)[个名位]?(?:员工|职员|雇员)|(?:员工|团队|公司|代表|一共|总共).{0,8}(?:多少|"
        r"几[个名位]?)人|\bilu .{0,30}(?:pracownik|zatrudni)|ile osob|ilu .{0,20}(?:przedstawiciel|osob)|"
        r"zatrudnia|how many (?:people|employees|staff)",
        r"\d.{0,8}(?:员工|职员|雇员|人\b|名)|(?:员工|人数).{0,10}\d|\d.{0,24}(?:pracownik|osob|zatrudn)|"
        r"zatrudnia.{0,24}\d|\d.{0,16}(?:employee|people|staff)",
    ),
    "revenue": (
        r"营收|营业收入|营业额|保费|利润|盈利|赚多少|赚了多少|一年的?收入|przychod|\bzysk|obrot|revenue|"
        r"profit|turnover",
        r"营收|营业|收入|保费|利润|盈利|业绩|przychod|\bzysk|obrot|revenue|profit|turnover|sprzedaz",
    ),
    "seat": (
        r"总部|在哪个?城市|住在哪|住哪|位于|坐落|siedzib|miesci sie|\bmieszka|headquarter|\bbased\b|\blives?\b",
        r"总部|位于|坐落|住在|居住|siedzib|\bmiesci|\bmieszka|headquarter|\bbased in|\blives? in|地处|处于|设[于在]|"
        r"[在到].{1,10}[市县区省州镇村国]|polozon|znajduj|\blez[ya]",
    ),
    "nation": (
        r"哪一?国人|国籍|哪里人|narodowosc|z jakiego kraju|skad pochodzi|nationality",
        r"国人|国籍|出身|裔|瑞典|丹麦|美国|英国|法国|德国|日本|narodow|amerykan|brytyj|szwedz|szwed\b|"
        r"\bpola[kc]|dunsk|pochodz|american|british|swedish",
    ),
    "school": (
        r"(?:哪|什么|那)[一所间家个]{0,3}(?:大学|学校|学院|高中|系)|毕业|学历|学位|studiowa|jakie studia|gdzie studi|"
        r"absolwent|(?:jak|ktor)\w+ uczelni|wyksztalceni|(?:skonczy|ukonczy).{0,10}(?:studi|szkol|uczel)|universit|"
        r"graduat|degree",
        r"大学|学院|商学院|毕业|学位|教授|硕士|博士|mba|uniwersytet|uczelni|\bstudi|absolwent|profesor|wyksztalc|"
        r"dyplom|\bszkol|universit|graduat|degree|professor|school",
    ),
    "publisher": (
        r"出版社|哪家出版|哪一?年出版|wydawnictw|wydawc|kiedy ukazal|ukazal[ao]? sie|publisher|published",
        r"出版|问世|刊|\bwyda[nwl]|ukazal|opublik|publish|\bpress\b",
    ),
    "copies": (
        r"卖了多少|多少[册本]|销量|egzemplarz|naklad|ile .{0,30}sprzeda[nl]|copies",
        r"册|销量|销售量|万本|卖出|egzemplarz|naklad|sprzeda|copies",
    ),
    "author": (
        r"作者|谁写|执笔|撰写|谁提出|谁发明|autor|kto (?:napisa|wymysl|stworzy|wprowadzi)|\bauthor|"
        r"who wrote|主编|编辑",
        r"作者|著|写|撰|出自|发表|提出|发明|首创|创造|编|autor|napis|wymysl|stworz|wprowadz|zaproponow|ukul|"
        r"\bauthor|wrote|coined|introduc|publik",
    ),
    "software": (
        r"软件|什么工具|哪[个种款套一]{0,3}(?:工具|系统|程序)|jaki(?:m|ego)? program|narzedzi|oprogramowani|"
        r"software|which tool",
        r"软件|工具|系统|平台|表格|程序|excel|program|narzedzi|oprogramow|system|software|\btool|platform|"
        r"arkusz",
    ),
    "certificate": (
        r"证照|证书|资格证|考什么|考哪些|certyfikat|uprawnieni|licencj|certificat|licen[cs]e",
        r"证照|证书|资格|认证|执照|certyfik|uprawnien|licencj|certific",
    ),
    "tenure": (
        r"任期|上任.{0,4}(?:几|多)|做了几年|干了?几年|任职多久|当了?几年|kadencj|"
        r"jak dlugo .{0,40}(?:stanowisk|pelni|kier|pracow)|tenure",
        r"任期|在任|任职|平均.{0,6}年|个月|kadencj|stanowisk|\bmiesiec|\d+ (?:lat|rok)|tenure|months",
    ),
    "leaving": (
        r"离开|离职|辞职|卸任|跳槽|退休|去了哪|\bodesz|\bodejsc|\bodchodz|rezygn|\bopusc|resign|\bleft\b|"
        r"\bleave",
        r"离开|离职|辞职|卸任|跳槽|退休|流失|离去|转任|走人|\bodesz|\bodejsc|\bodejd|\bodchodz|\bopu[sc]|"
        r"rezygn|traci|resign|\bleft\b|\bleav|churn",
    ),
    "founder": (
        r"创办|创立|创始|创建|zalozy|founder|founded",
        r"创办|创立|创始|创建|成立|建立|zaloz|found|powsta|utworz",
    ),
    "founding": (
        r"(?:成立|设立|设置|增设|建立)(?:的|了)?(?!.{0,6}(?:原因|为什么))|哪一?年.{0,8}(?:设|成立)|"
        r"kiedy .{0,40}(?:utworz|powsta|powolal|zalozy|stworz)|w ktorym roku .{0,40}(?:utworz|powsta|powolal)|"
        r"established|set up",
        r"成立|设立|设置|设有|增设|建立|创|任命|首次|第一|utworz|powsta|powol|zaloz|stworz|pierwsz|establish|set up|"
        r"founded|first|启用|建于|开办|组建|建成|改制|始|otwar|zaczel|zapoczat",
    ),
    "acquired": (
        r"收购|并购|买下|przejet|przejel|kupil|wykupi|acquir|bought",
        r"收购|并购|买下|przej|kupi|acqui|bought|merge",
    ),
    "market": (
        r"股价|市值|市场份额|市占率|udzial w rynku|kurs akcji|notowa|na gieldzie|market share|stock",
        r"股价|市值|股票|份额|市占|股|udzial|rynk|gield|akcj|market|stock|share",
    ),
    "award": (
        r"什么奖|哪些奖|获奖|得过.{0,4}奖|nagrod|award",
        r"奖|nagrod|award|wyrozn|冠军|荣誉|勋|medal|puchar|tytul",
    ),
    "sex": (
        r"男的?还是女|性别|\bplec|kobiet\w* czy mezczyzn|male or female",
        r"[男女她]|先生|女士|kobiet|mezczyzn|\bpani\b|\bona\b|\bshe\b|\bhe\b",
    ),
    "translator": (
        r"译者|翻译|谁译|przelozy|przeklad|przetlumacz|\btlumacz|translat",
        r"译|przeloz|przekl|tlumacz|translat",
    ),
    "sample": (
        r"(?:调查|访谈|访问|调研|采访|统计|询问)了?.{0,6}(?:多少|几)|样本|受访|respondent|ankietow|"
        r"wielkosc\w* proby|przebada|how many .{0,20}(?:surveyed|interviewed)",
        r"\d.{0,10}(?:受访|企业|家|[位名]|份|人)|样本|受访|respondent|ankietow|przebada|\bproby|surveyed|"
        r"interview|rozmow|wywiad",
    ),
    "response": (
        r"回收率|回复率|回应率|odsetek odpowiedzi|response rate|wskaznik odpowiedzi",
        r"回收|回复率|回应率|odpowiedz|response",
    ),
    "pages": (
        r"多少页|几页|ile stron|how many pages",
        r"页|\bstron|pages",
    ),
    "customers": (
        r"(?:多少|几)[个名位家]?(?:客户|顾客|用户)|(?:客户|用户|顾客)(?:有|数|一共).{0,4}(?:多少|几)|"
        r"(?:ilu|iloma) (?:\w+ )?(?:klient|abonent|uzytkown)|how many (?:customers|clients)",
        r"\d.{0,12}(?:客户|顾客|用户|klient|abonent|uzytk|custom)|(?:客户|klientow|用户).{0,12}\d|客户数",
    ),
    "companies": (
        r"(?:多少|几)家.{0,6}(?:公司|企业|机构|b2b)?|多少企业|\bile (?:\w+ )?(?:firm|organizacj|"
        r"przedsiebiorstw|spolek)|how many (?:companies|firms)",
        r"\d.{0,12}(?:家|公司|企业|firm|organiz|przedsieb|spol|compan)|\d ?%|成|一半|大多|多数|wiekszosc|"
        r"polow|niemal",
    ),
    "score": (
        r"(?:得|是|有|拿)了?(?:多少|几)分|得分|jaki (?:wynik|nps|csat)|wynik nps|ile (?:nps|punkt)|"
        r"jak wysok|nps.{0,6}(?:多高|有多|多少)|满意度.{0,4}多少|流失率.{0,6}多少|留存率.{0,6}多少|"
        r"ile wynosi|what score",
        r"\d+ ?(?:分|%|punkt|proc)|-?\d+(?:[.,]\d+)?",
    ),
    "reports": (
        r"(?:向|对)谁|谁.{0,4}(?:汇报|报告)|归谁管|komu .{0,40}(?:podleg|raportuj|odpowiad)|report to",
        r"汇报|报告|直属|隶属|直接向|对.{0,10}负责|podleg|raportuj|report",
    ),
    "frequency": (
        r"多久.{0,6}一次|每[年月周季].{0,3}几次|jak czesto|how often",
        r"每[年月周季日天个隔]|[一二三两四\d]次|定期|季度|月度|\bco (?:rok|miesiac|tydzien|kwartal|dwa|trzy|pol)|"
        r"\braz\b|razy|miesieczn|\brocz|kwartaln|tygodn|regularn|codzien|every|week|month|quarter|annual",
    ),
    "members": (
        r"(?:多少|几)[个名位]?(?:会员|成员|委员|代表|客户长|首席客户官|官|cco|cxo)|ilu (?:\w+ )?(?:czlonk|"
        r"cco|cxo|dyrektor|osob|ludzi)|how many (?:members|ccos)",
        r"\d.{0,10}(?:会员|成员|委员|[人位名])|czlonk|\d.{0,16}(?:osob|dyrektor|cco|cxo|members)|(?:会员|"
        r"成员).{0,8}\d",
    ),
    "books": (
        r"写过.{0,4}书|出过.{0,4}书|哪些书|别的书|jakie ksiazk|what books|哪些作品",
        r"书|著|作品|合著|《|ksiazk|book",
    ),
    "before": (
        r"之前(?:做|是|在|担任|的工作)|以前(?:在|做|是)|曾经|来自哪|wczesniej (?:pracow|rob|zajm|pelni)|"
        r"gdzie .{0,16}wczesniej|przed obj|previous|used to",
        r"曾|之前|此前|原[任是]|以前|前任|出身|wczesniej|poprzedni|\bbyl[aiy]?\b|former|previous|dawn",
    ),
    "now": (
        r"(?:现在|目前|如今)(?:在|任|担任|住)|去哪里?任职|gdzie .{0,12}(?:teraz|obecnie)|(?:teraz|"
        r"obecnie) (?:pracuj|zajm|wyklad|mieszk)|wyklada|current",
        r"现任|目前|现在|现为|如今|obecn|aktualn|teraz|wyklada|current|now",
    ),
    "average": (
        r"平均|中位数|业界|行业水平|一般有多少|sredni|przecietn|median|average",
        r"平均|中位|业界|均值|sredni|przecietn|median|average|typow|一般|通常",
    ),
    "most": (
        r"最[高多大好低小少长强]|哪.{0,10}最|najwyzsz|najwiek|najwiec|najniz|highest|largest|the most",
        r"最|首位|第一|冠|najwyz|najwiek|najwiec|najniz|najlep|highest|largest|most|best|first",
    ),
    "change": (
        r"jak zmieni\w+ sie|(?:涨|增长|增加|提高|提升|上升|下降|降低|减少)了?.{0,4}(?:多少|几)|o ile|"
        r"how much .{0,20}(?:grow|rise|fall)",
        r"增|升|涨|提高|降|减|翻|wzros|wzrost|spad|zmniejsz|zwieksz|rise|rose|grow|grew|fell|drop|倍|比|pobi|przewyz",
    ),
    "country": (
        r"哪[个一]?国家?|w (?:jakim|ktorym) kraju|w (?:jakich|ktorych) krajach|which countr",
        r"[^各多跨异外两本全他别同的个]国(?!家|际|内|外|民|企|有|营)|州|日本|台湾|香港|欧洲|\busa\b|stan(?:y|ach)|polsc|polsk|niemcz|"
        r"japon|chin|tajwan|franc|angl|brytan|szwe[cd]|america|britain",
    ),
    "training": (
        r"受训|培训.{0,6}(?:多久|几)|考核|szkoleni|oceniany|jak .{0,20}ocenia|train",
        r"训|培训|考核|考评|kpi|szkole|oceni|premi|ocen[aey]|train|apprais",
    ),
    "weight": (
        r"权重|各占|比重|jak[ia] wag[ie]|wagi|weights?",
        r"权重|占|比重|加权|\bwag[aeiy]|udzial|weight|%",
    ),
    "share": (
        r"占.{0,8}(?:几成|多少|几)|几成|几趴|比例|百分之几|jaki (?:odsetek|procent|udzial)|what percentage",
        r"%|成|百分|分之|proc|比例|一半|polow|trzeci|czwart|wiekszosc|half|third",
    ),
    "duration": (
        r"(?<!隔)多久(?!.{0,12}一次)|多长时间|(?<![这近前后])几个?(?:年|月|周|天|星期|小时|分钟)(?!级|代)|多少(?:年|"
        r"个月|天|周|小时)|jak dlugo|\bil[eu] (?:\w+ )?(?:lat\b|czasu|miesiec|tygodni|dni\b|godzin|minut)|how long",
        r"[\d一二两三四五六七八九十半几百千万]\s?[多余]?个?半?(?:年|月|周|天|日|星期|小时|分钟|季)|\blata?\b|\brok|"
        r"\bmiesi|\btydz|\btygod|\bdni\b|\bdzien|godzin|minut|kwarta|\bhour|\bday|\bweek|\bmonth|\byear|岁|世纪|"
        r"sekund|\bwiek|dekad|stuleci|\bdob[aey]\b",
    ),
    "first": (
        r"(?:首[个位创任]|第一[个位张次家任]).{0,16}(?:谁|哪)|谁.{0,10}(?:最早|最先|第一|首先)|最[早先].{0,10}谁|"
        r"jako pierwsz|\bpierwsz[aey]\w* .{0,40}(?:kto|czyj)|kto .{0,30}pierwsz|kto jako|the first",
        r"最早|最先|第一|首|起源|率先|开创|提出|发表|pierwsz|zapoczatk|zapropon|first|origin",
    ),
    "decides": (
        r"听谁|谁说了算|谁(?:来)?(?:决定|拍板|裁决)|kto (?:\w+ )?(?:decyduje|rozstrzyga)|who decides",
        r"决定|说了算|拍板|裁决|裁定|仲裁|做主|decyd|decyz|rozstrzyg|decide|decision",
    ),
    "appoints": (
        r"谁.{0,3}(?:任命|指派|委派|选|聘)|由谁(?:来)?(?:任命|指派|委派|选)|"
        r"kto (?:powoluje|mianuje|wyznacza|wybiera|zatrudnia)|who appoints",
        r"任命|指派|委派|聘|选|powol|mianu|wyznacz|wybier|wybra|appoint|nomin",
    ),
    "deputy": (
        r"谁.{0,4}(?:接手|接任|接替|代理|代班|顶替)|继任|pod nieobecnosc|przejmuje obowiazki|nastepc|kto .{0,20}zastep|"
        r"successor",
        r"接手|接任|接替|代理|继任|代为|顶替|przejm|zastep|nastepc|zastap|success|replac|deput",
    ),
    "title": (
        r"标题|书名|题目|(?:文章|论文|书|报告)叫什么|tytul|\btitled?\b",
        r"《|题为|标题|题目|书名|tytul|„|\btitle",
    ),
    "vendor": (
        r"厂商|供应商|从哪里?买|向谁买|dostawc|od kogo .{0,12}kup|vendor|supplier",
        r"厂商|供应商|买|购|dostawc|kupi|zakup|vendor|suppl",
    ),
    "threshold": (
        r"至少|最低|(?:多高|多少|几).{0,2}才|(?:低于|高于|超过|跌破)多少|多少(?:以下|以上)|minimum|co najmniej|"
        r"(?:powyzej|ponizej) (?:jak|il)|\bprog(?:u|iem)?\b|at least",
        r"至少|最低|低于|高于|以上|以下|超过|不足|不得|minim|co najmniej|przynajmniej|powyzej|ponizej|\bprog|at least|"
        r"below|above|\d\s?(?:到|至|–|-)\s?\d|\bod \d",
    ),
    "rivals": (
        r"同行|同业|竞争对手|竞争者|na tle|konkurenc|konkurent|rival|competitor",
        r"同行|同业|竞争|对手|行业|konkuren|\binn(?:ych|e|i)\b|branz|rival|compet",
    ),
    "elsewhere": (
        r"其他(?:省|国|城市|公司|企业|部门|行业|地区)|别的(?:省|国|城市|公司|企业)|"
        r"\binn(?:e|ych|ym|ymi) (?:firm|oddzial|kraj|miast|branz|spol)",
        r"其他|别的|其余|各省|各地|\binn(?:a|e|y|i|ych|ym|ymi)\b|pozostal|other",
    ),
    "abolished": (
        r"取消|撤销|废除|裁撤|撤掉|zlikwid|znios|znies|abolish",
        r"取消|撤|废|裁|zlikwid|likwid|znios|znies|rezygn|abolish|scrap",
    ),
    "prediction": (
        r"预测|预示|przewidyw|predict",
        r"预测|预示|预估|预知|征兆|przewid|prognoz|zapowiad|predict|forecast",
    ),
    "rejection": (
        r"拒绝|否决|驳回|推翻|odrzuc|uchyl|\bwet[oa]\b|reject|veto",
        r"拒绝|否决|驳回|推翻|反对|odrzuc|uchyl|\bwet[oa]\b|reject|veto",
    ),
    "employer": (
        r"(?:在|是)(?:哪|什么)一?[个家所]?(?:公司|机构|单位|企业)|哪家公司|哪个(?:机构|单位)|"
        r"(?:w jakiej|w ktorej|jakiej) (?:firm|instytuc|organizac)|gdzie pracuj",
        r"公司|集团|机构|大学|银行|学院|研究|任职|供职|\bfirm|spolk|instyt|uczel|uniwers|company|group|council|"
        r"research",
    ),
    "better": (
        r"谁更|哪一?[个家种]更|更[高大多好强低]|(?:wyzsz|wieksz|lepsz|nizsz|mniejsz)\w* .{0,30}(?:niz|czy)\b|"
        r"(?:higher|better|more) than",
        r"比|更|高于|低于|超过|胜|优于|\bniz\b|wyzsz|nizsz|wieksz|mniejsz|lepsz|lepiej|gorsz|than|more",
    ),
    "return": (
        r"\broi\b|投资回报|回报率|投资报酬|zwrot\w* z inwestycji|stop\w+ zwrotu|return on",
        r"\broi\b|回报|报酬率|收益|zwrot|zwrac|return",
    ),
    "experience": (
        r"(?:几|多少)年.{0,6}经验|工作经验|资历|年资|ile lat (?:doswiadczeni|staz|praktyk)|jaki(?:e|"
        r"ego) (?:doswiadczeni|staz)\w* "
        r"zawod|years of experience",
        r"\d.{0,6}年.{0,8}经验|资历|年资|工作经验|lat (?:doswiadczeni|praktyk)|\bstaz|doswiadczeni\w+ zawod|"
        r"years of experience",
    ),
    "venue": (
        r"(?:发表|登|刊登|刊)在(?:哪|什么)|哪[本份家一]{0,2}(?:杂志|期刊|报纸|刊物|媒体)|"
        r"(?:w jakim|w ktorym) (?:czasopi|magazyn|pism|dziennik)|gdzie (?:\w+ )?(?:opublikow|ukazal)|"
        r"which (?:journal|magazine)",
        r"《|杂志|期刊|报纸|刊物|刊登|发表于|czasopi|magazyn|\bpism|dziennik|„|opublik|journal|magazine",
    ),
    "owner": (
        r"母公司|谁拥有|wlascicielem|spolk\w+ matk|who owns",
        r"母公司|集团|旗下|子公司|属于|拥有|wlascic|nalez|\bgrup|spolk\w+[ -](?:matk|cork)|own",
    ),
    "predecessor": (
        r"前任|上一任|poprzedni(?:k|cz)|predecessor",
        r"前任|上一任|原任|前[一首]|poprzedn|wczesniej|predecess|former",
    ),
    "opinion": (
        r"怎么(?:看|评价|说|想)|如何(?:看待|评价)|什么看法|(?:co|jak) .{0,40}(?:sadzi|mysli|uwaza|ocenia|mowi|"
        r"twierdzi)\b|"
        r"what does .{0,40} (?:think|say)",
        r"认为|觉得|看来|主张|表示|指出|强调|相信|批评|说|称|uwaza|zdaniem|wedlug|mowi|twierdzi|podkresl|pisze|pisal|"
        r"przekonuje|krytyk|widzi|nazywa|dla \w+ega|think|says|argue|believ",
    ),
    "consultant": (
        r"(?:哪家|什么|哪个)(?:咨询|顾问)|konsultant|doradc\w+ .{0,12}(?:pomog|wspier|zatrudn)|jak\w+ firm\w+ doradcz|"
        r"consultan",
        r"咨询|顾问|konsult|doradc|doradz|consult",
    ),
    "language": (
        r"什么语言|哪种语言|哪国语|jakim jezyku|jakich jezyk|what language",
        r"语|文版|中文|英文|日文|jezyk|angielsk|polsku|niemieck|language|english",
    ),
    "date": (
        r"什么时候(?!的|适合|该|应该|需要|要)|何时|哪一?年|哪一?天|kiedy(?! (?:warto|nalezy|powin|trzeba|uzyw|"
        r"stosow))|(?:w|do|od|po|przed) (?:ktor|jak)\w+ rok|od kiedy|\bwhen\b|what year",
        r"\d{4}|\d ?年|世纪|年代|\d月|\brok|\bwiek|\blatach|stycz|lut[ey]|marc|kwie|\bmaj|czerw|lip[ic]|sierp|wrzes|"
        r"pazdz|listop|grud|去年|今年|月|[〇零一二三四五六七八九十元]年|期间|时期|朝|同年|当年|翌年|次年",
    ),
}
_FOR_A_PERSON = re.compile(
    r"(?:官|长|经理|总监|总裁|主管|老板|主席|ceo|cco|cxo|cmo|负责人|创始人|作者|者|老师)(?:是|叫|由)?(?:谁|哪位|哪一位|什么名字)"
    r"|叫什么名字|姓名|谁(?:担任|出任|接任|当上?了?)"
    r"|kto (?:jest|byl\w?|zostal\w?|pelni\w*|zajmuj\w+|obj\w+|piastuje|kieruje) .{0,60}\b(?:w|we|u|firm\w+|spolk\w+)\b"
    r"|nazwisk|jak ma na imie|jak (?:sie )?nazywa (?:sie )?(?:\w+ )?"
    r"(?:dyrektor|prezes|szef|cco|cxo|cdo|autor|zalozyciel|chief)"
)
"""What asks for a person by name, whom no word tells but only a name."""


@dataclass(frozen=True)
class Asked:
    """Something that a question asks of its subject."""

    attribute: str
    told_by: Callable[[str], bool]
    """Tells whether a text has what can tell it."""


@lru_cache(maxsize=1000)
def attributes_asked(question: str) -> tuple[Asked, ...]:
    """Return what `question` asks of its subject, none where it asks for none of the known attributes."""
    form = _form(question)
    return tuple(asked for asks, asked in _KNOWN if asks.search(form))


def untold(attributes: tuple[Asked, ...], text: str) -> int:
    """Return how many of the attributes `text` has no word for."""
    return sum(not asked.told_by(text) for asked in attributes)


@lru_cache(maxsize=5000)
def _form(text: str) -> str:
    return fold(search_form(text))


def _has(tells: re.Pattern[str], text: str) -> bool:
    return tells.search(_form(text)) is not None


def _names_somebody(text: str) -> bool:
    return any(expression.sort is Sort.PERSON for expression in expressions(text))


_KNOWN: tuple[tuple[re.Pattern[str], Asked], ...] = (
    *((re.compile(asks), Asked(name, partial(_has, re.compile(tells)))) for name, (asks, tells) in _ATTRIBUTES.items()),
    (_FOR_A_PERSON, Asked("person", _names_somebody)),
)
