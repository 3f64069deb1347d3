"""What `import wclab` is made of: imports one after the other, each timed."""

import importlib
import json
import time

PARTS = ("numpy", "numpy.random", "inspect", "dataclasses", "yaml", "wclab")


def parts() -> None:
    """Import what wclab needs, then wclab itself; print milliseconds by name."""
    spent = {}
    for name in PARTS:
        start = time.process_time()
        importlib.import_module(name)
        spent[name] = 1e3 * (time.process_time() - start)
    print(json.dumps(spent))  # noqa: T201 - read by the harness
