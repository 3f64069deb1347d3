"""A student's copy of the course stays theirs."""

import json

import pytest

from wclab.errors import OptionError
from wclab.lessons import RECORD, copy_course


def test_a_first_copy_holds_lessons_and_models(tmp_path):
    assert "new" in copy_course(tmp_path / "course")
    assert (tmp_path / "course" / "index.ipynb").is_file()
    models = tmp_path / "course" / "model_templates" / "neural_mass_models"
    assert (models / "wilsoncowan.yaml").is_file()


def test_a_second_copy_changes_nothing(tmp_path):
    copy_course(tmp_path)
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    assert copy_course(tmp_path) == "nothing new"
    assert {file: file.read_bytes() for file in before} == before


def test_what_a_student_changed_is_never_overwritten(tmp_path):
    copy_course(tmp_path)
    mine = tmp_path / "index.ipynb"
    mine.write_text("mine")
    assert "kept as you changed them: index.ipynb" in copy_course(tmp_path)
    assert mine.read_text() == "mine"


def test_a_file_that_was_there_before_is_never_overwritten(tmp_path):
    (tmp_path / "index.ipynb").write_text("older than wclab")
    assert "index.ipynb" in copy_course(tmp_path)
    assert (tmp_path / "index.ipynb").read_text() == "older than wclab"


def test_an_untouched_lesson_is_brought_up_to_date(tmp_path, monkeypatch):
    shipped = tmp_path / "shipped.ipynb"
    shipped.write_text("first")
    monkeypatch.setattr("wclab.lessons._shipped", lambda: [(shipped, "a.ipynb")])
    copy_course(tmp_path / "course")
    shipped.write_text("second")
    assert copy_course(tmp_path / "course") == "1 updated"
    assert (tmp_path / "course" / "a.ipynb").read_text() == "second"
    (tmp_path / "course" / "a.ipynb").write_text("mine")
    shipped.write_text("third")
    assert "kept" in copy_course(tmp_path / "course")
    assert (tmp_path / "course" / "a.ipynb").read_text() == "mine"


@pytest.mark.parametrize("record", ["", "no json", "[1, 2]", json.dumps({"index.ipynb": "x"})])
def test_a_lost_or_broken_record_loses_no_work(tmp_path, record):
    copy_course(tmp_path)
    (tmp_path / "index.ipynb").write_text("mine")
    (tmp_path / RECORD).write_text(record)
    copy_course(tmp_path)
    assert (tmp_path / "index.ipynb").read_text() == "mine"


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OptionError, match=r"file cannot be written .*name another folder"):
        copy_course(tmp_path / "file")
