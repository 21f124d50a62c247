"""The progress of a run: rate and time left from a moving window, bars on a terminal, a line a minute elsewhere."""

import io
from typing import Any

import pytest

from tasks.article import Outcome
from workers.ledger.entries import Snapshot
from workers.local.pace import Pace
from workers.local.progress import EveryMinute, Progress, bars, line, submitting
from workers.output.terminal import Terminal
from workers.sources.memory import MemorySource
from workers.times import roughly


class Clock:
    """The time that a run sees; it moves when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def snapshot(settled: int, left: int, **outcomes: int) -> Snapshot:
    counts = dict.fromkeys(Outcome, 0) | {Outcome.ENRICHED: settled}
    counts |= {Outcome(name): count for name, count in outcomes.items()}
    return Snapshot(left, 0, 0, counts, None, None, 0)


def paced(clock: Clock, *counts: int, every: float = 1.0) -> Pace:
    pace = Pace(clock)
    for number, count in enumerate(counts):
        clock.now += every if number else 0
        pace.note(count)
    return pace


def test_the_rate_is_that_of_the_window(clock: Clock) -> None:
    slow, fast = list(range(120)), list(range(120, 120 + 60 * 10, 10))
    pace = paced(clock, *slow, *fast)
    assert pace.rate == pytest.approx(10, rel=0.05)
    assert pace.seconds_for(3000) == pytest.approx(300, rel=0.05)
    assert pace.elapsed == 179


def test_there_is_no_rate_in_the_first_seconds(clock: Clock) -> None:
    pace = paced(clock, 0, 5)
    assert pace.rate is None
    assert pace.seconds_for(10) is None


def test_a_rate_of_nothing_gives_no_time_left(clock: Clock) -> None:
    pace = paced(clock, *[5] * 70)
    assert pace.rate == 0
    assert pace.seconds_for(10) is None


def test_what_was_done_before_the_run_does_not_count(clock: Clock) -> None:
    assert paced(clock, *range(10_000, 10_060)).rate == pytest.approx(1)


def test_articles_that_are_done_again_are_a_new_beginning(clock: Clock) -> None:
    assert paced(clock, 1000, 1000, *range(60)).rate == pytest.approx(1)


def test_the_window_does_not_grow_however_often_it_is_asked(clock: Clock) -> None:
    pace = paced(clock, *range(3000), every=0.2)
    assert len(pace._notes) <= 62
    assert pace.rate == pytest.approx(5, rel=0.05)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (3, "less than a minute"),
        (29, "less than a minute"),
        (31, "about 1 min"),
        (200, "about 3 min"),
        (7505, "about 2 h 5 min"),
        (300_000, "about 3 d 11 h"),
    ],
)
def test_a_time_left_is_rough(seconds: float, words: str) -> None:
    assert roughly(seconds) == words


def test_a_line_has_counts_rate_and_time_left(clock: Clock) -> None:
    now = snapshot(1100, 48_240, duplicate=40, rejected=50, failed=14)
    pace = paced(clock, *range(1204 - 1200, 1205, 20))
    assert line(now, pace) == (
        "After 1 min: 1,204 of 49,444 URLs done; 1,100 enriched, 40 duplicate, 50 rejected, 14 failed; "
        "20.0 a second, done in about 40 min."
    )


def test_a_line_of_one_url_is_in_the_singular(clock: Clock) -> None:
    assert line(snapshot(0, 1), paced(clock, 0)) == "After 0 ms: 0 of 1 URL done."


def written(console: Terminal) -> list[str]:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def test_without_a_terminal_there_is_a_line_a_minute(clock: Clock) -> None:
    console = Terminal(file=io.StringIO(), width=40)
    with Progress(console, clock) as progress:
        for done in range(2000):
            progress.show(snapshot(done, 2000 - done))
            clock.now += 0.125
    lines = written(console)
    assert len(lines) == 4
    assert lines[0].startswith(
        "After 1 min: 480 of 2,000 URLs done; 480 enriched; 8.0 a second, done in about 3 min"
    )
    assert lines[-1].startswith("After 4 min: ")


@pytest.mark.parametrize("more", [{"quiet": True}, {"quiet": True, "force_terminal": True}], ids=str)
def test_quiet_shows_nothing(clock: Clock, more: dict[str, Any]) -> None:
    console = Terminal(file=io.StringIO(), **more)
    with Progress(console, clock) as progress:
        for _ in range(3):
            progress.show(snapshot(1, 1))
            clock.now += 60
    assert written(console) == []


def test_on_a_dumb_terminal_nothing_is_drawn_over(clock: Clock) -> None:
    console = Terminal(file=io.StringIO(), force_terminal=True, _environ={"TERM": "dumb"}, width=200)
    with Progress(console, clock) as progress:
        for _ in range(2):
            progress.show(snapshot(1, 1))
            clock.now += 60
    assert len(written(console)) == 1
    assert "\x1b" not in "".join(written(console))


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_bars_fit_and_have_rate_and_time_left(clock: Clock, width: int, encoding: str) -> None:
    file = io.TextIOWrapper(io.BytesIO(), encoding)
    console = Terminal(file=file, width=width)
    now = snapshot(123_456, 48_240, duplicate=40, rejected=50, failed=14)
    console.print(bars(now, paced(clock, *range(0, 1220, 20))))
    file.seek(0)
    drawn = file.read()
    assert max(map(len, drawn.splitlines())) <= width
    assert " ".join(drawn.split()).endswith("20.0 a second, done in about 40 min, 1 min so far")
    for word in ("enriched", "123,456", "duplicate", "rejected", "failed", "left", "48,240 waiting,"):
        assert word in drawn


def test_on_a_terminal_bars_are_drawn_over(clock: Clock) -> None:
    console = Terminal(file=io.StringIO(), force_terminal=True, width=80, _environ={"TERM": "xterm"})
    with Progress(console, clock) as progress:
        progress.show(snapshot(1, 1))
        progress.show(snapshot(2, 0))
    text = "".join(written(console))
    assert "\x1b[?25l" in text
    assert text.count("\x1b[?25h") == 1, "the cursor is back"


def test_submitting_says_a_line_a_minute_without_a_terminal(clock: Clock) -> None:
    console = Terminal(file=io.StringIO(), width=40)
    with submitting(console, [MemorySource()], clock) as count:
        for _ in range(121):
            count(1000)
            clock.now += 1
    assert written(console) == ["61,000 lines submitted.", "121,000 lines submitted."]


@pytest.mark.parametrize("width", [40, 80, 120])
def test_submitting_fits_a_terminal_and_leaves_nothing(width: int) -> None:
    console = Terminal(file=io.StringIO(), force_terminal=True, width=width, _environ={"TERM": "xterm"})
    with submitting(console, [MemorySource()]) as count:
        count(1_000_000)
    text = "\n".join(written(console))
    assert "1,000,000" in text
    assert text.endswith("\x1b[2K"), "the line is erased"


def test_a_minute_begins_with_the_first_offer(clock: Clock) -> None:
    console = Terminal(file=io.StringIO())
    lines = EveryMinute(console, clock)
    for _ in range(5):
        lines.offer(lambda: f"{clock.now:.0f}")
        clock.now += 30
    assert written(console) == ["1060", "1120"]
