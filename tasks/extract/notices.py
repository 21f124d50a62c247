"""Recognising a page that has a JavaScript notice, a cookie wall or a robot check in place of the article.

The text of such a page is short, contains a phrase of such notices (`_PHRASES`), and at least half of its sentences are
about their subject (`_SUBJECT`). An article about cookies may quote such a sentence, but has others.
"""

# ruff: noqa: RUF001 - notices in several scripts

import re

from tasks.errors import Reason
from tasks.extract.characters import latin_length
from tasks.walls.markup import outline
from tasks.walls.phrases import unquoted
from tasks.walls.recognition import Finding

#: Maximum length of a notice in characters. Consent dialogs that list purposes and partners have some 1,500.
_MAX_LENGTH = 2000
#: At least one in this many sentences is about the subject.
_SHARE = 2
#: A page has no more than this many times the text of the dialog if it consists of that: menus of buttons are in it.
_DIALOG = 2

# Phrases of notices, by language. JavaScript has the same name in all of them, cookies do not. Words are bounded, so that a
# search takes a time that is linear in the length of the text.
_PHRASES = {
    "en": r"(?:enabl\w{1,30}+|activat\w{1,30}+|turn(?:ed)? on|requir\w{1,30}+|without|support\w{0,30}+) javascript"
    r"|javascript (?:\w{1,30}+ ){0,3}(?:enabled|disabled|required|turned off|blocked|supported)"
    r"|javascript and cookies|(?:we|partners|page|service|site) .{0,40}\buses? .{0,40}cookies"
    r"|accept (?:\w{1,30}+ ){0,2}cookies|(?:our|this) use of (?:\w{1,30}+ ){0,2}cookies"
    r"|verify (?:that )?you are (?:a )?human|not a robot",
    "de": r"javascript\W.{0,40}(?:aktivier|deaktiviert|benötigt|erforderlich|einschalten)|aktivieren sie javascript"
    r"|\b(?:verwende[nt]|nutz(?:en|t)|setz(?:en|t)|benutz(?:en|t)) .{0,40}cookies|cookies .{0,30}(?:akzeptieren|zustimmen)",
    "fr": r"activ(?:er|ez) (?:le )?javascript|javascript .{0,30}(?:désactivé|nécessaire|requis|activé)"
    r"|\butilis\w{1,30}+ (?:des |les )?cookies|accepter .{0,16}cookies|\bdépos\w{1,30}+ .{0,20}cookies",
    "es": r"(?:habilit|activ)\w{1,30}+ (?:el )?javascript|javascript .{0,30}(?:habilitado|activado|desactivado|deshabilitado)"
    r"|\b(?:us|utiliz)\w{1,30}+ .{0,20}cookies|acepta\w{0,30}+ .{0,12}cookies",
    "pt": r"(?:habilit|ativ)\w{1,30}+ (?:o )?javascript|javascript .{0,30}(?:habilitado|ativado|desativado|desabilitado)"
    r"|aceita\w{0,30}+ .{0,12}cookies",
    "it": r"(?:abilit|attiv)\w{1,30}+ javascript|javascript .{0,30}(?:abilitato|attivato|disabilitato|disattivato|necessario)"
    r"|\b(?:us|utilizz)\w{1,30}+ .{0,20}cookie|accett\w{1,30}+ .{0,12}cookie",
    "nl": r"(?:schakel|zet|activeer) javascript|javascript .{0,30}(?:ingeschakeld|uitgeschakeld|nodig|vereist)"
    r"|\b(?:gebruik|maak|plaats)\w{0,30}+ .{0,40}cookies|cookies .{0,16}(?:accepteren|toestaan)",
    "sv": r"aktivera javascript|javascript .{0,30}(?:aktiverat|inaktiverat|avstängt|krävs)|kräver javascript"
    r"|\banvänd\w{1,30}+ .{0,20}(?:cookies|kakor)|(?:godkänn|acceptera|tillåt)\w{0,30}+ .{0,16}(?:cookies|kakor)",
    "da": r"(?:aktiver|slå) javascript|javascript .{0,30}(?:aktiveret|deaktiveret|slået)|kræver javascript"
    r"|\b(?:brug|anvend|benytt)\w{1,30}+ .{0,20}cookies|(?:accepter|tillad)\w{0,30}+ .{0,16}cookies",
    "pl": r"włącz\w{0,30}+ .{0,20}javascript|javascript .{0,30}(?:włączon|wyłączon|wymagan|obsług)\w{0,30}+|wymaga .{0,20}javascript"
    r"|\b(?:używa|korzysta|stosuje|wykorzystuje)\w{0,30}+ .{0,30}(?:cookie|ciastecz)\w{0,30}+|(?:akceptuj|zgad)\w{1,30}+ .{0,30}(?:cookie|ciastecz)\w{0,30}+",
    "tr": r"javascript\W.{0,40}(?:etkinleştir|devre dışı|gerek|açın|kapalı)\w{0,30}+"
    r"|\bçerez\w{0,30}+ .{0,40}(?:kullan|kabul|izin)\w{0,30}+",
    "ru": r"(?:включит\w{0,30}+|разреш\w{1,30}+|поддерж\w{1,30}+) .{0,20}javascript|javascript .{0,30}(?:отключ|включ|необходим|требует)\w{0,30}+"
    r"|\bиспользу\w{1,30}+ .{0,30}(?:cookie|куки)|(?:файл\w{1,30}+) (?:cookie|куки)",
    "zh": r"(?:启用|啟用|开启|開啟|打开|打開|支持|支援|需要) ?javascript|javascript ?.{0,12}(?:禁用|停用|关闭|關閉|启用|啟用)"
    r"|(?:使用|接受|允许|允許) ?.{0,8}cookie",
    "ja": r"javascript ?.{0,12}(?:有効|無効|必要|オン|オフ)|(?:cookie|クッキー).{0,20}(?:使用|利用|同意|許可)",
    "ar": r"(?:تفعيل|تمكين|تشغيل) .{0,12}(?:javascript|جافا ?سكريبت)|(?:javascript|جافا ?سكريبت) .{0,20}(?:معطل|مطلوب)"
    r"|(?:نستخدم|يستخدم|تستخدم|قبول) .{0,30}(?:ملفات تعريف الارتباط|الكوكيز|cookies)",
}
_PHRASE = re.compile("|".join(_PHRASES.values()), re.IGNORECASE)
# One of these is in all that `_PHRASE` matches. They are searched first, since most texts contain none.
_NAMES = (
    *("javascript", "جافا", "cookie", "kakor", "ciastecz", "çerez", "куки", "クッキー"),
    *("الكوكيز", "تعريف الارتباط", "human", "robot"),
)

_SUBJECT = re.compile(
    r"javascript|جافا ?سكريبت|cookie|kakor|ciastecz|çerez|куки|クッキー|كوكيز|تعريف الارتباط"
    r"|browser|navigateur|navegador|przeglądar|tarayıcı|браузер|webbläsare|浏览器|瀏覽器|ブラウザ|متصفح"
    r"|consent|einwillig|zustimm|accept|akzept|aceptar|aceitar|accett|toestemming|samtyck|samtykke|zgod|zgadza"
    r"|kabul|соглас|同意|موافق|privac|datenschutz|confidentialité|privacidad|integritet|privatliv|prywatno|gizlilik"
    r"|конфиденциальн|隐私|隱私|プライバシー|خصوصية|advert|werbung|publicit|reklam|реклам|广告|廣告|広告|إعلان"
    r"|partner|partenaire|\bsocios\b|parceiro|партн[её]р|reload|refresh|\bhuman\b|\brobot",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^.!?。！？؟\n]++")
_LETTER = re.compile(r"[^\W\d_]")


def is_notice(text: str) -> bool:
    """Return whether `text` as a whole is a JavaScript notice, a cookie wall or a robot check; quotations do not count."""
    return _phrase_of(text) is not None


def notice_instead(html: str, text: str) -> Finding | None:
    """Return what the page `html` has in place of an article if `text`, which was extracted from it, is a notice; else None.

    A page that consists of a dialog about cookies is a consent wall. Where the dialog is only what was left of a page with a film
    or a list, it is no_article.
    """
    phrase = _phrase_of(text)
    if phrase is None:
        return None
    if "script" in phrase or "جافا" in phrase:
        return Finding(Reason.NEEDS_JAVASCRIPT, f"Only a notice: {text[:100]}")
    if "human" in phrase or "robot" in phrase:
        return Finding(Reason.BLOCKED, f"A challenge: {text[:100]}")
    if len(outline(html).text) <= len(text) * _DIALOG:
        return Finding(Reason.BLOCKED, f"A consent wall: {text[:100]}")
    return Finding(Reason.NO_ARTICLE, f"only a notice: {text[:100]}")


def _phrase_of(text: str) -> str | None:
    """Return the phrase of a notice in `text`, in lower case, if `text` is one."""
    if len(text) > _MAX_LENGTH or latin_length(text) > _MAX_LENGTH:
        return None
    text = unquoted(text)
    lowered = text.lower()
    if not any(name in lowered for name in _NAMES):
        return None
    phrase = _PHRASE.search(text)
    sentences = list(filter(_LETTER.search, _SENTENCE.findall(text)))
    if phrase and sum(bool(_SUBJECT.search(sentence)) for sentence in sentences) * _SHARE >= len(sentences):
        return phrase[0].lower()
    return None
