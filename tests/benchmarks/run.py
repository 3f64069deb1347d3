"""Measure wclab and its peers side by side; write README.md, results.json and costs.png here.

From the repository's root: ``.venv/bin/python tests/benchmarks/run.py [SUBJECT ...]``.
"""

import argparse
import json
import sys

import growth
import machine
import plot
import report
from harness import measure
from subjects import SUBJECTS


def main() -> None:
    """Measure everything and write it, or measure and show some subjects only."""
    keys = [one.key for one in (*SUBJECTS, *growth.GROWTHS)]
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("subjects", nargs="*", metavar="SUBJECT", help=", ".join(keys))
    parser.add_argument("--repeats", type=int, default=9, help="rounds (7 or more to publish)")
    arguments = parser.parse_args()
    unknown = set(arguments.subjects) - set(keys)
    if unknown:
        parser.error(f"no subject {', '.join(sorted(unknown))}; there are {', '.join(keys)}")
    if arguments.repeats < 4:
        parser.error("quartiles need 4 rounds or more")
    chosen = arguments.subjects or keys
    found = {s.key: measure(s, arguments.repeats) for s in SUBJECTS if s.key in chosen}
    grown = {g.key: growth.measure(g) for g in growth.GROWTHS if g.key in chosen}
    for key, result in found.items():
        sys.stdout.write(report.table(key, result) + "\n")
    if grown:
        sys.stdout.write(report.exponents(grown))
    if arguments.subjects:
        return
    results = {
        "machine": machine.describe(), "repeats": arguments.repeats, "subjects": found,
        "growth": grown,
    }  # fmt: skip
    text = report.readme(results, arguments.repeats, " ".join(machine.FLAGS))
    (machine.HERE / "README.md").write_text(text, encoding="utf-8")
    (machine.HERE / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    plot.draw(grown, machine.HERE / "costs.png")


if __name__ == "__main__":
    main()
