"""README.md: its Python runs, from top to bottom, in an empty folder."""

import re
from pathlib import Path

import numpy as np

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, flags=re.S)


def test_the_python_of_the_readme_runs(tmp_path, monkeypatch, rng):
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt

    monkeypatch.chdir(tmp_path)
    names = {
        "np": np,
        "weights": rng.uniform(0, 0.1, (100, 100)),
        "delays": np.full((100, 100), 0.5),
    }
    for block in BLOCKS:
        exec(compile(block, "README.md", "exec"), names)  # noqa: S102 - our own text
    plt.close("all")
    assert len(BLOCKS) >= 5
    assert len(names["table"]) == 10_000
    assert list(tmp_path.iterdir()) == []


def test_the_readme_gives_the_two_commands_and_the_lessons():
    assert "make lab" in README
    assert "make test" in README
    for target in re.findall(r"\]\(((?!http)[^)]+)\)", README):
        assert (Path(__file__).parents[1] / target).exists(), target
