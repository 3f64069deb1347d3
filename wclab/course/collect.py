"""The progress files of a class as one spreadsheet."""

import csv
import io
import os
from collections.abc import Iterable
from pathlib import Path

from wclab.course import record
from wclab.course.exercises import course, exercises
from wclab.errors import OptionError

DETAILS = ("tries", "right", "hints", "answer", "first", "last")


def collect(files: Iterable[str | os.PathLike[str]], *, every: bool = False) -> str:
    """Return the progress of several students as a table in CSV.

    Parameters
    ----------
    files : iterable of path
        Progress files. A student is named by the file, or by its folder if the file still has
        the name under which it was written.
    every : bool, optional
        Whether each row is one exercise of one student, with tries, hints and times, instead of
        one student, with 1 for each exercise that was answered rightly, 0 for a wrong answer
        and nothing for none.

    Returns
    -------
    str

    Raises
    ------
    OptionError
        If a file is missing, or is no progress file.
    """
    known = [*exercises(), *(lesson.id for lesson in course().values() if lesson.question)]
    known.sort()
    heads = ["student", "exercise", *DETAILS] if every else ["student", "answered", "right", *known]
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(heads)
    for file in map(Path, files):
        name, entries = _plain(_student(file)), _entries(file)
        if every:
            rows = sorted(entries.items())
            writer.writerows([name, _plain(key), *map(_plain, _details(e))] for key, e in rows)
        else:
            marks = [_mark(entries.get(key)) for key in known]
            tasks = [m for key, m in zip(known, marks, strict=True) if "." in key and m != ""]
            writer.writerow([name, len(tasks), sum(map(int, tasks)), *marks])
    return table.getvalue()


def _entries(file: Path) -> dict[str, record.Entry]:
    if not file.is_file():
        raise OptionError(f"{file} is no file; name progress files, such as anna/{record.FILE}")
    found, whole = record.read(file)
    if not whole and not found:
        raise OptionError(f"{file} is no progress file, or it is damaged; leave it out")
    return found


def _student(file: Path) -> str:
    return file.absolute().parent.name if file.name == record.FILE else file.stem.lstrip(".")


def _mark(entry: record.Entry | None) -> str:
    return str(int(entry["right"])) if entry and entry["tries"] else ""


def _details(entry: record.Entry) -> list[object]:
    return [entry.get(name, "") for name in DETAILS]


def _plain(value: object) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    text = str(value)
    try:
        float(text)
    except ValueError:
        return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
    return text
