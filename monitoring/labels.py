"""Limits on the values of labels: Prometheus keeps a time series for each value, and the web has any number of them."""

from collections.abc import Iterable

#: The label for all values beyond the limit.
OTHER = "other"

#: ISO 639-1 (the Library of Congress's list of two-letter codes), langdetect's two Chinese ones, `und` for unknown,
#: and the three-letter ones of scripts with one language, of py3langid and of CLD2.
KNOWN_LANGUAGES = frozenset(
    """
    aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en
    eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv
    ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne
    ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st
    su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
    zh-cn zh-tw und chr mni nqo sat shn zgh
    ace bcl ceb crh crs ext fuv gcf gcr gom guw haw hmn kab kha lij ltg mfe nso pcm sco vec war
    """.split()  # noqa: SIM905 - a list of 210 strings is no easier to read
)


class Few:
    """Limits a label to a few values: the first `most` values are kept, later ones become "other".

    `seen` are earlier values, of processes whose counts are added to those of this one. Threads that reach the limit at
    once may each add one more value.
    """

    def __init__(self, most: int, seen: Iterable[str] = ()) -> None:
        self._most = most
        self._seen = set(seen)

    def __call__(self, value: str) -> str:
        """Return the label for `value`."""
        if value in self._seen:
            return value
        if len(self._seen) >= self._most:
            return OTHER
        self._seen.add(value)
        return value


def language_label(language: str | None) -> str:
    """Return the label of a language: its code if it is one."""
    return language if language and language in KNOWN_LANGUAGES else OTHER


def status_label(status: int | None) -> str:
    """Return the class of an HTTP status (RFC 9110, 15): 2xx to 5xx; `none` without a response or with another status."""
    return f"{status // 100}xx" if status is not None and 200 <= status < 600 else "none"  # noqa: PLR2004
