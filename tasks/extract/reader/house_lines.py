"""Lines in which a site speaks of itself among the paragraphs of a story: newsletters, affiliate links.

Only lines that ask the reader to do something, or that tell what the site earns. A sentence about a newsletter stays.
"""
# ruff: noqa: RUF001 - punctuation of several scripts

import re

#: Characters of such a line, at most.
_LONGEST = 300

# The beginning of a line that asks for a subscription; the word for it must follow.
_ASKS = {
    "en": r"(?:sign|signing) up|subscribe|get (?:the|our|your|all)|receive our|join our|enter your e-?mail|register for",
    "de": r"melden sie sich|melde dich|abonnieren sie|abonniere|jetzt (?:anmelden|abonnieren)|bestellen sie|hier (?:anmelden|abonnieren)",
    "fr": r"inscrivez-vous|abonnez-vous|recevez|je m[’']inscris",
    "es": r"suscr[ií]bete|suscríbase|apúntate|regístrate|recibe",
    "pt": r"inscreva-se|assine|subscreva|receba|cadastre-se",
    "it": r"iscriviti|abbonati|ricevi|registrati",
    "nl": r"meld je aan|schrijf je in|abonneer je|ontvang",
    "sv": r"anmäl dig|prenumerera|få vårt",
    "da": r"tilmeld dig|meld deg på|abonner på|få vores",
    "pl": r"zapisz się|subskrybuj|dołącz do",
    "ru": r"подпи(?:шитесь|сывайтесь)",
    "tr": r"abone ol|kaydol",
}
_LETTER = r"newsletter|mailing list|inbox|infolettre|boletín|boletim|nieuwsbrief|nyhetsbrev|nyhedsbrev|biuletyn|рассылк|bülten"
_ASKING = re.compile(rf"\W*+(?:{'|'.join(_ASKS.values())})\b", re.IGNORECASE)
_LETTERS = re.compile(_LETTER, re.IGNORECASE)

# What a site earns by links.
_EARNS = {
    "en": r"\b(?:may|might|can|will) (?:also )?(?:earn|receive|get|be paid) (?:an? |a small |some )?(?:affiliate )?commissions?"
    r"|\bearns? (?:an? )?(?:affiliate )?commissions? (?:from|on|when|if)|contains affiliate links",
    "de": r"affiliate-links?\b.{0,80}provision|(?:erhalten|bekommen) wir .{0,40}provision",
    "fr": r"(?:toucher|percevoir|recevoir) une commission|liens? (?:d[’'])?affili(?:ation|és?)",
    "es": r"(?:recibir|obtener|ganar) una comisión|enlaces de afiliad",
    "it": r"(?:ricevere|ottenere|guadagnare) una commissione|link (?:di )?affiliat",
    "pt": r"(?:receber|ganhar) uma comissão|links? de afiliad",
}
_EARNING = re.compile("|".join(_EARNS.values()), re.IGNORECASE)
_OF_LINKS = re.compile(
    r"link|lien|enlace|purchase|buy|achat|kauf|compr|acquist|\b(?:we|wir|nous)\b", re.IGNORECASE
)
# One of these is in all lines that are removed. They are searched first, since most texts contain none.
_NAMES = (
    *_LETTER.split("|"),
    "commission",
    "affilia",
    "afilia",
    "provision",
    "comisión",
    "commissione",
    "comissão",
)


def without_house_lines(text: str) -> str:
    """Return `text` without the lines in which a site asks for subscriptions or tells of its commissions."""
    lowered = text.lower()
    if not any(name in lowered for name in _NAMES):
        return text
    lines = text.split("\n")
    kept = [line for line in lines if not _is_house_line(line)]
    return text if len(kept) == len(lines) else "\n".join(kept)


def _is_house_line(line: str) -> bool:
    if len(line) > _LONGEST:
        return False
    if _ASKING.match(line) and _LETTERS.search(line):
        return True
    return _EARNING.search(line) is not None and _OF_LINKS.search(line) is not None
