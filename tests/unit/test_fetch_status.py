"""What each HTTP status means for an article, row by row."""

from datetime import UTC, datetime

import pytest

from tasks.errors import Reason, Rejected, TryLater
from tasks.fetch.status import LONGEST_RETRY_AFTER, ending_of, retry_seconds

NOW = datetime(2025, 4, 16, 12, tzinfo=UTC).timestamp()

REJECTED = {
    Reason.NO_ARTICLE: [204, 205],
    Reason.FORBIDDEN: [401, 402, 403, 451],
    Reason.NOT_FOUND: [404, 410],
    Reason.BAD_STATUS: [
        *(100, 101, 103, 201, 202, 206, 226, 300, 304, 305, 306),
        *(
            400,
            405,
            406,
            407,
            409,
            411,
            412,
            413,
            414,
            415,
            416,
            417,
            418,
            421,
            422,
            423,
            424,
            426,
            428,
            431,
            499,
        ),
        *(501, 505, 506, 508, 510, 511, 600, 999),
    ],
}
#: status -> (reason, the whole host waits, the whole host waits if there is a Retry-After)
LATER = {
    408: (Reason.SERVER_ERROR, False, False),
    425: (Reason.SERVER_ERROR, False, False),
    429: (Reason.RATE_LIMITED, True, True),
    500: (Reason.SERVER_ERROR, False, False),
    502: (Reason.SERVER_ERROR, False, False),
    503: (Reason.SERVER_ERROR, False, True),
    504: (Reason.SERVER_ERROR, False, False),
    507: (Reason.SERVER_ERROR, False, False),
    520: (Reason.SERVER_ERROR, False, False),
    529: (Reason.SERVER_ERROR, False, False),
}


@pytest.mark.parametrize("status", [200, 203])
def test_a_page_is_no_ending(status: int) -> None:
    assert ending_of(status, None, NOW) is None


@pytest.mark.parametrize(
    ("status", "reason"), [(status, reason) for reason, statuses in REJECTED.items() for status in statuses]
)
def test_a_status_that_will_not_change_is_rejected(status: int, reason: Reason) -> None:
    ending = ending_of(status, "120", NOW)
    assert isinstance(ending, Rejected)
    assert ending.reason is reason
    assert str(status) in ending.detail


@pytest.mark.parametrize("status", LATER)
def test_a_status_that_may_pass_is_put_off(status: int) -> None:
    reason, whole_host, whole_host_if_asked = LATER[status]
    plain, asked = ending_of(status, None, NOW), ending_of(status, "120", NOW)
    assert isinstance(plain, TryLater)
    assert isinstance(asked, TryLater)
    assert (plain.reason, plain.after, plain.whole_host) == (reason, None, whole_host)
    assert (asked.reason, asked.after, asked.whole_host) == (reason, 120.0, whole_host_if_asked)


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
