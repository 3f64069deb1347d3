"""``python -m wclab.course FILES...``: the progress of a class as a spreadsheet."""

import argparse
import sys

from wclab.course.collect import collect
from wclab.errors import OptionError


def main(words: list[str] | None = None) -> int:
    """Print the table, or say what is wrong with a file."""
    parser = argparse.ArgumentParser(
        prog="python -m wclab.course", description="Collect the progress files of a class as CSV."
    )
    parser.add_argument(
        "files", nargs="+", help="progress files, such as class/*/.wclab-progress.json"
    )
    parser.add_argument("--every", action="store_true", help="a row for each exercise")
    asked = parser.parse_args(words)
    try:
        sys.stdout.write(collect(asked.files, every=asked.every))
    except (OptionError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
