"""The words by which saved web pages betray their furniture, in Simplified and Traditional Chinese, Polish and English.

Patterns are written in Simplified, lower case and half-width punctuation; `furniture` folds every line so before
it matches. Each table says how strong its evidence is.
"""

from __future__ import annotations

_NUMBER = r"[\[(]? ?\d[\d,. ]*(?:k|万|tys\.?)?\+? ?[\])]?"

SENTENCES: dict[str, tuple[str, ...]] = {
    "cookies": (
        r"(?:(?:ta|nasza|niniejsza) (?:strona|witryna)|(?:ten|nasz) (?:serwis|portal|sklep)|serwis|portal|strona"
        r"|witryna"
        r"|używamy|korzystamy|w ramach (?:naszej )?witryny|na (?:naszej|tej) stronie"
        r"|my i nasi partnerzy).{0,60}(?:cookie|ciastecz).*",
        r"(?:korzystając z|kontynuując|pozostając na|dalsze korzystanie).{0,60}(?:zgod|zgadza|akcept).*",
        r"(?:本站|本网站|本平台|此网站|这个网站|我们(?:的网站)?|为了?提供.{0,30}).{0,16}(?:使用|采用"
        r"|运用).{0,14}cookie.*",
        r"(?:若|如果)?(?:您|你)?(?:继续|持续)(?:浏览|使用)(?:本|此|我们).{0,12}(?:同意|接受).*",
        r"(?:we|this (?:web)?site|our (?:web)?site)(?: and our partners)? uses? .{0,20}cookies.*",
        r"by (?:continuing|using|clicking).{0,80}(?:agree|accept|consent).*",
    ),
    "disclaimer": (
        r"[【\[(]?(?:免责|版权|法律|郑重|特别|网站|本站|风险)(?:声明|提示|说明)[】\]):].*",
        r"[【\[(]?声明[】\]):].*",
        r"(?:本文|以上|文章|文中|本站|本网|本平台|内容|故事内容|词条内容|资料|图文)[^。]{0,30}(?:不代表|仅代表"
        r"|仅供参考|不构成)[^。]*.*",
        r".{0,40}(?:如有|若有|如果|若|如|涉及|涉嫌).{0,6}(?:侵权|侵犯).{0,40}(?:联系|联络|删除|告知|通知|处理).*",
        r"(?:未经|非经).{0,16}(?:授权|许可|同意|允许).{0,10}(?:不得|禁止|严禁|请勿|谢绝).{0,16}(?:转载|转贴|复制"
        r"|使用|摘编|引用).*",
        r"(?:本文)?(?:欢迎)?(?:转载|转贴|引用).{0,8}(?:请|须|需|务必|均须).{0,8}(?:注明|标明|联系|保留|附上).*",
        r".{0,30}建议您?咨询相关(?:领域)?专业人士.*",
        r"如果您认为本.{0,6}还?有待完善.*",
        r"(?:kopiowanie|powielanie|rozpowszechnianie|wykorzystywanie).{0,90}(?:zabronion|bez (?:pisemnej )?zgody).*",
        r"(?:wszystkie )?(?:treści|informacje|artykuł|materiał|niniejszy|prezentowane).{0,90}"
        r"(?:nie stanowi|charakter (?:wyłącznie )?(?:informacyjny|poglądowy)|celach informacyjnych).*",
        r"redakcja nie (?:ponosi|bierze|odpowiada).*",
        r"(?:the )?(?:views|opinions) expressed .*|reproduction .{0,60}(?:prohibited|permission).*",
    ),
    "form": (
        r"(?:twój|podany) adres e-?mail nie zostanie opublikowany.*|your email address will not be published.*",
        r"(?:您|你)(?:的|填写的)?(?:电子)?(?:邮箱|邮件|邮箱地址|电邮)(?:地址|位址)?(?:不会|将不会"
        r"|并不会)(?:被)?公开.*|发佈留言必须填写.*",
        r"(?:wymagane pola|pola wymagane|pola oznaczone).*|required fields are marked.*|必填(?:项|栏位|字段).{0,20}",
        r"administratorem (?:twoich |państwa |pani/pana )?danych.*|(?:wyrażam|wyrażasz) zgodę na.*"
        r"|akceptuję (?:regulamin|politykę).*",
        r"(?:ta strona używa|this site uses|(?:本|此)网?站(?:使用|采用)了?) ?akismet.*",
        r"zapisz moje dane.*przeglądarce.*|save my name, email.*|(?:在此?浏览器中)?(?:保存"
        r"|储存)(?:我的)?(?:显示)?(?:名称|名字).*"
        r"|zapamiętaj moje dane.*",
        r"(?:musisz|aby dodać komentarz|aby dodawać komentarze).{0,40}(?:zalog|zarejestr).*|you must be logged in.*"
        r"|(?:您|你)?(?:需要|必须|请先|还没有?)?登[录入](?:后|之后)?(?:才能|才可以|方可|即可|可以)(?:发表|回帖"
        r"|发帖|评论|留言|查看|发佈|下载).*",
    ),
    "promotion": (
        r"zapisz się (?:do|na) .{0,30}(?:newsletter|mailing|list[ęy]|biuletyn).*|(?:dołącz do"
        r"|subskrybuj) .{0,20}newsletter.*",
        r"(?:polub|obserwuj|śledź|znajdź|znajdziesz) nas (?:na|w|też|również).*|dołącz do (?:nas|naszej grupy"
        r"|naszej społeczności).*",
        r"subskrybuj (?:nasz|mój|kanał|bloga?|rss).*|bądź na bieżąco.{0,120}|podoba(?:ł|ła)? (?:ci"
        r"|się).{0,80}(?:udostępnij|podziel|polub).*",
        r"(?:pobierz|ściągnij|odbierz) (?:nasz |nasze |swój |za darmo |darmow|bezpłatn).{0,90}",
        r"(?:masz pytania|potrzebujesz pomocy|chcesz (?:wiedzieć|dowiedzieć się) więcej)\?.{0,120}",
        r"subscribe to (?:our|the|my) .*|(?:sign up|join) (?:for |to )?(?:our|the) (?:newsletter|mailing).*"
        r"|(?:follow|like|find) us on .*",
        r"(?!.*(?:后|即可|可以|就能|便可).*[。.]$)(?:欢迎|敬请|请|快来|立即|马上)?(?:扫码|扫描|扫一扫|长按|识别"
        r"|微信扫).{0,16}(?:二维码|qr ?code|关注|微信"
        r"|添加|加入|下载|公众号).{0,60}",
        r"(?!.*(?:后|即可|可以|就能|便可).*[。.]$)(?:欢迎|敬请|请|点击|记得)?(?:关注|追踪|搜索|搜寻|订阅)(?:我们"
        r"|本站|本号|微信|官方|我的|.{0,16}(?:公众号"
        r"|微博|粉丝|电子报|订阅号|视频号|频道)).{0,60}",
        r".{0,20}由会员分享.{0,10}在线阅读.*|更多相关.{0,120}(?:搜索|查找|检索).*",
        r".{0,30}(?:来稿|投稿).{0,12}(?:请寄|请发|寄至|发至|发送|信箱|邮箱|email).*|.{0,8}欢迎各界.{0,12}(?:来稿"
        r"|投稿).*",
        r"(?:喜欢|觉得).{0,16}(?:文章|内容|有用|不错).{0,16}(?:点赞|按赞|分享|转发|打赏|收藏|赞助).*",
    ),
    "licence": (
        r".{0,60}icp ?[备证].{0,6}\d.*|.{0,40}公网安备.{0,6}\d.*|备案(?:序)?号?[:]?.{0,4}\w?icp.*|备案号.{0,60}",
        r".{0,40}(?:经营|许可|出版|服务|传播|视听|播出)\w{0,8}(?:许可证|许可)(?:编号"
        r"|号)?[:(号]? ?.{0,6}[a-z]?\d.{0,80}",
        r".{0,60}(?:copyright|版权所有|著作权所有) ?(?:©|\(c\)|:|by |\d{4}|归|属|所有).*|[^.。]{0,80}©.{0,160}"
        r"|版权所有.{0,60}",
        r".{0,160}(?:all rights? reserved|wszelkie prawa zastrzeżone|prawa autorskie zastrzeżone|版权所有).{0,80}",
        r".{0,80}\b(?:nip|regon|krs)\b ?:? ?\d[\d -]{6,}.{0,120}|统一社会信用代码.{0,40}|.{0,20}(?:违法"
        r"|不良信息)[^。]{0,12}举报.{0,60}",
        r"(?:tekst|treść) (?:jest )?udostępnian.{0,20}licencj.*|(?:ta"
        r"|tę) stron[aę] (?:była )?ostatnio .{0,20}(?:edyt|modyf).*",
        r"(?:此|本)(?:页面?|条目)(?:的)?最后(?:一次)?(?:编辑|修订|修改).*"
        r"|本站(?:的)?(?:全部)?文[字本].{0,20}(?:知识共享|cc).*",
        r"powered by .{0,60}|(?:projekt|wykonanie|realizacja|design"
        r"|theme)(?: strony)?:? ?(?:by )?[\w .&-]{2,40}\.(?:pl|com|net)|技术支持[:].{0,40}",
    ),
}
"""Kind -> patterns of a whole line, so plain that even a punctuated sentence goes."""

PHRASES: dict[str, tuple[str, ...]] = {
    "breadcrumb": (
        r"z \w+, wolnej encyklopedii|.{0,40}wolnej encyklopedii|.{0,12}自由的百科全书"
        r"|from \w+, the free encyclopedia",
        r"(?:您|你|我)?(?:的|现在的?|目前的?|所在的?)?(?:当前|现在|目前|所在)?(?:的)?(?:位置|导航)(?:是)?[:].*",
        r"(?:jesteś tutaj|tu jesteś|you are here|znajdujesz się(?: tutaj| w)?) ?:.*",
    ),
    "button": (
        r"(?:点击|点选|点我|按此|按这里|戳).{0,16}(?:阅读|查看|看|下载|了解|进入|展开|加载|链接|这里|原文|更多|全文"
        r"|报名|订阅).{0,20}",
        r"(?:展开|阅读|查看|显示|加载|载入|看|浏览|了解|查阅)(?:阅读)?(?:更多|全文|全部|剩余|原文|完整)(?:\w{0,6})?",
        r"(?:czytaj|zobacz|pokaż|dowiedz się|przeczytaj|sprawdź|wczytaj|załaduj) (?:więcej|całość|wszystkie"
        r"|dalej|ofertę|cały artykuł)\b.{0,40}",
        r"(?:read|see|show|view|load|learn) (?:more|all|full)\b.{0,40}|continue reading.{0,60}|click here.{0,60}"
        r"|kliknij (?:tutaj|tu|aby).{0,60}",
        r"(?:umów|zamów|zarezerwuj|wypróbuj|przetestuj|załóż) .{0,40}(?:konsult|demo|rozmow|prezent|spotka|darmo"
        r"|bezpłat|konto).*",
        r"(?:przejdź|skocz|wróć|powrót|skip|back|jump) (?:do|na|to)\b.{0,40}|(?:返回|回到|跳到|跳至|跳转到"
        r"|回)\w{0,6}(?:首页"
        r"|顶部|列表|上页|上一页|目录|内容|导航|页首)[\w:,、 ]{0,12}",
        r"t ?[大中小]|a ?[+-]|推文[到至].{0,12}|(?:napisan[eyo]|dodan[eyo]) przez .{2,40}",
        r"跳转?(?:到|至) ?:.{0,24}|本(?:词条|条目)[^。]{0,40}(?:编辑|审核|信息栏|名片图|完善).{0,20}",
        r"(?:字体|字号|字级|字型|文字)(?:大小|尺寸)?[:]? ?(?:\[? ?[特超]?[大中小] ?\]? ?[|/]? ?)+.{0,10}|(?:rozmiar"
        r"|wielkość) (?:tekstu|czcionki|fontu).{0,20}|(?:a[+-]* ){2,}a?[+-]*",
        r"(?:分享|转发|转载|收藏|推荐)(?:到|至|给|本文|此文|文章|这篇|按钮|此页|一下).{0,40}|(?:udostępnij"
        r"|podziel się|poleć|wyślij|share"
        r"|send|tweet)(?: (?:na|w|to|on|artykuł|wpis|post|stronę|znajomemu|this|ten|tym|link|przez|by"
        r"|via)\b.{0,50})?",
        r"\[?(?:启动|开启|订阅|加入|下载|追踪|关注|按赞|点赞|打开|添加|加).{0,30}(?:推播|通知|粉丝团|粉丝专页"
        r"|粉丝页|频道|公众号|好友|电子报|app|社团|群组|微信|客户端"
        r"|微博).{0,30}",
        r".{0,24}(?:请|欢迎|快|立即)(?:加入|追踪|关注|订阅|按赞).{0,30}(?:粉丝|频道|社团|电子报|公众号|line|fb|ig"
        r"|脸书).{0,20}",
        r"(?:我要|发表|留下|写下|添加|发佈|我来)(?:新)?(?:评论|留言|回复|看法|回应|补充|说两句).{0,16}|(?:dodaj"
        r"|zostaw|napisz|skomentuj"
        r"|leave a|post a|add a)(?: (?:swój|pierwszy))?(?: (?:komentarz|odpowiedź|opinię|comment|reply"
        r"|recenzję))?.{0,20}",
        r"(?:暂无|没有|还没有|目前没有|尚无)(?:更多|任何|相关)?(?:评论|留言|同义词|内容|数据|回复|回应|附件"
        r"|资料).{0,8}|brak (?:komentarzy|wyników"
        r"|ocen|opinii)|no comments.{0,10}",
    ),
    "counter": (
        rf"(?:总|文章|本文|累计|被|次)?(?:人气|浏览|阅读|点击|点阅|访问|查看|观看|评论|留言|回应|点赞|按赞|赞同|赞"
        rf"|喜欢|收藏|下载|分享|转发|推荐|热度|关注|回复|好问题)(?:人数"
        rf"|次数|量|数|率|人气)? ?[:：]? ?{_NUMBER} ?[次人个条篇]?(?:[\W\d]{{0,10}})",
        rf"{_NUMBER} ?(?:次|人|个|条|篇|位|则)?(?:人气|浏览|阅读|点击|评论|留言|赞|收藏|下载|分享|回复|回应|访问"
        rf"|查看|观看|点赞|人?(?:浏览|阅读|觉得赞|赞同|收藏|点赞"
        rf"|关注)了?(?:该回答|本文|此文)?)(?:次数|数|量)?",
        rf"(?:wyświetle[nń]\w*|odsłon\w*|komentarz\w*|polubie[nń]\w*|udostępnie[nń]\w*|ocena|ocen|głosów|views?"
        rf"|comments?|likes?|shares?|reads?|liczba \w+) ?:? ?{_NUMBER}.{{0,20}}",
        rf"{_NUMBER} ?(?:wyświetle[nń]\w*|odsłon\w*|komentarz\w*|polubie[nń]\w*|udostępnie[nń]\w*|ocen\w*|głos\w*"
        rf"|views?|comments?|likes?|shares?|reads?)",
        r"(?:szacowany )?(?:czas (?:czytania|lektury)|przeczytasz (?:to |w )?(?:w )?).{0,24}"
        r"|(?:\D{0,4})\d{1,3} ?min(?:\.|ut\w*)? ?(?:czytania|lektury|read|czytasz).{0,6}|(?:预计"
        r"|阅读)?(?:阅读)?(?:时间"
        r"|时长|本文)?[:约需 ]*\d{1,3} ?分钟(?:阅读|读完|可读完)?",
        r"\W{1,4}人气|全文\d+字",
    ),
    "pager": (
        r".{0,60}第 ?\d{1,4} ?[页頁](?: ?[/,，(]? ?共 ?\d{1,4} ?[页頁]\)?)?|共 ?\d{1,4} ?页.{0,20}"
        r"|[-–—] ?\d{1,4} ?[-–—]"
        r"|\d{1,4} ?/ ?\d{1,4}",
        r"(?:strona|str\.|page|slajd|slide) ?\d{1,4}(?: ?(?:z|/|of|ze) ?\d{1,4})?|(?:\W?\d{1,3}\W+){3,}(?:\.\.\."
        r"|…)?.{0,24}",
    ),
    "neighbour": (
        r"(?:上|下|前|后)(?:一)?(?:篇|页|条|章|则|个)(?:文章|新闻|内容|词条)?(?:[:： ]|[<>«»→←]|没有|$).*",
        r"\W{0,4}(?:poprzedni[ae]?|następn[yae]|starszy|nowszy|wcześniejszy|kolejny) (?:wpis|artykuł|post|strona"
        r"|news|tekst)\w*\b.{0,140}",
        r"\W{0,4}(?:previous|next|older|newer) (?:post|article|story|entr\w+|page)\b.{0,140}|nawigacja wpisu"
        r"|post navigation|文章导[航览]",
    ),
    "meta": (
        r"上传(?:人|者|用户)[:].*|文(?:档|件)(?:编号|格式|大小|页数|类型)[:].*|(?:格式|页数|大小|积分"
        r"|金币)[:] ?\S{1,12}",
        r"[\[(【]?(?:责任)?(?:编辑|编审|校对|审核|责编|主编|实习编辑|核稿编辑|文字编辑|值班编辑|编译)(?:者)?[:/"
        r"|].{0,40}",
        r"(?:文章|信息|稿件|新闻|资料|图文)?(?:来源|出处|转载自|原标题|原文标题|原文链接|原文网址|本文链接"
        r"|本文网址|本文地址|文章链接|文章编号|id)[:].{0,120}",
        r"(?:redaktor|redakcja|(?:ukryta )?kategori[ae]|opublikowan[eo] w|zamieszczon[eo] w|dział"
        r"|źródło(?: zdjęcia)?|autor zdjęcia|zdjęci[ea]|foto?\.?|fot\.) ?[:/].{0,90}|fot\. .{0,60}",
        r"(?:posted|filed|published) (?:in|by|under) .{0,80}|(?:source|editor|category|photo(?: by)?|image"
        r"|credit)s?:.{0,90}",
        r"(?:服务|客服|咨询|联系|免费|全国|投诉|订购|24小时){0,3}(?:热线|电话|传真|手机|qq|微信号?|邮箱|电子邮箱"
        r"|e-?mail|邮编|地址)[:].{0,80}|(?:tel"
        r"|telefon|kom|fax|faks|e-?mail|adres|phone|address)\.?:.{0,80}|(?:tel|kom|fax"
        r"|faks)\. ?\+?[\d() -]{6,20}",
        r"(?:网站|本站|词条)?(?:关键[词字]|标签|分类|归类|所属分类|栏目|频道|专题|话题|主题标签|文章标签"
        r"|文章分类)[:].{0,120}|(?:tagi?|słowa kluczowe"
        r"|tags?|keywords?|categories|labels)(?: wpisu)?:.{0,160}|(?:#[\w-]+[ ,]*){2,}",
        r"(?:本文|文章|内容)?(?:经|获|已|系)?(?:授权|许可)?(?:转载|转贴)自.{0,80}",
        r"\+?[\d() -]{9,20}|[\w.+-]+@[\w-]+\.[\w.]+|(?:https?://|www\.)\S+",
    ),
    "caption": (
        r".{0,90}[(（] ?(?:图|图片|照片|摄影|图说|资料照|图源|photo|fot\.|zdjęcie|foto|credit"
        r"|image) ?(?:片)?(?:来源|提供|取自|翻摄|撷取"
        r"|自)?[:：/|].{0,60}[)）]",
        r"(?:图片?|照片|摄影|图源|封面图?|配图|首图|示意图|题图)(?:来源|提供|取自|说明|出处|版权)?[:/|｜].{0,90}"
        r"|[▲△▼▽◎↑].{2,120}"
        r"|图 ?\d{0,2} ?[:：/].{0,60}",
    ),
    "advertisement": (
        r"(?:[-(\[—]+ ?)?(?:广告|advertisement|reklama|sponsored|赞助内容|artykuł sponsorowany|materiał (?:partnera"
        r"|promocyjny|sponsorowany))(?: ?[-)\]—]+|[:].{0,40}|\(?.{0,12}请继续.{0,8})?",
        r".{0,4}(?:请继续往下阅读|继续阅读|文章未完).{0,8}|dalsza część (?:artykułu|tekstu) (?:pod|poniżej).{0,40}"
        r"|(?:立即|马上|免费"
        r"|现在){1,2}(?:购买|下载|试用|咨询|报名|注册|试听|体验|申请|预约|订购|订阅|开通)\W{0,4}.{0,8}",
    ),
}
"""Kind -> patterns of a whole line that does not end as a sentence does."""

_ZH_MORE = "相关|延伸|推荐|热门|最新|最热|热点|热搜|更多|精彩|精选|关联|其他|其它|近期|最近|同类|人气|编辑推荐|猜你喜欢"
_ZH_PIECE = (
    "文章|新闻|阅读|资讯|推荐|排行榜?|评论|回应|留言|搜索|资源|话题|帖子|报[导道]|影音|视频|影片|词条|问答|文档|下载"
    "|主题|标签|动态|条目|专题|博文|日志|素材|作品|阅读推荐|讨论"
)
READING = (
    rf"(?:{_ZH_MORE})的?(?:{_ZH_PIECE})",
    r"(?:推荐|精选|热门)(?:课程|活动|专题|书单|书籍|好书|产品|商品|讲座)",
    r"(?:czytaj|przeczytaj|zobacz|sprawdź|warto przeczytać|poczytaj|obejrzyj)(?: (?:także|też|również"
    r"|i))+(?: przeczyta\w+)?",
    r"(?:powiązane|podobne|polecane|inne) (?:artykuły|wpisy|posty|tematy|treści)|polecamy(?: też| także| również)?",
    r"(?:related|recommended|see also|read (?:also|more|next))(?: posts?| articles?| stories| reading)?|also read",
)
"""Openers that may have the title of what they lead to on their own line."""

LINK_LISTS = (
    r"(?:友情|合作|相关|快速|快捷|常用|外部|站内|推荐|网站)(?:链接|连结|网站|入口|伙伴)|友链",
    rf"(?:本周|本月|今日|昨日|\d+小时|一周|全站|网站|文章)?(?:{_ZH_MORE})的?(?:{_ZH_PIECE})(?:推荐|排行榜?)?",
    r"(?:您|你)(?:可能|也许)(?:还|也)?(?:会)?(?:喜欢|感兴趣|想看|想读)(?:的)?(?:文章|内容|阅读|新闻)?"
    r"|猜你(?:喜欢|想看|想找)",
    r"(?:本周|本月|今日)?最(?:多人|多|热|受)\w{0,6}(?:文章|新闻|内容|话题|帖子)|编辑(?:推荐|精选)|(?:阅读|查看)下一篇|看更多\w{0,6}",
    r"看(?:了|过|完).{0,14}(?:还|也|想|会).{0,8}(?:看|喜欢|读).{0,4}|(?:大家|网友)(?:都|还|也)?(?:在看|在搜)"
    r"|(?:点击|阅读|热门)(?:排行榜?|点阅)",
    r"(?:栏目|网站)导航|网站地图|推荐(?:课程|专题)|附件列表|参见词条|词条标签",
    r"(?:najnowsze|ostatnie|popularne|najpopularniejsze|pozostałe|więcej|nasze|nowe|warte uwagi"
    r"|ostatnio dodane)(?: \w+)? "
    r"(?:artykuły|artykułów|wpisy|wpisów|posty|tematy|newsy|wiadomości|komentarze|publikacje|teksty)(?: .{0,24})?",
    r"(?:powiązane|podobne|polecane|inne) (?:artykuły|wpisy|posty|tematy|treści|produkty|publikacje)(?: .{0,24})?",
    r"(?:może|mogą)(?: też)? (?:cię|ci|ciebie|państwa)(?: też| także| również)? (?:zainteresować|zaciekawić"
    r"|spodobać się)\W*"
    r"|to (?:też )?może cię zainteresować|zobacz (?:także|też|również|podobne|inne).{0,24}",
    r"więcej (?:na ten temat|w kategorii|z działu|od autora)\b.{0,40}|przydatne (?:linki|strony)|na skróty"
    r"|szybkie linki",
    r"(?:najczęściej czytane|najpopularniejsze|mapa strony|nasi partnerzy|partnerzy serwisu)",
    r"(?:related|recommended|popular|recent|latest|similar|more|trending|top|featured) "
    r"(?:posts?|articles?|stories|reading|links?|news|comments|content|topics|reads?)(?: from.{0,24})?",
    r"you (?:may|might) also (?:like|enjoy)|(?:quick|useful|further) (?:links?|reading)|most (?:read|popular|viewed)",
)
"""Whole lines that open a list of links, in which short lines without an end go until prose returns."""

CONTENTS = (
    r"(?:文章|本文|内容)?目录|(?:文章|本文)导[航览读]|spis treści|w tym artykule|na tej stronie"
    r"|z tego artykułu dowiesz się"
    r"|(?:table of )?contents|in this article|on this page",
)
"""Openers of a list of a page's own headings."""

SIDEBARS = (
    r"(?:文章|网站|博客)?(?:标签|分类|归档|存档|汇整|栏目|标签云|分类目录|关键[词字]|文章分类|日历|公告"
    r"|其他操作|同义词|热搜词?|词条统计)",
    r"(?:tagi|kategorie|archiwa?|archiwum|chmura tagów|meta|wyszukiwarka|social media|znajdź nas|obserwuj nas)",
    r"(?:tags?|categor(?:y|ies)|archives?|follow us)",
)
"""Openers that may head real text as well: they count only after a page's first prose and where no prose follows."""

BUTTONS_HAN = (
    "首页 主页 登录 登入 注册 会员登录 退出 登出 搜索 搜寻 站内搜索 高级搜索 收藏 分享 举报 点赞 按赞 赞 踩 "
    "评论 留言 编辑 返回 下载 打印 列印 友善列印 纠错 复制链接 复制连结 转寄 转发 "
    "回复 投诉 打赏 赞赏 关闭 展开 收起 目录 菜单 选单 主选单 更多 查看更多 上一页 下一页 上一篇 下一篇 上页 "
    "下页 尾页 末页 置顶 回顶部 返回顶部 回页首 顶部 订阅 关注 加关注 已关注 微信 "
    "微博 新浪微博 腾讯微博 qq空间 qq好友 qq群 朋友圈 人人网 豆瓣 知乎 百度贴吧 微信扫一扫 扫一扫 资源描述 "
    "相关资源 相关搜索 相关 猜你喜欢 展开阅读全文 全文 阅读全文 阅读原文 原文 附件列表 "
    "同义词 暂无同义词 收藏本站 设为首页 加入收藏 繁体 简体 繁体中文 简体中文 中文 中文版 英文版 手机版 "
    "电脑版 移动版 无障碍 人气 浏览 阅读 次 字号 字体 语音播放 听新闻 加入书签 讨论 历史 "
    "查看历史 播报 上传视频 有用 查看我的收藏 只看该作者 倒序浏览 阅读模式 回帖奖励 支持 反对 小黑屋 写回答 "
    "关注问题 邀请回答 提问 添加评论 赞同 喜欢 放大字体 缩小字体 等你来答 发现 工具 免费下载 我的账户 购物车 "
    "结账 会员中心 客服 在线客服 在线咨询 意见反馈 帮助 帮助中心 回首页 回上一页 回上页 我要留言"
)
BUTTONS_LATIN = (
    "line|facebook|twitter|linkedin|instagram|youtube|pinterest|whatsapp|messenger|telegram|tiktok|threads|plurk|"
    "weibo|email|e-mail|rss|xing|wykop|x.com|english|udostępnij|udostępnienia|tweetnij|podziel|drukuj|"
    "zaloguj|zaloguj się|zarejestruj się|załóż konto|wyloguj|logowanie|rejestracja|moje "
    "konto|szukaj|wyszukaj|menu|koszyk|"
    "zamknij|rozwiń|zwiń|lubię to|polub|komentarze|skomentuj|wyślij|kopiuj link|skopiuj link|zapisz|zgłoś|"
    "zgłoś błąd|poprzedni|poprzednia|następny|następna|dalej|wstecz|powrót|do góry|strona główna|akceptuję|"
    "zgadzam się|odrzuć|ok|rozumiem|przejdź do treści|pobierz|subskrybuj|obserwuj|edytuj|edytuj kod|w górę|"
    "drukuj artykuł|podziel się|zgoda|ustawienia|poleć|polski|wersja do druku|więcej|log in|login|sign in|"
    "sign up|register|share|print|search|close|next|previous|prev|home|back|reply|comments|tweet|like|follow|"
    "subscribe|download|edit|accept|copy link|skip to content|back to top|top|pin it|save|report|cart|checkout|"
    "send"
)
SITE_HAN = (
    "关于我们 关于本站 联系我们 联络我们 联系方式 加入我们 人才招聘 诚聘英才 网站地图 网站导览 隐私政策 隐私权政策 "
    "隐私声明 使用条款 服务条款 用户协议 法律声明 免责声明 广告服务 广告合作 商务合作 版权声明 友情链接 帮助中心 "
    "常见问题 常见问答 意见反馈 意见信箱 新闻中心 公司新闻 行业新闻 新闻资讯 产品中心 公司简介 公司介绍 公司动态 "
    "下载中心 法律申明 活动讯息 最新消息 线上购物 电子报 关于我 联络我 网站声明 资源地图 网站客服 招聘信息 "
    "全球资讯网 资源中心 使用帮助 百科协议 排行榜 商城 论坛 登录/注册 部落格 博客 网站管理 会员服务 集团网站 企业邮箱"
)
SITE_LATIN = (
    "o nas|o mnie|o firmie|o blogu|kontakt|blog|oferta|cennik|aktualności|realizacje|portfolio|referencje|kariera|"
    "faq|regulamin|polityka prywatności|polityka cookies|polityka plików cookies|rodo|newsletter|dla mediów|"
    "mapa strony|zwroty|about|about us|contact|contact us|pricing|careers|terms|terms of service|terms of use|"
    "privacy|privacy policy|cookie policy|cookies|sitemap|advertise|shop|cart|strefa klienta|deklaracja dostępności"
)
TOPICS_HAN = (
    "新闻 资讯 财经 体育 娱乐 科技 汽车 房产 教育 健康 时尚 旅游 军事 国际 社会 生活 政治 视频 图片 专题 问答 百科 "
    "产品 解决方案 成功案例 客户案例 案例 服务 服务项目 企业文化 行业动态 专栏 影音 即时 热门 最新 焦点 要闻 会员 "
    "社区 招聘 课程 活动 团队 合作伙伴 媒体报道 知识库 产品介绍 服务据点 关于 联系 服务支持"
)
TOPICS_LATIN = (
    "usługi|produkty|wiadomości|partnerzy|praca|pomoc|reklama|sklep|szkolenia|kursy|webinary|baza wiedzy|"
    "case studies|dla firm|zespół|galeria|biznes|sport|gospodarka|technologie|kultura|rozrywka|zdrowie|finanse|"
    "marketing|sprzedaż|e-commerce|artykuły|poradniki|podcast|wydarzenia|social media|seo|services|products|news|"
    "jobs|help|support|resources|solutions|company|partners|events|team|customers|store"
)
