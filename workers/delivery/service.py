"""The long-running commands: a worker of one queue, and the scheduler."""

import os
import signal
import socket
from pathlib import Path
from types import FrameType

from monitoring.exporter import describe_process, serve
from tasks.stage import Pool
from workers.delivery.queues import pool_of, stages_by_queue, uses_contents
from workers.errors import UserError
from workers.process import give_memory_back
from workers.settings import Settings


def run_worker(
    settings: Settings, queue: str, *, take_over: bool = False, log_file: Path | None = None
) -> None:
    """Run a Celery worker of `queue` until SIGTERM, or until SIGINT, which raises KeyboardInterrupt at its end.

    Its pool is of threads if all stages of the queue use threads, else of processes. With `take_over`, the ledger belongs
    to this store from then on. Its log goes to `log_file`, if given. Raises UserError for a queue that no stage uses.
    """
    arguments = worker_arguments(settings, queue)
    if take_over:
        from workers.delivery.startup import prepare  # noqa: PLC0415
        from workers.logs import set_up_logging  # noqa: PLC0415

        set_up_logging(settings, log_file)
        prepare(settings, take_over=True, contents=uses_contents(stages_by_queue(settings)[queue]))
    if pool_of(settings, queue) is Pool.THREADS:
        give_memory_back()
    from celery import signals  # noqa: PLC0415

    from workers.delivery.celery_app import make_app  # noqa: PLC0415

    stopped_by: list[str] = []
    signals.worker_shutting_down.connect(lambda sig, **_: stopped_by.append(sig), weak=False)
    make_app(settings, log_file).worker_main(arguments)
    if "SIGINT" in stopped_by:
        raise KeyboardInterrupt


def run_scheduler(settings: Settings, *, take_over: bool = False, log_file: Path | None = None) -> None:
    """Run a scheduler until SIGTERM, or until SIGINT, which raises KeyboardInterrupt at its end.

    With `take_over`, the ledger belongs to this store from then on. Its log goes to `log_file`, if given.
    """
    from workers.delivery.backlog_metrics import backlog_collector  # noqa: PLC0415
    from workers.delivery.celery_app import make_app  # noqa: PLC0415 - a second
    from workers.delivery.heartbeat import Heartbeat, this_process  # noqa: PLC0415
    from workers.delivery.scheduler import Scheduler  # noqa: PLC0415
    from workers.delivery.startup import prepare  # noqa: PLC0415
    from workers.ledger.processes import SCHEDULER  # noqa: PLC0415
    from workers.ledger.rekey import Rekeying  # noqa: PLC0415
    from workers.logs import set_up_logging  # noqa: PLC0415

    set_up_logging(settings, log_file)
    pair = prepare(settings, take_over=take_over)
    app = make_app(settings)
    if settings.metrics_port is not None:
        registry = app.newsmill.meter.registry
        registry.register(backlog_collector(settings))
        describe_process(registry, "scheduler")
        serve(settings.metrics_port, settings.metrics_address, registry)
    runtime = app.newsmill
    heartbeat = Heartbeat(runtime.redis, settings.key_prefix, this_process(SCHEDULER), pair)
    rekeying = Rekeying(runtime.redis, settings.key_prefix, runtime.store, settings.url_keys)
    scheduler = Scheduler(app, runtime, heartbeat, rekeying)

    stopped_by: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        stopped_by.append(number)
        scheduler.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    scheduler.run()
    if signal.SIGINT in stopped_by:
        raise KeyboardInterrupt


def worker_arguments(settings: Settings, queue: str) -> list[str]:
    """Return the arguments of `celery worker` for `queue`; UserError if no stage uses it."""
    queues = stages_by_queue(settings)
    if queue not in queues:
        raise UserError(f"No stage uses the queue {queue}. The queues are: {', '.join(sorted(queues))}.")
    pool = pool_of(settings, queue)
    size = (
        settings.fetch_threads if pool is Pool.THREADS else settings.enrich_processes or os.cpu_count() or 1
    )
    hostname = f"{queue}@{socket.gethostname()}-{os.getpid()}"
    events = ["--task-events"] if settings.task_events else []
    return [
        *("worker", "--queues", queue, "--pool", pool.value, "--concurrency", str(size)),
        *("--hostname", hostname, "--loglevel", settings.log_level.upper(), *events),
        # newsmill does not use gossip and mingle; mingle delays each start by a second.
        *("--without-mingle", "--without-gossip"),
    ]
