"""Processes forked from one that has loaded everything: a worker takes 4 s of CPU to start, a forked one 0.1 s."""

import atexit
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.cpu_pressure import waited_for_cpu
from workers.process import die_with_parent

#: Seconds between two checks whether a process has ended.
_POLL_INTERVAL = 0.01


def preload() -> None:
    """Load all that a worker loads. Called once, before the first fork, in a process without other threads."""
    from tasks.extract.page import warm  # noqa: PLC0415
    from workers.cli.commands import run as work  # noqa: F401, PLC0415
    from workers.delivery import celery_app, scheduler  # noqa: F401, PLC0415
    from workers.sources import submit as sources  # noqa: F401, PLC0415

    warm()


@dataclass
class ForkedProcess:
    """A forked process that runs `main`; it ends with its parent. `start` may be called again once it has ended."""

    name: str
    main: Callable[[], object]
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)
    pid: int = 0
    starts: int = 0
    #: Exit code, or minus the signal that killed it; None while it runs.
    code: int | None = None

    def start(self) -> None:
        """Fork."""
        parent = os.getpid()
        sys.stdout.flush()
        self.code = None
        self.starts += 1
        self.pid = os.fork()
        if self.pid == 0:
            self._run(parent)

    def ended(self) -> bool:
        """Return whether it has ended."""
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
        return self.code is not None

    def send(self, sig: signal.Signals) -> None:
        """Send a signal if the process still runs."""
        if not self.ended():
            os.kill(self.pid, sig)

    def wait(self, seconds: float) -> None:
        """Wait for its end; kill it and its children after so many seconds.

        Seconds in which processes waited for a CPU do not count.
        """
        deadline = _time_with_cpu() + seconds
        while not self.ended():
            if _time_with_cpu() > deadline:
                os.killpg(self.pid, signal.SIGKILL)
                deadline = float("inf")
            time.sleep(_POLL_INTERVAL)

    def _run(self, parent: int) -> None:
        """Run `main` in the forked process; never returns."""
        code = 1
        try:
            atexit._clear()
            os.setsid()
            die_with_parent(signal.SIGKILL, parent)
            output = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            for number, file in ((0, os.open(os.devnull, os.O_RDONLY)), (1, output), (2, output)):
                os.dup2(file, number)
            for name in (signal.SIGTERM, signal.SIGINT):
                signal.signal(name, signal.SIG_DFL)
            os.environ.update(self.env)
            code = _exit_code(self.main)
            atexit._run_exitfuncs()
        finally:
            with suppress(Exception):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)


def _exit_code(main: Callable[[], object]) -> int:
    try:
        main()
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException:  # noqa: BLE001 - as the interpreter would
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


def newsmill(*arguments: str) -> Callable[[], object]:
    """Return a function that runs `newsmill` with these arguments in its process."""

    def run() -> None:
        from workers.cli import main  # noqa: PLC0415

        sys.argv = ["newsmill", *arguments]
        main()

    return run


def _time_with_cpu() -> float:
    """Return the monotonic time less the seconds in which processes waited for a CPU."""
    return time.monotonic() - waited_for_cpu()
