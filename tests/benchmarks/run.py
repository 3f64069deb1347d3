"""Measure wclab and its peers side by side; write README.md, results.json and costs.png here.

From the repository's root: ``.venv/bin/python tests/benchmarks/run.py [SUBJECT ...]``.
"""

import argparse
import json
import sys
from typing import Any

import growth
import machine
import plot
import report
from harness import measure
from subjects import SUBJECTS


def main() -> None:
    """Measure everything and write it, one subject after the other, or show some of them."""
    keys = [one.key for one in (*SUBJECTS, *growth.GROWTHS)]
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("subjects", nargs="*", metavar="SUBJECT", help=", ".join(keys))
    parser.add_argument("--write", action="store_true", help="write the named subjects too")
    parser.add_argument("--repeats", type=int, default=9, help="rounds (7 or more to publish)")
    arguments = parser.parse_args()
    unknown = set(arguments.subjects) - set(keys)
    if unknown:
        parser.error(f"no subject {', '.join(sorted(unknown))}; there are {', '.join(keys)}")
    if arguments.repeats < 4:
        parser.error("quartiles need 4 rounds or more")
    everything = not arguments.subjects
    for key in arguments.subjects or keys:
        found = _measure(key, arguments.repeats)
        sys.stdout.write(_shown(key, found) + "\n")
        if everything or arguments.write:
            _write(key, found)


def _measure(key: str, repeats: int) -> dict[str, Any]:
    for one in growth.GROWTHS:
        if one.key == key:
            return growth.measure(one)
    return measure(next(s for s in SUBJECTS if s.key == key), repeats) | {"repeats": repeats}


def _shown(key: str, found: dict[str, Any]) -> str:
    return report.exponents({key: found}) if "curves" in found else report.table(key, found)


def _write(key: str, found: dict[str, Any]) -> None:
    """Put one subject's results in the place of those kept so far, and write all files."""
    kept = machine.HERE / "results.json"
    results = json.loads(kept.read_text()) if kept.exists() else {}
    results |= {"machine": machine.describe()}
    results.setdefault("subjects", {})[key] = found
    order = [one.key for one in (*SUBJECTS, *growth.GROWTHS)]
    results["subjects"] = {k: results["subjects"][k] for k in order if k in results["subjects"]}
    kept.write_text(json.dumps(results, indent=1) + "\n")
    text = report.readme(results, " ".join(machine.FLAGS))
    (machine.HERE / "README.md").write_text(text, encoding="utf-8")
    plot.draw(results["subjects"], machine.HERE / "costs.png")


if __name__ == "__main__":
    main()
