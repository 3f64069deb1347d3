"""The wheel as a stranger gets it: built, installed in an empty environment, used elsewhere."""

import json
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = """
import json, sys
from wclab import CircuitTemplate
from wclab.inputs import pulse
wc = CircuitTemplate.from_yaml("model_templates.neural_mass_models.wilsoncowan.WC")
push = {"e/se_op/r_ext": pulse(125.0, 0.1, on=25.0, off=100.0)}
run = wc.run(125.0, 0.1, inputs=push, outputs={"E": "e/rate_op/r"}, solver="scipy")
import wclab
print(json.dumps({"E": run["E"].iloc[-1], "where": wclab.__file__}))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build the wheel from the source distribution, so that both are tried."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory):
    """Install the wheel in an empty environment; return its Python."""
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, with_pip=True)
    binary = folder / ("Scripts" if sys.platform == "win32" else "bin")
    python = binary / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", wheel], check=True)
    return python


def test_it_holds_the_library_its_models_and_lessons_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert tops == {"wclab", next(top for top in tops if top.endswith(".dist-info"))}
    assert "wclab/model_templates/neural_mass_models/wilsoncowan.yaml" in names
    assert "wclab/notebooks/index.ipynb" in names
    assert "wclab/py.typed" in names
    assert wheel.name.endswith("py3-none-any.whl")
    assert not [name for name in names if "__pycache__" in name or "checkpoint" in name]


def test_the_seed_run_works_from_any_folder(python, tmp_path):
    done = subprocess.run(
        [python, "-c", PROGRAM], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    result = json.loads(done.stdout)
    assert result["E"] == pytest.approx(-0.032686, abs=1e-5)
    assert str(ROOT) not in result["where"]
    assert list(tmp_path.iterdir()) == []


def test_the_command_lists_runs_and_copies(python, tmp_path):
    wclab = python.with_name("wclab")
    run = [
        "run",
        "model_templates.neural_mass_models.wilsoncowan.WC",
        "--time",
        "50",
        "--plot",
        "a.png",
    ]
    for words in (["templates"], run, ["lab", "--copy-only"]):
        subprocess.run([wclab, *words], cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "wclab-course" / "index.ipynb").is_file()


def test_without_jupyterlab_the_command_says_how_to_get_it(python, tmp_path):
    done = subprocess.run(
        [python.with_name("wclab"), "lab"],
        cwd=tmp_path, env={"PATH": ""}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 2
    assert 'pip install "wclab[lab]"' in done.stderr
