"""What each HTTP status means for an article, row by row."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from tasks.errors import Rejected, TryLater
from tasks.fetch.status import LONGEST_RETRY_AFTER, REDIRECTS, ending_of, retry_seconds

NOW = datetime(2025, 4, 16, 12, tzinfo=UTC).timestamp()

TABLE = (Path(__file__).parents[2] / "docs" / "fetch.md").read_text("utf-8")
ROW = re.compile(r"^\| (\d{3})(?:-(\d{3}))? \| ([\w ]+) \| (\w*) ?\| ?([\w -]*?) ?\|$", re.MULTILINE)


class Row(NamedTuple):
    """A row of the table in docs/fetch.md, for one status."""

    status: int
    ends: str
    reason: str
    whole_host: str


ROWS = [
    Row(status, ends, reason, whole_host)
    for first, last, ends, reason, whole_host in ROW.findall(TABLE)
    for status in range(int(first), int(last or first) + 1)
]


def test_the_table_has_a_row_for_every_status_once() -> None:
    assert [row.status for row in ROWS] == list(range(100, 1000))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row.status))
def test_a_status_ends_as_its_row_says(row: Row) -> None:
    plain, asked = ending_of(row.status, None, NOW), ending_of(row.status, "120", NOW)
    if row.ends == "a page":
        assert (plain, asked) == (None, None)
    elif row.ends == "rejected":
        assert isinstance(plain, Rejected)
        assert isinstance(asked, Rejected)
        assert plain.reason == asked.reason == row.reason
    else:
        assert row.ends == "put off"
        assert isinstance(plain, TryLater)
        assert isinstance(asked, TryLater)
        assert plain.reason == asked.reason == row.reason
        assert (plain.after, asked.after) == (None, 120.0)
        waits = {"": (False, False), "yes": (True, True), "with Retry-After": (False, True)}
        assert (plain.whole_host, asked.whole_host) == waits[row.whole_host]


@pytest.mark.parametrize("status", [204, 403, 404, 500, 599, 999])
def test_an_ending_names_the_status(status: int) -> None:
    ending = ending_of(status, None, NOW)
    assert ending
    assert str(status) in ending.detail


def test_what_is_followed_is_said_in_the_documents() -> None:
    named = ", ".join(map(str, sorted(REDIRECTS)[:-1]))
    assert f"{named} and {max(REDIRECTS)} are followed" in TABLE


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Wed, 16 Apr 2025 12:02:00 GMT", 120.0),
        ("Wed, 16 Apr 2025 14:02:00 +0200", 120.0),
        ("Wed, 16 Apr 2025 12:02:00 -0000", 120.0),
        ("Wednesday, 16-Apr-25 12:02:00 GMT", 120.0),
        ("Wed, 16 Apr 2025 11:00:00 GMT", 0.0),
        ("9" * 400, LONGEST_RETRY_AFTER),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_RETRY_AFTER),
        ("Fri, 31 Dec 0001 23:59:59 GMT", 0.0),
        (None, None),
        ("", None),
        ("-5", None),
        ("soon", None),
        ("12.5", None),
        ("²", None),
        ("Wed, 99 Apr 2025 12:02:00 GMT", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(header: str | None, seconds: float | None) -> None:
    assert retry_seconds(header, NOW) == seconds
