"""The few shapes of PromQL that the panels are made of.

Counters of workers are summed over all processes. What a scheduler says of the ledger, Redis or the store is
the same from every scheduler: of that the maximum is taken, or two schedulers would show twice the backlog.
"""

#: Grafana's window for rates: four scrapes at least, and no gap between two points however far one zooms out.
WINDOW = "$__rate_interval"
#: The time range that the dashboard shows.
RANGE = "$__range"
#: Put under a division by a rate. One article in 16 minutes is as good as none, and n / 0 draws nothing.
LEAST_RATE = 0.001


def per_second(counter: str, *by: str) -> str:
    """Return the rate of `counter` (a selector), summed over the processes."""
    return f"sum{_by(by)} (rate({counter}[{WINDOW}]))"


def counted(counter: str, *by: str) -> str:
    """Return how often `counter` (a selector) was raised within the dashboard's time range.

    increase() does not see the value with which a series begins, and most reasons and languages begin with
    the one article that is looked for: that value is added.
    """
    grown = f"sum{_by(by)} (increase({counter}[{RANGE}]))"
    begun = f"sum{_by(by)} (min_over_time({counter}[{RANGE}]) unless {counter} offset {RANGE})"
    return f"{grown} + ({begun} or {grown} * 0)"


def quantile(which: float, histogram: str, *by: str) -> str:
    """Return a quantile (0 to 1) of what `histogram` observed, read off its buckets."""
    return f"histogram_quantile({which}, {per_second(f'{histogram}_bucket', 'le', *by)})"


def share(part: str, whole: str, least: float = LEAST_RATE) -> str:
    """Return `part`, by any labels, as a share of `whole`, which counts as `least` at the least: rates, or counts."""
    return f"({part}) / scalar(clamp_min({whole}, {least}))"


def ledger(gauge: str, *by: str) -> str:
    """Return a gauge that all schedulers agree about."""
    return f"max{_by(by)} ({gauge})"


def of_scheduler(metric: str) -> str:
    """Return `metric`, which every process has, of the schedulers only."""
    return f'{metric} and on (instance) newsmill_worker_info{{queue="scheduler"}}'


def concrete(query: str, *, window: str, within: str) -> str:
    """Return `query` as Prometheus takes it, with spans like `20s` where Grafana would fill in its own."""
    return query.replace(WINDOW, window).replace(RANGE, within)


def _by(labels: tuple[str, ...]) -> str:
    return f" by ({', '.join(labels)})" if labels else ""
