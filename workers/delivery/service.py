"""The long-running commands: a worker of one queue, and the scheduler."""

import os
import signal
import socket
from types import FrameType

from monitoring.exporter import describe_process, serve
from tasks.pipeline import STAGES
from workers.errors import UserError
from workers.local.supervisor import give_memory_back
from workers.settings import Settings


def run_worker(settings: Settings, queue: str) -> None:
    """Run a Celery worker of `queue` until it is told to stop.

    Threads for the queue that fetches, which waits for the network; processes for any other, which computes.
    Raises SourceError for a queue that no stage is delivered on.
    """
    arguments = worker_arguments(settings, queue)
    if queue == settings.queue_of(STAGES[0].name):
        give_memory_back()
    from workers.delivery.celery_app import make_app  # noqa: PLC0415

    make_app(settings).worker_main(arguments)


def run_scheduler(settings: Settings) -> None:
    """Run a scheduler until SIGTERM or SIGINT."""
    from workers.delivery.celery_app import make_app  # noqa: PLC0415 - a second
    from workers.logs import set_up_logging  # noqa: PLC0415
    from workers.delivery.backlog_metrics import backlog_collector  # noqa: PLC0415
    from workers.delivery.scheduler import Scheduler  # noqa: PLC0415

    set_up_logging(settings)
    app = make_app(settings)
    if settings.metrics_port is not None:
        registry = app.newsmill.meter.registry
        registry.register(backlog_collector(settings))
        describe_process(registry, "scheduler")
        serve(settings.metrics_port, settings.metrics_address, registry)
    scheduler = Scheduler(app, app.newsmill)

    def stop(_number: int, _frame: FrameType | None) -> None:
        scheduler.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    scheduler.run()


def worker_arguments(settings: Settings, queue: str) -> list[str]:
    """Return the command line of Celery's worker for `queue`; SourceError where no stage is delivered on it."""
    queues = sorted({settings.queue_of(stage.name) for stage in STAGES})
    if queue not in queues:
        raise SourceError(f"no stage is delivered on the queue {queue}. The queues are: {', '.join(queues)}.")
    if queue == settings.queue_of(STAGES[0].name):
        pool, size = "threads", settings.fetch_threads
    else:
        pool, size = "prefork", settings.enrich_processes or os.cpu_count() or 1
    hostname = f"{queue}@{socket.gethostname()}-{os.getpid()}"
    events = ["--task-events"] if settings.task_events else []
    return [
        *("worker", "--queues", queue, "--pool", pool, "--concurrency", str(size)),
        *("--hostname", hostname, "--loglevel", settings.log_level.upper(), *events),
        # What workers would tell each other, nobody asks; mingling alone delays each start by a second.
        *("--without-mingle", "--without-gossip"),
    ]
