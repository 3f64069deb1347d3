"""binder/: what Binder reads is there, is pinned, and covers what wclab needs."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LINES = (ROOT / "binder" / "requirements.txt").read_text(encoding="utf-8").splitlines()
PINS = dict(re.fullmatch(r"([\w.-]+)==([\w.]+)", line).groups()
            for line in LINES if line and not line.startswith("#"))  # fmt: skip


def plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_line_is_a_package_and_one_version():
    assert len(PINS) > 50
    assert not re.search(r"https?:|file:|@", "\n".join(LINES))


@pytest.mark.parametrize(
    "need", PROJECT["dependencies"] + [need for extra in ("lab", "fast")
                                       for need in PROJECT["optional-dependencies"][extra]]
)  # fmt: skip
def test_each_dependency_is_pinned_at_or_above_its_lower_bound(need):
    name, _, lowest = need.partition(">=")
    pinned = {plain(known): version for known, version in PINS.items()}[plain(name)]
    numbers = [tuple(int(x) for x in re.findall(r"\d+", text)[:3]) for text in (pinned, lowest)]
    assert numbers[0] >= numbers[1]


def test_the_python_is_one_that_wclab_supports():
    version = (ROOT / "binder" / "runtime.txt").read_text().strip()
    major, minor = map(int, re.fullmatch(r"python-(\d+)\.(\d+)", version).groups())
    lowest = tuple(map(int, PROJECT["requires-python"].removeprefix(">=").split(".")))
    assert (major, minor) >= lowest


def test_the_script_after_the_build_can_be_executed_and_installs_wclab_editable():
    script = ROOT / "binder" / "postBuild"
    assert script.stat().st_mode & 0o111
    assert "--editable ." in script.read_text()
