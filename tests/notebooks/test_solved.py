"""The lessons as a student runs them: solved, twice in a row, and cell by cell again."""

import os
import shutil
import time
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[2] / "notebooks"
LESSONS = sorted(FOLDER.glob("[0-9]*.ipynb"))
LONGEST = 60.0  # seconds for one lesson; asked of a machine with one core


def by_name(file):
    return file.stem


def client(book, folder):
    return NotebookClient(book, timeout=120, resources={"metadata": {"path": str(folder)}})


def texts(book):
    """Return what each code cell shows as text; a stream may come in any number of pieces."""
    return [
        "".join(
            out.get("text") or out.get("data", {}).get("text/plain", "") for out in cell.outputs
        )
        for cell in book.cells
        if cell.cell_type == "code"
    ]


def answers(book):
    """Return the text of each cell that checks an answer."""
    shown = [cell for cell in book.cells if cell.cell_type == "code" and "check(" in cell.source]
    return ["".join(out["data"]["text/plain"] for out in cell.outputs) for cell in shown]


@pytest.mark.parametrize("file", LESSONS, ids=by_name)
def test_with_the_solutions_filled_in_every_answer_is_right(file, tmp_path, monkeypatch):
    monkeypatch.setitem(os.environ, "WCLAB_SOLUTIONS", "1")
    shutil.copy(file, tmp_path)
    book = nbformat.read(tmp_path / file.name, as_version=4)
    begun = time.monotonic()
    client(book, tmp_path).execute()
    assert time.monotonic() - begun < LONGEST
    checked = answers(book)
    assert len(checked) >= 3
    assert [text for text in checked if not text.startswith("Right, because")] == []
    assert [path.name for path in tmp_path.iterdir()] == [file.name]  # nothing is written


@pytest.mark.parametrize("file", LESSONS, ids=by_name)
def test_running_all_twice_and_single_cells_again_changes_nothing(file, tmp_path, monkeypatch):
    monkeypatch.setitem(os.environ, "WCLAB_PROGRESS", "off")
    book = nbformat.read(file, as_version=4)
    runner = client(book, tmp_path)
    code = [k for k, cell in enumerate(book.cells) if cell.cell_type == "code"]
    with runner.setup_kernel():
        for k in code:
            runner.execute_cell(book.cells[k], k)
        first = texts(book)
        for k in code:
            runner.execute_cell(book.cells[k], k)
        assert texts(book) == first
        for k in (code[-1], *code[:3], code[len(code) // 2]):  # out of order
            runner.execute_cell(book.cells[k], k)
        assert not [text for text in texts(book) if "Error" in text]


@pytest.mark.parametrize("file", LESSONS, ids=by_name)
def test_the_students_copy_has_no_answers_yet(file):
    book = nbformat.read(file, as_version=4)
    assert all(text.startswith("Not answered yet") for text in answers(book))


@pytest.mark.parametrize("file", LESSONS, ids=by_name)
def test_every_stored_picture_is_described_in_words(file):
    book = nbformat.read(file, as_version=4)
    for cell in book.cells:
        for out in cell.get("outputs", ()):
            if "image/png" in out.get("data", {}):
                assert len(out.metadata["image/png"]["alt"]) > 40, cell.source
