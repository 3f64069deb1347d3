"""Run the lessons of the installed wclab with their solutions; every answer must be right."""

import sys
import tempfile
from pathlib import Path

import nbformat
import numpy
import pandas
import scipy
from nbclient import NotebookClient

from wclab.lessons import copy_course


def main() -> None:
    """Run all, and print a line."""
    folder = Path(tempfile.mkdtemp())
    copy_course(folder)
    right = 0
    for file in sorted(folder.glob("[0-9]*.ipynb")):
        book = nbformat.read(file, as_version=4)
        NotebookClient(book, timeout=300, resources={"metadata": {"path": str(folder)}}).execute()
        for cell in book.cells:
            for out in cell.get("outputs", ()):
                text = out.get("data", {}).get("text/plain", "")
                if "check(" in cell.source:
                    assert text.startswith("Right, because"), f"{file.name}: {text}"
                    right += 1
    versions = f"numpy {numpy.__version__}, scipy {scipy.__version__}, pandas {pandas.__version__}"
    sys.stdout.write(f"{right} answers right ({versions})\n")


if __name__ == "__main__":
    main()
