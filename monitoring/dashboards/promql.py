"""The PromQL expressions of the panels.

Counters of workers are summed over all processes. All schedulers export the same gauges of the ledger, Redis and the
store, so the maximum is taken: a sum over two schedulers would show twice the backlog.
"""

#: Grafana's window for rates: at least four scrapes, and no gaps between points at any zoom.
WINDOW = "$__rate_interval"
#: The time range that the dashboard shows.
RANGE = "$__range"
#: Minimum of a rate that is a divisor: n / 0 draws nothing. One article in 16 minutes is as good as none.
LEAST_RATE = 0.001


def per_second(counter: str, *by: str) -> str:
    """Return the rate of `counter` (a selector), summed over the processes."""
    return f"sum{_by(by)} (rate({counter}[{WINDOW}]))"


def counted(counter: str, *by: str) -> str:
    """Return how often `counter` (a selector) was raised within the dashboard's time range.

    increase() does not count the first value of a series. Most series of reasons and languages begin with the one
    article in question, so that value is added.
    """
    grown = f"sum{_by(by)} (increase({counter}[{RANGE}]))"
    begun = f"sum{_by(by)} (min_over_time({counter}[{RANGE}]) unless {counter} offset {RANGE})"
    return f"{grown} + ({begun} or {grown} * 0)"


def quantile(which: float, histogram: str, *by: str) -> str:
    """Return a quantile (0 to 1) of `histogram`, estimated from its buckets."""
    return f"histogram_quantile({which}, {per_second(f'{histogram}_bucket', 'le', *by)})"


def share(part: str, whole: str, least: float = LEAST_RATE) -> str:
    """Return `part`, by any labels, as a share of `whole` (rates or counts), which counts as at least `least`."""
    return f"({part}) / scalar(clamp_min({whole}, {least}))"


def ledger(gauge: str, *by: str) -> str:
    """Return a gauge that is the same on all schedulers."""
    return f"max{_by(by)} ({gauge})"


def of_scheduler(metric: str) -> str:
    """Return `metric`, which every process has, of the schedulers only."""
    return f'{metric} and on (instance) newsmill_worker_info{{queue="scheduler"}}'


def concrete(query: str, *, window: str, within: str) -> str:
    """Return `query` for Prometheus itself, with durations like `20s` instead of Grafana's variables."""
    return query.replace(WINDOW, window).replace(RANGE, within)


def _by(labels: tuple[str, ...]) -> str:
    return f" by ({', '.join(labels)})" if labels else ""
