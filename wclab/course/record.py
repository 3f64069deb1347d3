"""What a student has done: a JSON file beside the notebooks, and nowhere else.

The file is read, changed and replaced as a whole while a lock file stands beside it, so that two
notebooks do not lose what the other wrote. Where it cannot be written, all goes on in memory.
"""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from wclab.course.texts import phrase

FILE = ".wclab-progress.json"
BROKEN, LOCK = ".wclab-progress.broken.json", ".wclab-progress.lock"
PATIENCE, STALE = 2.0, 10.0  # seconds: wait for a lock; a lock whose owner is gone
Entry = dict[str, Any]
_memory: dict[str, Entry] = {}
_said: set[str] = set()


def solving() -> bool:
    """Tell whether this is the solved copy, in which answers are filled in."""
    return os.environ.get("WCLAB_SOLUTIONS", "") not in ("", "0")


def is_kept() -> bool:
    """Tell whether progress is written down."""
    return not solving() and os.environ.get("WCLAB_PROGRESS", "").lower() != "off"


def entries() -> tuple[dict[str, Entry], str]:
    """Return what is known of each exercise, and a remark if the file is not as it should be."""
    if not is_kept():
        return dict(_memory), ""
    try:
        found, whole = read(Path(FILE))
    except OSError as error:
        return dict(_memory), phrase("not_read", reason=error.strerror or type(error).__name__)
    return {**found, **_memory}, "" if whole else phrase("broken", file=FILE)


def change(key: str, edit: Callable[[Entry], None]) -> str:
    """Change the entry of an exercise; return a remark if it could not be written down."""
    now = datetime.now(UTC).isoformat(timespec="seconds")

    def edited(known: dict[str, Entry]) -> None:
        entry = known.setdefault(key, {"tries": 0, "right": False, "hints": 0, "first": now})
        edit(entry)
        entry["last"] = now

    if is_kept() and key not in _memory:
        try:
            return _write(edited)
        except OSError as error:
            with suppress(OSError):
                _memory.update({k: v for k, v in read(Path(FILE))[0].items() if k == key})
            edited(_memory)
            return _once("not_written", reason=error.strerror or type(error).__name__)
    edited(_memory)
    return ""


def read(file: Path) -> tuple[dict[str, Entry], bool]:
    """Return the entries of a progress file, and whether all of it could be read.

    Raises
    ------
    OSError
        If the file is there and cannot be opened.
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}, True
    except (ValueError, RecursionError):
        return {}, False
    known = content.get("exercises") if isinstance(content, dict) else None
    if not isinstance(known, dict):
        return {}, False
    good = {str(key): entry for key, entry in known.items() if _is_entry(entry)}
    return good, len(good) == len(known)


def _is_entry(entry: object) -> bool:
    """Tell whether an entry holds what we write into it."""
    if not isinstance(entry, dict):
        return False
    counts = [entry.get("tries"), entry.get("hints")]
    return all(type(n) is int and n >= 0 for n in counts) and isinstance(entry.get("right"), bool)


def _write(edited: Callable[[dict[str, Entry]], None]) -> str:
    """Read, change and replace the file; return a remark if it was broken."""
    file = Path(FILE).absolute()
    with _locked(file.with_name(LOCK)):
        known, whole = read(file)
        if not whole:
            file.replace(file.with_name(BROKEN))
        edited(known)
        part = file.with_name(f"{FILE}.{os.getpid()}")
        try:
            part.write_text(
                json.dumps({"version": 1, "exercises": known}, indent=1), encoding="utf-8"
            )
            part.replace(file)
        finally:
            part.unlink(missing_ok=True)
    return "" if whole else phrase("mended", file=BROKEN)


@contextmanager
def _locked(lock: Path) -> Iterator[None]:
    """Hold a lock file; a lock that outlived its owner is taken away.

    Raises
    ------
    OSError
        If the folder cannot be written, or another notebook does not let go.
    """
    until = time.monotonic() + PATIENCE
    while True:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            break
        except FileExistsError:
            if time.monotonic() > until:
                raise
        except PermissionError:  # Windows says so while a lock is being removed
            if os.name != "nt" or time.monotonic() > until:
                raise
        with suppress(OSError):
            if time.time() - lock.stat().st_mtime > STALE:
                lock.unlink()
        time.sleep(0.01)
    try:
        yield
    finally:
        with suppress(OSError):
            lock.unlink()


def _once(key: str, **fields: object) -> str:
    """Return a sentence the first time it is needed, and nothing after that."""
    if key in _said:
        return ""
    _said.add(key)
    return phrase(key, **fields)
