"""Contestants side by side: every round measures each of them once, so that noise hits all alike.

A contestant lives in a process of its own. A warm one prepares and runs again and again in it;
a fresh one gets a new process for each measurement, whose whole life counts.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any

import machine

Sample = dict[str, Any]  # "cpu" and "wall" in seconds, perhaps "error" or "details"
Rounds = dict[int, Sample]
CLOCK = "\nimport time\nprint('\\n%r' % time.process_time())"


@dataclass(frozen=True)
class Contestant:
    """Who takes part: a function of a module here, or some code for a fresh process.

    `number` calls are timed together; `peer` names the environment, None being wclab's own.
    One that is slow takes part in each `every`-th round only, or computes a part, whose time is
    multiplied by `scale`. `without` names packages that count as not installed.
    """

    name: str
    code: str  # "module.function"; of a fresh contestant any statements
    number: int = 1
    peer: str | None = None
    fresh: bool = False
    every: int = 1
    scale: float = 1.0
    without: str = ""
    arguments: tuple[int, ...] = ()


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
            env=machine.environment(contestant.without),
        )  # fmt: skip

    def measure(self, *arguments: int) -> Sample:
        """Take one measurement of what the contestant prepares from some arguments."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            self.process.stdin.write(json.dumps(arguments) + "\n")
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
        self.options = {"cwd": folder, "env": machine.environment(contestant.without)}

    def measure(self, *_: int) -> Sample:
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
def taking_part(
    contestants: Sequence[Contestant], skipped: dict[str, str]
) -> Iterator[dict[str, Any]]:
    """Start every contestant that can be started, and end them all at last."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        found: dict[str, Any] = {}
        try:
            for contestant in contestants:
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
    samples: dict[str, dict[int, Sample]] = {}  # by round
    skipped: dict[str, str] = {}
    with taking_part(subject.contestants, skipped) as running:
        for number in range(repeats + 1):
            for one in subject.contestants:
                turn = number % min(one.every, repeats // 2) == 0
                if one.name not in running or not turn:
                    continue
                try:
                    taken = running[one.name].measure(*one.arguments)
                    samples.setdefault(one.name, {})[number] = taken
                except machine.SkipError as error:
                    skipped[one.name] = str(error)
                    samples.pop(one.name, None)
                    running.pop(one.name).close()
            sys.stderr.write(f"{subject.key}: round {number} of {repeats}\n")
    known = {one.name: one for one in subject.contestants}
    warm = {name: _scaled(taken, known[name].scale) for name, taken in samples.items()}
    results = {
        name: _summary(samples[name][0]["cpu"], taken, known[name], warm.get(subject.unit, {}))
        for name, taken in warm.items()
        if len(taken) > 1
    }
    asked = [_verdict(one, warm) for one in subject.asked]
    return {"results": results, "skipped": skipped, "asked": [a for a in asked if a]}


def _scaled(taken: Rounds, scale: float) -> Rounds:
    """Return the warm rounds, as if all had been computed."""
    return {
        number: sample | {key: scale * sample[key] for key in ("cpu", "wall")}
        for number, sample in taken.items()
        if number
    }


def _summary(first: float, taken: Rounds, one: Contestant, unit: Rounds) -> dict[str, Any]:
    """Return what is kept of a contestant's rounds."""
    found = list(taken.values())
    result: dict[str, Any] = {key: quartiles([s[key] for s in found]) for key in ("cpu", "wall")}
    warm = result["cpu"][1]
    result["first"] = first + warm - warm / one.scale  # what comes once is not scaled
    ratios = [sample["cpu"] / unit[n]["cpu"] for n, sample in taken.items() if n in unit]
    if ratios:
        result["ratio"] = quartiles(ratios)
    if "error" in found[0]:
        result["error"] = max(sample["error"] for sample in found)
    if "details" in found[0]:
        result["details"] = {
            key: quartiles([sample["details"][key] for sample in found])[1]
            for key in found[0]["details"]
        }
    return result


def _verdict(asked: Asked, warm: dict[str, Rounds]) -> dict[str, Any] | None:
    """Return what was found for something asked, or None where nobody could be measured."""
    mine, others = warm.get(asked.name, {}), warm.get(asked.over or asked.name, {})
    both = [(mine[n]["cpu"], others[n]["cpu"]) for n in mine if n in others]
    if len(both) < 2:
        return None
    values = [a - b if asked.difference else a / b if asked.over else a for a, b in both]
    what = f"{asked.name} {'minus' if asked.difference else '/'} {asked.over}"
    return {
        "name": asked.name,
        "what": what if asked.over else asked.name,
        "unit": "" if asked.over and not asked.difference else "s",
        "limit": asked.limit,
        "found": quartiles(values),
    }


def quartiles(values: list[float]) -> list[float]:
    """Return the lower quartile, the median and the upper quartile."""
    return quantiles(values, n=4, method="inclusive")
