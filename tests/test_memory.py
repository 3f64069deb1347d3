"""How much memory there is, and what is refused."""

import pytest

from wclab import memory
from wclab.errors import MemoryLimitError, OptionError


@pytest.fixture(autouse=True)
def _fresh():
    """Forget the limit of this process, which is looked up once."""
    memory._smallest_limit.cache_clear()
    yield
    memory._smallest_limit.cache_clear()


def test_there_is_some_memory_but_not_infinitely_much():
    assert 2**26 < memory.available_memory() < 2**50


def test_a_containers_limit_counts_where_it_is_below_the_machines(tmp_path, monkeypatch):
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(memory, "_LIMITS", (str(tmp_path / "missing"), str(limit)))
    whole = memory.available_memory()
    limit.write_text("max\n")
    assert memory.available_memory() == whole
    memory._smallest_limit.cache_clear()
    limit.write_text("1000000\n")
    assert memory.available_memory() == 1_000_000


def test_a_system_that_does_not_tell_gets_a_cautious_guess(monkeypatch):
    def unknown(_):
        raise ValueError

    monkeypatch.setattr(memory.os, "sysconf", unknown)
    monkeypatch.setattr(memory, "_LIMITS", ())
    assert memory.available_memory() == 2 * 1024**3


def test_more_than_half_of_the_memory_is_refused_with_what_and_why(monkeypatch):
    monkeypatch.setattr(memory, "available_memory", lambda: 16_000)
    memory.refuse_too_large(1_000, "a result", "Keep less.")
    with pytest.raises(MemoryLimitError, match=r"a result would take 8\.01e-06 GB.*Keep less\."):
        memory.refuse_too_large(1_001, "a result", "Keep less.")


def test_the_error_is_an_option_error_and_a_memory_error():
    assert issubclass(MemoryLimitError, OptionError)
    assert issubclass(MemoryLimitError, MemoryError)
