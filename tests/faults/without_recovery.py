"""newsmill with recovery off, to show that the suite can see a loss.

Celery with its defaults (messages are acknowledged before they are processed, and none is delivered again), and a
scheduler that never looks for expired leases.
"""

import signal

from workers.delivery.service import worker_arguments
from workers.settings import Settings, load_settings


def run(command: tuple[str, ...]) -> None:
    """Run `scheduler` or `worker QUEUE`, with the settings of the environment."""
    settings = load_settings()
    match command:
        case ("scheduler",):
            run_scheduler(settings)
        case ("worker", queue):
            run_worker(settings, queue)


def run_scheduler(settings: Settings) -> None:
    """Run a scheduler that does not reclaim expired leases."""
    from workers.delivery.celery_app import make_app  # noqa: PLC0415
    from workers.delivery.scheduler import Scheduler  # noqa: PLC0415

    class WithoutReclaim(Scheduler):
        def reclaim(self) -> None:
            pass

    app = make_app(settings)
    scheduler = WithoutReclaim(app, app.newsmill)
    signal.signal(signal.SIGTERM, lambda *_: scheduler.stop())
    scheduler.run()


def run_worker(settings: Settings, queue: str) -> None:
    """Run a worker that acknowledges before it processes."""
    from workers.delivery.celery_app import make_app  # noqa: PLC0415

    app = make_app(settings)
    app.conf.task_acks_late = False
    app.conf.task_reject_on_worker_lost = False
    # Celery's own default: longer than any experiment.
    app.conf.broker_transport_options["visibility_timeout"] = 3600
    app.worker_main(worker_arguments(settings, queue))
