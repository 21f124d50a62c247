"""The stack in Docker, as `docker compose up` makes it: the demo's URLs, while parts of it go away and come back."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from seeds.demo import demo_urls, differences
from tasks.errors import Reason
from workers.local.redis_server import free_port

pytestmark = pytest.mark.timeout(480)

ROOT = Path(__file__).parents[2]
#: What there is one of, and what `--scale` makes more of.
SERVED = ("scheduler", "fetch", "enrich")
#: The troubles that fail on each of their attempts: of what on the last one is chance, for a kill may have been it.
UNLUCKY = {Reason.ERROR, Reason.TIMEOUT, Reason.CRASHED}


@dataclass(frozen=True)
class Stack:
    """A Compose project of its own, beside whatever else runs on this machine."""

    environment: dict[str, str]

    def run(self, *words: str, timeout: float = 60) -> str:
        """Run a command in the project; what it printed, or AssertionError with what it complained of."""
        done = subprocess.run(
            words,
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        assert done.returncode == 0, f"{' '.join(words)}: {done.stdout[-2000:]}{done.stderr[-4000:]}"
        return done.stdout

    def compose(self, *words: str, timeout: float = 60) -> str:
        return self.run("docker", "compose", *words, timeout=timeout)

    def newsmill(self, *words: str) -> str:
        return self.compose("exec", "-T", "scheduler", "newsmill", *words)

    def up(self, *words: str) -> None:
        """Start all that runs for long and wait until it is well."""
        services = self.compose("config", "--services").split()
        long_running = [one for one in services if one != "demo" and (one != "grafana" or self.has_grafana())]
        self.compose("up", "--detach", "--wait", *words, *long_running, timeout=180)

    def has_grafana(self) -> bool:
        """Say whether Grafana's image is here, or can be had."""
        configuration = json.loads(self.compose("config", "--format", "json"))
        image = configuration["services"]["grafana"]["image"]
        commands = (["docker", "image", "inspect", image], ["docker", "pull", "--quiet", image])
        return any(
            subprocess.run(command, capture_output=True, timeout=120, check=False).returncode == 0
            for command in commands
        )

    def containers(self, service: str) -> list[str]:
        return self.compose("ps", "--quiet", service).split()

    def inspect(self, container: str) -> dict[str, Any]:
        found: list[dict[str, Any]] = json.loads(self.run("docker", "inspect", container))
        return found[0]

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.newsmill("status", "--json"))
        return found

    def rows(self) -> dict[str, dict[str, Any]]:
        lines = self.newsmill("export").splitlines()
        return {row["url"]: row for row in map(json.loads, lines)}

    def prometheus(self, path: str) -> Any:
        with urlopen(
            f"http://127.0.0.1:{self.environment['PROMETHEUS_PORT']}/api/v1/{path}", timeout=10
        ) as answer:
            return json.load(answer)["data"]

    def served(self) -> dict[str, str]:
        """Return the service of each address where Prometheus has to find metrics."""
        network = f"{self.environment['COMPOSE_PROJECT_NAME']}_metrics"
        found = {}
        for service in SERVED:
            for container in self.containers(service):
                address = self.inspect(container)["NetworkSettings"]["Networks"][network]["IPAddress"]
                found[f"http://{address}:9464/metrics"] = service
        return found


def wait_until(it_is_so: Callable[[], bool], seconds: float, what: str) -> None:
    """Look once a second; AssertionError when it is not so within `seconds`."""
    end = time.monotonic() + seconds
    while not it_is_so():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(1)


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """The stack with the demo, all well; gone afterwards, volumes and all."""
    project = {
        "COMPOSE_PROJECT_NAME": "newsmill-test",
        "COMPOSE_FILE": "docker-compose.yml:docker-compose.demo.yml",
        "COMPOSE_PROFILES": "",
        "DEMO_NETWORK": "10.208.89",
    }
    ports = {f"{name}_PORT": str(free_port()) for name in ("GRAFANA", "PROMETHEUS", "DEMO")}
    stack = Stack({**os.environ, **project, **ports})
    try:
        stack.compose("build", "scheduler", timeout=400)
        stack.up()
        yield stack
    finally:
        stack.compose(
            "--profile", "*", "down", "--volumes", "--remove-orphans", "--timeout", "10", timeout=120
        )


@pytest.fixture(scope="module")
def disturbed(stack: Stack) -> Stack:
    """The stack after it has done the demo, scaled, robbed of a worker and with its Redis restarted meanwhile."""

    def settled(least: int) -> Callable[[], bool]:
        return lambda: stack.status()["settled"] >= least

    def enrich_is_ready() -> bool:
        return stack.compose("logs", "enrich").count(" ready.") >= len(stack.containers("enrich"))

    try:
        stack.compose(
            "up", "--detach", "--no-recreate", "--scale", "enrich=3", "--scale", "fetch=2", "enrich", "fetch"
        )
        # Not before: the demo is done in less time than a worker takes to start, by the one that is then killed, and what
        # that has counted since its last scrape is lost.
        wait_until(enrich_is_ready, 120, "all enrich workers")
        stack.compose("run", "--rm", "demo")
        wait_until(settled(10), 60, "the first outcomes")
        stack.run("docker", "kill", stack.containers("enrich")[0])
        wait_until(settled(20), 60, "outcomes without the worker that was killed")
        stack.compose("restart", "redis")
        stack.up("--no-recreate", "--scale", "enrich=3", "--scale", "fetch=2")
        wait_until(settled(len(demo_urls())), 120, "an outcome for each URL")
    except AssertionError:
        print(stack.compose("logs", "--tail", "30"))  # noqa: T201 - pytest shows it with the failure
        raise
    return stack


def test_a_fresh_stack_is_well_without_any_preparation(stack: Stack) -> None:
    for service in (*SERVED, "redis", "postgres", "prometheus", "demo-site"):
        states = [stack.inspect(container)["State"] for container in stack.containers(service)]
        assert [state["Health"]["Status"] for state in states] == ["healthy"], service


def test_newsmill_runs_as_nobody_in_particular_and_cannot_change_its_image(stack: Stack) -> None:
    for service in SERVED:
        found = stack.inspect(stack.containers(service)[0])
        assert found["Config"]["User"] == "newsmill"
        assert found["HostConfig"]["ReadonlyRootfs"]
        assert found["HostConfig"]["CapDrop"] == ["ALL"]
    assert stack.compose("exec", "-T", "enrich", "sh", "-c", "command -v gcc cc make || true") == ""


def test_only_loopback_reaches_the_stack(stack: Stack) -> None:
    services = stack.compose("ps", "--services").split()
    ports = [
        stack.inspect(one)["NetworkSettings"]["Ports"] for name in services for one in stack.containers(name)
    ]
    bound = [binding for by_port in ports for bindings in by_port.values() for binding in bindings or ()]
    assert bound
    assert {binding["HostIp"] for binding in bound} == {"127.0.0.1"}


def test_redis_asks_for_a_password_that_no_command_line_shows(stack: Stack) -> None:
    def ask(password: str) -> str:
        command = f"REDISCLI_AUTH={password} redis-cli ping 2>&1 || true"
        return stack.compose("exec", "-T", "redis", "sh", "-c", command)

    assert stack.compose("exec", "-T", "redis", "sh", "/cli.sh", "ping").strip() == "PONG"
    secret = stack.compose("exec", "-T", "redis", "cat", "/run/newsmill-redis/password")
    assert "NOAUTH" in ask("")
    assert "WRONGPASS" in ask("newsmill")
    assert ask(secret).strip() == "PONG"
    shown = stack.run("docker", "inspect", *stack.containers("redis")) + stack.run(
        "docker", "top", *stack.containers("redis")
    )
    assert secret not in shown


def test_a_server_can_be_reached_by_those_alone_that_need_it(stack: Stack) -> None:
    def reaches(service: str, host: str, port: int) -> bool:
        command = f"import socket; socket.create_connection(({host!r}, {port}), 3)"
        words = ("docker", "compose", "exec", "-T", service, "python", "-c", command)
        done = subprocess.run(
            words, cwd=ROOT, env=stack.environment, capture_output=True, timeout=60, check=False
        )
        return done.returncode == 0

    assert all(reaches(service, "redis", 6379) and reaches(service, "postgres", 5432) for service in SERVED)
    # It shares a network with fetch workers, which fetch its pages, and with nobody else.
    assert not any(
        reaches("demo-site", *server) for server in (("redis", 6379), ("postgres", 5432), ("enrich", 9464))
    )
    networks = {
        one: set(stack.inspect(stack.containers(one)[0])["NetworkSettings"]["Networks"])
        for one in ("prometheus", "redis", "postgres")
    }
    for one, others in (("prometheus", ("redis", "postgres")), ("redis", ("postgres",))):
        assert all(networks[one].isdisjoint(networks[other]) for other in others)


def test_fetchers_alone_have_a_way_out(stack: Stack) -> None:
    open_ways = {}
    for service in SERVED:
        networks = stack.inspect(stack.containers(service)[0])["NetworkSettings"]["Networks"]
        template = "{{if not .Internal}}{{.Name}}{{end}}"
        open_ways[service] = stack.run(
            "docker", "network", "inspect", "--format", template, *networks
        ).split()
    project = stack.environment["COMPOSE_PROJECT_NAME"]
    assert open_ways == {"scheduler": [], "fetch": [f"{project}_internet"], "enrich": []}


def test_every_url_ends_as_it_must_although_workers_and_redis_went_away(disturbed: Stack) -> None:
    rows = disturbed.rows()
    found = differences(rows)
    chance = {url for url, row in rows.items() if row["reason"] in UNLUCKY}
    assert [one for one in found if not any(one.startswith(f"{url}: reason is") for url in chance)] == []


def test_the_ledger_and_postgresql_count_the_same(disturbed: Stack) -> None:
    status = disturbed.status()
    counted = disturbed.compose(
        *("exec", "-T", "postgres", "psql", "--tuples-only", "--no-align", "--field-separator", "="),
        *("--command", "select outcome, count(*) from articles group by outcome"),
    )
    in_rows = {name: int(count) for name, _, count in (line.partition("=") for line in counted.split())}
    assert status["outcomes"] == in_rows
    assert sum(in_rows.values()) == status["settled"] == len(demo_urls())
    assert status["unsettled"] == 0


def test_the_workers_that_were_asked_for_are_there_after_one_was_killed(disturbed: Stack) -> None:
    assert {service: len(disturbed.containers(service)) for service in SERVED} == {
        "scheduler": 1,
        "fetch": 2,
        "enrich": 3,
    }


def test_prometheus_finds_every_replica_and_each_is_up(disturbed: Stack) -> None:
    def targets() -> dict[str, str]:
        active = disturbed.prometheus("targets?state=active")["activeTargets"]
        return {one["scrapeUrl"]: one["labels"]["service"] for one in active if one["health"] == "up"}

    wait_until(
        lambda: targets() == disturbed.served(), 60, "the replicas of Compose are Prometheus's targets"
    )


def test_prometheus_has_loaded_the_alerts(disturbed: Stack) -> None:
    groups = disturbed.prometheus("rules?type=alert")["groups"]
    assert groups
    assert {rule["health"] for group in groups for rule in group["rules"]} <= {"ok", "unknown"}


def test_the_scheduler_s_metrics_tell_that_all_is_done(disturbed: Stack) -> None:
    def unsettled() -> float:
        result = disturbed.prometheus("query?query=sum(newsmill_urls)")["result"]
        return float(result[0]["value"][1]) if result else -1

    wait_until(lambda: unsettled() == 0, 30, "sum(newsmill_urls) is 0")


def test_no_panel_of_the_dashboards_is_empty_after_the_demo(disturbed: Stack, tmp_path: Path) -> None:
    address = f"http://127.0.0.1:{disturbed.environment['PROMETHEUS_PORT']}"
    pictures = os.environ.get("PICTURES") or str(tmp_path)
    disturbed.run(
        *(sys.executable, "-m", "monitoring.plot"),
        *("--prometheus", address, "--minutes", "5", "--out", pictures),
        timeout=120,
    )


def test_a_list_of_any_folder_can_be_submitted(disturbed: Stack, tmp_path: Path) -> None:
    (tmp_path / "more.csv").write_text(f"url,desk\n{demo_urls()[0]},sports\n")
    command = ("make", "--no-print-directory", "submit", f"URLS={tmp_path / 'more.csv'}")
    assert disturbed.run(*command).splitlines()[-1].startswith("queued 0, in progress 0, already done 1")


def test_rows_can_be_exported_as_parquet(disturbed: Stack) -> None:
    disturbed.newsmill("export", "--format", "parquet", "--output", "/tmp/rows.parquet")
    count = "import pyarrow.parquet as p; print(p.read_metadata('/tmp/rows.parquet').num_rows)"
    printed = disturbed.compose("exec", "-T", "scheduler", "python", "-c", count)
    assert int(printed) == len(demo_urls())
