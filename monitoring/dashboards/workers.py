"""The dashboard "Workers": how the processes are, and what they lean on: scheduler, Redis, store."""

from monitoring.dashboards.panels import Kind, Panel, Row, Sheet
from monitoring.dashboards.promql import WINDOW, counted, ledger, of_scheduler, per_second, quantile, share

_UP = ((None, "red"), (1, "green"))
_SCHEDULER_CPU = f"sum({of_scheduler(f'rate(process_cpu_seconds_total[{WINDOW}])')})"
_STARTS = share(counted("newsmill_attempts_total", "stage"), counted("newsmill_articles_total"), least=1)
_SCHEDULER_MEMORY = f"sum({of_scheduler('process_resident_memory_bytes')})"

_PROCESSES = Row(
    "Is everything up?",
    (
        Panel(
            title="How many of each service are up?",
            about="Workers and schedulers that Prometheus reaches. New ones are found by DNS within seconds.",
            unit="short",
            queries={"{{service}}": 'sum by (service) (up{job="newsmill"})'},
            width=6,
            see=("Which version runs where?",),
            alerts=("NewsmillWorkerDown",),
        ),
        Panel(
            title="Is Redis up?",
            about="As the scheduler sees it. Without Redis everything waits, and nothing is lost.",
            unit="bool_yes_no",
            queries={"Redis": "min(newsmill_redis_up)"},
            kind=Kind.NUMBER,
            width=3,
            colours=_UP,
            see=("How much memory does Redis use?",),
            alerts=("NewsmillRedisDown",),
        ),
        Panel(
            title="Is the store up?",
            about="As the scheduler sees it. Without the store articles are put off, and nothing is lost.",
            unit="bool_yes_no",
            queries={"store": "min(newsmill_store_up)"},
            kind=Kind.NUMBER,
            width=3,
            colours=_UP,
            see=("Do writes to the store fail?",),
            alerts=("NewsmillStoreFailing",),
        ),
        Panel(
            title="Which version runs where?",
            about="Processes by what they run. Two versions at once are fine during an update, not after it.",
            unit="short",
            queries={"": "count by (queue, version, python, celery) (newsmill_worker_info)"},
            kind=Kind.TABLE,
            width=12,
            see=("How many of each service are up?",),
        ),
    ),
)

_POOLS = Row(
    "How busy are the workers?",
    (
        Panel(
            title="Are slots free?",
            about="Threads (fetch) and processes (enrich) that hold a task, of those there are. All in use and "
            "tasks in the queue: more workers help.",
            unit="short",
            queries={
                "{{queue}} in use": "sum by (queue) (newsmill_pool_busy)",
                "{{queue}} slots": "sum by (queue) (newsmill_pool_size)",
            },
            see=("How many tasks are in each queue?", "How much CPU does each pool use?"),
        ),
        Panel(
            title="How many tasks are in each queue?",
            about="Published and not yet taken by a worker; bounded by NEWSMILL_MAX_IN_FLIGHT. It says which "
            "pool is too small, not how large the backlog is.",
            unit="short",
            queries={"{{queue}}": ledger("newsmill_queue_length", "queue")},
            see=("How long do tasks wait in a queue?", "Is the backlog shrinking?"),
        ),
        Panel(
            title="How many starts does an article need?",
            about="Starts of tasks in the time range for each article that reached its outcome in it, by the task's first "
            "stage: about 1 when all goes well, less where articles end before it.",
            unit="short",
            queries={"{{stage}}": _STARTS},
            kind=Kind.BARS,
            see=("Are leases lost?", "What is put off, and why?"),
        ),
        Panel(
            title="How much CPU does each pool use?",
            about="Cores in use, children included. An enrich pool at one core a slot is computing all the time; "
            "one that stays below waits for tasks.",
            unit="suffix: cores",
            queries={
                "{{queue}}": per_second("newsmill_worker_cpu_seconds_total", "queue"),
                "scheduler": _SCHEDULER_CPU,
            },
            kind=Kind.STACKED,
            see=("Which stage takes the time?",),
        ),
        Panel(
            title="How much memory does each pool hold?",
            about="Resident sets of main processes and children; pages that they share count for each.",
            unit="bytes",
            queries={
                "{{queue}}": "sum by (queue) (newsmill_worker_memory_bytes)",
                "scheduler": _SCHEDULER_MEMORY,
            },
            kind=Kind.STACKED,
            see=("How large is the largest child?",),
        ),
        Panel(
            title="How large is the largest child?",
            about="Largest resident set of a pool's processes. A process that reaches NEWSMILL_CHILD_MEMORY_MB "
            "is replaced after its task: a saw-tooth is normal.",
            unit="bytes",
            queries={"{{queue}}": "max by (queue) (newsmill_child_memory_bytes)"},
            see=("Are children replaced, or lost?",),
        ),
    ),
)

_BREAKS = Row(
    "Does anything break?",
    (
        Panel(
            title="Are children replaced, or lost?",
            about="Started children a minute: each is replaced after NEWSMILL_TASKS_PER_CHILD tasks. Lost ones "
            "died on a signal or an error, and should be none.",
            unit="suffix: /min",
            queries={
                "{{queue}} started": f"60 * {per_second('newsmill_children_started_total', 'queue')}",
                "{{queue}} lost": f"60 * {per_second('newsmill_children_lost_total', 'queue')}",
            },
            see=("How large is the largest child?",),
            alerts=("NewsmillChildCrashLoop",),
        ),
        Panel(
            title="Are leases lost?",
            about="Leases a minute that ran out and were put back: their worker died, or was silent for "
            "NEWSMILL_LEASE_SECONDS. Stale deliveries came too late for their lease and were dropped; both are "
            "safe, and cost work done twice.",
            unit="suffix: /min",
            queries={
                "expired": f"60 * {per_second('newsmill_leases_expired_total')}",
                "stale deliveries": f"60 * {per_second('newsmill_stale_deliveries_total')}",
            },
            see=("How many starts does an article need?", "Are children replaced, or lost?"),
            alerts=("NewsmillLeasesExpiring",),
        ),
        Panel(
            title="Does the scheduler's loop run?",
            about="Seconds since the last loop that ended well, of each scheduler. It grows when a scheduler hangs, or "
            "Redis or the store is away.",
            unit="s",
            queries={"{{instance}}": "time() - newsmill_scheduler_loop_timestamp_seconds"},
            see=("How long does a loop of the scheduler take?",),
            alerts=("NewsmillSchedulerStalled",),
        ),
        Panel(
            title="How long does a loop of the scheduler take?",
            about="Claiming, publishing, and putting back what was lost; p50 and p95 over all schedulers.",
            unit="s",
            queries={
                "p50": quantile(0.5, "newsmill_scheduler_loop_seconds"),
                "p95": quantile(0.95, "newsmill_scheduler_loop_seconds"),
            },
            width=12,
            see=("How many commands does Redis serve?",),
        ),
        Panel(
            title="Does publishing keep up with settling?",
            about="Articles a second that the schedulers published, and that reached an outcome. Published above "
            "settled for long: articles come back, by deferrals or lost leases.",
            unit="suffix: articles/s",
            queries={
                "published": per_second("newsmill_published_total"),
                "settled": per_second("newsmill_articles_total"),
            },
            width=12,
            see=("What is put off, and why?", "Are leases lost?"),
        ),
    ),
)

_REDIS = Row(
    "Redis",
    (
        Panel(
            title="How much memory does Redis use?",
            about="At its limit it refuses writes (noeviction), and everything waits. A limit of 0 is none.",
            unit="bytes",
            queries={
                "used": ledger("newsmill_redis_memory_bytes"),
                "limit": ledger("newsmill_redis_memory_limit_bytes"),
            },
            see=("Does Redis keep what it is given?", "How many URLs are to do?"),
            alerts=("NewsmillRedisNearFull",),
        ),
        Panel(
            title="How many commands does Redis serve?",
            about="Commands a second. One core serves some 50,000 to 100,000 simple ones.",
            unit="suffix: commands/s",
            queries={"commands": "max(rate(newsmill_redis_commands_total[" + WINDOW + "]))"},
            see=("How many clients does Redis have?",),
        ),
        Panel(
            title="How many clients does Redis have?",
            about="Connections, over all processes. A number that only grows is a leak.",
            unit="short",
            queries={"clients": ledger("newsmill_redis_clients")},
            see=("How many of each service are up?",),
        ),
        Panel(
            title="Does Redis keep what it is given?",
            about="Whether the last write and rewrite of the append-only file went well: what a restart "
            "brings back.",
            unit="bool_yes_no",
            queries={"append-only file is well": "min(newsmill_redis_aof_ok)"},
            kind=Kind.NUMBER,
            width=12,
            colours=_UP,
            see=("How much memory does Redis use?",),
            alerts=("NewsmillRedisAofFailing",),
        ),
        Panel(
            title="Has Redis thrown keys away?",
            about="Keys evicted since it started. Each may be a URL that is lost; maxmemory-policy must be "
            "noeviction.",
            unit="short",
            queries={"evicted": ledger("newsmill_redis_evicted_keys_total")},
            kind=Kind.NUMBER,
            width=12,
            colours=((None, "green"), (1, "red")),
            see=("How much memory does Redis use?",),
            alerts=("NewsmillRedisEvicting",),
        ),
    ),
)

_STORE = Row(
    "Store (PostgreSQL, or SQLite)",
    (
        Panel(
            title="How long does writing a row take?",
            about="p50 and p95 of the write that settles an article.",
            unit="s",
            queries={
                "p50": quantile(0.5, "newsmill_store_write_seconds"),
                "p95": quantile(0.95, "newsmill_store_write_seconds"),
            },
            width=6,
            see=("How many connections does the store have?",),
        ),
        Panel(
            title="Do writes to the store fail?",
            about="Failed writes a second. Their articles are put off and written later.",
            unit="suffix: errors/s",
            queries={"errors": per_second("newsmill_store_errors_total")},
            width=6,
            see=("Is the store up?", "What is put off, and why?"),
            alerts=("NewsmillStoreFailing",),
        ),
        Panel(
            title="How large is the store?",
            about="Bytes on disk, indexes included.",
            unit="bytes",
            queries={"size": ledger("newsmill_store_bytes")},
            width=4,
            see=("How many rows does the store hold?",),
        ),
        Panel(
            title="How many rows does the store hold?",
            about="One for each settled URL; on PostgreSQL the planner's estimate.",
            unit="short",
            queries={"rows": ledger("newsmill_store_rows")},
            width=4,
            see=("How have the URLs ended, all told?",),
        ),
        Panel(
            title="How many connections does the store have?",
            about="All clients' connections to PostgreSQL, whose default limit is 100; 1 for SQLite.",
            unit="short",
            queries={"connections": ledger("newsmill_store_connections")},
            width=4,
            see=("How long does writing a row take?",),
        ),
    ),
)

WORKERS = Sheet(
    name="workers",
    title="Workers",
    about="Are the processes well? Slots, CPU, memory, restarts, lost leases, the scheduler, Redis, the store.",
    rows=(_PROCESSES, _POOLS, _BREAKS, _REDIS, _STORE),
)
