"""`newsmill status --watch`: what it draws, in which place, and that it goes on when a look fails."""

import io
import re
from dataclasses import replace
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisIsAway
from rich.console import Console

from monitoring.backlog import RedisState
from tasks.article import Outcome
from workers.cli.live_screen import Screen, watch
from workers.cli.widgets import spark
from workers.inspect.live_status import HeldHost, Hosts, LiveStatus, Rates, stage_times
from workers.inspect.status import Status
from workers.inspect.working import Working
from workers.ledger.entries import Snapshot
from workers.ledger.processes import Process, Seen

NOW = 1_800_000_000_000
SETTLED = {Outcome.ENRICHED: 900, Outcome.DUPLICATE: 60, Outcome.REJECTED: 30, Outcome.FAILED: 10}
RATES = Rates({outcome: (0,) * 48 + (5 * number,) * 12 for number, outcome in enumerate(Outcome)}, 5, 5.0)
TALLY = [("enriched", None, 900), ("rejected", "robots", 30), ("failed", "timeout", 10)]
HOSTS = Hosts(12, 3456, tuple(HeldHost(f"news-{n}.test", 90 - n, n) for n in range(20)))
QUEUES = ("fetch", "enrich")


def process(kind: str, *queues: str, pool: str = "", size: int = 0) -> Seen:
    return Seen(Process(kind, "host", 1, "0.1.0", queues, pool, size), 1.0)


FETCH = process("worker", "fetch", pool="threads", size=32)
PROCESSES = (process("scheduler"), FETCH, FETCH, process("worker", "enrich", pool="processes", size=4))


def redis(memory: int, limit: int, *, aof_ok: bool = True) -> RedisState:
    return RedisState(memory=memory, memory_limit=limit, aof_ok=aof_ok, evicted_keys=0, clients=1, commands=1)


def live(**changes: Any) -> LiveStatus:
    snapshot = Snapshot(12_345, 187, 42, SETTLED, NOW - 7_500_000, NOW + 4200, NOW)
    whole = LiveStatus(
        status=Status(snapshot, TALLY, 1.0, Working(PROCESSES, QUEUES)),
        in_flight_limit=200,
        rates=RATES,
        stages=stage_times([{"fetch": 30.0, "extract": 10.0}]),
        hosts=HOSTS,
        redis=redis(81_000_000, 512_000_000),
    )
    return replace(whole, **changes)


def lines(picture: Screen, width: int = 100, height: int = 30, **options: Any) -> list[str]:
    """Return the screen as it is drawn on a terminal of that size."""
    console = Console(file=io.StringIO(), width=width, height=height, **options)
    console.print(picture)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def screen(picture: Screen, **size: Any) -> str:
    return "\n".join(lines(picture, **size))


@pytest.mark.parametrize(
    "said",
    [
        r"waiting +12,345 ",
        r"in flight +187 .* of 200 ",
        r"deferred +42 in 4.2 s",
        r"oldest URL +2 h 5 min",
        r"done in about +34 min 56 s",  # 12,574 at 6 a second
        r"Redis +81.0 MB .* of 512 MB",
        r"duplicate +1.0 .* 60 +6% ",
        r"all +6.0 .* 1,000 ",
        r"fetch +30.0 .* 75%",
        r"extract +10.0 .* 25%",
        r"robots +rejected +30 ",
        r"timeout +failed +10 ",
        r"Hosts: 12 due, 3,456 held back",
        r"news-1.test +1 min 29 s +1 ",
        r"12,574 URLs to go +1,000 settled",
        r"working: 1 scheduler, 2 fetch \(64 threads\), 1 enrich \(4 processes\)",
    ],
)
def test_the_dashboard_says(said: str) -> None:
    assert re.search(said, screen(Screen(live())))


@pytest.mark.parametrize(("width", "height"), [(40, 20), (60, 20), (80, 24), (120, 40), (200, 60), (20, 5)])
def test_the_screen_is_filled_and_never_overflows(width: int, height: int) -> None:
    drawn = lines(Screen(live()), width=width, height=height)
    assert len(drawn) == height
    assert max(map(len, drawn)) <= width


def test_a_kind_of_process_that_is_missing_is_named_with_its_command() -> None:
    def shown(*processes: Seen) -> str:
        status = replace(live().status, working=Working(processes, QUEUES))
        return screen(Screen(live(status=status)), width=160)

    everybody = "start newsmill scheduler, newsmill worker fetch, newsmill worker enrich."
    assert f"Nobody takes these 12,574 URLs: {everybody}" in shown()
    line = "No enrich worker runs, so these 12,574 URLs will not be done: start newsmill worker enrich."
    assert line in shown(process("scheduler"), FETCH)
    assert "working" not in shown(FETCH)


def test_a_process_cannot_write_markup_into_the_screen() -> None:
    evil = Working((process("worker", "[bold]x", pool="[/bold]", size=1), *PROCESSES), QUEUES)
    drawn = screen(Screen(live(status=replace(live().status, working=evil))))
    assert "1 [bold]x (1 [/bold])" in drawn


def test_two_panels_stand_side_by_side_where_there_is_room() -> None:
    assert re.search("Is it keeping up.*Articles a second", screen(Screen(live()), width=80))
    assert not re.search("Is it keeping up.*Articles a second", screen(Screen(live()), width=79))


def test_a_higher_screen_lists_more_hosts() -> None:
    shown = [screen(Screen(live()), height=height).count("news-") for height in (24, 30, 60)]
    assert shown == [3, 9, 20]


def test_a_small_screen_shows_what_matters_most() -> None:
    small = screen(Screen(live()), width=60, height=18)
    assert "waiting" in small
    assert "enriched" in small
    assert "Reasons" not in small


def test_a_terminal_without_colours_gets_no_escape_sequences() -> None:
    assert "\x1b" not in screen(Screen(live()))
    assert "\x1b[3" in screen(Screen(live()), force_terminal=True, color_system="standard")


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_terminal_without_utf_8_gets_ascii(width: int) -> None:
    console = Console(file=io.TextIOWrapper(io.BytesIO(), "ascii"), width=width, height=30)
    console.print(Screen(live(hosts=Hosts(0, 1, (HeldHost("long." * 40, 9, 0),)))))


def test_a_host_cannot_write_markup_into_the_screen() -> None:
    evil = Hosts(0, 1, (HeldHost("[bold]a.test[/bold]", 9.0, 0),))
    assert "[bold]a.test[/bold]" in screen(Screen(live(hosts=evil)))


def test_an_idle_mill_says_so() -> None:
    idle = live(
        status=Status(
            Snapshot(0, 0, 0, dict.fromkeys(Outcome, 0), None, None, NOW), [], 0.0, Working((), QUEUES)
        ),
        rates=Rates(dict.fromkeys(Outcome, (0,) * 60), 5, 1.0),
        stages=(),
        hosts=Hosts(0, 0, ()),
        redis=redis(1_000_000, 0),
    )
    drawn = screen(Screen(idle))
    assert "nothing left to do" in drawn
    assert "working: nobody" in drawn
    assert "nothing settled yet" in drawn
    assert "no host is held back" in drawn
    assert "no article was rejected or failed" in drawn
    assert "no limit" in drawn
    assert re.search("done in about +-", drawn)


def test_a_redis_that_cannot_save_is_a_reason_to_look_up() -> None:
    assert "cannot save" in screen(Screen(live(redis=redis(1, 2, aof_ok=False))))


@pytest.mark.parametrize(
    ("counts", "width", "line"),
    [
        ((0, 0, 0), 3, "aaa"),
        ((0, 1, 7), 3, "abh"),
        ((0, 1, 1000), 3, "abh"),  # whatever is not nothing is seen
        ((1, 1, 2, 2), 2, "eh"),  # two counts a character
        ((1, 1, 2, 2, 2), 2, "eh"),  # two and three
        ((1, 2), 9, "eh"),
        ((), 5, ""),
        ((5, 5), 0, "h"),
    ],
)
def test_a_sparkline_fits_its_width(counts: tuple[int, ...], width: int, line: str) -> None:
    assert spark(counts, width, "abcdefgh") == line


def test_a_rate_is_that_of_the_last_minute() -> None:
    assert RATES.per_second(RATES.counts[Outcome.REJECTED]) == pytest.approx(2)


def test_the_rate_of_a_run_that_began_just_now_is_over_its_own_time() -> None:
    young = Rates(dict.fromkeys(Outcome, (0,) * 58 + (10, 4)), 5, 2.0)
    assert young.per_second(young.counts[Outcome.ENRICHED]) == pytest.approx(14 / 7)


def test_a_stages_mean_is_over_the_articles_that_reached_it() -> None:
    found = stage_times([{"fetch": 10.0, "extract": 60.0}, {"fetch": 30.0}])
    assert [(one.stage, one.mean_ms, one.share) for one in found] == [
        ("extract", 60, 0.6),
        ("fetch", 20, 0.4),
    ]


class Reader:
    """Looks that answer, or fail, as told."""

    def __init__(self, *answers: LiveStatus | Exception) -> None:
        self.answers = list(answers)

    def read(self) -> LiveStatus:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def watched(looks: Reader) -> str:
    """Return what is on a terminal at the end of the looks."""
    console = Console(file=io.StringIO(), width=100, height=30, force_terminal=True, color_system=None)

    def sleep(seconds: float) -> None:
        assert seconds == 7
        if not looks.answers:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        watch(console, looks, every=7, sleep=sleep)  # type: ignore[arg-type]
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_watch_keeps_the_screen_while_redis_is_away_and_goes_on_after_it() -> None:
    shown = watched(Reader(live(), RedisIsAway("refused\nby 127.0.0.1"), live(in_flight_limit=777)))
    assert "No answer: refused" in shown
    assert shown.rindex("of 777") > shown.rindex("No answer")


def test_watch_gives_up_when_the_first_look_fails() -> None:
    with pytest.raises(RedisIsAway):
        watch(Console(file=io.StringIO()), Reader(RedisIsAway("refused")), every=7)  # type: ignore[arg-type]


def test_watch_leaves_the_terminal_as_it_was() -> None:
    shown = watched(Reader(live(), live()))
    assert shown.count("\x1b[?1049h") == shown.count("\x1b[?1049l") == 1
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")
