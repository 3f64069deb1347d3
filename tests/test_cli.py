"""The command line: what it prints, writes and says when something is wrong."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from helpers import WC

from wclab import cli
from wclab.errors import OptionError
from wclab.inputs import pulse


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_templates_lists_every_circuit_with_a_line(capsys):
    assert cli.main(["templates"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith(f"{WC}  E/I pair") for line in lines)
    assert all(len(line.split("  ", 1)) == 2 for line in lines)


def test_templates_can_be_searched(capsys):
    assert cli.main(["templates", "hysteresis"]) == 0
    assert all("hysteresis" in line for line in capsys.readouterr().out.splitlines())
    assert cli.main(["templates", "no such model"]) == 2
    assert "no model's line holds" in capsys.readouterr().err


def test_run_writes_a_table_and_a_picture(capsys, elsewhere):
    words = f"run {WC} --time 50 --step 0.1 --input e/se_op/r_ext=pulse:5:20:1".split()
    assert cli.main([*words, "--output", "E=e/rate_op/r", "--csv", "a.csv", "--plot", "a.png"]) == 0
    table = pd.read_csv("a.csv", index_col="time")
    assert table.shape == (500, 1)
    assert table["E"].max() > 0.1
    assert (elsewhere / "a.png").read_bytes().startswith(b"\x89PNG")
    assert "rk4, step 0.1" in capsys.readouterr().out


def test_run_sets_values(capsys):
    words = f"run {WC} --time 10 --set e/rate_op/r=0.25 --output e/rate_op/r --csv a.csv".split()
    assert cli.main(words) == 0
    assert pd.read_csv("a.csv").iloc[0].tolist() == [0.0, 0.25]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run", WC + "C"], "Did you mean 'WC'?"),
        (["run", WC, "--input", "e/se_op/r_ex=1"], "Did you mean 'r_ext'?"),
        (["run", WC, "--input", "e/se_op/r_ext"], "--input takes PATH=VALUE"),
        (["run", WC, "--input", "e/se_op/r_ext=puls:1:2"], "Did you mean 'pulse'?"),
        (["run", WC, "--input", "e/se_op/r_ext=pulse:1"], "write pulse:ON:OFF:HEIGHT"),
        (["run", WC, "--input", "e/se_op/r_ext=pulse:1:2:3:4"], "too many numbers"),
        (["run", WC, "--input", "e/se_op/r_ext=pulse:1:two"], "'two' is not a number"),
        (["run", WC, "--solver", "rk5"], "Did you mean 'rk4'?"),
        (["run", WC, "--step", "0"], "step_size must be above 0"),
        (["run", WC, "--csv", "no/such/folder/a.csv"], "cannot be written"),
        (["run", WC, "--plot", "a.xyz"], "cannot be written"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(words, message, capsys):
    assert cli.main(words) == 2
    error = capsys.readouterr().err
    assert error.startswith("wclab: ")
    assert message in error
    assert "Traceback" not in error


def test_an_input_is_a_number_or_a_shape():
    assert cli.read_shape("0.5", 10.0, 0.1) == 0.5
    expected = pulse(10.0, 0.1, on=1.0, off=3.0, height=2.0)
    assert np.array_equal(cli.read_shape("pulse:1:3:2", 10.0, 0.1), expected)


@pytest.mark.parametrize("text", ["step:2:1", "ramp:0:1", "sine:5:1:0.5", "noise:5:0.1:0:7"])
def test_every_shape_of_the_help_text_is_known(text):
    assert cli.read_shape(text, 10.0, 0.1).shape == (100,)
    assert text.split(":")[0] in cli.RUN_EXAMPLES


def test_noise_with_a_seed_is_the_same_twice():
    twice = [cli.read_shape("noise:5:0.1:0:7", 10.0, 0.1) for _ in range(2)]
    assert np.array_equal(*twice)


def test_help_names_every_command(capsys):
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    said = capsys.readouterr().out
    assert all(word in said for word in ("lab", "run", "templates"))


def test_lab_copies_and_starts_jupyterlab_in_the_folder(monkeypatch, elsewhere):
    called = {}

    def start(command, cwd):
        called.update(command=command, cwd=cwd)
        return 0

    monkeypatch.setattr(cli.shutil, "which", lambda name, path=None: "jupyter-lab")
    monkeypatch.setattr(cli.subprocess, "call", start)
    assert cli.main(["lab", "mine", "--", "--no-browser"]) == 0
    assert called == {"command": ["jupyter-lab", "--no-browser", "index.ipynb"], "cwd": "mine"}
    assert (elsewhere / "mine" / "index.ipynb").is_file()


def test_lab_without_jupyterlab_says_how_to_install_it(monkeypatch, capsys):
    monkeypatch.setattr(cli.shutil, "which", lambda name, path=None: None)
    assert cli.main(["lab", "mine"]) == 2
    assert 'pip install "wclab[lab]"' in capsys.readouterr().err


def test_the_module_runs_as_a_program():
    done = subprocess.run([sys.executable, "-m", "wclab.cli", "templates", "Jansen"], check=True)
    assert done.returncode == 0


def test_a_shape_without_its_numbers_is_an_option_error():
    with pytest.raises(OptionError, match="write pulse:ON:OFF:HEIGHT"):
        cli.read_shape("pulse:1", 10.0, 0.1)
