"""The Celery application: its configuration, with the reason for each setting, and how its processes start and stop."""

import gc
import logging
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import structlog
from celery import Celery, signals
from kombu.entity import Queue

from workers.delivery.compat import kombu_keys, kombu_transport
from workers.delivery.compat.billiard_pool import noticing_deaths
from workers.delivery.compat.celery_messages import bound_arguments
from workers.delivery.compat.celery_worker import before_stop, change_pool, consumed_queues, has_processes
from workers.delivery.compat.kombu_connection import reconnect_fast
from workers.delivery.heartbeat import beat_while_working, this_process
from workers.delivery.inbox import Inbox
from workers.delivery.pool_metrics import serve_metrics
from workers.delivery.queues import stages_by_queue, stages_of, uses_contents
from workers.delivery.runtime import Runtime
from workers.delivery.startup import prepare
from workers.delivery.tasks import register
from workers.errors import EXIT_CODE, INTERRUPTED, UserError
from workers.ledger.processes import WORKER
from workers.logs import set_up_logging
from workers.output.printable import printable
from workers.process import die_with_parent, end_within
from workers.settings import Settings
from workers.uncaught import log_what_nobody_catches

_A_DAY = 24 * 3600
#: Thresholds of the garbage collector (gc.set_threshold). With Python's own, 700, 10 and 10, a page's extraction takes
#: 6 % longer; higher ones, or none, give nothing more.
_COLLECT_AFTER = (5000, 20, 20)

_Result = TypeVar("_Result")

log = structlog.get_logger(__name__)


def make_app(settings: Settings, log_file: Path | None = None) -> Celery:
    """Return the application with a task for each stage; does not connect. A worker's log goes to `log_file`, if given."""
    kombu_transport.use()
    app = Celery("newsmill", broker=kombu_transport.broker_url(settings.redis_address()), set_as_current=True)
    app.conf.update(configuration(settings))
    app.conf.broker_transport_options["inbox"] = Inbox(settings)
    reconnect_fast(app)
    bound_arguments(app)
    runtime = Runtime(settings)
    app.newsmill = runtime
    register(app, runtime)
    _prepare_processes(runtime)
    signals.setup_logging.connect(lambda **_: _log(settings, log_file), weak=False)
    return app


def _log(settings: Settings, file: Path | None) -> None:
    set_up_logging(settings, file)
    log_what_nobody_catches()


def configuration(settings: Settings) -> dict[str, Any]:
    """Return Celery's configuration."""
    queues = list(stages_by_queue(settings))
    return {
        "task_serializer": "json",
        "accept_content": ["json"],
        "result_backend": None,
        "task_ignore_result": True,
        # A message is acknowledged once its article is settled, deferred or passed on. If its child dies or reaches the
        # hard limit, it is delivered again at once (the ledger bounds how often); if its worker dies, with its lease.
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_acks_on_failure": True,
        "task_acks_on_timeout": False,
        "task_queues": [Queue(name, routing_key=name) for name in queues],
        "task_default_exchange": "newsmill",
        "task_default_queue": queues[0],
        "task_create_missing_queues": True,
        # With a prefetched message, a process would begin another article while its worker shuts down.
        "worker_prefetch_multiplier": 1,
        # lxml and the parsers keep memory; it is freed when a process is replaced.
        "worker_max_tasks_per_child": settings.tasks_per_child,
        "worker_max_memory_per_child": settings.child_memory_mb * 1024,
        "worker_send_task_events": settings.task_events,
        "task_send_sent_event": settings.task_events,
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "task_publish_retry_policy": {"max_retries": 60, "interval_start": 0, "interval_max": 1},
        "broker_transport_options": {
            **kombu_keys.transport_options(settings.key_prefix),
            "address": settings.redis_address(),
            # kombu delivers unacknowledged messages again that are older than this by the clock of any worker, even a
            # wrong one. newsmill has leases for that, on Redis's clock; the scheduler deletes kombu's copies
            # (compat/kombu_unacked.py).
            "visibility_timeout": _A_DAY,
            "unacked_restore_interval": 5,
            "unacked_restore_throttle": 1,
            "unacked_mutex_expire": 30,
            "socket_timeout": 30,
            "socket_connect_timeout": 5,
            "health_check_interval": 25,
            "queue_order_strategy": "round_robin",
        },
    }


def _or_exit(step: Callable[[], _Result]) -> _Result:
    """Return the result of a step that a worker cannot start without; if it fails, log that and exit with code 1.

    Celery logs what a signal's receiver raises and goes on without what it was to do; of SystemExit it loses the code.
    A UserError ends it as it ends a command: in one line, with EXIT_CODE.
    """
    try:
        return step()
    except UserError as error:
        sys.stderr.write(f"newsmill: {printable(str(error))}\n")
        code = EXIT_CODE
    except Exception as error:
        log.exception("Cannot start the worker", error=str(error))
        code = 1
    logging.shutdown()
    sys.stderr.flush()
    os._exit(code)


def _prepare_processes(runtime: Runtime) -> None:
    """Load before the fork, connect after it."""
    settings = runtime.settings

    def before_fork(instance: Any, **_: Any) -> None:
        gc.set_threshold(*_COLLECT_AFTER)
        if has_processes(instance):
            change_pool(instance, noticing_deaths)
        if settings.metrics_port is not None:
            serve_metrics(runtime, instance)
        queues = consumed_queues(instance)
        stages = stages_of(settings, queues)
        if has_processes(instance):
            _or_exit(lambda: runtime.load(stages))
        pair = _or_exit(lambda: prepare(settings, contents=uses_contents(stages)))
        pool = "processes" if has_processes(instance) else "threads"
        process = this_process(WORKER, queues=sorted(queues), pool=pool, size=instance.concurrency)
        beat_while_working(settings, process, pair)

    def after_fork(**_: Any) -> None:
        # If the worker is killed, its children must end, too: their articles come back elsewhere.
        die_with_parent(signal.SIGKILL, os.getppid())

    def on_shutdown(sig: str, **_: Any) -> None:
        # SIGTERM is Celery's warm shutdown: the worker takes no more messages and waits for its running tasks, without a
        # limit. The limit is set here; unfinished articles come back with their leases. Celery's soft shutdown has a limit,
        # but waits and kills within the signal's handler: it kills tasks that have just started (on a busy machine an
        # article had a second attempt in two of twelve runs), and may hang there.
        end_within(settings.drain_seconds, INTERRUPTED if sig == "SIGINT" else 0)

    def on_init(sender: Any, **_: Any) -> None:
        # After an "Unrecoverable error" Celery stops the worker, and may wait for its processes for ever.
        before_stop(sender, lambda code: end_within(settings.drain_seconds, code))

    signals.worker_init.connect(on_init, weak=False)
    signals.worker_shutting_down.connect(on_shutdown, weak=False)
    signals.celeryd_after_setup.connect(before_fork, weak=False)
    signals.worker_process_init.connect(after_fork, weak=False)
