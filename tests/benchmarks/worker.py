"""One contestant in a process of its own: one measurement for each line it reads.

``python worker.py MODULE FUNCTION NUMBER``: before each measurement the function prepares,
untimed, a run, or a run and what returns a result's error (None: nothing does). A line holds the
function's arguments as a list in JSON. `NUMBER` calls of the run are timed together, except in
the first measurement, which is one call. Packages named in ``WCLAB_BENCHMARK_WITHOUT`` count as
not installed.
"""

import gc
import importlib
import json
import os
import sys
import time

import problem


def main() -> None:
    """Answer each line on the standard input with one line of JSON."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a contestant prints must not mix with the answers
    for name in os.environ.get("WCLAB_BENCHMARK_WITHOUT", "").split():
        sys.modules[name] = None  # type: ignore[assignment]
    module, function, number = sys.argv[1:]
    prepare = getattr(importlib.import_module(module), function)
    calls = 1
    for line in sys.stdin:
        prepared = prepare(*json.loads(line))
        run, error = prepared if isinstance(prepared, tuple) else (prepared, problem.error)
        gc.collect()
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(calls):
            value = run()
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        answer = {"cpu": cpu / calls, "wall": wall / calls}
        if value is not None and error is not None:
            answer["error"] = error(value)
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
        calls = int(number)


if __name__ == "__main__":
    main()
