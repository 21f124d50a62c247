"""How busy the machine is: seconds in which a process had to wait for a CPU are nobody's fault."""

from pathlib import Path


def waited_for_cpu() -> float:
    """Return the seconds since the machine's start in which a process waited for a CPU; 0 where nobody counts."""
    try:
        some = Path("/proc/pressure/cpu").read_text().splitlines()[0]
    except OSError:
        return 0.0
    return int(some.rpartition("=")[2]) / 1e6
