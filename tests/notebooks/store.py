"""Run the lessons from a fresh kernel and store what they print: ``make notebooks``.

What is stored does not depend on the machine: no versions, no identifiers of widgets. A
live figure is stored as its picture, which a page without a kernel shows; a drawing gets the
description that its cell's metadata hold.
"""

import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from wclab.explorers import TwoPopulations

FOLDER = Path(__file__).parents[2] / "notebooks"
VIEW = "application/vnd.jupyter.widget-view+json"
METADATA = {
    "kernelspec": {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}


def store(file: Path) -> None:
    """Execute one notebook in place, as a student who has not answered anything yet."""
    os.environ |= {"WCLAB_PROGRESS": "off"}
    notebook = nbformat.read(file, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=300,
        store_widget_state=False,
        coalesce_streams=True,
        resources={"metadata": {"path": FOLDER}},
    )
    client.execute()
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        alt = cell.metadata.get("wclab", {}).get("alt")
        for output in cell.get("outputs", ()):
            output.get("data", {}).pop(VIEW, None)
            if alt and "image/png" in output.get("data", {}):
                output.metadata["image/png"] = {"alt": alt}
    nbformat.write(notebook, file)


def store_picture() -> None:
    """Draw the picture of README.md."""
    figure = TwoPopulations().figure()
    figure.savefig(FOLDER / "images" / "two_populations.png", metadata={"Software": None})


if __name__ == "__main__":
    store_picture()
    for name in sys.argv[1:] or sorted(FOLDER.glob("*.ipynb")):
        store(Path(name))
