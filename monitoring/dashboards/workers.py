"""The dashboard "Workers": the processes, the scheduler, Redis and the store."""

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
            about="Whether the scheduler can connect. Without Redis everything waits, and nothing is lost.",
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
            about="Whether the scheduler can connect, and whether it takes rows. Until then articles are put off, nothing is "
            "claimed, and nothing is lost.",
            unit="bool_yes_no",
            queries={"store": "min(newsmill_store_up)", "takes rows": "min(newsmill_store_takes_rows)"},
            kind=Kind.NUMBER,
            width=3,
            colours=_UP,
            see=("Do writes to the store fail?",),
            alerts=("NewsmillStoreFailing",),
        ),
        Panel(
            title="Which version runs where?",
            about="Processes by version. Two versions at once are fine during an upgrade, not after it.",
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
            about="Threads (fetch) and processes (enrich) that have a task, and how many there are. If all are in use and "
            "tasks wait in the queue, more workers help.",
            unit="short",
            queries={
                "{{queue}} in use": "sum by (queue) (newsmill_pool_busy)",
                "{{queue}} slots": "sum by (queue) (newsmill_pool_size)",
            },
            see=("How many tasks are in each queue?", "How much CPU does each pool use?"),
        ),
        Panel(
            title="How many tasks are in each queue?",
            about="Published and not yet taken by a worker; limited by NEWSMILL_MAX_IN_FLIGHT. It shows which "
            "pool is too small, not how large the backlog is.",
            unit="short",
            queries={"{{queue}}": ledger("newsmill_queue_length", "queue")},
            see=("How long do tasks wait in a queue?", "Is the backlog shrinking?"),
        ),
        Panel(
            title="How many attempts does an article take?",
            about="Attempts in the time range for each article that got its outcome in it, by the task's first "
            "stage. Normally about 1; less for a stage that some articles do not reach.",
            unit="short",
            queries={"{{stage}}": _STARTS},
            kind=Kind.BARS,
            see=("Do leases expire?", "What is put off, and why?"),
        ),
        Panel(
            title="How much CPU does each pool use?",
            about="Cores in use, with children. An enrich pool that uses one core a slot computes all the time; "
            "one that uses less waits for tasks.",
            unit="suffix: cores",
            queries={
                "{{queue}}": per_second("newsmill_worker_cpu_seconds_total", "queue"),
                "scheduler": _SCHEDULER_CPU,
            },
            kind=Kind.STACKED,
            see=("Which stage takes the time?",),
        ),
        Panel(
            title="How much memory does each pool use?",
            about="Resident sets of main processes and children; shared memory pages count for each.",
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
            "is replaced after its task, so a saw-tooth is normal.",
            unit="bytes",
            queries={"{{queue}}": "max by (queue) (newsmill_child_memory_bytes)"},
            see=("Are children replaced, or lost?",),
        ),
    ),
)

_BREAKS = Row(
    "Does anything fail?",
    (
        Panel(
            title="Are children replaced, or lost?",
            about="Started children a minute: each is replaced after NEWSMILL_TASKS_PER_CHILD tasks. Lost ones "
            "were ended by a signal or an error; there should be none.",
            unit="suffix: /min",
            queries={
                "{{queue}} started": f"60 * {per_second('newsmill_children_started_total', 'queue')}",
                "{{queue}} lost": f"60 * {per_second('newsmill_children_lost_total', 'queue')}",
            },
            see=("How large is the largest child?",),
            alerts=("NewsmillChildCrashLoop",),
        ),
        Panel(
            title="Do leases expire?",
            about="Leases a minute that expired and were put back: their worker died, or did not respond for "
            "NEWSMILL_LEASE_SECONDS. Stale deliveries came after their lease had expired and were dropped. Both are "
            "safe, but some work is done twice.",
            unit="suffix: /min",
            queries={
                "expired": f"60 * {per_second('newsmill_leases_expired_total')}",
                "stale deliveries": f"60 * {per_second('newsmill_stale_deliveries_total')}",
            },
            see=("How many attempts does an article take?", "Are children replaced, or lost?"),
            alerts=("NewsmillLeasesExpiring",),
        ),
        Panel(
            title="When did the scheduler last complete a round?",
            about="Seconds since each scheduler last completed a round. It grows when a scheduler hangs, or "
            "Redis or the store is down.",
            unit="s",
            queries={"{{instance}}": "time() - newsmill_scheduler_loop_timestamp_seconds"},
            see=("How long does a round of the scheduler take?",),
            alerts=("NewsmillSchedulerStalled",),
        ),
        Panel(
            title="How long does a round of the scheduler take?",
            about="Claiming, publishing, and putting back expired leases; p50 and p95 over all schedulers.",
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
            about="Articles a second that the schedulers published, and that got an outcome. If more are published "
            "than settled for long, articles come back: by deferrals or expired leases.",
            unit="suffix: articles/s",
            queries={
                "published": per_second("newsmill_published_total"),
                "settled": per_second("newsmill_articles_total"),
            },
            width=12,
            see=("What is put off, and why?", "Do leases expire?"),
        ),
    ),
)

_REDIS = Row(
    "Redis",
    (
        Panel(
            title="How much memory does Redis use?",
            about="At its limit it refuses writes (noeviction), and everything waits. 0 means no limit.",
            unit="bytes",
            queries={
                "used": ledger("newsmill_redis_memory_bytes"),
                "limit": ledger("newsmill_redis_memory_limit_bytes"),
            },
            see=("Does Redis write its append-only file?", "How many URLs have no outcome yet?"),
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
            about="Connections of all processes. A number that only grows means a leak.",
            unit="short",
            queries={"clients": ledger("newsmill_redis_clients")},
            see=("How many of each service are up?",),
        ),
        Panel(
            title="Does Redis write its append-only file?",
            about="Whether the last write and the last rewrite of the append-only file succeeded. A restart "
            "loads this file.",
            unit="bool_yes_no",
            queries={"append-only file is written": "min(newsmill_redis_aof_ok)"},
            kind=Kind.NUMBER,
            width=12,
            colours=_UP,
            see=("How much memory does Redis use?",),
            alerts=("NewsmillRedisAofFailing",),
        ),
        Panel(
            title="Has Redis evicted keys?",
            about="Keys evicted since the start of Redis. Each may be a lost URL; maxmemory-policy must be "
            "noeviction.",
            unit="short",
            queries={"evicted": ledger("newsmill_redis_evicted_keys_total")},
            kind=Kind.NUMBER,
            width=12,
            colours=((None, "green"), (1, "red")),
            see=("How much memory does Redis use?",),
            alerts=("NewsmillRedisEvicting",),
        ),
        Panel(
            title="How near their limits is what newsmill keeps?",
            about="robots.txt files, histories, and hosts without URLs. At 100 % the oldest is forgotten, and never a URL.",
            unit="percentunit",
            queries={"{{what}}": ledger("newsmill_kept_ratio", "what")},
            see=("How much memory does Redis use?",),
            alerts=("NewsmillKeptNearLimit",),
        ),
        Panel(
            title="Which messages could nobody read?",
            about="Invalid messages in the last hour. They were taken out and are kept: newsmill messages.",
            unit="short",
            queries={
                "{{queue}} {{reason}}": "max by (queue, reason) (increase(newsmill_invalid_messages_total[1h]))"
            },
            see=("How many tasks are in each queue?",),
            alerts=("NewsmillInvalidMessages",),
        ),
        Panel(
            title="Do loops meet errors that nobody expects?",
            about="In the last hour. Each kind is in the log once, with its traceback; the loop goes on.",
            unit="short",
            queries={"{{loop}}": "sum by (loop) (increase(newsmill_unexpected_errors_total[1h]))"},
            see=("How many of each service are up?",),
            alerts=("NewsmillUnexpectedErrors",),
        ),
    ),
)

_STORE = Row(
    "Store (PostgreSQL, or SQLite)",
    (
        Panel(
            title="How long does writing a row take?",
            about="p50 and p95 of writing an article's row.",
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
            about="One for each settled URL. On PostgreSQL it is the planner's estimate.",
            unit="short",
            queries={"rows": ledger("newsmill_store_rows")},
            width=4,
            see=("How many URLs have each outcome?",),
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
    about="Slots, CPU, memory, restarts, expired leases, the scheduler, Redis, the store.",
    rows=(_PROCESSES, _POOLS, _BREAKS, _REDIS, _STORE),
)
