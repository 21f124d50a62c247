"""Removing boilerplate around a text: a breadcrumb before it, lists of other headlines after it.

Mirror sites copy an article and put lines around it:

    Current:Home > InvestHeadline -TradeCircle
    Headline
    View
    Date:2025-04-16 02:46:45
    The story ...
    veryGood! (34)
    Related
    - Another headline
    - A third ...

Ordinary pages end in such lists, too. A list is removed if only headlines follow a known label: 25 of 1,350 ordinary
pages are better for it and 4 worse, and mirror pages go from F1 .80 to .997. A list without a label is removed only on
pages with the lines of a mirror site: on ordinary pages that would cost .017 of F1.
"""

# ruff: noqa: RUF001 - punctuation and labels of several scripts

import re
from contextlib import suppress
from datetime import date as day

import msgspec

from tasks.extract.fields import ExtractedFields

_HOME = r"(?:home|homepage|首页|首頁|主页|主頁|ホーム|トップ|홈|startseite|accueil|inicio|início|главная|ana sayfa|الرئيسية)"
_BREADCRUMB = re.compile(
    r"(?:(?:your )?(?:current )?(?:location|position)|current|you are here|当前位置|目前位置|您(?:的位置|现在的位置|所在的位置)"
    r"|您目前的位置|現在地|现在位置|現在位置)(?: is)?\s*+[:：]\s*+" + _HOME + r"\s*+(?:[>»›/→]|&gt;)",
    re.IGNORECASE,
)
# Ordinary sites have this line, too. It is removed, but does not make the page a mirror page.
_PLAIN_BREADCRUMB = re.compile(_HOME + r"(?:\s*+[>»›→]\s*+[^\s>»›→][^>»›→\n]{0,199}+){1,6}+", re.IGNORECASE)
_DATE = re.compile(
    r"(?:date|time|(?:post|publish|release|updat)\w*+(?: date| time| on| at)?|发布时间|發布時間|发表时间|更新时间|时间|時間"
    r"|日期|公開日|投稿日|更新日)\s*+[:：]\s*+(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]+\d{1,2}:\d{2}(?::\d{2})?)?",
    re.IGNORECASE,
)
_VIEW = re.compile(
    r"(?:views?|hits?|reads?|浏览(?:次数|量)?|瀏覽(?:次數|量)?|阅读(?:次数|量)?|閱讀|点击(?:数|次数|量)?|點擊|閲覧数?)"
    r"\s*+[:：(（]?+\s*+[\d,.]*+\s*+[)）]?+",
    re.IGNORECASE,
)
_RATING = re.compile(r"very\s?good!?\s*+[(（]\s*+\d++\s*+[)）]", re.IGNORECASE)
# Only below the text of a mirror page.
_LIKES = re.compile(
    r"(?:likes?|good|great|useful|赞|点赞|點贊|好评|顶|いいね!?)\s*+!?\s*+[(（]\s*+\d++\s*+[)）]",
    re.IGNORECASE,
)

# Headings of lists of other articles, by language.
_LABELS = {
    "en": r"related(?: (?:articles?|content|coverage|links|news|posts?|reading|stories|topics))?"
    r"|(?:hot |weekly |daily |reading |news )?ranking|(?:top|click) rank(?:ing)?s?"
    r"|recommend(?:ed|ations?)?(?: (?:for you|reading|articles|stories|news|posts))?"
    r"|you (?:may|might) (?:also )?(?:like|be interested in|enjoy)|(?:more|picked|recommended|just) for you"
    r"|(?:most )?(?:popular|read|viewed|shared)(?: (?:articles|news|posts|stories|now|today))?"
    r"|trending(?: now| stories| news)?|what['’]s trending|(?:latest|hot|more|other|top|similar|random|recent)"
    r"(?: (?:articles|news|posts|stories|headlines))|(?:latest|hot)(?: updates)?|read (?:also|more|next)|also read"
    r"|(?:continue|further|keep) reading|see also|more (?:from|on) .{1,40}|more like this|don['’]t miss"
    r"|what to read next|next up|editors?['’]?s? (?:picks?|choice)|(?:previous|next) (?:article|post)|guess you like",
    "de": r"(?:ähnliche|weitere|verwandte|neueste|aktuelle) (?:artikel|beiträge|themen|nachrichten|meldungen)"
    r"|mehr zum thema|lesen sie auch|auch interessant|(?:meistgelesen|empfehlungen|empfohlen)e?(?: artikel)?"
    r"|das könnte (?:sie|dich|ihnen) auch (?:interessieren|gefallen)",
    "fr": r"(?:à )?lire (?:aussi|également)|(?:articles|sujets|contenus) (?:liés|similaires|associés|connexes)"
    r"|sur le même (?:sujet|thème)|(?:les )?plus lus|à ne pas manquer|vous aimerez aussi|recommandés?(?: pour vous)?"
    r"|dernières (?:nouvelles|actualités)",
    "es": r"(?:lea|lee|leer|ver|vea) (?:también|además|más)|(?:noticias|artículos) relacionad[ao]s|relacionad[ao]s"
    r"|te puede interesar|lo más (?:leído|visto)|recomendad[ao]s|últimas noticias|más noticias",
    "pt": r"(?:leia|veja) (?:também|mais)|(?:notícias|artigos|matérias) relacionad[ao]s|relacionad[ao]s"
    r"|mais lid[ao]s|recomendad[ao]s|últimas notícias|você (?:também )?pode (?:gostar|se interessar)",
    "it": r"leggi anche|potrebbe interessarti(?: anche)?|articoli correlati|correlati|i più letti|consigliati(?: per te)?"
    r"|ultime notizie",
    "nl": r"lees (?:ook|verder|meer)|gerelateerde? (?:artikelen|berichten|nieuws)|meest gelezen|aanbevolen",
    "sv": r"läs (?:också|även|mer)|relaterade? (?:artiklar|nyheter)|mest lästa?|rekommenderat",
    "da": r"læs (?:også|mere)|relaterede artikler|mest læste|les også|relaterte saker|mest lest|anbefalt",
    "fi": r"lue myös|luetuimmat|aiheeseen liittyvää",
    "pl": r"zobacz (?:także|też|również)|czytaj (?:także|też|również|więcej)|powiązane(?: artykuły)?|polecane"
    r"|najczęściej czytane",
    "cs": r"čtěte také|související(?: články)?|nejčtenější|doporučujeme",
    "hu": r"kapcsolódó (?:cikkek|hírek)|olvassa el ezt is|ajánlott",
    "ro": r"citește și|articole similare|recomandări",
    "tr": r"(?:ilgili|benzer|son|diğer) (?:haberler|yazılar)|önerilen(?:ler| haberler)?|çok okunanlar",
    "ru": r"читайте (?:также|ещё|еще)|по теме|похожие (?:статьи|новости|материалы)|рекомендуем|популярное|самое читаемое"
    r"|последние новости",
    "uk": r"читайте також|за темою|схожі (?:статті|новини)|рекомендуємо|популярне",
    "el": r"διαβάστε (?:επίσης|ακόμη|ακόμα)|σχετικά (?:άρθρα|νέα)|δημοφιλή",
    "ar": r"اقرأ (?:أيضا|أيضًا|المزيد)|مواضيع ذات صلة|أخبار ذات صلة|الأكثر قراءة|موصى به",
    "fa": r"بیشتر بخوانید|مطالب مرتبط|اخبار مرتبط",
    "he": r"קראו גם|כתבות קשורות|אולי יעניין אותך",
    "hi": r"यह भी पढ़ें|संबंधित (?:खबरें|समाचार|लेख)|ये भी पढ़ें",
    "id": r"baca juga|berita terkait|artikel terkait|terpopuler|rekomendasi(?: untuk anda)?|terkait",
    "vi": r"xem thêm|đọc thêm|(?:tin|bài viết) liên quan|có thể bạn quan tâm|đọc nhiều",
    "th": r"อ่านเพิ่มเติม|ข่าวที่เกี่ยวข้อง|บทความที่เกี่ยวข้อง|แนะนำ",
    "ko": r"관련\s?(?:기사|뉴스|글|콘텐츠)|추천\s?(?:기사|뉴스|글)?|인기\s?(?:기사|뉴스|글)|많이 본 (?:기사|뉴스)",
    "zh": r"相关(?:阅读|新闻|文章|推荐|内容|资讯|报道|链接)?|相關(?:閱讀|新聞|文章|推薦|內容|報導|連結)?"
    r"|推荐(?:阅读|新闻|文章)?|推薦(?:閱讀|新聞|文章)?|(?:热门|熱門)(?:推荐|推薦|文章|新闻|新聞|排行)?|排行(?:榜)?"
    r"|最新(?:文章|新闻|新聞|消息)|猜你喜欢|猜你喜歡|延伸(?:阅读|閱讀)|更多(?:新闻|新聞|内容|內容|文章)?|上一篇|下一篇",
    "ja": r"関連(?:記事|ニュース|リンク|コンテンツ|する記事)?|人気(?:記事|ニュース|の記事)?|おすすめ(?:記事|の記事|情報)?"
    r"|ランキング|アクセスランキング|新着(?:記事|ニュース)?|最新(?:記事|ニュース)|あわせて読みたい|こちらもおすすめ|続きを読む",
}
_LABEL = re.compile(
    rf"[\[【「《(（■◆▼●★|#\s]*+(?:{'|'.join(_LABELS.values())})[\]】」》)）\s]*+(?:[:：»›>→…]++|\.{{3}})?",
    re.IGNORECASE,
)
_BULLET = re.compile(r"[-–•*·]\s")
_SENTENCE_END = re.compile(r"[.。．।][\"'”’»)」』]*$")

#: First lines in which the lines of a mirror site are searched.
_HEAD = 8
#: Minimum number of headlines in a list.
_MIN_HEADLINES = 3
#: Maximum length of a headline in characters: all 7,382 of the News Category Dataset are shorter.
_LONGEST = 200
#: At most one in this many lines of a list ends like a sentence. Headlines rarely do, paragraphs always.
_SENTENCES = 3


def remove_boilerplate(fields: ExtractedFields) -> ExtractedFields:
    """Return `fields` without the lines that a mirror site adds, and without a labelled list at the end of the text.

    A date in the removed lines replaces the date, a headline in them replaces a title that is missing or a breadcrumb.
    Without boilerplate, `fields` are returned as they are.
    """
    lines = fields.text.split("\n")
    mirrored = _mirror_head(lines)
    head = mirrored or _ordinary_head(lines)
    end = _text_end(lines, head, mirrored=mirrored > 0)
    removed, text = lines[:head], "\n".join(lines[head:end]).strip()
    if not text or (not removed and end == len(lines)):
        return fields
    known = fields.title and not _is_added(fields.title)
    title = fields.title if known else _title(removed)
    date = _date(removed)
    if date and not (fields.published_stated or date).startswith(date):  # of the mirror
        fields = msgspec.structs.replace(fields, published_stated=None)
    return msgspec.structs.replace(fields, text=text, title=title, date=date or fields.date)


def _mirror_head(lines: list[str]) -> int:
    """Return the number of lines that a mirror site adds before the text; 0 for an ordinary page."""
    found = {
        name: index
        for index, line in enumerate(lines[:_HEAD])
        for name, matches in (
            ("breadcrumb", _BREADCRUMB.match),
            ("view", _VIEW.fullmatch),
            ("date", _DATE.fullmatch),
        )
        if matches(line.strip())
    }
    return max(found.values()) + 1 if "breadcrumb" in found or {"view", "date"} <= found.keys() else 0


def _ordinary_head(lines: list[str]) -> int:
    """Return 1 if the first line is the breadcrumb of an ordinary site, else 0."""
    return int(bool(_PLAIN_BREADCRUMB.fullmatch(lines[0].strip())))


def _title(removed: list[str]) -> str | None:
    """Return the headline in the removed lines: the line that the breadcrumb repeats, else the first other line."""
    breadcrumbs = " ".join(line for line in removed if _BREADCRUMB.match(line))
    others = [line.strip() for line in removed if line.strip() and not _is_added(line.strip())]
    return next((line for line in others if line in breadcrumbs), others[0] if others else None)


def _date(removed: list[str]) -> str | None:
    for date in filter(None, (_DATE.fullmatch(line.strip()) for line in removed)):
        with suppress(ValueError):  # such as 31 February
            return day(*map(int, date.groups())).isoformat()
    return None


def _is_added(line: str) -> bool:
    patterns = (_BREADCRUMB.match, _PLAIN_BREADCRUMB.fullmatch, _VIEW.fullmatch, _DATE.fullmatch)
    return any(matches(line) for matches in patterns)


def _text_end(lines: list[str], start: int, *, mirrored: bool) -> int:
    """Return the index after the last line of the text."""
    for index in range(start, len(lines)):
        line = lines[index].strip()
        if _RATING.fullmatch(line) or (mirrored and _LIKES.fullmatch(line)):
            return index
    run = _list_start(lines, start)
    for index in range(run, len(lines)):
        if _LABEL.fullmatch(lines[index].strip()) and _is_list(lines[index + 1 :]):
            return index
    return _unlabelled(lines, run) if mirrored else len(lines)


def _list_start(lines: list[str], start: int) -> int:
    """Return the index from which on all lines are as short as a headline."""
    index = len(lines)
    while index > start and len(lines[index - 1].strip()) <= _LONGEST:
        index -= 1
    return index


def _is_list(lines: list[str]) -> bool:
    """Return whether `lines` are headlines, not short paragraphs: at least three, few of which end like a sentence."""
    headlines = [line.strip() for line in lines if line.strip() and not _LABEL.fullmatch(line.strip())]
    sentences = sum(bool(_SENTENCE_END.search(line)) for line in headlines)
    return len(headlines) >= _MIN_HEADLINES and sentences * _SENTENCES <= len(headlines)


def _unlabelled(lines: list[str], run: int) -> int:
    """Return where a list without a label begins: after the last line with a sentence and without a bullet."""
    index = len(lines)
    while index > run and (
        _BULLET.match(lines[index - 1]) or not _SENTENCE_END.search(lines[index - 1].strip())
    ):
        index -= 1
    return index if _is_list(lines[index:]) else len(lines)
