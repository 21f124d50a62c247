"""The dashboard "Pipeline": throughput and backlog, stages, outcomes, hosts."""

from monitoring.dashboards.panels import Kind, Panel, Row, Sheet
from monitoring.dashboards.promql import LEAST_RATE, counted, ledger, per_second, quantile, share

_ARTICLES = per_second("newsmill_articles_total")
_UNSETTLED = f"sum({ledger('newsmill_urls', 'state')})"
# Over 2 minutes at any zoom: an estimate that changes with every scrape cannot be read.
_DRAIN = f"{_UNSETTLED} / clamp_min(sum(rate(newsmill_articles_total[2m])) or vector(0), {LEAST_RATE})"
_WITH_CONTENT = per_second('newsmill_articles_total{outcome=~"enriched|duplicate"}')
_PAUSED = "max by (host) (newsmill_host_paused_seconds)"
# A bar of length 0, since an empty panel looks broken.
_NO_HOST = f'(label_replace(vector(0), "host", "none", "", "") unless on () {_PAUSED})'
_BLOCKS = "max by (host) (newsmill_host_blocks_seconds)"
_NO_BLOCK = f'(label_replace(vector(0), "host", "none", "", "") unless on () {_BLOCKS})'
_WALLS = "max by (host, reason) (newsmill_host_walls)"
_NO_WALL = f'(label_replace(vector(0), "host", "none", "", "") unless on () {_WALLS})'

_AT_A_GLANCE = Row(
    "Is it keeping up?",
    (
        Panel(
            title="How many articles a second?",
            about="Articles that got any outcome, over all workers.",
            unit="suffix: articles/s",
            queries={"articles": _ARTICLES},
            kind=Kind.NUMBER,
            width=4,
            see=("Are slots free?",),
        ),
        Panel(
            title="How many URLs have no outcome yet?",
            about="URLs without an outcome: waiting, in flight and deferred.",
            unit="short",
            queries={"URLs": _UNSETTLED},
            kind=Kind.NUMBER,
            width=4,
            see=("Is the backlog shrinking?",),
        ),
        Panel(
            title="When is the backlog done?",
            about="All URLs without an outcome, at the rate of the last two minutes. A rate of 0 counts "
            "as one article in 16 minutes. URLs on few hosts take longer: each host has its rate limit.",
            unit="s",
            queries={"drained in": _DRAIN},
            kind=Kind.NUMBER,
            width=4,
            see=("Is the backlog shrinking?", "How many hosts are due?"),
            alerts=("NewsmillBacklogNotDraining",),
        ),
        Panel(
            title="How old is the oldest URL without an outcome?",
            about="Since its submission. It grows while hosts are down or held back; yellow after an hour, "
            "red after the day at which the alert fires.",
            unit="s",
            queries={"oldest": ledger("newsmill_oldest_seconds")},
            kind=Kind.NUMBER,
            width=4,
            colours=((None, "green"), (3600, "yellow"), (86_400, "red")),
            see=("Which hosts are held back longest?",),
            alerts=("NewsmillOldestTooOld",),
        ),
        Panel(
            title="How long until the next deferred URL is due?",
            about="Deferred URLs wait for the time that a site asked for, or for their back-off; 0 without any.",
            unit="s",
            queries={"next due": ledger("newsmill_next_due_seconds")},
            kind=Kind.NUMBER,
            width=4,
            see=("What is put off, and why?",),
        ),
        Panel(
            title="How many alerts are firing?",
            about="Which ones, and since when: Alerting > Alert rules, or Prometheus's page Alerts. The runbook "
            "says what to do about each.",
            unit="short",
            queries={"firing": 'count(ALERTS{alertstate="firing", alertname=~"Newsmill.*"}) or vector(0)'},
            kind=Kind.NUMBER,
            width=4,
            colours=((None, "green"), (1, "red")),
            see=("How many of each service are up?",),
        ),
        Panel(
            title="How many articles a second, by outcome?",
            about="Each URL counts once, when its row is written. Most should be enriched (green). Failed ones "
            "are dead letters: newsmill dead list.",
            unit="suffix: articles/s",
            queries={"{{outcome}}": per_second("newsmill_articles_total", "outcome")},
            kind=Kind.STACKED,
            width=12,
            see=("Why are URLs rejected, and why do they fail?",),
            alerts=("NewsmillRejectRatioJumped",),
        ),
        Panel(
            title="Is the backlog shrinking?",
            about="URLs without an outcome. NEWSMILL_MAX_IN_FLIGHT limits those in flight. At that line all "
            "workers have work; below it the hosts' rate limits hold URLs back, or nothing waits.",
            unit="short",
            queries={
                "{{state}}": ledger("newsmill_urls", "state"),
                "in-flight limit": ledger("newsmill_in_flight_limit"),
            },
            width=12,
            see=("How many hosts are due?", "Are slots free?"),
            alerts=("NewsmillBacklogNotDraining",),
        ),
        Panel(
            title="How long does an article take, end to end?",
            about="From submission to outcome, with all waiting: in a backlog this is mostly waiting. "
            "Estimated from buckets that are a factor of 2 to 6 apart.",
            unit="s",
            queries={
                "p50": quantile(0.5, "newsmill_end_to_end_seconds"),
                "p95": quantile(0.95, "newsmill_end_to_end_seconds"),
                "p99": quantile(0.99, "newsmill_end_to_end_seconds"),
            },
            see=("How long do tasks wait in a queue?", "How long does each stage take?"),
        ),
        Panel(
            title="How long until the backlog is empty?",
            about="The same estimate over time. A line that falls by a second each second is on schedule. If "
            "it stays or rises, more workers are needed, or hosts are held back.",
            unit="s",
            queries={"drained in": _DRAIN},
            see=("Are slots free?",),
            alerts=("NewsmillBacklogNotDraining",),
        ),
        Panel(
            title="How long do tasks wait in a queue?",
            about="From publishing a task to its start, p50 and p95. A queue whose wait grows has too few "
            "workers: docker compose up --scale.",
            unit="s",
            queries={
                "{{queue}} p50": quantile(0.5, "newsmill_queue_wait_seconds", "queue"),
                "{{queue}} p95": quantile(0.95, "newsmill_queue_wait_seconds", "queue"),
            },
            see=("How many tasks are in each queue?", "Are slots free?"),
        ),
    ),
)

_STAGES = Row(
    "Where does the time go?",
    (
        Panel(
            title="How long does each stage take?",
            about="95 of 100 articles take no longer. The limit is 10 s for fetch, 1 s for every other stage.",
            unit="s",
            queries={"{{stage}}": quantile(0.95, "newsmill_stage_seconds", "stage")},
            see=("What do sites answer?",),
            alerts=("NewsmillStageSlow",),
        ),
        Panel(
            title="How long does each stage take on average?",
            about="Mean seconds an article. Unlike the p95 it shows what a faster stage would save.",
            unit="s",
            queries={
                "{{stage}}": f"{per_second('newsmill_stage_seconds_sum', 'stage')} / "
                f"clamp_min({per_second('newsmill_stage_seconds_count', 'stage')}, {LEAST_RATE})"
            },
            see=("How long does each stage take?",),
        ),
        Panel(
            title="Which stage takes the time?",
            about="Each stage's share of all seconds. The fetch stage waits and occupies threads; all "
            "others compute and occupy cores.",
            unit="suffix: s/s",
            queries={"{{stage}}": per_second("newsmill_stage_seconds_sum", "stage")},
            kind=Kind.SHARES,
            see=("How much CPU does each pool use?",),
        ),
    ),
)

_ENDINGS = Row(
    "What are the outcomes?",
    (
        Panel(
            title="How many URLs have each outcome?",
            about="The ledger's own count since its start. It is exact, even after restarts.",
            unit="short",
            queries={"{{outcome}}": ledger("newsmill_settled", "outcome")},
            kind=Kind.BARS,
            see=("How many articles a second, by outcome?",),
        ),
        Panel(
            title="Why are URLs rejected, and why do they fail?",
            about="Rejected and failed in the time range, by reason. newsmill export --reason REASON lists them; "
            "newsmill why URL explains one.",
            unit="short",
            queries={
                "{{outcome}}: {{reason}}": "sort_desc("
                + counted('newsmill_articles_total{outcome=~"rejected|failed"}', "outcome", "reason")
                + " > 0)"
            },
            kind=Kind.BARS,
            see=("What do sites answer?", "What share is rejected or failed?"),
            alerts=("NewsmillRejectRatioJumped",),
        ),
        Panel(
            title="What share is rejected or failed?",
            about="Of all articles that get an outcome. The level depends on the list of URLs. A jump means "
            "a change of a site, a block or a bug.",
            unit="percentunit",
            queries={
                "{{outcome}}": share(
                    per_second('newsmill_articles_total{outcome=~"rejected|failed"}', "outcome"), _ARTICLES
                )
            },
            see=("Why are URLs rejected, and why do they fail?",),
            alerts=("NewsmillRejectRatioJumped",),
        ),
        Panel(
            title="What share is a duplicate?",
            about="Of the articles with a content (enriched or duplicate): exact or near copies of another one.",
            unit="percentunit",
            queries={"{{kind}}": share(per_second("newsmill_duplicates_total", "kind"), _WITH_CONTENT)},
            see=("How many URLs have each outcome?",),
        ),
        Panel(
            title="Which languages are the articles in?",
            about="Enriched in the time range, the 12 most frequent.",
            unit="short",
            queries={"{{language}}": f"topk(12, {counted('newsmill_languages_total', 'language')} > 0)"},
            kind=Kind.BARS,
            see=("What are the articles about?",),
        ),
        Panel(
            title="What are the articles about?",
            about="Enriched in the time range, by the top level of each article's best topic, the 12 most frequent.",
            unit="short",
            queries={"{{topic}}": f"topk(12, {counted('newsmill_topics_total', 'topic')} > 0)"},
            kind=Kind.BARS,
            see=("Which languages are the articles in?",),
        ),
    ),
)

_HELD_BACK = Row(
    "What holds URLs back?",
    (
        Panel(
            title="How many hosts are due?",
            about="Hosts with waiting URLs. Due ones may be fetched from at once; paced ones are held back by "
            "their rate limit or their failures. Without due hosts more workers do not help.",
            unit="short",
            queries={"{{state}}": ledger("newsmill_hosts", "state")},
            kind=Kind.STACKED,
            see=("Which hosts are held back longest?", "Is the backlog shrinking?"),
        ),
        Panel(
            title="Which hosts are held back longest?",
            about="Seconds until each may be fetched from again, at most ten hosts. Seconds mean the rate limit "
            "(NEWSMILL_HOST_INTERVAL), minutes a host in trouble.",
            unit="s",
            queries={"{{host}}": f"sort_desc({_PAUSED} or {_NO_HOST})"},
            kind=Kind.BARS,
            see=("What do sites answer?",),
            alerts=("NewsmillOldestTooOld",),
        ),
        Panel(
            title="What is put off, and why?",
            about="Deferrals a second. later: the site asked for it, or is down; retry: a stage failed; system: "
            "newsmill's own trouble, which costs the article nothing.",
            unit="suffix: deferrals/s",
            queries={"{{kind}}: {{reason}}": per_second("newsmill_deferrals_total", "kind", "reason")},
            kind=Kind.STACKED,
            see=("What do sites answer?", "Do leases expire?"),
        ),
        Panel(
            title="Which hosts block newsmill?",
            about="Seconds since each blocks, without an article between, at most ten hosts that were asked within a day. "
            "newsmill hosts pause or deny leaves one alone.",
            unit="s",
            queries={"{{host}}": f"sort_desc({_BLOCKS} or {_NO_BLOCK})"},
            kind=Kind.BARS,
            width=12,
            see=("What do sites answer?", "Which hosts give walls instead of pages?"),
            alerts=("NewsmillHostBlocks",),
        ),
        Panel(
            title="Which hosts give walls instead of pages?",
            about="Pages that were no articles, of the ten worst hosts: blocked (challenges, captchas), soft_404 (not found with "
            "status 200), needs_javascript (a browser would bring them).",
            unit="short",
            queries={"{{host}} {{reason}}": f"sort_desc({_WALLS} or {_NO_WALL})"},
            kind=Kind.BARS,
            width=12,
            see=("Why are URLs rejected, and why do they fail?",),
        ),
        Panel(
            title="What do sites answer?",
            about="Requests a second by the class of the response's status, with robots.txt and redirects; none means no "
            "response. Many 4xx mean an old list or a block; many none mean trouble with the network or name server.",
            unit="suffix: responses/s",
            queries={"{{status}}": per_second("newsmill_fetch_responses_total", "status")},
            kind=Kind.STACKED,
            width=12,
            see=("What is put off, and why?", "Why are URLs rejected, and why do they fail?"),
        ),
        Panel(
            title="How much is downloaded?",
            about="Bytes of pages a second, decoded. Redis keeps them, compressed, until they are extracted.",
            unit="Bps",
            queries={"pages": per_second("newsmill_fetch_bytes_total")},
            width=12,
            see=("How many articles a second?",),
        ),
    ),
)

PIPELINE = Sheet(
    name="pipeline",
    title="Pipeline",
    about="Articles a second, the backlog, the stages, the outcomes of URLs, and waiting hosts.",
    rows=(_AT_A_GLANCE, _STAGES, _ENDINGS, _HELD_BACK),
)
