"""What the benchmarks need beside wclab: a cache folder, compiled kernels, peers' environments.

Nothing is written into the repository. The cache folder is ``WCLAB_BENCHMARK_CACHE``, or the
platform's usual place; ``WCLAB_BENCHMARK_PYTHON_PYRATES`` names a Python that has PyRates
already (and so on for each peer), and then nothing is installed.
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from contextlib import suppress
from importlib import metadata
from pathlib import Path

HERE = Path(__file__).parent
FLAGS = ["-O3", "-march=native", "-shared", "-fPIC"]
PEERS = {"pyrates": ["pyrates==1.2.3"]}  # name to what pip installs
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


class SkipError(Exception):
    """Says why a contestant cannot take part."""


def cache_folder() -> Path:
    """Return the folder that keeps kernels and environments between two calls; make it."""
    usual = {"win32": os.environ.get("LOCALAPPDATA", "~"), "darwin": "~/Library/Caches"}
    root = usual.get(sys.platform, os.environ.get("XDG_CACHE_HOME", "~/.cache"))
    named = os.environ.get("WCLAB_BENCHMARK_CACHE")
    folder = Path(named or Path(root) / "wclab-benchmarks").expanduser().resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def kernels() -> Path:
    """Compile kernels.c unless that was done before, and return the shared library."""
    gcc = shutil.which("gcc")
    if gcc is None:
        raise SkipError("gcc is not installed")
    source = HERE / "kernels.c"
    version = subprocess.run([gcc, "--version"], capture_output=True, check=True).stdout
    key = hashlib.sha256(source.read_bytes() + version + " ".join(FLAGS).encode()).hexdigest()
    library = cache_folder() / f"kernels-{key[:16]}.so"
    if not library.exists():
        done = subprocess.run(
            [gcc, *FLAGS, "-o", str(library), str(source), "-lm"], capture_output=True, text=True
        )
        if done.returncode:
            raise SkipError(f"gcc cannot compile kernels.c: {last_line(done.stderr)}")
    return library


def python_of(peer: str | None) -> str:
    """Return the Python that has a peer (None: wclab's own), installed on demand."""
    if peer is None:
        return sys.executable
    named = os.environ.get(f"WCLAB_BENCHMARK_PYTHON_{peer.upper()}")
    if named:
        return named
    folder = cache_folder() / peer
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    finished = folder / "installed"
    if not finished.exists():
        shutil.rmtree(folder, ignore_errors=True)
        for command in (
            [sys.executable, "-m", "venv", str(folder)],
            [str(python), "-m", "pip", "install", "--quiet", *PEERS[peer]],
        ):
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                shutil.rmtree(folder, ignore_errors=True)
                raise SkipError(f"{peer} does not install: {last_line(done.stderr)}")
        finished.touch()
    return str(python)


def environment() -> dict[str, str]:
    """Return the variables of a contestant: one thread, byte code kept as in everyday use."""
    variables = {**os.environ, **dict.fromkeys(ONE_THREAD, "1"), "PYTHONPATH": str(HERE)}
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    variables["PYTHONPYCACHEPREFIX"] = str(cache_folder() / "bytecode")
    with suppress(SkipError):
        variables["WCLAB_BENCHMARK_KERNELS"] = str(kernels())
    return variables


def last_line(text: str) -> str:
    """Return the last line of a message."""
    return (text.strip().splitlines() or ["no message"])[-1]


def describe() -> dict[str, object]:
    """Return what the figures depend on: no name and no path of this machine."""
    shown = ("numpy", "scipy", "pandas", "PyYAML")
    found = {name: metadata.version(name) for name in shown}
    gcc = shutil.which("gcc")
    if gcc is not None:
        command = [gcc, "-dumpfullversion"]
        found["gcc"] = subprocess.run(command, capture_output=True, text=True).stdout.strip()
    return {
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": found,
        "peers": {name: " ".join(wanted) for name, wanted in PEERS.items()},
    }
