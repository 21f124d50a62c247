"""`newsmill worker` and `newsmill scheduler`: the processes of a cluster."""
# ruff: noqa: PLC0415 - modules are imported when a command is called, so that `--help` is fast

from typing import Annotated

from workers.cli.common import common, read_settings
from workers.cli.options import TakeOverOption, argument, queues, some_of


def worker(
    queue: Annotated[
        str,
        argument(
            "fetch, enrich, or a queue in NEWSMILL_QUEUES.", metavar="queue", autocompletion=some_of(queues)
        ),
    ],
    *,
    take_over: TakeOverOption = False,
) -> None:
    """Process the tasks of one queue until stopped. Any number may run.

    SIGTERM ends it, with exit code 0, after the tasks that are running.

    Example: `newsmill worker fetch`
    """
    from workers.delivery.service import run_worker
    from workers.local.folder_redis import require_other_redis

    settings = read_settings()
    require_other_redis(settings)
    run_worker(settings, queue, take_over=take_over, log_file=common().log_file)


def scheduler(*, take_over: TakeOverOption = False) -> None:
    """Publish the articles that are due, and put back those whose lease has expired. One is enough; any number may run.

    SIGTERM ends it, with exit code 0.

    Example: `newsmill scheduler`
    """
    from workers.delivery.service import run_scheduler
    from workers.local.folder_redis import require_other_redis

    settings = read_settings()
    require_other_redis(settings)
    run_scheduler(settings, take_over=take_over, log_file=common().log_file)
