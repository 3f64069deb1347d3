"""One contestant in a process of its own: one measurement for each line it reads.

``python worker.py MODULE FUNCTION NUMBER``: the function prepares a run, untimed, before each
measurement, and `NUMBER` calls of that run are timed together.
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
    module, function, number = sys.argv[1:]
    prepare = getattr(importlib.import_module(module), function)
    for _ in sys.stdin:
        run, value = prepare(), None
        gc.collect()
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(int(number)):
            value = run()
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        answer = {"cpu": cpu / int(number), "wall": wall / int(number)}
        if value is not None:
            answer["error"] = problem.error(value)
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
