"""The heartbeat of a scheduler or a worker: it says that the process works, and asks whether the ledger is still its own."""

import os
import signal
import socket
import threading
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version

import structlog
from celery import signals
from redis.exceptions import RedisError, ResponseError

from monitoring.unexpected import unexpected
from workers.ledger.identity import is_id, new_id
from workers.ledger.pair import ForeignLedgerError, Pair
from workers.ledger.processes import BEAT_EVERY, Process, Processes
from workers.ledger.redis_client import RedisClient, connect
from workers.settings import Settings

#: Seconds that a beat may wait for Redis. No process is forked meanwhile.
_PATIENCE = 2.0

log = structlog.get_logger(__name__)


def this_process(kind: str, *, queues: Iterable[str] = (), pool: str = "", size: int = 0) -> Process:
    """Return what this process says of itself."""
    return Process(kind, socket.gethostname(), os.getpid(), version("newsmill"), tuple(queues), pool, size)


def beat_while_working(settings: Settings, process: Process, pair: Pair) -> None:
    """Let this Celery worker beat from the moment that it is ready until it takes no more messages.

    Call it in the worker's main process. Its children do not beat: a thread is not forked.
    """
    heart = WorkerHeartbeat(settings, process, pair)
    signals.worker_ready.connect(lambda **_: heart.start(), weak=False)
    signals.worker_shutting_down.connect(lambda **_: heart.stop(), weak=False)
    signals.worker_shutdown.connect(lambda **_: heart.end(), weak=False)


class Heartbeat:
    """The beats of one process on one pair of ledger and store."""

    def __init__(self, redis: RedisClient, prefix: str, process: Process, pair: Pair) -> None:
        self._processes = Processes(redis, prefix)
        self._process = process
        self._pair = pair
        self._id = new_id()

    def beat(self) -> None:
        """Beat once.

        Raises ForeignLedgerError if the ledger belongs to another store by now, ValueError where nobody can tell, and
        redis.RedisError.
        """
        answer = self._processes.beat(self._id, self._process, self._pair)
        if not is_id(answer.store):
            raise ValueError(f"the ledger belongs to {answer.store[:40]!r}, which is not the id of a store")
        if answer.store != self._pair.store:
            raise ForeignLedgerError(
                f"This Redis was taken over by the store {answer.store_name}; until now it belonged to {self._pair.store_name}."
            )
        if answer.was_lost:
            log.warning(
                "This Redis was emptied or replaced: what waited in it is gone. Submit your lists again",
                store=self._pair.store_name,
            )

    def leave(self) -> None:
        """Say that the process ends. Raises redis.RedisError."""
        self._processes.leave(self._id)


class WorkerHeartbeat:
    """The beats of a worker, in a thread of its main process, which has its own connection.

    If Redis is away, it tries again at the next beat. If the ledger belongs to another store, it ends the worker.
    """

    def __init__(self, settings: Settings, process: Process, pair: Pair) -> None:
        self._client = connect(settings, timeout=_PATIENCE)
        self._heartbeat = Heartbeat(self._client, settings.key_prefix, process, pair)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Begin to beat."""
        _no_fork_while_locked()
        self._thread.start()

    def stop(self) -> None:
        """Beat no more, and say that the process ends, soon; for a signal's handler."""
        self._stopped.set()

    def end(self) -> None:
        """Stop, and wait until that was said, or until Redis has not answered."""
        self.stop()
        if self._thread.is_alive():
            self._thread.join(_PATIENCE)

    def _run(self) -> None:
        while not self._stopped.is_set() and self._beats():
            self._stopped.wait(BEAT_EVERY)
        try:
            self._heartbeat.leave()
        except RedisError as error:
            log.debug("Cannot reach Redis for a last heartbeat", error=str(error))
        self._client.close()

    def _beats(self) -> bool:
        """Beat once; return whether to go on."""
        with _lock:
            try:
                self._heartbeat.beat()
            except ResponseError as error:
                unexpected("heartbeat", error)
            except RedisError as error:
                log.debug("Cannot reach Redis for a heartbeat", error=str(error))
            except ForeignLedgerError as error:
                # What this worker would do from now on would be missing in the other store.
                log.error("The worker ends", error=str(error))  # noqa: TRY400 - one line
                os.kill(os.getpid(), signal.SIGTERM)
                return False
            except Exception as error:  # noqa: BLE001 - a worker without a heartbeat seems to be dead
                unexpected("heartbeat", error)
        return True


#: Held during a beat and during a fork. A child that is forked while another thread holds a lock of some library (of the
#: name resolver, say) would wait for that lock for ever.
_lock = threading.Lock()


@cache
def _no_fork_while_locked() -> None:
    os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)
