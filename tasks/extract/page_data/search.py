"""Finding the objects in page data that have a title and a text."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tasks.extract.page_data.bodies import Renderer, is_aside, is_prose, text_of
from tasks.extract.page_data.objects import title_of, with_what_is_beside
from tasks.extract.page_data.references import entry_of, row_of
from tasks.extract.page_data.scripts import PageData, parsed
from tasks.extract.page_data.words import BODY, words_of

#: Objects and lists looked at on a page; 57 pages of news have 2,625 at most. Levels, and the length of a text that is JSON.
_MOST_LOOKED_AT, _DEEPEST, _JSON_TEXT = 50_000, 60, 400
#: Items of a list that are looked at, and those that are compared to tell what it has.
_LONGEST_LIST, _COMPARED = 20_000, 500
#: Levels between an object with a title and the text that is its own; and references from one to the next.
_FARTHEST, _MOST_REFERENCES = 4, 3
#: Shortest text of an article in characters, with its tags and without: Chinese characters count for three.
_SHORTEST_HTML, _SHORTEST = 150, 50


class Candidate(NamedTuple):
    """A text, and the object that it belongs to."""

    owner: Mapping[str, Any]
    #: The owner's, '' where it has none.
    title: str
    html: str
    text: str
    #: Whether the owner is one of several with a title in one list, as teasers are.
    is_one_of_many: bool


class _Owner(NamedTuple):
    """The nearest object above with a title, else the topmost; how far above it is."""

    value: Mapping[str, Any]
    title: str = ""
    levels: int = 0
    is_one_of_many: bool = False


class Search:
    """Walks values, each object once, and renders what may be the text of an article."""

    def __init__(self, data: PageData) -> None:
        self._data = data
        self._seen: set[int] = set()
        #: Values that were read from texts; kept, so that no other gets their place in memory.
        self._read: dict[str, Any] = {}
        self._renderer = Renderer(self.follow)

    def follow(self, value: Any) -> Any:
        """Return what a value refers to; the value itself where it refers to nothing."""
        for _ in range(_MOST_REFERENCES):
            if isinstance(value, str) and value[:1] == "$" and self._data.rows:
                found = row_of(value, self._data.rows)
            elif isinstance(value, dict) and self._data.caches:
                found = entry_of(value, self._data.caches)
            else:
                return value
            if found is value:
                return value
            value = found
        return value

    def candidates(self) -> Iterator[Candidate]:
        """Yield all texts of the page's data that may be an article's."""
        for root in self._data.values:
            yield from self._walk(root)

    def _walk(self, root: Any) -> Iterator[Candidate]:
        waiting: list[tuple[Any, _Owner | None, int]] = [(root, None, 0)]
        while waiting and len(self._seen) < _MOST_LOOKED_AT:
            value, owner, depth = waiting.pop()
            value = self._read_text(self.follow(value))
            if not isinstance(value, (dict, list)) or depth > _DEEPEST or id(value) in self._seen:
                continue
            self._seen.add(id(value))
            if isinstance(value, list):
                owner = self._owner_in_list(value[:_COMPARED], owner)
                waiting.extend((one, owner, depth + 1) for one in value[:_LONGEST_LIST])
                continue
            owner = self._owner(value, owner)
            for key, one in value.items():
                if not is_aside(key):
                    if found := self._candidate(key, one, owner):
                        yield found
                    waiting.append((one, owner, depth + 1))

    def _owner(self, value: Mapping[str, Any], above: _Owner | None) -> _Owner:
        for one in with_what_is_beside(value, self.follow):
            if title := title_of(one, self.follow):
                return _Owner(value, title, is_one_of_many=above is not None and above.is_one_of_many)
        return above._replace(levels=above.levels + 1) if above else _Owner(value)

    def _owner_in_list(self, values: list[Any], above: _Owner | None) -> _Owner:
        """Return the owner of what is in a list: the texts in its objects are not the owner's own."""
        objects = filter(lambda one: isinstance(one, dict), map(self.follow, values))
        many = sum(bool(title_of(one, self.follow)) for one in objects) > 1
        if above is None:
            return _Owner({}, levels=_FARTHEST, is_one_of_many=many)
        return above._replace(levels=_FARTHEST, is_one_of_many=many)

    def _candidate(self, key: str, value: Any, owner: _Owner) -> Candidate | None:
        value = self.follow(value)
        if isinstance(value, str):
            known = words_of(key) & BODY or "<p" in value or value[:1] in {"{", "["}
            if len(value) < _SHORTEST or not known:
                return None
        elif not isinstance(value, (list, dict)):
            return None
        html = self._renderer.html_of(value)
        text = text_of(html) if len(html) >= _SHORTEST_HTML else ""
        if len(text) < _SHORTEST or not is_prose(text):
            return None
        if owner.levels >= _FARTHEST:
            owner = _Owner({}, is_one_of_many=owner.is_one_of_many)
        return Candidate(owner.value, owner.title, html, text, owner.is_one_of_many)

    def _read_text(self, value: Any) -> Any:
        """Return the JSON in a text that is JSON itself."""
        if not isinstance(value, str) or len(value) < _JSON_TEXT or value[:1] not in {"{", "["}:
            return value
        if value not in self._read:
            self._read[value] = parsed(value)
        return self._read[value]
