"""What several test modules share."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture
def rng() -> np.random.Generator:
    """Return random numbers that are the same in every run."""
    return np.random.default_rng(20240229)


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Return a function that writes a file into a fresh working directory."""
    monkeypatch.chdir(tmp_path)

    def write_file(text: str | bytes, name: str = "models.yaml") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write_file


@pytest.fixture
def student(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin as a student who opens the course in an empty folder."""
    from wclab.course import record, texts

    monkeypatch.chdir(tmp_path)
    for name in ("WCLAB_SOLUTIONS", "WCLAB_PROGRESS", "WCLAB_LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(record, "_memory", {})
    monkeypatch.setattr(record, "_said", set())
    monkeypatch.setattr(texts, "_chosen", [])
