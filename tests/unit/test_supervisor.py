"""Child processes: they run apart, come back when they die, and never outlive their parent."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from workers.errors import UserError
from workers.local.supervisor import Child, Supervisor, end_leftovers

#: Says that it is ready, then waits; on SIGTERM writes its name to `ends` and goes.
OBEYS = "trap 'echo \"$0\" >> ends; exit 0' TERM; echo ready; while :; do sleep 0.02; done"
#: Ignores SIGTERM, as does its own child, whose pid it says.
STUBBORN = "trap '' TERM; sleep 600 & echo $!; wait"

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs prctl and /proc")


class Clock:
    """The time that workers.local.supervisor sees: it moves when the test or a sleep says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("workers.local.supervisor.time", clock)
    return clock


@pytest.fixture
def children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Child]]:
    """The children of the test; whatever is left of them is killed."""
    monkeypatch.chdir(tmp_path)
    started: list[Child] = []
    yield started
    for child in started:
        if child.process and child.process.poll() is None:
            os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait()


def make(children: list[Child], script: str, name: str = "child") -> Child:
    child = Child(name, ["sh", "-c", script, name], Path(f"{name}.log"), env={"COLOUR": "green"})
    children.append(child)
    return child


def test_ctrl_c_in_the_middle_of_a_fork_is_put_off_not_lost(tmp_path: Path) -> None:
    code = (
        "import os, signal, pathlib, sys; from workers.local.supervisor import Child\n"
        "os.register_at_fork(after_in_parent=lambda: signal.raise_signal(signal.SIGINT))\n"
        "child = Child('child', ['true'], pathlib.Path(sys.argv[1]))\n"
        "try: child.start()\n"
        "except KeyboardInterrupt: print(child.process.wait(), 'Ctrl-C')"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "log")]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (ended.stdout, ended.stderr) == ("0 Ctrl-C\n", "")


def ready(child: Child) -> None:
    """Wait until a child has said something."""
    until(lambda: child.log.exists() and child.log.read_text())


def until(so: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not so():
        assert time.monotonic() < deadline
        os.sched_yield()


def gone(pid: int) -> bool:
    """Return whether a process that is no child of ours has ended; nobody may have asked for its exit code."""
    status = Path("/proc") / str(pid) / "stat"
    return not status.exists() or ") Z " in status.read_text()


def ended(child: Child) -> int:
    """Return the exit code of a child that is about to end."""
    assert child.process
    return child.process.wait(10)


def test_a_child_has_its_environment_and_writes_to_its_log(children: list[Child]) -> None:
    child = make(children, 'echo "$COLOUR"; echo oops >&2')
    child.start()
    assert ended(child) == 0
    assert child.log.read_text() == "green\noops\n"


def test_ctrl_c_does_not_reach_a_child(children: list[Child]) -> None:
    child = make(children, OBEYS)
    child.start()
    assert child.process
    assert os.getsid(child.process.pid) == child.process.pid  # a session of its own


def test_a_child_that_is_alive_is_left_alone(children: list[Child], clock: Clock) -> None:
    child = make(children, OBEYS)
    child.start()
    process = child.process
    clock.now += 100
    child.keep()
    assert (child.process, child.restarts) == (process, 0)


def test_a_child_that_has_ended_comes_back_after_a_pause_that_doubles(
    children: list[Child], clock: Clock
) -> None:
    child = make(children, "exit 3")
    child.start()
    pauses = []
    for number in range(8):
        assert ended(child) == 3
        clock.now += 20  # it did not stay long, but it stayed
        began = clock.now
        while child.restarts == number:
            child.keep()
            clock.now += 0.1
        pauses.append(clock.now - began - 0.1)
    assert pauses == pytest.approx([0.4, 0.8, 1.6, 3.2, 6.4, 10, 10, 10], abs=0.11)


def test_a_child_that_did_well_for_a_minute_comes_back_at_once(children: list[Child], clock: Clock) -> None:
    child = make(children, "exit 3")
    child._pause = 10
    child.start()
    assert ended(child) == 3
    clock.now += 61
    child.keep()
    clock.now += 0.2
    child.keep()
    assert child.restarts == 1


@linux
def test_a_child_that_does_not_go_is_killed_with_all_its_own(children: list[Child]) -> None:
    child = make(children, STUBBORN)
    child.start()
    ready(child)
    child.terminate()
    child.wait(0)
    assert child.process
    assert child.process.returncode == -signal.SIGKILL
    until(lambda: gone(int(child.log.read_text())))


def test_the_first_child_is_the_last_to_go(children: list[Child], tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path / "pids")
    for name in ("server", "one", "two"):
        supervisor.start(child := make(children, OBEYS, name), partial(ready, child))
    supervisor.stop(10)
    ends = Path("ends").read_text().split()
    assert (sorted(ends[:2]), ends[2]) == (["one", "two"], "server")


def test_the_noted_pids_are_those_that_run(children: list[Child], tmp_path: Path, clock: Clock) -> None:
    pids = tmp_path / "pids"
    supervisor = Supervisor(pids)
    stays, dies = make(children, OBEYS, "stays"), make(children, "exit 1", "dies")
    supervisor.start(stays, lambda: ready(stays))
    supervisor.start(dies)
    assert ended(dies) == 1
    for _ in range(2):
        supervisor.keep()
        clock.now += 1
    running = [child.process.pid for child in (stays, dies) if child.process]
    assert dies.restarts == 1
    assert [int(line) for line in pids.read_text().split()] == running
    supervisor.stop(10)
    assert not pids.exists()


PARENT = """
import sys, time
from pathlib import Path
from workers.local.supervisor import Child
child = Child("orphan", ["sleep", "600"], Path(sys.argv[1]))
child.start()
print(child.process.pid, flush=True)
time.sleep(600)
"""


@linux
def test_a_child_ends_with_its_parent_even_if_that_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path / "log")], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout
        orphan = int(parent.stdout.readline())
        assert not gone(orphan)
        parent.kill()
    until(lambda: gone(orphan))


@linux
def test_what_an_earlier_run_left_is_ended_and_nothing_else(children: list[Child], tmp_path: Path) -> None:
    ours, others = make(children, OBEYS, "ours-4711"), make(children, OBEYS, "others")
    for child in (ours, others):
        child.start()
        ready(child)
    assert ours.process
    assert others.process
    pids = tmp_path / "pids"
    pids.write_text(f"{ours.process.pid}\n{others.process.pid}\n999999999\n")
    end_leftovers(pids, "ours-4711")
    assert ended(ours) == 0
    assert others.process.poll() is None
    assert not pids.exists()


@linux
def test_what_an_earlier_run_left_and_does_not_go_is_killed(
    children: list[Child], tmp_path: Path, clock: Clock
) -> None:
    child = make(children, STUBBORN, "stubborn-4711")
    child.start()
    ready(child)
    assert child.process
    (tmp_path / "pids").write_text(f"{child.process.pid}\n")
    began = clock.now
    end_leftovers(tmp_path / "pids", "stubborn-4711")
    assert ended(child) == -signal.SIGKILL
    assert clock.now - began >= 10


def test_a_run_that_left_nothing_is_no_error(tmp_path: Path) -> None:
    end_leftovers(tmp_path / "pids", "mark")


def test_a_child_that_never_stays_is_given_up(children: list[Child], clock: Clock) -> None:
    child = make(children, "exit 3")
    child.start()

    def keep_at_it() -> None:
        for _ in range(100):
            ended(child)
            child.keep()
            clock.now += 11

    with pytest.raises(
        UserError, match=r"child always ends soon after its start \(exit code 3\)\. See child\.log"
    ):
        keep_at_it()
    assert child.restarts == 5


def test_a_child_that_ends_with_a_users_error_is_not_started_again(
    children: list[Child], clock: Clock
) -> None:
    child = make(children, "echo starting >&2; echo 'newsmill: The store is too new. Upgrade.' >&2; exit 2")
    child.start()
    ended(child)
    clock.now += 5
    told = r"child cannot start\. The store is too new\. Upgrade\. See child\.log\."
    with pytest.raises(UserError, match=told):
        child.keep()
    assert child.restarts == 0


def test_a_process_ends_within_its_time_whatever_its_threads_wait_for() -> None:
    waits = "import threading, workers.process as p; p.end_within(0.1); threading.Event().wait()"
    assert subprocess.run([sys.executable, "-c", waits], check=False, timeout=60).returncode == 0


def test_a_child_that_cannot_be_started_now_does_not_cost_the_others(
    children: list[Child], tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    supervisor = Supervisor(tmp_path / "pids")
    first, second = [supervisor.start(make(children, "exit 1", name)) for name in ("first", "second")]
    for child in (first, second):
        assert child.process
        child.process.wait()
    supervisor.keep()  # notes that they have ended

    def no_memory() -> None:
        raise OSError("Cannot allocate memory")

    monkeypatch.setattr(first, "start", no_memory)
    clock.now += 60
    supervisor.keep()
    assert second.restarts == 1
