"""The command ``wclab``: open the course, run a model, list the models.

Every command is a thin wrapper around a function of the library.
"""

import argparse
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from wclab import inputs
from wclab.circuit import CircuitTemplate
from wclab.errors import OptionError, WclabError, nearest, show
from wclab.lessons import copy_course
from wclab.options import SOLVERS
from wclab.templates import Circuit, library, list_templates

SHAPES: dict[str, tuple[Callable[..., Any], tuple[str, ...]]] = {
    "pulse": (inputs.pulse, ("on", "off", "height")),
    "step": (inputs.step, ("at", "height")),
    "ramp": (inputs.ramp, ("start", "end")),
    "sine": (inputs.sine, ("period", "amplitude", "mean")),
    "noise": (inputs.ornstein_uhlenbeck, ("tau", "sigma", "mean", "seed")),
}
RUN_EXAMPLES = """\
The run of PyRates' gallery, as a picture and as a table:

  wclab run model_templates.neural_mass_models.wilsoncowan.WC --time 125 --step 0.01 \\
        --input e/se_op/r_ext=pulse:25:100:1 --plot seed.png --csv seed.csv

An input is a path, '=', and a number or a shape with its numbers:

  path=0.5                     the same all the time
  path=pulse:ON:OFF:HEIGHT     HEIGHT between ON and OFF
  path=step:AT:HEIGHT          HEIGHT from AT on
  path=ramp:START:END          a straight line
  path=sine:PERIOD:AMPLITUDE:MEAN
  path=noise:TAU:SIGMA:MEAN:SEED   Ornstein-Uhlenbeck
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code (0: done, 2: something to mend)."""
    options = parser().parse_args(arguments)
    try:
        return int(options.command(options) or 0)
    except WclabError as error:
        print(f"wclab: {error}", file=sys.stderr)
        return 2


def parser() -> argparse.ArgumentParser:
    """Return the reader of the command line."""
    top = argparse.ArgumentParser(
        prog="wclab", description="Learn the Wilson-Cowan model: lessons, models, runs."
    )
    commands = top.add_subparsers(title="commands", required=True, metavar="COMMAND")

    lab = commands.add_parser(
        "lab",
        help="open the course in JupyterLab",
        description="Copy the lessons and the models to a folder of yours and open JupyterLab "
        "there. What you have changed in that folder is never overwritten.",
    )
    lab.add_argument("folder", nargs="?", default="wclab-course", help="default: %(default)s")
    lab.add_argument("--copy-only", action="store_true", help="do not start JupyterLab")
    lab.add_argument(
        "jupyter", nargs=argparse.REMAINDER, metavar="-- ...", help="options for jupyter lab"
    )
    lab.set_defaults(command=_lab)

    run = commands.add_parser(
        "run",
        help="run a model",
        description="Run a circuit and show what its variables do.",
        epilog=RUN_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    run.add_argument("template", help="as 'wclab templates' lists them, or a file of your own")
    run.add_argument("--time", type=float, default=100.0, help="how long (default: %(default)s)")
    run.add_argument("--step", type=float, default=0.01, help="step (default: %(default)s)")
    run.add_argument("--solver", default="rk4", help=f"{', '.join(SOLVERS)} (default: %(default)s)")
    run.add_argument("--input", action="append", default=[], metavar="PATH=SHAPE")
    run.add_argument("--set", action="append", default=[], metavar="PATH=NUMBER")
    run.add_argument(
        "--output", action="append", default=[], metavar="[NAME=]PATH", help="default: every state"
    )
    run.add_argument("--plot", metavar="FILE", help="draw a picture (.png, .pdf, .svg)")
    run.add_argument("--csv", metavar="FILE", help="write a table")
    run.set_defaults(command=_run)

    templates = commands.add_parser("templates", help="list the models that ship with wclab")
    templates.add_argument("word", nargs="?", default="", help="only those whose line holds it")
    templates.set_defaults(command=_templates)
    return top


def _lab(options: argparse.Namespace) -> int:
    report = copy_course(Path(options.folder))
    print(f"The course is in {options.folder}: {report}")
    if options.copy_only:
        return 0
    command = shutil.which("jupyter-lab") or shutil.which(
        "jupyter-lab", path=str(Path(sys.executable).parent)
    )
    if command is None:
        raise OptionError('JupyterLab is not installed. Install it with: pip install "wclab[lab]"')
    extra = [word for word in options.jupyter if word != "--"]
    return subprocess.call([command, *extra, "index.ipynb"], cwd=options.folder)


def _run(options: argparse.Namespace) -> None:
    circuit = CircuitTemplate.from_yaml(options.template)
    values = dict(_pair(item, "--set") for item in options.set)
    circuit = circuit.with_vars({path: _number(text, path) for path, text in values.items()})
    drives = {
        path: read_shape(text, options.time, options.step)
        for path, text in (_pair(item, "--input") for item in options.input)
    }
    outputs = dict((item.split("=", 1) if "=" in item else (item, item)) for item in options.output)
    result = circuit.run(
        options.time, options.step, inputs=drives, outputs=outputs or None, solver=options.solver
    )
    if options.csv:
        with _writing(options.csv):
            result.to_csv(options.csv)
    if options.plot:
        from matplotlib.figure import Figure

        from wclab.plots import time_course

        figure = Figure(figsize=(7, 4), layout="constrained")
        time_course(result, ax=figure.subplots())
        with _writing(options.plot):
            figure.savefig(options.plot, dpi=150)
    summary = result.agg(["min", "max"]).T.assign(last=result.iloc[-1])
    print(f"{circuit.name}, 0 to {options.time:g}, {options.solver}, step {options.step:g}")
    print(summary.to_string(float_format="{:.6g}".format))


def _templates(options: argparse.Namespace) -> None:
    lines = [
        (name, record.description or "")
        for name, record in list_templates(library() / "model_templates")
        if isinstance(record, Circuit)
    ]
    shown = [line for line in lines if options.word.lower() in " ".join(line).lower()]
    if not shown:
        raise OptionError(f"no model's line holds {show(options.word)}")
    for name, description in shown:
        print(f"{name}  {description}".rstrip())


def read_shape(text: str, time: float, step: float) -> Any:
    """Return the input that a text such as ``pulse:25:100:1`` describes: a number or samples."""
    name, *numbers = text.split(":")
    if not numbers:
        return _number(text, "--input")
    if name not in SHAPES:
        raise OptionError(f"unknown shape of input {show(name)}.{nearest(name, SHAPES)}")
    function, parameters = SHAPES[name]
    if len(numbers) > len(parameters):
        known = ":".join(parameters).upper()
        raise OptionError(f"{show(text)} has too many numbers: write {name}:{known}")
    values = {
        key: int(_number(number, key)) if key == "seed" else _number(number, key)
        for key, number in zip(parameters, numbers, strict=False)
    }
    try:
        return function(time, step, **values)
    except TypeError:
        known = ":".join(parameters).upper()
        raise OptionError(f"{show(text)} needs more numbers: write {name}:{known}") from None


def _pair(item: str, option: str) -> tuple[str, str]:
    path, equals, value = item.partition("=")
    if not equals or not path or not value:
        raise OptionError(f"{option} takes PATH=VALUE, not {show(item)}")
    return path, value


def _number(text: str, name: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise OptionError(f"{name}: {show(text)} is not a number") from None


class _writing:  # noqa: N801 - reads as a verb: with _writing(file): ...
    """Turn a failure to write a file into an error that says so."""

    def __init__(self, file: str) -> None:
        self.file = file

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError | ValueError):
            raise OptionError(f"{self.file} cannot be written: {error}") from None


if __name__ == "__main__":
    sys.exit(main())
