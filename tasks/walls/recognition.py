"""Whether a page is a wall, a soft 404 or an empty shell, and what shows it.

Three sorts of evidence decide. *Marks* of a vendor in the markup are enough on a page with little text. A *heading* names the
page ("Page not found") and needs a *sentence* in which the page says the same of itself ("the page you are looking for ..."),
since headlines of articles say such things, too. *Sentences* alone are enough where they are the text. What is in quotation
marks does not count, and a page whose markup dates it as an article is one, unless nearly nothing is in it.
docs/extraction.md has the measurements.
"""

from dataclasses import dataclass

from tasks.errors import Reason
from tasks.walls.marks import mark_in_markup, mark_in_text
from tasks.walls.markup import LONGEST, Outline, headings_of, outline, title_of
from tasks.walls.phrases import (
    Sentence,
    first_kind,
    folded,
    hints_beside,
    hints_in,
    kind_of_heading,
    languages_of_heading,
    says_that_nothing_is_there,
    sentences_in,
    unquoted,
)
from tasks.walls.shares import BOILERPLATE, FEW_SENTENCES, are_half, length_without, numbered, share_of

#: Latin characters of a text that is looked at as a whole; a block page that explains itself has 900, with a list of other
#: stories beside it a soft 404 has some 1,200.
SHORT = 1_500
#: Latin characters below which a text is no article (NEWSMILL_MIN_CHARS has the same default).
LITTLE = 150
#: Characters of a page whose text is an article's by its length that is searched for marks of vendors. The largest of the
#: vendors' pages, with their scripts in place, have some 50,000.
_MOST_MARKUP = 60_000
#: Words after the dash of a heading that make a headline of it; names of sites have fewer.
_STORY = 3
#: Characters at the beginning of a long text that may say what the page is.
_BEGINNING = 500
#: Characters of a page as a whole, below which a heading alone says what it is.
_BARE = 400
#: Characters of a notice about JavaScript; the longest of those known has 300.
_NOTICE = 400
#: What a block page says at once, in one of its first sentences, and explains afterwards: so many Latin characters, with so many of
#: the words of such explanations.
_AT_ONCE, _EXPLAINED, _HINTS_ALONE = 3, 800, 3
#: Words beside a heading of which a text that is long enough for an article has at least so many.
_HINTS = 2
#: Share of a text's sentences that is enough wherever they are.
_NEARLY_ALL = 2 / 3
#: Kinds of sentences that stand above and below articles, and those that reports say of others ("an error occurred").
_IN_NEWS = BOILERPLATE | {"server_error", "denied", "region"}
_TO_YOU = frozenset({"denied", "region"})
#: What a form that tells people from machines has in its markup. Forms for comments have it, too: it decides beside a sentence.
_WIDGETS = (
    "g-recaptcha",
    "h-captcha",
    "cf-turnstile",
    "smart-captcha",
    "frc-captcha",
    "geetest",
    'name="captcha"',
)

_REASONS = {
    **dict.fromkeys(("captcha", "denied", "region", "consent"), Reason.BLOCKED),
    "javascript": Reason.NEEDS_JAVASCRIPT,
    **dict.fromkeys(("not_found", "maintenance", "parked", "server_error", "login"), Reason.SOFT_404),
}
_NAMES = {
    "captcha": "a challenge",
    "denied": "a block page",
    "region": "a page for visitors from elsewhere",
    "consent": "a consent wall",
    "javascript": "a notice about JavaScript",
    "not_found": "a page that says that there is none",
    "maintenance": "a maintenance page",
    "parked": "a parked domain",
    "server_error": "an error page",
    "login": "a login page",
}
#: Of an article only: when it was published.
_DATED = ("article:published_time", '"datePublished"', 'itemprop="datePublished"', "parsely-pub-date")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a page is instead of an article."""

    reason: Reason
    #: A sentence for people: what it is, and what shows it.
    detail: str


@dataclass(frozen=True, slots=True)
class _Page:
    """A page that may be a wall."""

    html: str
    title: str
    headings: list[str]
    #: What trafilatura takes for the article, and its length in Latin characters.
    text: str
    length: int
    #: Read where there is no text to speak of.
    outline: Outline | None

    @property
    def shown(self) -> str:
        """All that the page says, folded; where it has a text, without the headings that only repeat its title."""
        lines = (self.outline.text if self.outline else self.text).split("\n")
        if self.length >= LITTLE:
            repeated = self.repeated
            lines = [line for line in lines if line not in repeated]
        return folded(unquoted("\n".join(lines)))

    @property
    def repeated(self) -> list[str]:
        """The headings that say what the title says: none confirms itself."""
        title = folded(self.title)
        return [heading for heading in self.headings if folded(heading) in title]


def reason_of_kind(kind: str) -> Reason:
    """Return the reason for which a page that says something of a kind (phrases.toml) is rejected."""
    return _REASONS[kind]


def finding_of(html: str, text: str, length: int) -> Finding | None:
    """Return what the page `html` is instead of an article; None for an article, and for what is not recognised.

    `text` is what was extracted from it, possibly nothing, and `length` that in Latin characters
    (tasks/extract/characters.py). For an ordinary article this is a look at its title.
    """
    title = title_of(html)
    titled = kind_of_heading(title)
    if length > SHORT and titled is None:
        return None
    if length >= LITTLE and is_dated(html):
        return None
    read = outline(html) if length < LITTLE or titled else None
    page = _Page(html, title, read.headings if read else headings_of(html), text, length, read)
    return _of_vendor(page) or _of_words(page, titled) or _of_shell(page)


def is_dated(html: str) -> bool:
    """Return whether the markup of a page says when it was published."""
    return any(mark in html for mark in _DATED)


def _of_vendor(page: _Page) -> Finding | None:
    """Return whose wall the page is, by marks in its markup."""
    if page.length > SHORT or len(page.html) > (_MOST_MARKUP if page.length >= LITTLE else LONGEST):
        return None
    if (
        page.outline and len(page.outline.text) > 2 * SHORT
    ):  # a page of its own, with an answer of a vendor in it
        return None
    mark = mark_in_markup(page.html, page.text)
    return Finding(Reason.BLOCKED, f"A wall of {mark.vendor}: {mark.found}.") if mark else None


def _of_words(page: _Page, titled: str | None) -> Finding | None:
    """Return what the page says that it is."""
    stories = [heading for heading in page.headings if _is_of_a_story(heading)]
    kinds = {
        kind: heading
        for heading in reversed(page.headings)
        if heading not in stories and (kind := kind_of_heading(heading))
    }
    if titled and not any(folded(heading) in folded(page.title) for heading in stories):
        kinds[titled] = page.title
    absent = next(filter(says_that_nothing_is_there, [page.title, *page.headings]), None)
    said = folded(unquoted(page.text))
    if page.length > SHORT:
        said = said[:_BEGINNING]
    elif page.length >= LITTLE:
        said = _without_headings(page, said)
    found = sentences_in(said)
    if not found and page.outline:
        said = page.shown[: 2 * SHORT]
        found = sentences_in(said)
        if page.length >= LITTLE:  # of banners and forms around a text
            found = [one for one in found if one[1].kind not in BOILERPLATE]
    if page.length > _NOTICE:
        found = [one for one in found if one[1].kind != "javascript"]
    if page.length > SHORT:
        found = [one for one in found if _is_soft_404_of_a_list(page.title, said, one[1])]
    if not titled and LITTLE <= page.length <= SHORT and _is_article_with_a_box(page, said, found):
        return None
    return (
        _by_heading(page, kinds, said, found)
        or (_by_absence(page, absent, said, found) if absent else None)
        or _by_sentences(page, said, found)
    )


def _is_article_with_a_box(page: _Page, said: str, found: list[tuple[int, Sentence]]) -> bool:
    """Return whether a page has a headline, which is its title, too, and text enough for an article beside what was found."""
    headlines = [
        heading
        for heading in page.repeated
        if len(heading.split()) >= _STORY or not heading.isascii()
        if not kind_of_heading(heading)
        and not says_that_nothing_is_there(heading)
        and not sentences_in(folded(heading))
    ]
    return bool(headlines) and _rest(page, said, numbered(said, found)[0]) >= LITTLE


def _rest(page: _Page, said: str, numbers: dict[int, Sentence]) -> float:
    """Return the Latin characters of the text without the sentences of these numbers."""
    return length_without(said, numbers) * page.length / max(1, len(page.text))


def _is_of_a_story(heading: str) -> bool:
    """Return whether a heading goes on after a dash: "Page not found: the lost leaf of the gospels", with a dash for the colon."""
    first, dash, rest = heading.replace("\N{EM DASH}", "\N{EN DASH}").partition(" \N{EN DASH} ")
    return bool(dash and kind_of_heading(first)) and len(rest.split()) >= _STORY and not kind_of_heading(rest)


def _without_headings(page: _Page, said: str) -> str:
    """Return the text without the headings at its beginning that only repeat the title."""
    for heading in page.repeated:
        said = said.removeprefix(folded(unquoted(heading))).lstrip()
    return said


def _by_heading(
    page: _Page, kinds: dict[str, str], said: str, found: list[tuple[int, Sentence]]
) -> Finding | None:
    """Return what a heading says that a sentence confirms."""
    confirmed = {sentence.kind for _, sentence in found}
    # What stands below many an article says nothing of a heading of another kind.
    telling = confirmed - BOILERPLATE
    kinds = {
        kind: heading
        for kind, heading in kinds.items()
        if kind != "login" or _is_login(page, heading, confirmed)
    }
    for kind, heading in kinds.items():
        if kind in confirmed:
            return _finding(page, kind, f"the heading “{heading}”", _of_kind(found, kind))
    if page.length > SHORT:
        return None
    for kind, heading in kinds.items():
        hints = hints_in(said, heading)
        enough = bool(hints) and (
            page.length < LITTLE or (len(hints) >= _HINTS and _is_telling(heading) and are_half(said, hints))
        )
        if telling or enough:
            other = first_kind(telling) if telling else kind
            chosen = other if _REASONS[other] is Reason.BLOCKED else kind
            shown = _of_kind(found, other) or ", ".join(f"“{one}”" for one in hints[:2])
            return _finding(page, chosen, f"the heading “{heading}”", shown)
        if page.length < LITTLE and page.outline and len(page.outline.text) < _BARE:
            return _finding(page, kind, f"the heading “{heading}”", "")
    return None


def _is_soft_404_of_a_list(title: str, said: str, sentence: Sentence) -> bool:
    """Return whether a long text begins as a page that is not there, before a list of other stories.

    Guides to error pages have such titles and such sentences, too, often in two languages.
    """
    return sentence.language in languages_of_heading(title) and bool(hints_beside(said, sentence))


def _by_absence(page: _Page, heading: str, said: str, found: list[tuple[int, Sentence]]) -> Finding | None:
    """Return that nothing is there, as a heading says in its own words, if the text says little else."""
    if page.length < LITTLE and page.outline and (found or len(page.outline.text) < _BARE):
        return _finding(page, "not_found", f"the heading “{heading}”", _of_kind(found, "not_found"))
    if page.length > SHORT or not found or share_of(said, found) < 1 / 3:
        return None
    return _finding(page, "not_found", f"the heading “{heading}”", _of_kind(found, "not_found"))


def _is_login(page: _Page, heading: str, confirmed: set[str]) -> bool:
    """Return whether a heading that says "Log in" is the page's own, and not that of a form beside an article."""
    if page.length > SHORT // 2:
        return False
    read = page.outline or outline(page.html)
    return heading == page.title or "login" in confirmed or (read.has_password and page.length < LITTLE)


def _is_telling(heading: str) -> bool:
    """Return whether a heading has more than one word; those of scripts without spaces have."""
    return " " in heading.strip() or not heading.isascii()


def _by_sentences(page: _Page, said: str, found: list[tuple[int, Sentence]]) -> Finding | None:
    """Return what a text says that consists of such sentences, or begins with one."""
    if not found or page.length > SHORT:
        return None
    numbers, count = numbered(said, found)
    only_boilerplate = {one.kind for one in numbers.values()} <= BOILERPLATE
    if page.length >= LITTLE and only_boilerplate and _rest(page, said, numbers) >= LITTLE:
        return None  # enough for an article
    share, first = len(numbers) / count, numbers[min(numbers)]
    needed = 1 / 3 if count <= FEW_SENTENCES else 1 / 2
    at_once = min(numbers) == 0 and found[0][1].kind not in _IN_NEWS
    enough = share >= _NEARLY_ALL or (at_once and share >= needed)
    enough = enough or (
        _REASONS[first.kind] is Reason.BLOCKED
        and min(numbers) < _AT_ONCE
        and page.length < _EXPLAINED
        and len(hints_beside(said, first)) >= _HINTS_ALONE
    )
    enough = enough or (
        first.kind == "captcha"
        and min(numbers) == 0
        and page.length < _EXPLAINED
        and any(widget in page.html for widget in _WIDGETS)
    )
    if page.length < LITTLE:  # no article in any case: it is about the name
        enough = enough or first.kind not in _IN_NEWS
        enough = enough or (first.kind in _TO_YOU and share >= 1 / 2)
    if not enough:
        return None
    kind = first_kind({sentence.kind for sentence in numbers.values()})
    return _finding(page, kind, _of_kind(found, kind), "")


def _of_kind(found: list[tuple[int, Sentence]], kind: str) -> str:
    said = next((sentence for _, sentence in found if sentence.kind == kind), None)
    return f"“{' … '.join(said.parts)}”" if said else ""


def _finding(page: _Page, kind: str, *evidence: str) -> Finding:
    """Return the finding of a kind, with the vendor where the page names it."""
    shown = "; ".join(one for one in evidence if one)
    reason = _REASONS[kind]
    name = _NAMES[kind]
    mark = mark_in_text(folded(f"{page.title} {page.outline.text if page.outline else page.text}"))
    if mark and reason is Reason.BLOCKED:
        return Finding(reason, f"A wall of {mark.vendor}: {name}; {shown}.")
    return Finding(reason, f"{name[0].upper()}{name[1:]}: {shown}.")


def _of_shell(page: _Page) -> Finding | None:
    """Return that a page's text would come with JavaScript: an element that is empty, a notice in `<noscript>`."""
    read = page.outline if page.length < LITTLE else _shown_without_scripts(page)
    if read is None or len(read.text) > _BARE or not read.scripts:
        return None
    scripts = f"{read.scripts} script{'s' if read.scripts > 1 else ''}"
    if read.empty_root:
        return Finding(
            Reason.NEEDS_JAVASCRIPT, f"An empty application: nothing in {read.empty_root}, {scripts}."
        )
    if _asks_for_javascript(read.noscript):
        return Finding(Reason.NEEDS_JAVASCRIPT, f"“{read.noscript[:100]}” in <noscript>, {scripts}.")
    return None


def _shown_without_scripts(page: _Page) -> Outline | None:
    """Return the outline of an empty application whose text is only a notice in `<noscript>`; None for any other page."""
    if page.length > _NOTICE or "<noscript" not in page.html:
        return None
    read = outline(page.html)
    is_notice = bool(read.empty_root) and _asks_for_javascript(read.noscript)
    return read if is_notice and folded(page.text) in folded(f"{read.text} {read.noscript}") else None


def _asks_for_javascript(notice: str) -> bool:
    return any(sentence.kind == "javascript" for _, sentence in sentences_in(folded(notice)))
