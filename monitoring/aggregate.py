"""One /metrics endpoint with the sum of the metrics of several processes of a machine."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from http.client import HTTPConnection, HTTPException
from threading import Lock

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

#: Seconds to wait for a process; one that is starting is left out.
PATIENCE = 2.0

#: A sample's name and labels.
Key = tuple[str, tuple[tuple[str, str], ...]]

#: Of these the maximum is used: a sum of times, or of ones, has no meaning.
_NOT_ADDED = ("_timestamp_seconds", "_start_time_seconds", "_info")


def aggregate_registry(ports: Iterable[int]) -> CollectorRegistry:
    """Return a registry with the sum of the metrics that processes serve on these loopback ports."""
    registry = CollectorRegistry()
    registry.register(Aggregate(ports))
    return registry


class Aggregate(Collector):
    """Adds up the metrics that processes serve on loopback ports.

    Counters do not fall when a process restarts: its last known values stay in the sum. Otherwise Prometheus would take
    the drop for a restart of all processes.
    """

    def __init__(self, ports: Iterable[int]) -> None:
        self._totals = {port: Totals() for port in ports}
        self._metrics: dict[str, Metric] = {}
        self._lock = Lock()

    def collect(self) -> Iterable[Metric]:
        """Yield the current sums."""
        with self._lock:
            samples: defaultdict[str, list[dict[Key, float]]] = defaultdict(list)
            for port, totals in self._totals.items():
                for name, values in self._of_process(port, totals).items():
                    samples[name].append(values)
            return [self._added(name, parts) for name, parts in samples.items()]

    def _of_process(self, port: int, totals: "Totals") -> dict[str, dict[Key, float]]:
        shown = {metric.name: metric for metric in text_string_to_metric_families(scrape(port))}
        self._metrics |= shown
        if shown:
            totals.update({name: _values(one) for name, one in shown.items() if one.type != "gauge"})
        gauges = {name: _values(one) for name, one in shown.items() if one.type == "gauge"}
        return {**totals.now(), **gauges}

    def _added(self, name: str, parts: list[dict[Key, float]]) -> Metric:
        known = self._metrics[name]
        metric = Metric(name, known.documentation, known.type)
        values: defaultdict[Key, list[float]] = defaultdict(list)
        for part in parts:
            for key, value in part.items():
                values[key].append(value)
        add = max if name.endswith(_NOT_ADDED) else sum
        for (sample, labels), of_processes in values.items():
            metric.add_sample(sample, dict(labels), add(of_processes))
        return metric


class Totals:
    """The counters of a process over all its restarts."""

    def __init__(self) -> None:
        self._before: defaultdict[str, defaultdict[Key, float]] = defaultdict(lambda: defaultdict(float))
        self._seen: Mapping[str, Mapping[Key, float]] = {}

    def update(self, shown: Mapping[str, Mapping[Key, float]]) -> None:
        """Set the current values of the process. If one is less than before, the process has restarted."""
        for name, values in self._seen.items():
            for key, value in values.items():
                if shown.get(name, {}).get(key, 0.0) < value:
                    self._before[name][key] += value
        self._seen = shown

    def now(self) -> dict[str, dict[Key, float]]:
        """Return the sums."""
        sums = {name: dict(values) for name, values in self._before.items()}
        for name, values in self._seen.items():
            one = sums.setdefault(name, {})
            for key, value in values.items():
                one[key] = one.get(key, 0.0) + value
        return sums


def scrape(port: int) -> str:
    """Return what a process of this machine serves, or an empty text if it does not answer in time."""
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", "/metrics")
        return connection.getresponse().read().decode()
    except (OSError, HTTPException):
        return ""
    finally:
        connection.close()


def _values(metric: Metric) -> dict[Key, float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): float(sample.value) for sample in metric.samples
    }
