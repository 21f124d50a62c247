"""CPU pressure (PSI): seconds in which a process had to wait for a CPU do not count against newsmill."""

from pathlib import Path


def waited_for_cpu() -> float:
    """Return the seconds since boot in which a process waited for a CPU; 0 where the kernel does not count them."""
    try:
        some = Path("/proc/pressure/cpu").read_text().splitlines()[0]
    except OSError:
        return 0.0
    return int(some.rpartition("=")[2]) / 1e6
