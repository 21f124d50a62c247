"""A process that keeps to the permissions of files, though it may be root's."""

import ctypes
import os

#: linux/prctl.h, linux/capability.h: what lets root write and read where it may not.
_PR_CAPBSET_DROP, _CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 24, 1, 2


def bound_by_permissions() -> None:
    """Take from the process that is started what lets root write where it may not; for `preexec_fn`."""
    _drop(_CAP_DAC_OVERRIDE)


def bound_by_all_permissions() -> None:
    """Take from it what lets root read and look into folders where it may not, too."""
    _drop(_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH)


def _drop(*capabilities: int) -> None:
    if os.geteuid() == 0:
        for one in capabilities:
            ctypes.CDLL(None).prctl(_PR_CAPBSET_DROP, one, 0, 0, 0)
