"""What goes wrong around wclab: interrupts, places that cannot be written, missing packages."""

import os
import subprocess
import sys
import textwrap
import time

import pytest
from jupyter_client.manager import start_new_kernel

UNWRITABLE = "/proc" if sys.platform == "linux" else "/dev"  # even for root
WC = 'CircuitTemplate.from_yaml("model_templates.neural_mass_models.wilsoncowan.WC")'
LESSON = f"""
    from wclab import CircuitTemplate, sweep
    from wclab.course import check, hint, progress, solution
    from wclab.explorers import PhasePlane, TwoPopulations
    from wclab.phaseplane import fixed_points
    wc = {WC}
    run = wc.run(125.0, 0.1, inputs={{"e/se_op/r_ext": 1.0}}, outputs={{"E": "e/rate_op/r"}})
    assert len(run) == 1250
    assert len(fixed_points(wc)) == 3
    table = sweep(wc, {{"e/se_op/r_ext": [0.0, 1.0]}}, simulation_time=50.0, step_size=0.1,
                  outputs={{"E": "e/rate_op/r"}})
    assert len(table) == 2
    explorer = TwoPopulations()
    explorer.set({{"height": 2.0}})
    assert PhasePlane().figure()
    assert check("01.2", 0.3).right
    print(repr(progress())[:60], "done")
"""


def python(code, *, cwd=None, **environment):
    """Run code in a fresh process; return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, cwd=cwd,
        env={**os.environ, "WCLAB_PROGRESS": "", **environment}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


# --- places that cannot be written, things that are not there ---


@pytest.mark.skipif(not os.path.isdir(UNWRITABLE), reason="no folder that cannot be written")
def test_a_lesson_works_where_neither_the_home_nor_the_folder_can_be_written():
    said = python(LESSON, cwd=UNWRITABLE, HOME=UNWRITABLE, MPLCONFIGDIR="", XDG_CACHE_HOME="")
    assert said.endswith("done\n")


def test_a_lesson_works_without_llvmlite_and_without_a_network(tmp_path):
    blocked = """
    import socket, sys
    sys.modules["llvmlite"] = None
    def refuse(*_):
        raise OSError("no network")
    socket.socket.connect = socket.create_connection = refuse
    """
    said = python(textwrap.dedent(blocked) + textwrap.dedent(LESSON), cwd=tmp_path)
    assert said.endswith("done\n")


def test_a_full_disk_is_told_and_the_answer_still_counts(tmp_path):
    code = """
    import os, tempfile
    from wclab.course import check, progress
    def full(*_, **__):
        raise OSError(28, "No space left on device")
    os.replace = os.rename = tempfile.NamedTemporaryFile = tempfile.mkstemp = full
    import builtins
    plain = builtins.open
    builtins.open = lambda f, mode="r", *a, **k: full() if "w" in mode else plain(f, mode, *a, **k)
    said = check("01.2", 0.3)
    assert said.right
    print(said)
    """
    assert "Right" in python(code, cwd=tmp_path)


@pytest.mark.parametrize("content", [b"", b"{", b"[1, 2]", b"\xff\xfe\x00", b'{"01.2": 7}'])
def test_a_corrupt_progress_file_is_no_error(tmp_path, content):
    (tmp_path / ".wclab-progress.json").write_bytes(content)
    code = """
    from wclab.course import check, progress
    print(check("01.2", 0.3), progress())
    """
    said = python(code, cwd=tmp_path)
    assert "Right" in said
    assert "lesson" in said


# --- a kernel that is interrupted, or started again ---


def execute(client, code):
    """Run code in a kernel; return what it printed, and the name of its error."""
    said, failed = [], ""

    def hook(message):
        nonlocal failed
        if message["msg_type"] == "stream":
            said.append(message["content"]["text"])
        if message["msg_type"] == "error":
            failed = message["content"]["ename"]

    client.execute_interactive(code, timeout=60, output_hook=hook, allow_stdin=False)
    return "".join(said), failed


@pytest.fixture
def kernel(tmp_path):
    manager, client = start_new_kernel(cwd=str(tmp_path))
    assert execute(client, f"from wclab import CircuitTemplate, sweep\nwc = {WC}") == ("", "")
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


LONG = {
    "a run": 'wc.run(1e7, 0.1, outputs={"E": "e/rate_op/r"}, sampling_step_size=1e4)',
    "a run in steps of its own": 'wc.run(1e8, 1.0, outputs={"E": "e/rate_op/r"}, solver="scipy",'
    " sampling_step_size=1e6, max_step=0.1)",
    "a sweep": 'sweep(wc, {"e/se_op/r_ext": range(100_000)}, simulation_time=1e4, step_size=0.01,'
    ' outputs={"E": "e/rate_op/r"})',
}


@pytest.mark.parametrize("code", LONG.values(), ids=LONG.keys())
def test_an_interrupt_stops_it_soon_and_the_session_goes_on(kernel, code):
    manager, client = kernel
    message = client.execute(code, stop_on_error=False)  # else the next cell may be given up too
    time.sleep(2.0)
    begun = time.monotonic()
    manager.interrupt_kernel()
    while True:
        reply = client.get_shell_msg(timeout=30)
        if reply["parent_header"].get("msg_id") == message:
            break
    assert time.monotonic() - begun < 10
    if reply["content"]["status"] == "error":  # a sweep may return what is done
        assert reply["content"]["ename"] == "KeyboardInterrupt"
    said, failed = execute(client, 'print(len(wc.run(10.0, 0.1, outputs={"E": "e/rate_op/r"})))')
    assert (said, failed) == ("100\n", "")


def test_a_restarted_kernel_runs_the_same_cells_again(kernel):
    manager, client = kernel
    code = f"from wclab import CircuitTemplate\nprint(len({WC}.run(10.0, 0.1)))"
    before = execute(client, code)
    manager.restart_kernel(now=True)
    client.wait_for_ready(timeout=60)
    assert execute(client, code) == before
