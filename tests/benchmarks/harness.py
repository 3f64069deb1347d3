"""Contestants side by side: every round measures each of them once, so that noise hits all alike.

A contestant lives in a process of its own. A warm one prepares and runs again and again in it;
a fresh one gets a new process for each measurement, whose whole life counts.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any

import machine

Sample = dict[str, Any]  # "cpu" and "wall" in seconds, perhaps "error" or "details"
CLOCK = "\nimport time\nprint('\\n%r' % time.process_time())"


@dataclass(frozen=True)
class Contestant:
    """Who takes part: a function of a module here, or some code for a fresh process.

    `number` calls are timed together; `peer` names the environment, None being wclab's own.
    """

    name: str
    code: str  # "module.function"; of a fresh contestant any statements
    number: int = 1
    peer: str | None = None
    fresh: bool = False


@dataclass(frozen=True)
class Asked:
    """What is asked: CPU time of `name`, as a ratio to `over` or a difference in seconds."""

    name: str
    limit: float
    over: str | None = None
    difference: bool = False


@dataclass(frozen=True)
class Subject:
    """What is compared; ratios are to the contestant `unit`."""

    key: str
    title: str
    text: str
    unit: str
    contestants: list[Contestant]
    asked: list[Asked] = field(default_factory=list)


class _Warm:
    """A running worker."""

    def __init__(self, contestant: Contestant, folder: str) -> None:
        self.log = tempfile.TemporaryFile("w+", dir=folder)  # noqa: SIM115 - closed by close
        self.process = subprocess.Popen(
            [
                machine.python_of(contestant.peer), str(machine.HERE / "worker.py"),
                *contestant.code.split("."), str(contestant.number),
            ],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True, cwd=folder,
            env=machine.environment(),
        )  # fmt: skip

    def measure(self) -> Sample:
        """Take one measurement."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            self.process.stdin.write("go\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        answer = self.process.stdout.readline()
        if not answer:
            self.log.seek(0)
            raise machine.SkipError(machine.last_line(self.log.read()))
        return json.loads(answer)

    def close(self) -> None:
        """End the worker."""
        self.process.communicate()
        self.log.close()


class _Fresh:
    """A new process for each measurement."""

    def __init__(self, contestant: Contestant, folder: str) -> None:
        self.command = [machine.python_of(contestant.peer), "-c", contestant.code + CLOCK]
        self.options = {"cwd": folder, "env": machine.environment()}

    def measure(self) -> Sample:
        """Take one measurement."""
        start = time.perf_counter()
        done = subprocess.run(self.command, capture_output=True, text=True, **self.options)
        wall = time.perf_counter() - start
        if done.returncode:
            raise machine.SkipError(machine.last_line(done.stderr))
        *printed, cpu = done.stdout.strip().splitlines()
        sample = {"cpu": float(cpu), "wall": wall}
        details = [line for line in printed if line.startswith("{")]
        return {**sample, "details": json.loads(details[-1])} if details else sample

    def close(self) -> None:
        """Nothing is left running."""


@contextmanager
def _taking_part(subject: Subject, skipped: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Start every contestant that can be started, and end them all at last."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        found: dict[str, Any] = {}
        try:
            for contestant in subject.contestants:
                try:
                    kind = _Fresh if contestant.fresh else _Warm
                    found[contestant.name] = kind(contestant, folder)
                except machine.SkipError as error:
                    skipped[contestant.name] = str(error)
            yield found
        finally:
            for one in found.values():
                one.close()


def measure(subject: Subject, repeats: int) -> dict[str, Any]:
    """Measure a subject's contestants in turn, `repeats` rounds after one that is kept apart.

    Returns
    -------
    dict
        ``results``: for each contestant its ``first`` round and, of the others, quartiles of
        "cpu" and "wall" in seconds and of the "ratio" to the unit in the same round;
        ``skipped``: who did not take part, and why.
    """
    samples: dict[str, list[Sample]] = {}
    skipped: dict[str, str] = {}
    with _taking_part(subject, skipped) as contestants:
        for number in range(repeats + 1):
            for name, contestant in list(contestants.items()):
                try:
                    samples.setdefault(name, []).append(contestant.measure())
                except machine.SkipError as error:
                    skipped[name] = str(error)
                    samples.pop(name, None)
                    contestants.pop(name).close()
            sys.stderr.write(f"{subject.key}: round {number} of {repeats}\n")
    warm = {name: taken[1:] for name, taken in samples.items()}
    results = {}
    for name, taken in warm.items():
        result: dict[str, Any] = {"first": samples[name][0]["cpu"]}
        result |= {key: _quartiles([s[key] for s in taken]) for key in ("cpu", "wall")}
        if subject.unit in warm:
            pairs = zip(taken, warm[subject.unit], strict=True)
            result["ratio"] = _quartiles([one["cpu"] / unit["cpu"] for one, unit in pairs])
        if "error" in taken[0]:
            result["error"] = max(sample["error"] for sample in taken)
        if "details" in taken[0]:
            result["details"] = {
                key: _quartiles([sample["details"][key] for sample in taken])[1]
                for key in taken[0]["details"]
            }
        results[name] = result
    asked = [_verdict(one, warm) for one in subject.asked]
    return {"results": results, "skipped": skipped, "asked": [a for a in asked if a]}


def _verdict(asked: Asked, warm: dict[str, list[Sample]]) -> dict[str, Any] | None:
    """Return what was found for something asked, or None where nobody could be measured."""
    if asked.name not in warm or (asked.over and asked.over not in warm):
        return None
    values = [sample["cpu"] for sample in warm[asked.name]]
    if asked.over:
        others = [sample["cpu"] for sample in warm[asked.over]]
        pairs = zip(values, others, strict=True)
        values = [a - b if asked.difference else a / b for a, b in pairs]
    what = f"{asked.name} {'minus' if asked.difference else '/'} {asked.over}"
    return {
        "what": what if asked.over else asked.name,
        "unit": "" if asked.over and not asked.difference else "s",
        "limit": asked.limit,
        "found": _quartiles(values),
    }


def _quartiles(values: list[float]) -> list[float]:
    """Return the lower quartile, the median and the upper quartile."""
    return quantiles(values, n=4, method="inclusive")
