"""From what the user names to the frontier: URLs, lists and local documents, in this order.

A list is never held in memory, and one bad line never stops it.
"""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tasks.article import article_id
from workers.ledger.entries import LARGEST_SOURCE, Priority, State, Submission
from workers.ledger.frontier import Frontier
from workers.sources.documents import PAGES, TEXTS, DocumentError, document_url, documents_in, open_unpacked, read_document, suffix_of
from workers.sources.lists import JSON_LINES, LINES, STDIN, TABLES, ListedUrl, Read, Refusal, read_list, read_stdin
from workers.errors import UserError
from workers.ledger.submit import Submitted, submission, submit_all
from workers.store.store import Store

#: Bytes of a .txt that are looked at to tell a list from an article's text.
_HEAD = 64 * 1024
#: Characters of a refused line that are shown.
_SHOWN = 200


@dataclass(slots=True)
class Sources:
    """What the user named, sorted out."""

    #: Entries that stand on the command line, and lists: files, or None for standard input.
    urls: list[ListedUrl] = field(default_factory=list)
    lists: list[Path | None] = field(default_factory=list)
    documents: list[Path] = field(default_factory=list)

    def entries(self) -> Iterator[Read]:
        """Yield the URLs of the command line and of all lists."""
        yield from self.urls
        for path in self.lists:
            yield from read_list(path) if path else read_stdin()


def submit_sources(
    frontier: Frontier,
    store: Store,
    sources: Sequence[str],
    *,
    again: bool = False,
    priority: Priority = Priority.NORMAL,
    documents: bool = False,
    console: Console | None = None,
) -> Submitted:
    """Submit all that `sources` name (`sort_out`); what is refused is shown on `console`, with its place.

    The body of a local document goes to the store before its URL goes to the frontier, so that a worker always
    finds it. Raises SourceError before anything is submitted if a source is not there, or when a list turns out
    to be unreadable; redis.RedisError and sqlalchemy.exc.DBAPIError.
    """
    sorted_out = sort_out(sources, documents=documents)
    console = console or Console(stderr=True)
    if sorted_out.documents:
        store.create()
    with Progress(
        TextColumn("submitting"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as progress:
        bar = progress.add_task("", total=_count(sorted_out) if console.is_terminal else None)
        intake = Intake(frontier, store, console, again=again, priority=priority)
        result = submit_all(
            frontier,
            intake.submissions(sorted_out),
            again=again,
            progress=lambda size: progress.advance(bar, size),
        )
    result.refused = intake.refused
    return result


def sort_out(sources: Iterable[str], *, documents: bool = False) -> Sources:
    """Return what each of the sources is.

    With `://` in it, a URL. `-`, standard input. A folder, the documents in it. Files by their suffix, with or
    without .gz: .html, .htm and .xhtml are documents, .csv, .jsonl and files without a suffix are lists. A .txt
    is a list if some line of its first 64 KB begins with a scheme (`https://`) or none has more than one ASCII
    word, else it is a document; with `documents`, it is one in any case. Raises SourceError for anything else.
    """
    found = Sources()
    for number, source in enumerate(sources, 1):
        if source == STDIN:
            found.lists.append(None)
        elif "://" in source:
            found.urls.append(ListedUrl(f"argument:{number}", source, {}))
        else:
            _sort_path(Path(source), found, documents=documents)
    return found


@dataclass(slots=True)
class Intake:
    """Makes submissions of what was read, and counts and shows what cannot be one."""

    frontier: Frontier
    store: Store
    console: Console
    again: bool = False
    priority: Priority = Priority.NORMAL
    refused: int = 0

    def submissions(self, sources: Sources) -> Iterator[Submission]:
        """Yield a submission for each URL and document; the documents' bodies are in the store by then."""
        for entry in sources.entries():
            if isinstance(entry, Refusal):
                self._refuse(*entry)
                continue
            try:
                yield submission_of(entry, self.priority)
            except ValueError as error:
                self._refuse(entry.place, str(error), entry.url)
        for path in sources.documents:
            try:
                yield self._document(path)
            except DocumentError as error:
                self._refuse(str(path), str(error), "")

    def _document(self, path: Path) -> Submission:
        one = document_submission(path, self.priority)
        state = self.frontier.state(one.id)
        if state is State.UNKNOWN or (self.again and state is State.SETTLED):
            self.store.put_document(one.id, read_document(path))
        return one

    def _refuse(self, place: str, reason: str, text: str) -> None:
        self.refused += 1
        # A list may hold anything: repr() keeps control characters from the terminal.
        shown = repr(text[:_SHOWN])[1:-1]
        line = f"{place}: {reason}: {shown}" if shown else f"{place}: {reason}"
        self.console.print(line, markup=False, highlight=False, soft_wrap=True)


def submission_of(entry: ListedUrl, priority: Priority) -> Submission:
    """Return the submission of an entry; ValueError, with a reason for the user, if it cannot be one."""
    if not entry.source:
        return submission(entry.url, priority=priority)
    source = _without_nul(entry.source)
    size = len(msgspec.json.encode(source))
    if size > LARGEST_SOURCE:
        raise ValueError(f"its other columns are {size} bytes of JSON, at most {LARGEST_SOURCE} are kept")
    return submission(entry.url, source, priority)


def document_submission(path: Path, priority: Priority = Priority.NORMAL) -> Submission:
    """Return the submission of a local document: no host, so no politeness."""
    url = document_url(path)
    return Submission(article_id(url), url, "", priority)


def _sort_path(path: Path, found: Sources, *, documents: bool) -> None:
    suffix = suffix_of(path)
    if path.is_dir():
        found.documents += documents_in(path)
    elif not path.exists():
        raise SourceError(
            f"{path} is not there. Name a file, a folder, or a URL with its http:// or https://."
        )
    elif suffix in PAGES or (suffix in TEXTS and (documents or not _is_list(path))):
        found.documents.append(path)
    elif suffix in LINES | TABLES | JSON_LINES:
        found.lists.append(path)
    else:
        raise SourceError(
            f"{path} is neither a list (.txt, .csv, .jsonl) nor a document (.html, .txt). Rename or convert it."
        )


def _is_list(path: Path) -> bool:
    """Tell whether the .txt is a list of URLs rather than an article's text."""
    try:
        with open_unpacked(path) as file:
            lines = [line.strip() for line in file.read(_HEAD).splitlines()]
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(f"{path} cannot be read: {error}. Check the file.") from error
    lines = [line for line in lines if line and not line.startswith(b"#")]
    return any(map(_begins_with_scheme, lines)) or all(line.isascii() and b" " not in line for line in lines)


def _begins_with_scheme(line: bytes) -> bool:
    scheme, separator, _ = line.partition(b"://")
    return bool(separator) and scheme.isalnum()


def _without_nul(value: Any) -> Any:
    """Return the JSON value without NUL characters: PostgreSQL cannot keep them."""
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, dict):
        return {_without_nul(key): _without_nul(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_without_nul(one) for one in value]
    return value


def _count(sources: Sources) -> int | None:
    """Return about how many entries there are, None if that cannot be told before they are read."""
    total = len(sources.urls) + len(sources.documents)
    for path in sources.lists:
        if path is None or path.suffix.lower() == ".gz":
            return None
        with path.open("rb") as file:
            total += sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
    return total
