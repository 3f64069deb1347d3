"""Measure wclab and its peers side by side, and write README.md and results.json here.

From the repository's root: ``.venv/bin/python tests/benchmarks/run.py [SUBJECT ...]``.
"""

import argparse
import json
import sys

import machine
import report
from harness import measure
from subjects import SUBJECTS


def main() -> None:
    """Measure everything and write it, or measure and show some subjects only."""
    keys = [subject.key for subject in SUBJECTS]
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("subjects", nargs="*", metavar="SUBJECT", help=", ".join(keys))
    parser.add_argument("--repeats", type=int, default=9, help="rounds (7 or more to publish)")
    arguments = parser.parse_args()
    unknown = set(arguments.subjects) - set(keys)
    if unknown:
        parser.error(f"no subject {', '.join(sorted(unknown))}; there are {', '.join(keys)}")
    if arguments.repeats < 2:
        parser.error("quartiles need 2 rounds or more")
    chosen = [s for s in SUBJECTS if s.key in (arguments.subjects or keys)]
    found = {subject.key: measure(subject, arguments.repeats) for subject in chosen}
    for key, result in found.items():
        sys.stdout.write(report.table(key, result) + "\n")
    if arguments.subjects:
        return
    results = {"machine": machine.describe(), "repeats": arguments.repeats, "subjects": found}
    text = report.readme(results, arguments.repeats, " ".join(machine.FLAGS))
    (machine.HERE / "README.md").write_text(text, encoding="utf-8")
    (machine.HERE / "results.json").write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
