"""How far a student has come: a table for the index of the course."""

import html
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wclab.course import record
from wclab.course.exercises import Lesson, course
from wclab.course.texts import phrase

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("lesson", "title", "minutes", "exercises", "answered", "right")


@dataclass(frozen=True, repr=False)
class Overview:
    """A row for each lesson: its number and title, its minutes, how much is answered.

    Attributes
    ----------
    rows : tuple of tuple
        Lesson, title, minutes, exercises, answered, right.
    files : tuple of str
        The notebook of each lesson beside this one; empty if there is none.
    note : str
        A remark about the progress file; empty if all is well.
    """

    rows: tuple[tuple[str, str, int, int, int, int], ...]
    files: tuple[str, ...]
    note: str = ""

    def to_frame(self) -> "pd.DataFrame":
        """Return the table, a row for each lesson."""
        import pandas as pd

        return pd.DataFrame(list(self.rows), columns=list(COLUMNS)).set_index("lesson")

    def __repr__(self) -> str:
        cells = [[phrase(f"column_{name}") for name in COLUMNS], *[map(str, r) for r in self.rows]]
        table = [list(row) for row in cells]
        widths = [max(len(row[k]) for row in table) for k in range(len(COLUMNS))]
        lines = ["  ".join(_aligned(row, widths)).rstrip() for row in table]
        return "\n".join([*lines, phrase("where_kept"), *([self.note] if self.note else [])])

    def _repr_html_(self) -> str:
        heads = "".join(f"<th scope='col'>{phrase(f'column_{name}')}</th>" for name in COLUMNS)
        body = "".join(_row(row, file) for row, file in zip(self.rows, self.files, strict=True))
        notes = "".join(
            f"<p>{html.escape(text)}</p>" for text in (phrase("where_kept"), self.note) if text
        )
        caption = f"<caption>{phrase('your_progress')}</caption>"
        return (
            f"<table>{caption}<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>{notes}"
        )


def progress() -> Overview:
    """Show how many exercises of each lesson are answered, and how many of them rightly.

    Returns
    -------
    Overview
        Of the lessons whose notebooks lie in the current folder, or of all if none does. What it
        counts stands in ``.wclab-progress.json`` in that folder.
    """
    known, note = record.entries()
    lessons = list(course().values())
    files = {item.id: _notebook(item.id) for item in lessons}
    shown = [item for item in lessons if files[item.id] or not any(files.values())]
    rows = tuple(_counted(item, known) for item in shown)
    return Overview(rows, tuple(files[item.id] for item in shown), note)


def _counted(lesson: Lesson, known: dict[str, record.Entry]) -> tuple[str, str, int, int, int, int]:
    done = [known[key] for key in lesson.exercises if known.get(key, {}).get("tries")]
    right = sum(entry["right"] for entry in done)
    return (lesson.id, lesson.title, lesson.minutes, len(lesson.exercises), len(done), right)


def _notebook(lesson: str) -> str:
    """Return the file of a lesson in the current folder; empty if it is not there."""
    try:
        return next((file.name for file in sorted(Path().glob(f"{lesson}_*.ipynb"))), "")
    except OSError:
        return ""


def _aligned(row: list[str], widths: list[int]) -> list[str]:
    """Return cells of equal width, words to the left and numbers to the right."""
    pairs = list(zip(row, widths, strict=True))
    return [c.ljust(w) for c, w in pairs[:2]] + [c.rjust(w) for c, w in pairs[2:]]


def _row(row: tuple[str, str, int, int, int, int], file: str) -> str:
    lesson, title, *numbers = row
    name = html.escape(title)
    linked = f"<a href='{html.escape(file)}'>{name}</a>" if file else name
    cells = "".join(f"<td>{value}</td>" for value in numbers)
    return f"<tr><td>{lesson}</td><th scope='row' style='text-align:left'>{linked}</th>{cells}</tr>"
