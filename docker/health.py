"""Health check of a container: its process serves metrics, and a scheduler completes rounds.

For workers and schedulers. The exit code is 0, or 1 with the reason. It uses only the standard library, since it runs every
15 s.
"""
# ruff: noqa: INP001 - copied into the image by itself

import re
import sys
import time
from urllib.request import urlopen

#: A round of the scheduler takes milliseconds. While Redis is down no round completes, and the container is unhealthy.
STALE_SECONDS = 60
_LAST_LOOP = re.compile(r"^newsmill_scheduler_loop_timestamp_seconds (\S+)$", re.MULTILINE)


def trouble(metrics: str, now: float) -> str | None:
    """Return what is wrong with the process that serves `metrics` at `now` (seconds since the epoch), else None."""
    found = _LAST_LOOP.search(metrics)
    if found is None:  # a worker
        return None
    age = now - float(found[1])
    return f"the scheduler's last round ended {age:.0f} s ago" if age > STALE_SECONDS else None


def main() -> int:
    """Check this container's process; return the exit code."""
    try:
        with urlopen("http://127.0.0.1:9464/metrics", timeout=5) as answer:
            metrics = answer.read().decode()
    except OSError as error:
        sys.stderr.write(f"no metrics: {error}\n")
        return 1
    found = trouble(metrics, time.time())
    sys.stderr.write(f"{found}\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
