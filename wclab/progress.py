"""A progress bar for long runs, and none for short ones."""

import time
from types import TracebackType
from typing import Any, Self

PATIENCE = 2.0  # seconds before a bar appears


class Progress:
    """Counts steps of work; shows a bar once they have taken longer than `PATIENCE`."""

    def __init__(self, total: int, unit: str) -> None:
        self.total, self.unit = total, unit
        self.began = time.monotonic()
        self.bar: Any = None

    def __call__(self, done: int) -> None:
        """Tell that `done` of the total are done."""
        if self.bar is None:
            if time.monotonic() - self.began < PATIENCE or done >= self.total:
                return
            from tqdm.auto import tqdm

            self.bar = tqdm(total=self.total, unit=self.unit, leave=False)
        self.bar.update(done - self.bar.n)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.bar is not None:
            self.bar.close()
