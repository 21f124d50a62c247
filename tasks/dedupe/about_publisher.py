"""What ends a press release: who its house is, and whom to ask. All releases of a house have it, so it makes no copies."""

# ruff: noqa: RUF001 - headings as pages have them

import re

#: What the heading of that part begins with, before the name of the house; a line a language or a family.
_BEFORE = (
    *("About",),  # English
    *("Über",),  # German
    *("À propos de", "À propos du", "A propos de", "Qui est"),  # French
    *("Acerca de", "Sobre"),  # Spanish, Portuguese
    *("Informazioni su", "A proposito di", "Chi è"),  # Italian
    *("Over",),  # Dutch
    *("Om",),  # Danish, Norwegian, Swedish
    *("O firmie", "O společnosti", "O spoločnosti", "Despre"),  # Polish, Czech, Slovak, Romanian
    *("О компании", "О группе", "Про компанію", "За компанията"),  # Russian, Ukrainian, Bulgarian
    *("Σχετικά με την", "Σχετικά με τη", "Σχετικά με το"),  # Greek
    *("Về", "Tentang"),  # Vietnamese, Indonesian
    *("نبذة عن", "حول", "درباره"),  # Arabic, Persian
)
#: The same where no space follows: Chinese.
_BEFORE_HAN = ("关于", "關於")
#: What it ends with, after the name.
_AFTER = (
    *(" hakkında", " Hakkında"),  # Turkish
    *("について",),  # Japanese
    *(" 소개", "에 대하여"),  # Korean
    *(" के बारे में",),  # Hindi
)
#: Lines that end a release, alone or before a colon, in lower case and without the marks around them; a line a language.
_ENDS = frozenset(
    {
        *("ends", "end of release", "notes to editors", "note to editors", "notes for editors"),
        *("media contact", "media contacts", "press contact", "press contacts", "contact for media"),
        *("media enquiries", "media inquiries", "press enquiries", "press inquiries"),
        *("forward-looking statements", "forward looking statements", "safe harbor statement"),
        *("cautionary note regarding forward-looking statements",),  # English
        *("pressekontakt", "pressekontakte", "medienkontakt", "kontakt für medien", "kontakt für die presse"),
        *("ansprechpartner für die presse", "hinweis an die redaktionen", "zukunftsgerichtete aussagen"),
        *("contact presse", "contacts presse", "contact médias", "contacts médias", "relations presse"),
        *("note aux rédactions", "note aux rédacteurs", "déclarations prospectives"),  # French
        *("contacto de prensa", "contacto para prensa", "contacto para medios", "nota a los editores"),
        *("contatti stampa", "contatto stampa", "contatti per la stampa", "ufficio stampa"),  # Italian
        *("contacto de imprensa", "contato para a imprensa", "assessoria de imprensa"),  # Portuguese
        *("perscontact", "contact voor de pers", "noot voor de redactie"),  # Dutch
        *("presskontakt", "pressekontakter", "kontakt för media"),  # Swedish, Danish, Norwegian
        *("kontakt dla mediów", "kontakt dla prasy", "kontakt pro média"),  # Polish, Czech
        *("контакты для сми", "контакт для сми", "контакты для прессы"),  # Russian
        *("basın iletişim", "medya iletişim", "basın irtibat"),  # Turkish
        *(
            "媒体联系人",
            "媒体联系",
            "媒体垂询",
            "新闻联系人",
            "前瞻性陈述",
            "媒體聯絡人",
            "媒體聯絡",
        ),  # Chinese
        *("報道関係者からのお問い合わせ先", "報道関係者お問い合わせ先", "本件に関するお問い合わせ先"),
        *("本件に関するお問い合わせ", "本リリースに関するお問い合わせ先"),  # Japanese
        *("언론 연락처", "보도자료 문의", "언론 문의"),  # Korean
    }
)
#: Characters of the longest heading, of the longest such part, and of its first paragraph that are looked at for the house.
_LONGEST_HEADING, _LONGEST_PART, _LOOKED_AT = 80, 4_000, 300
#: Share of the text that is before it, at least.
_STORY = 0.25

_NAME_WORD = re.compile(r"[^\W_]{2,}")


def without_publisher(text: str) -> str:
    """Return a text without what ends a release: "Press contact" and what follows, or "About X" where the next paragraph names X.

    The same text where none of these lines is in its last three quarters and its last 4,000 characters.
    """
    start = int(len(text) * _STORY)
    at = text.find("\n", max(start, len(text) - _LONGEST_PART))
    while at != -1:
        end = text.find("\n", at + 1)
        if end == -1:
            return text
        if _ends_release(text[at + 1 : min(end, at + _LONGEST_HEADING)]):
            return text[:at]
        heading = text[at + 1 : end].strip(" :") if end - at <= _LONGEST_HEADING else ""
        subject = _subject(heading)
        if subject and subject in text[end : end + _LOOKED_AT].casefold():
            return text[:at]
        at = end
    return text


def _ends_release(line: str) -> bool:
    before = line.replace("：", ":").partition(":")[0].strip(" \u00a0*-–—_[](){}<>#").casefold()
    return (
        before in _ENDS
        or (not before and "##" in line.replace(" ", ""))
        or line.strip() in ("-30-", "- 30 -")
    )


def _subject(heading: str) -> str:
    """Return the first word of whom a heading is about, in lower case; empty for any other line."""
    if not heading or heading[-1] in ".!?。！？":
        return ""
    for before in _BEFORE:
        if heading.startswith(before + " "):
            return _first_word(heading[len(before) :])
    for han in _BEFORE_HAN:
        if heading.startswith(han):
            return heading[len(han) : len(han) + 2]
    for after in _AFTER:
        if heading.endswith(after):
            return _first_word(heading[: -len(after)])
    return ""


def _first_word(name: str) -> str:
    """Return the first word of a name that is no article: one with a capital, or any in scripts without capitals."""
    words: list[str] = _NAME_WORD.findall(name)
    return next((word.casefold() for word in words if not word.islower()), "")
