"""How much memory a result may take."""

import os
from functools import cache
from pathlib import Path

from wclab.errors import MemoryLimitError

_FALLBACK = 2 * 1024**3
_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def available_memory() -> int:
    """Return the bytes this process can hope for: physical memory, or a container's limit."""
    return _smallest_limit(_LIMITS)


@cache  # two files, read at every run, would take a tenth of a short one
def _smallest_limit(files: tuple[str, ...]) -> int:
    try:
        physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # Windows
        return _FALLBACK
    for file in files:
        try:
            physical = min(physical, int(Path(file).read_text()))
        except (OSError, ValueError):
            continue
    return physical


def refuse_too_large(numbers: float, what: str, remedy: str) -> None:
    """Raise a `MemoryLimitError` if that many numbers would take over half of the memory."""
    needed, limit = 8.0 * numbers, available_memory() / 2
    if needed > limit:
        raise MemoryLimitError(
            f"{what} would take {needed / 1e9:.3g} GB, more than half of the memory here "
            f"({2 * limit / 1e9:.3g} GB). {remedy}"
        )
