"""Points in time and spans, as people write and read them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from workers.times import iso, iso_ms, iso_seconds, moment, span

NOW = datetime(2025, 4, 16, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2025-04-16", datetime(2025, 4, 16, tzinfo=UTC)),
        ("2025-04-16T10:30", datetime(2025, 4, 16, 10, 30, tzinfo=UTC)),
        ("2025-04-16T12:30+02:00", datetime(2025, 4, 16, 10, 30, tzinfo=UTC)),
        ("2025-04-16T10:30:00Z", datetime(2025, 4, 16, 10, 30, tzinfo=UTC)),
        ("90s", NOW - timedelta(seconds=90)),
        ("15m", NOW - timedelta(minutes=15)),
        ("2h", NOW - timedelta(hours=2)),
        ("3d", NOW - timedelta(days=3)),
        ("1w", NOW - timedelta(weeks=1)),
    ],
)
def test_a_moment_is_an_iso_date_or_a_span_ago(text: str, at: datetime) -> None:
    assert moment(text, NOW) == at


@pytest.mark.parametrize("text", ["yesterday", "", "2h30", "-2h", "999999999w", "16.04.2025"])
def test_anything_else_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match="2025-04-16"):
        moment(text, NOW)


def test_times_are_written_in_utc_to_the_millisecond() -> None:
    assert (
        iso(datetime(2025, 4, 16, 14, 0, 0, 1999, tzinfo=timezone(timedelta(hours=2))))
        == "2025-04-16T12:00:00.001Z"
    )
    assert iso_ms(1_744_804_800_123) == "2025-04-16T12:00:00.123Z"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0 ms"),
        (0.34, "340 ms"),
        (12.5, "12.5 s"),
        (60, "1 min"),
        (200, "3 min 20 s"),
        (7500, "2 h 5 min"),
        (86_400 + 30, "1 d"),
        (3 * 86_400 + 4 * 3600, "3 d 4 h"),
    ],
)
def test_a_span_is_written_in_its_two_largest_units(seconds: float, text: str) -> None:
    assert span(seconds) == text


def test_times_of_exports_are_written_in_whole_seconds_and_never_rounded_up() -> None:
    zone = timezone(timedelta(hours=2))
    assert iso_seconds(datetime(2025, 4, 16, 14, 0, 59, 999_999, tzinfo=zone)) == "2025-04-16T12:00:59Z"
