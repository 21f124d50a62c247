"""A worker whose clock is ten minutes ahead: every way to ask for the time of day goes through a shim in C."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

#: Seconds that it is ahead.
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


def ahead(folder: Path, role: tuple[str, ...]) -> Callable[[], object]:
    """Return what becomes a worker or scheduler with that clock; takes a C compiler, `cc`."""
    source, library = folder / "clock.c", folder / "clock.so"
    source.write_text(_SHIM)
    command = ["cc", "-shared", "-fPIC", f"-DAHEAD={AHEAD}", "-o", str(library), str(source), "-ldl"]
    subprocess.run(command, check=True)

    def become() -> None:
        env = {**os.environ, "LD_PRELOAD": str(library)}
        os.execve(sys.executable, [sys.executable, "-m", "workers.cli", *role], env)

    return become
