"""A worker whose clock is ten minutes ahead: a shim in C answers every call for the time of day."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

#: Seconds that the clock is ahead.
AHEAD = 600

_SHIM = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/time.h>
#include <time.h>

int clock_gettime(clockid_t clock, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int failed = real(clock, now);
    if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += AHEAD;
    return failed;
}

int gettimeofday(struct timeval *now, void *zone) {
    struct timespec exact;
    int failed = clock_gettime(CLOCK_REALTIME, &exact);
    if (!failed && now) { now->tv_sec = exact.tv_sec; now->tv_usec = exact.tv_nsec / 1000; }
    return failed;
}

time_t time(time_t *now) {
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    if (now) *now = exact.tv_sec;
    return exact.tv_sec;
}
"""


def with_clock_ahead(folder: Path, command: tuple[str, ...]) -> Callable[[], object]:
    """Return a function that runs `newsmill command` with that clock in its process; needs a C compiler, `cc`."""
    source, library = folder / "clock.c", folder / "clock.so"
    source.write_text(_SHIM)
    compile_shim = ["cc", "-shared", "-fPIC", f"-DAHEAD={AHEAD}", "-o", str(library), str(source), "-ldl"]
    subprocess.run(compile_shim, check=True)

    def main() -> None:
        env = {**os.environ, "LD_PRELOAD": str(library)}
        os.execve(sys.executable, [sys.executable, "-m", "workers.cli", *command], env)

    return main
