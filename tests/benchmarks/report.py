"""From results to README.md: one table for each subject, and what was asked."""

from typing import Any

from subjects import SUBJECTS

HEAD = """# Benchmarks

Written by the benchmark itself; run it again from the repository's root with

```
.venv/bin/python tests/benchmarks/run.py                    # everything: some minutes
.venv/bin/python tests/benchmarks/run.py import short-run   # only shown, not written
.venv/bin/python tests/benchmarks/run.py --repeats 15
```

Contestants are measured in turn, each in a process of its own with one thread, so that other load
on the machine hits all alike. Figures are medians of {repeats} rounds with quartiles in brackets; a
ratio is of CPU times in the same round. The first round is kept apart: there a warm process builds
its model and imports what it needs late, such as pandas, and a fresh one may write byte code. An
error is the largest distance from a solution by DOP853 at 1e-12.

Peers are installed into a cache folder outside the repository; who cannot be installed is left
out, with a message. `WCLAB_BENCHMARK_CACHE` moves that folder, `WCLAB_BENCHMARK_PYTHON_PYRATES`
names a Python that has PyRates already. C is compiled with `gcc {flags}`,
without `-ffast-math`, where gcc is installed.

Machine: {machine}.
"""


def readme(results: dict[str, Any], repeats: int, flags: str) -> str:
    """Return the text of README.md."""
    machine = results["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    peers = ", ".join(machine["peers"].values())
    text = f"{machine['cores']} cores, {machine['system']}, Python {machine['python']}, {versions}"
    parts = [HEAD.format(repeats=repeats, flags=flags, machine=f"{text}; peers: {peers}")]
    parts.append("## What is asked\n\n" + _asked(results["subjects"]))
    parts += [table(key, found) for key, found in results["subjects"].items()]
    return "\n".join(parts)


def _asked(subjects: dict[str, Any]) -> str:
    lines = ["| CPU time | asked | measured | |", "|---|---|---|---|"]
    for found in subjects.values():
        for one in found["asked"]:
            show = _seconds if one["unit"] else "{:.4g}".format
            met = "met" if one["found"][1] <= one["limit"] else "**missed**"
            measured = spread(one["found"], show)
            lines.append(f"| {one['what']} | at most {show(one['limit'])} | {measured} | {met} |")
    return "\n".join(lines) + "\n"


def table(key: str, found: dict[str, Any]) -> str:
    """Return one subject's section."""
    subject = next(subject for subject in SUBJECTS if subject.key == key)
    errors = any("error" in result for result in found["results"].values())
    head = ["", f"ratio to {subject.unit}", "CPU time", "wall time", "first round, CPU"]
    head += ["error"] if errors else []
    lines = [f"## {subject.title}", "", subject.text, ""]
    lines += [_row(head), _row(["---"] * len(head))]
    for name, result in found["results"].items():
        cells = [name, spread(result["ratio"], _number) if "ratio" in result else ""]
        cells += [spread(result["cpu"]), spread(result["wall"]), _seconds(result["first"])]
        cells += [f"{result['error']:.1e}" if "error" in result else ""] if errors else []
        lines.append(_row(cells))
    for name, result in found["results"].items():
        if "details" in result:
            lines += ["", f"{name}: {_details(result['details'])}."]
    lines += [f"\nNot measured: {name} ({why})." for name, why in found["skipped"].items()]
    return "\n".join(lines) + "\n"


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _details(spent: dict[str, float]) -> str:
    slow = sorted(spent, key=lambda name: -spent[name])[:4]
    named = ", ".join(f"{name} {spent[name]:.1f} ms" for name in slow)
    return f"{len(spent)} parts, {sum(spent.values()):.0f} ms in all; the slowest: {named}"


def spread(values: list[float], show: Any = None) -> str:
    """Return a median, and its quartiles in brackets."""
    show = show or _seconds
    low, median, high = values
    return f"{show(median)} ({show(low)}-{show(high)})"


def _number(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 100 else f"{value:,.0f}"


def _seconds(value: float) -> str:
    for factor, unit in ((1.0, "s"), (1e3, "ms")):
        if abs(value) * factor >= 1:
            return f"{_number(value * factor)} {unit}"
    return f"{_number(value * 1e6)} us"
