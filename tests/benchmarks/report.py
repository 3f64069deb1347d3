"""From results to README.md: one table for each subject, and what was asked."""

from typing import Any

from growth import GROWTHS
from subjects import SUBJECTS

HEAD = """# Benchmarks

Written by the benchmark itself; run it again from the repository's root with

```
.venv/bin/python tests/benchmarks/run.py                    # everything: a quarter of an hour
.venv/bin/python tests/benchmarks/run.py import short-run   # shown, and with --write also written
.venv/bin/python tests/benchmarks/run.py --repeats 15
```

Contestants are measured in turn, each in a process of its own with one thread, so that other load
on the machine hits all alike. Figures are medians of as many rounds as the table says, with
quartiles in brackets, of every third round or so for who is slow; a ratio is of CPU times in the
same round. The first round is kept apart: there a warm process makes one call, which builds the
model, compiles it where that is done, and imports what is needed late, such as pandas; a fresh
process may write byte code. An error is the largest distance from a solution by DOP853 at 1e-12, or
by NumPy in W3, W4 and W5.

"wclab" is what it is without llvmlite, NumPy and SciPy alone; "compiled" is with it.

Peers are installed into a cache folder outside the repository; who cannot be installed is left
out, with a message (numbalsoda is built with gfortran). `WCLAB_BENCHMARK_CACHE` moves that folder,
`WCLAB_BENCHMARK_PYTHON_PYRATES` names a Python that has PyRates already, and so on for each peer. C
is compiled with `gcc {flags}`, without `-ffast-math`, where gcc is installed.

Machine: {machine}.
"""


def readme(results: dict[str, Any], flags: str) -> str:
    """Return the text of README.md."""
    machine = results["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    peers = ", ".join(machine["peers"].values())
    text = f"{machine['cores']} cores, {machine['system']}, Python {machine['python']}, {versions}"
    measured = {key: one for key, one in results["subjects"].items() if "curves" not in one}
    grown = {key: one for key, one in results["subjects"].items() if "curves" in one}
    parts = [HEAD.format(flags=flags, machine=f"{text}; peers: {peers}")]
    parts.append("## What is asked\n\n" + _asked(measured))
    parts += [table(key, found) for key, found in measured.items()]
    if grown:
        parts.append("## How cost grows\n\n" + exponents(grown))
    return "\n".join(parts)


def _asked(subjects: dict[str, Any]) -> str:
    titles = {subject.key: subject.title for subject in SUBJECTS}
    lines = ["| | CPU time | asked | measured | |", "|---|---|---|---|---|"]
    for key, found in subjects.items():
        what = titles[key].partition(":")[0] + (f", N = {key[8:]}" if "network" in key else "")
        for one in found["asked"]:
            show = _seconds if one["unit"] else "{:.4g}".format
            met = "met" if one["found"][1] <= one["limit"] else "**missed**"
            measured = spread(one["found"], show)
            limit = f"at most {show(one['limit'])}"
            lines.append(_row([what, one["what"], limit, measured, met]))
    return "\n".join(lines) + "\n"


def table(key: str, found: dict[str, Any]) -> str:
    """Return one subject's section."""
    subject = next(subject for subject in SUBJECTS if subject.key == key)
    errors = any("error" in result for result in found["results"].values())
    limits = {one.name: one.limit for one in subject.asked if one.over == subject.unit}
    limits = {} if any(one.difference for one in subject.asked) else limits
    head = ["", f"ratio to {subject.unit}", *(["asked"] if limits else [])]
    head += ["CPU time", "wall time", "first round, CPU", *(["error"] if errors else [])]
    rounds = f"{found['repeats']} rounds."
    lines = [f"## {subject.title}", "", f"{subject.text} {rounds}", ""]
    lines += [_row(head), _row(["---"] * len(head))]
    for name, result in found["results"].items():
        cells = [name, spread(result["ratio"], _number) if "ratio" in result else ""]
        cells += [f"{limits[name]:g}" if name in limits else ""] if limits else []
        cells += [spread(result["cpu"]), spread(result["wall"]), _seconds(result["first"])]
        cells += [f"{result['error']:.1e}" if "error" in result else ""] if errors else []
        lines.append(_row(cells))
    for name, result in found["results"].items():
        if "details" in result:
            lines += ["", f"{name}: {_details(result['details'])}."]
    lines += [f"\nNot measured: {name} ({why})." for name, why in found["skipped"].items()]
    return "\n".join(lines) + "\n"


def exponents(growths: dict[str, Any]) -> str:
    """Return the table of fitted exponents."""
    lines = [
        "CPU time is taken to be a power of the size; the exponent is the slope of a straight line "
        "through the logarithms of the medians of five rounds, with its standard error. Where a "
        "fixed part still shows at the smallest size, it is below that of large sizes.",
        "",
        "![CPU time by steps, parameter sets, nodes and edges](costs.png)",
        "",
        "| grows | who | from - to | CPU time | exponent |",
        "|---|---|---|---|---|",
    ]
    for growth in GROWTHS:
        found = growths.get(growth.key, {"curves": {}, "skipped": {}})
        for name, curve in found["curves"].items():
            sizes, (first, *_, last) = curve["sizes"], (median for _, median, _ in curve["cpu"])
            cells = [
                growth.axis, name, f"{sizes[0]:,} - {sizes[-1]:,}",
                f"{_seconds(first)} - {_seconds(last)}",
                f"{curve['exponent']:.3f} ± {curve['error']:.3f}",
            ]  # fmt: skip
            lines.append(_row(cells))
    lines += ["", *(f"{g.axis.capitalize()}: {g.text}  " for g in GROWTHS if g.key in growths)]
    for found in growths.values():
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
