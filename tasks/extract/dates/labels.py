"""Words beside a date that say what it is the date of."""

# ruff: noqa: RUF001 - words of several scripts

import re
from itertools import pairwise
from typing import Literal

from tasks.extract.dates.plain_digits import has_digit

Label = Literal["changed", "published", "other"]

#: Of the last change.
_CHANGED = (
    r"updat|modif|edited|corrected|aktualis|aktualiz|actualiz|atualiz|mise? à jour|mis à jour|aggiorn|bijgewerkt|"
    r"uppdater|oppdater|opdater|päivitetty|frissít|обновл|измен|оновлен|güncelle|diperbarui|cập nhật|更新|修改|수정|업데이트|"
    r"আপডেট|হালনাগাদ|อัปเดต|อัพเดท|ปรับปรุง|புதுப்பி|అప్‌డేట్|ಅಪ್‌ಡೇಟ್|അപ്ഡേറ്റ്|"
    r"تحديث|به‌?روزرسانی|अपडेट|עודכן|ενημέρωσ|zuletzt|geändert|zmodyfik|atjaunināt|atnaujint|muudetud|uuendatud"
)
#: Of the publication. Not of a public, of a publisher, of advertisements.
_PUBLISHED = (
    r"pub{1,2}li(?!c\b|ci|sher)|post(?:ed|é|ado)|veröffentlicht|erstellt|gepubliceerd|geplaatst|veröff|julkaistu|опублик|опубл|yayın|giriş|"
    r"发布|發布|发表|發表|公開|掲載|입력|등록|نشر|انتشار|प्रकाशित|פורסם|δημοσι|megjelent|objavljen|zveřejn|wydan|paskelbt|avaldatud|erschein|parution|lançado|게시|প্রকাশ|வெளியிட|đăng lúc"
)
#: Of something else: of a manuscript, of an offer.
_OTHER = (
    r"\b(?:received|accepted|submitted|revised|retrieved|accessed|expir\w{1,5}|valid until|valid through|deadline|closes? on|"
    r"born on|eingereicht|gültig bis|angenommen|abgerufen|reçu le|accepté le|consulté le|valable|recibido|aceptado|consultado|"
    r"caduca|vence|scade|scadenza|ważn\w{1,4} do|geldig tot|gäller till|действ\w{1,10} до|投稿日期|收稿|有效期|有効期限)"
)
_DATE_LABEL = re.compile(rf"(?P<changed>{_CHANGED})|(?P<published>{_PUBLISHED})|(?P<other>{_OTHER})")


def label_of(names: str) -> Label | None:
    """Return what the classes and ids of an element (in small letters) say of its date; publication where they say both."""
    kinds = {found.lastgroup for found in _DATE_LABEL.finditer(names)}
    return "published" if "published" in kinds else "changed" if "changed" in kinds else None


def pieces(text: str, own: Label | None) -> list[tuple[Label | None, str]]:
    """Return the parts of a line, each with what its word says of its date, `own` where there is no word.

    A word stands before its date or, where the line begins with a date and ends with a word, behind it: "2021-06-15 입력".
    """
    # Some letters have two small ones ("İ"), so places are those of the text in small letters.
    text = text.lower()
    found = list(_DATE_LABEL.finditer(text))
    if not found:
        return [(own, text)]
    starts = [0, *(one.start() for one in found), len(text)]
    parts = [text[start:end] for start, end in pairwise(starts)]
    labels: list[Label | None] = [own, *(_label(one) for one in found)]
    if has_digit(parts[0]) and not has_digit(parts[-1]):
        labels = [*labels[1:], None]
    return [(label, part) for label, part in zip(labels, parts, strict=True) if part]


def _label(found: re.Match[str]) -> Label:
    return "changed" if found["changed"] else "published" if found["published"] else "other"
