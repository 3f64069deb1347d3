"""Measure what a lesson costs, and what one server carries; write README.md beside this file.

From the repository's root: ``.venv/bin/python tests/load/measure.py``. With ``--binder``, first do
what Binder does: clone, an empty environment, exactly the files of binder/; then measure there.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(HERE.parent)]

from browser.server import jupyter  # noqa: E402
from kernels import Result, run_lesson  # noqa: E402

CLASSES = (1, 4, 12)  # kernels that run a lesson at once
MB = 1e6


def binder(place: Path) -> tuple[Path, list[str]]:
    """Do what Binder does; return the Python of the environment and what it took."""
    clone, env = place / "clone", place / "env"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    version = (clone / "binder" / "runtime.txt").read_text().strip().removeprefix("python-")
    begun = time.monotonic()
    subprocess.run([f"python{version}", "-m", "venv", str(env)], check=True)
    python = env / "bin" / "python"
    pins = str(clone / "binder" / "requirements.txt")
    subprocess.run(
        [str(python), "-m", "pip", "install", "-q", "--no-cache-dir", "-r", pins], check=True
    )
    path = {**os.environ, "PATH": f"{env / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run([str(clone / "binder" / "postBuild")], cwd=clone, env=path, check=True)
    seconds = time.monotonic() - begun
    size = sum(
        file.stat().st_size for file in env.rglob("*") if file.is_file() and not file.is_symlink()
    )
    return python, [f"installed in {seconds:.0f} s, {size / MB:.0f} MB on disk (Python {version})"]


def alone(address: str, lessons: list[Path]) -> list[Result]:
    """Run each lesson by itself."""
    return [run_lesson(address, file) for file in lessons]


def together(address: str, lessons: list[Path], kernels: int) -> tuple[float, list[Result]]:
    """Run lessons in a number of kernels at once; return the seconds until the last is done."""
    begun = time.monotonic()
    with ThreadPoolExecutor(kernels) as pool:
        jobs = [lessons[k % len(lessons)] for k in range(kernels)]
        results = list(pool.map(lambda file: run_lesson(address, file), jobs))
    return time.monotonic() - begun, results


def report(
    notes: list[str], singles: list[Result], classes: dict[int, tuple[float, list[Result]]]
) -> str:
    """Return the tables."""
    lines = ["# What a class costs", ""]
    lines.append("Written by `tests/load/measure.py` on a machine of 2 cores.")
    lines += [f"As on Binder: {note}." for note in notes]
    heads = ("lesson, alone", "kernel start to first figure (s)", "whole lesson (s)", "memory (MB)")
    lines += ["", _row(*heads), _row(*["---"] * len(heads))]
    for r in singles:
        first, all_of_it = f"{r.first_figure:.1f}", f"{r.seconds:.1f}"
        lines.append(_row(r.lesson, first, all_of_it, f"{r.memory / MB:.0f}"))
    heads = ("kernels at once", "until the last is done (s)", "a lesson, median (s)",
             "memory, all kernels (GB)", "failed")  # fmt: skip
    lines += ["", _row(*heads), _row(*["---"] * len(heads))]
    for kernels, (seconds, results) in classes.items():
        middle = statistics.median(r.seconds for r in results)
        memory = sum(r.memory for r in results) / 1e9
        failed = sum(bool(r.errors) for r in results)
        lines.append(_row(kernels, f"{seconds:.0f}", f"{middle:.1f}", f"{memory:.1f}", failed))
    return "\n".join([*lines, "", _class_of_200(singles)]) + "\n"


def _row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _class_of_200(singles: list[Result]) -> str:
    """Return in words what 200 students need, worked out from the lessons run alone."""
    largest = max(r.memory for r in singles) / MB
    work = statistics.mean(r.seconds for r in singles)
    need, minute = 200 * largest / 1e3, 200 * work / 60
    return (
        f"Worked out from the lessons alone: one computes for {work:.0f} s in the hour that a "
        f"student spends on it, so memory decides. 200 students at once need 200 x {largest:.0f} "
        f'MB = {need:.0f} GB. If all press "Run all" in the same minute, {minute:.0f} cores are '
        f"busy for that minute; with 16 cores the last waits {200 * work / 16 / 60:.1f} minutes. A "
        f"JupyterHub for 200: {1.3 * need:.0f} GB in all, which leaves a third to spare, 16 cores "
        f"or more, and for each student a guarantee of {largest:.0f} MB and a limit of 1 GB."
    )


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--binder", action="store_true", help="install as Binder does, and measure that"
    )
    arguments = parser.parse_args()
    place = Path(tempfile.mkdtemp())
    python, notes = binder(place) if arguments.binder else (Path(sys.executable), [])
    course = place / "course"
    shutil.copytree(ROOT / "notebooks", course)
    lessons = sorted(course.glob("[0-9]*.ipynb"))
    with jupyter("lab", course, place, python=str(python)) as address:
        singles = alone(address, lessons)
        classes = {kernels: together(address, lessons, kernels) for kernels in CLASSES}
    text = report(notes, singles, classes)
    sys.stdout.write(text)
    for result in (*singles, *(r for _, results in classes.values() for r in results)):
        for error in result.errors:
            sys.stdout.write(f"{result.lesson}: {error}\n")
    (HERE / "README.md").write_text(text, encoding="utf-8")
    shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    main()
