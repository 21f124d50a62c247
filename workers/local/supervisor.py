"""The supervisor of `newsmill run`: it restarts child processes that end. They end with their parent."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from monitoring.unexpected import unexpected
from workers.errors import EXIT_CODE, UserError
from workers.process import die_with_parent, undisturbed

log = structlog.get_logger(__name__)

#: After so many ends in a row, each within so many seconds of the start, a child is not restarted.
_HOPELESS, _EARLY = 6, 15.0
#: Seconds before a restart: twice as long each time, up to the cap; the first again after a child ran for `_GOOD` seconds.
_RESTART_BASE, _RESTART_CAP, _GOOD = 0.2, 10.0, 60.0


@dataclass
class Child:
    """A command to keep running; its output goes to `log`."""

    name: str
    command: list[str]
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)
    #: Signal that the child gets when this process is killed.
    orphan_signal: signal.Signals = signal.SIGKILL

    process: "subprocess.Popen[bytes] | None" = None
    restarts: int = 0
    _early_ends: int = 0
    _started: float = 0.0
    _again_at: float = 0.0
    _pause: float = _RESTART_BASE

    def start(self) -> None:
        """Start the command in a session of its own, so that Ctrl-C reaches only the parent."""
        parent = os.getpid()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output, undisturbed():
            self.process = subprocess.Popen(  # noqa: S603 - our own command lines
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **self.env},
                start_new_session=True,
                preexec_fn=lambda: die_with_parent(self.orphan_signal, parent),  # noqa: PLW1509
            )
        self._started = time.monotonic()

    def keep(self) -> None:
        """Restart the command if it has ended and its pause is over.

        Raises UserError if it always ends soon, or ends with an error that the user can put right.
        """
        if self.process is None or self.process.poll() is None:
            return
        now = time.monotonic()
        if not self._again_at:
            code = self.process.returncode
            self._count_early_end(code, now)
            log.warning("process ended, restarting it", name=self.name, code=code, log=str(self.log))
            self._pause = _RESTART_BASE if now - self._started > _GOOD else min(self._pause * 2, _RESTART_CAP)
            self._again_at = now + self._pause
        if now >= self._again_at:
            self._again_at = 0.0
            self.restarts += 1
            self.start()

    def _count_early_end(self, code: int, now: float) -> None:
        """Raise UserError for a child that always ends soon."""
        self._early_ends = self._early_ends + 1 if now - self._started < _EARLY else 0
        if self._early_ends and code == EXIT_CODE:
            raise UserError(f"{self.name} cannot start. {self._last_line()} See {self.log}.")
        if self._early_ends >= _HOPELESS:
            raise UserError(
                f"{self.name} always ends soon after its start (exit code {code}). See {self.log}."
            )

    def _last_line(self) -> str:
        """Return the last line that the child wrote, which says why it ended."""
        lines = self.log.read_text("utf-8", "replace").splitlines()
        return lines[-1].removeprefix("newsmill: ") if lines else ""

    def terminate(self) -> None:
        """Ask the process to end."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait(self, seconds: float) -> None:
        """Wait until the process has ended; kill it after `seconds`."""
        if self.process is None:
            return
        try:
            self.process.wait(max(seconds, 0.01))
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@contextmanager
def running(child: Child) -> Iterator[Child]:
    """Run a process during the block."""
    child.start()
    try:
        yield child
    finally:
        child.terminate()
        child.wait(30)


class Supervisor:
    """Keeps children running, and ends them in reverse order of their start."""

    def __init__(self, pid_file: Path) -> None:
        self._pid_file = pid_file
        self._children: list[Child] = []

    def start(self, child: Child, ready: Callable[[], None] | None = None) -> Child:
        """Start a child; return when `ready` has returned."""
        self._children.append(child)
        child.start()
        self._note_pids()
        if ready:
            ready()
        return child

    def keep(self) -> None:
        """Restart the children that have ended."""
        before = [child.restarts for child in self._children]
        for child in self._children:
            try:
                child.keep()
            except UserError:
                raise
            except Exception as error:  # noqa: BLE001 - no memory for a fork, say: the other children still need it
                unexpected("supervisor", error)
        if before != [child.restarts for child in self._children]:
            self._note_pids()

    def stop(self, seconds: float) -> None:
        """End all children in reverse order of their start, those of one group together."""
        workers, servers = self._children[1:], self._children[:1]
        for group in (workers, servers):
            deadline = time.monotonic() + seconds
            for child in group:
                child.terminate()
            for child in group:
                child.wait(deadline - time.monotonic())
        self._children.clear()
        self._pid_file.unlink(missing_ok=True)

    def _note_pids(self) -> None:
        pids = [child.process.pid for child in self._children if child.process]
        self._pid_file.write_text("".join(f"{pid}\n" for pid in pids))


def end_leftovers(pid_file: Path, mark: str) -> None:
    """End the processes of an earlier run that was killed, by the ids in `pid_file`.

    Only those with `mark` in their environment or command line, since ids are reused. On Linux none should be left
    (`die_with_parent`), but a Redis may still be writing its file.
    """
    pids = [int(line) for line in pid_file.read_text().split()] if pid_file.exists() else []
    for sig, seconds in ((signal.SIGTERM, 10.0), (signal.SIGKILL, 5.0)):
        alive = [pid for pid in pids if _is_ours(pid, mark)]
        for pid in alive:
            os.kill(pid, sig)
        deadline = time.monotonic() + seconds
        while any(_is_ours(pid, mark) for pid in alive) and time.monotonic() < deadline:
            time.sleep(0.05)
    pid_file.unlink(missing_ok=True)


def _is_ours(pid: int, mark: str) -> bool:
    proc = Path("/proc") / str(pid)
    try:
        if (proc / "stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return False
        return mark.encode() in (proc / "cmdline").read_bytes() + (proc / "environ").read_bytes()
    except OSError:
        return False
