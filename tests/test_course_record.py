"""What the course writes down, where, and what an instructor makes of it; languages; the widget."""

import csv
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from wclab.course import check, collect, hint, language, predict, progress, record, solution, texts
from wclab.course.__main__ import main
from wclab.course.exercises import course, exercises
from wclab.course.feedback import Feedback
from wclab.errors import OptionError
from wclab.lessons import copy_course

pytestmark = pytest.mark.usefixtures("student")
FILE = Path(record.FILE)


def kept():
    return json.loads(FILE.read_text())["exercises"]


# --- the progress file ---


def test_an_attempt_is_written_beside_the_notebooks_and_nothing_else_is():
    check("01.1", 0.5)
    check("01.1", 0.526)
    entry = kept()["01.1"]
    assert (entry["tries"], entry["right"], entry["hints"]) == (2, True, 1)
    assert entry["answer"] == "0.526"
    assert entry["first"] <= entry["last"]
    assert [file.name for file in Path().iterdir()] == [record.FILE]


def test_what_was_right_once_stays_right_and_the_same_answer_is_one_attempt():
    for given in (0.526, 0.1, 0.1):
        check("01.1", given)
    assert kept()["01.1"]["right"]
    assert kept()["01.1"]["tries"] == 2


@pytest.mark.parametrize("content", ["", "{", "[]", '{"exercises": 3}', "\x00", "[" * 100_000])
def test_a_damaged_file_is_put_aside_and_the_lesson_goes_on(content):
    FILE.write_text(content)
    assert "cannot be read" in progress().note
    reply = check("01.1", 0.526)
    assert reply.right
    assert "put aside" in reply.note
    assert Path(record.BROKEN).read_text() == content
    assert kept()["01.1"]["right"]
    assert check("01.1", 0.9).note == ""


def test_a_damaged_entry_loses_no_other():
    check("01.1", 0.526)
    content = json.loads(FILE.read_text())
    content["exercises"]["01.2"] = {"tries": "many"}
    FILE.write_text(json.dumps(content))
    check("01.3", 0.5)
    assert set(kept()) == {"01.1", "01.3"}


def test_bytes_that_are_no_text_are_put_aside_too():
    FILE.write_bytes(b"\xff\xfe\x00")
    assert "put aside" in check("01.1", 0.526).note


def refuse(*_, **__):
    raise PermissionError(13, "Permission denied")


def test_a_folder_that_cannot_be_written_is_told_once_and_hints_go_on(monkeypatch):
    monkeypatch.setattr(os, "open", refuse)
    first, second = check("03.2", 7.0), check("03.2", 8.0)
    assert "cannot be saved in this folder (Permission denied)" in first.note
    assert second.note == ""
    hints = exercises()["03.2"].hints
    assert hints[0] in first.text
    assert hints[1] in second.text
    assert solution("03.2").code
    assert progress().rows[2][4] == 1
    assert not FILE.exists()


def test_a_file_that_cannot_be_read_is_told(monkeypatch):
    FILE.mkdir()
    assert "cannot be" in check("01.1", 0.526).note
    assert "cannot be read" in progress().note


def test_a_folder_that_is_gone_does_not_end_the_lesson(tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert check("01.1", 0.526).right
    assert progress().rows


@pytest.mark.parametrize(("name", "value"), [("WCLAB_PROGRESS", "off"), ("WCLAB_SOLUTIONS", "1")])
def test_nothing_is_written_when_it_is_switched_off(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    check("01.1", 0.3)
    check("01.1", 0.526)
    hint("01.2")
    predict("01").choice = "a"
    assert list(Path().iterdir()) == []


def test_a_lock_that_outlived_its_notebook_is_taken_away(monkeypatch):
    lock = Path(record.LOCK)
    lock.touch()
    os.utime(lock, (time.time() - 60, time.time() - 60))
    assert check("01.1", 0.526).note == ""
    assert kept()["01.1"]["right"]
    assert not lock.exists()


def test_a_lock_that_is_held_ends_no_lesson(monkeypatch):
    monkeypatch.setattr(record, "PATIENCE", 0.05)
    Path(record.LOCK).touch()
    reply = check("01.1", 0.526)
    assert reply.right
    assert "cannot be saved" in reply.note


def test_two_notebooks_at_once_lose_nothing_of_each_other():
    code = (
        "import sys; from wclab.course import record\n"
        "def edit(entry): entry['tries'] += 1\n"
        "for k in range(60): assert record.change(f'{sys.argv[1]}.{k % 6}', edit) == ''"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, name]) for name in ("01", "02")]
    assert [process.wait(60) for process in running] == [0, 0]
    assert sum(entry["tries"] for entry in kept().values()) == 120
    assert len(kept()) == 12
    assert [file.name for file in Path().iterdir()] == [record.FILE]


def test_copying_the_course_again_leaves_the_record_alone(tmp_path):
    copy_course(tmp_path)
    check("01.1", 0.526)
    before = FILE.read_bytes()
    copy_course(tmp_path)
    assert FILE.read_bytes() == before


# --- the index ---


def test_the_overview_counts_exercises_answers_and_right_ones():
    check("02.1", 0.265)
    check("02.2", 1.5)
    row = progress().rows[1]
    assert row == ("02", "Stepping in time", 50, 5, 2, 1)
    frame = progress().to_frame()
    assert list(frame.loc["02"]) == ["Stepping in time", 50, 5, 2, 1]
    assert "02      Stepping in time" in repr(progress())
    page = progress()._repr_html_()
    assert "<caption>Your progress</caption>" in page
    assert page.count("<th scope='col'>") == 6


def test_the_overview_shows_the_lessons_that_lie_beside_it_with_links():
    Path("03_feedback.ipynb").touch()
    assert [row[0] for row in progress().rows] == ["03"]
    assert "<a href='03_feedback.ipynb'>" in progress()._repr_html_()


# --- the solved copy ---


@pytest.mark.parametrize("key", exercises())
def test_the_solved_copy_is_right_throughout(monkeypatch, key):
    def unfinished(*_):
        return ...

    monkeypatch.setenv("WCLAB_SOLUTIONS", "1")
    assert check(key, ...).right
    if exercises()[key].kind == "function":
        assert check(key, unfinished).right
    assert solution(key).code
    assert not check(key, object()).right


# --- the instructor ---


def test_a_class_becomes_a_table(tmp_path, capsys):
    for name, answers in {"anna": [0.526], "bob": [0.1, 0.2], "=cmd": [0.526]}.items():
        folder = tmp_path / "class" / name
        folder.mkdir(parents=True)
        os.chdir(folder)
        for answer in answers:
            check("01.1", answer)
    check("02.1", 0.1)
    os.chdir(tmp_path)
    files = sorted(map(str, Path("class").glob(f"*/{record.FILE}")))
    assert main(files) == 0
    rows = {row["student"]: row for row in csv.DictReader(capsys.readouterr().out.splitlines())}
    assert set(rows) == {"anna", "bob", "'=cmd"}
    assert [rows["anna"][key] for key in ("answered", "right", "01.1", "02.1")] == [
        "1",
        "1",
        "1",
        "",
    ]
    assert [rows["bob"][key] for key in ("answered", "right", "01.1")] == ["1", "0", "0"]
    assert [rows["'=cmd"][key] for key in ("answered", "right", "02.1")] == ["2", "1", "0"]
    every = list(csv.DictReader(collect(files, every=True).splitlines()))
    assert [row["tries"] for row in every if row["student"] == "bob"] == ["2"]


@pytest.mark.parametrize("content", [None, "{", "[]"])
def test_a_file_that_is_no_progress_file_is_named(tmp_path, capsys, content):
    if content is not None:
        Path("some.json").write_text(content)
    assert main(["some.json"]) == 2
    assert "some.json" in capsys.readouterr().err
    with pytest.raises(OptionError, match=r"some\.json"):
        collect(["some.json"])


# --- languages ---


@pytest.fixture
def german(tmp_path, monkeypatch):
    """Add a language of a few words."""
    folder = tmp_path / "texts"
    (folder / "de").mkdir(parents=True)
    (folder / "en").symlink_to(texts.FOLDER / "en")
    (folder / "de" / "phrases.yaml").write_text(
        'right: "Richtig, denn {because}"\nsign: "Falsch {blank}"\n'
    )
    (folder / "de" / "lesson_01.yaml").write_text(
        'exercises: {"01.1": {right: 99, because: "so ist es.", hints: ["Sieh hin."]},'
        ' "01.2": {because: "ein Viertel.", hints: [a, b, c]}}'
    )
    monkeypatch.setattr(texts, "FOLDER", folder)


def test_a_language_changes_words_and_no_numbers_and_english_fills_the_gaps(german, monkeypatch):
    assert language("de") == "de"
    reply = check("01.1", 0.526)
    assert reply.text == "Richtig, denn so ist es."
    assert "Hint 1: F has two parts" in check("01.1", 0.3).text  # one hint of three: all ours
    assert check("01.2", 0.9).text == "Not yet. Hint 1: a"
    assert "the sign is not" in check("01.1", -0.526).text  # a blank that we do not fill


def test_the_environment_chooses_a_language_and_an_unknown_one_is_english(german, monkeypatch):
    monkeypatch.setenv("WCLAB_LANGUAGE", "de")
    assert language() == "de"
    monkeypatch.setenv("WCLAB_LANGUAGE", "xx")
    assert language() == "en"
    with pytest.raises(OptionError, match=r"'dee'.*Did you mean 'de'"):
        language("dee")


# --- the question before the run ---


def questions():
    return {key: lesson.question for key, lesson in course().items() if lesson.question}


@pytest.mark.parametrize("key", questions())
def test_a_choice_gets_the_reply_of_its_option_and_is_written_down(key):
    asked = questions()[key]
    for option in asked.options:
        widget = predict(key)
        widget.choice = option.name
        assert ("so it is" in widget.reply) == (option.name == asked.right)
        assert kept()[key]["answer"] == option.name
        again = predict(key)
        assert (again.choice, again.reply) == (option.name, widget.reply)


def test_a_page_without_a_kernel_shows_the_question_and_its_options():
    data, _ = predict("03")._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    for kind in ("text/plain", "text/markdown"):
        assert questions()["03"].question in data[kind]
        assert "b) one low, one high" in data[kind]
    before = dict(data)
    predict("03").choice = "a"
    after, _ = predict("03")._repr_mimebundle_()
    assert after["text/plain"] == before["text/plain"]  # what is stored depends on no choice


@pytest.mark.parametrize("name", ["3", "33", None, 3])
def test_an_unknown_question_is_answered_in_words(name):
    assert isinstance(predict(name), Feedback)


def test_a_choice_that_is_no_option_changes_nothing():
    widget = predict("03")
    widget.choice = "<script>"
    assert widget.reply == ""
    assert not FILE.exists()


def test_asking_nothing_of_the_widgets_imports_none():
    code = "import sys, wclab.course as c; c.check('01.1', 1); print('anywidget' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
