"""The processes of a run besides its Redis: scheduler, a worker for each queue, and the demo's web server."""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog

from monitoring.aggregate import aggregate_registry
from monitoring.exporter import serve
from workers.delivery.queues import stages_by_queue
from workers.errors import UserError
from workers.local.demo import require_free
from workers.local.redis_server import free_port
from workers.local.supervisor import Child, Supervisor
from workers.settings import Settings

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Processes:
    """Starts processes with these settings under a supervisor; their output goes to files in `logs`."""

    settings: Settings
    supervisor: Supervisor
    logs: Path

    def serve_demo(self) -> None:
        """Start the demo's web server. Raises UserError if its port is in use."""
        port = self.settings.demo_port
        require_free(port)
        self._start("demo", "seeds.demo", "serve", "--port", str(port))

    def start(self) -> str:
        """Start scheduler and workers, each with a port for its metrics; return the URL of the sum of these.

        Raises UserError if that cannot be served where the settings say.
        """
        commands = {
            "scheduler": ("scheduler",),
            **{queue: ("worker", queue) for queue in stages_by_queue(self.settings)},
        }
        ports = {name: free_port() for name in commands}
        url = self._serve_metrics(ports.values())
        for name, arguments in commands.items():
            watching = {
                "NEWSMILL_METRICS_PORT": str(ports[name]),
                "NEWSMILL_METRICS_ADDRESS": "127.0.0.1",
            }
            self._start(name, "workers.cli", *arguments, env=watching)
            log.debug("process started", name=name, port=ports[name], log=str(self.logs))
        return url

    def _serve_metrics(self, ports: Iterable[int]) -> str:
        asked, address = self.settings.metrics_port or 0, self.settings.metrics_address
        try:
            port = serve(asked, address, aggregate_registry(ports))
        except OSError as error:
            raise UserError(
                f"Cannot serve metrics on {address}:{asked}: {error.strerror}. "
                "Set NEWSMILL_METRICS_PORT to a free port."
            ) from None
        return f"http://{address}:{port}/metrics"

    def _start(self, name: str, module: str, *arguments: str, env: Mapping[str, str] | None = None) -> None:
        # -P: do not import a tasks.py or workers.py from the working folder.
        command = [sys.executable, "-P", "-m", module, *arguments]
        variables = {**self.settings.environment(), **(env or {})}
        self.supervisor.start(Child(name, command, self.logs / f"{name}.log", env=variables))
