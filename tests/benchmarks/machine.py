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
SOURCES = ("kernels.c", "kernels_simd.c", "kernels_points.c")
FLAGS = ["-O3", "-march=native", "-shared", "-fPIC"]
PEERS = {  # name to what pip installs
    "tvb_phaseplane": ["tvb-phaseplane==0.1.0"],
    "pyrates": ["pyrates==1.2.3"],
    "neurolib": ["neurolib==0.6.2"],
    "numbalsoda": ["numbalsoda==0.3.4", "numpy", "numba"],  # built with cmake and gfortran
    "diffrax": ["diffrax==0.7.2"],
    "brainmass": ["brainmass==0.1.1"],
}
PATIENCE = 600.0  # seconds for one peer to be installed
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


_refused: dict[str, str] = {}  # peers that did not install, so that each is tried once


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
    """Compile the kernels unless that was done before, and return the shared library."""
    gcc = shutil.which("gcc")
    if gcc is None:
        raise SkipError("gcc is not installed")
    sources = [HERE / name for name in SOURCES]
    text = b"".join(source.read_bytes() for source in sources)
    version = subprocess.run([gcc, "--version"], capture_output=True, check=True).stdout
    key = hashlib.sha256(text + version + " ".join(FLAGS).encode()).hexdigest()
    library = cache_folder() / f"kernels-{key[:16]}.so"
    if not library.exists():
        command = [gcc, *FLAGS, "-o", str(library), *map(str, sources), "-lm"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise SkipError(f"gcc cannot compile the kernels: {last_line(done.stderr)}")
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
    if peer in _refused:
        raise SkipError(_refused[peer])
    if not finished.exists():
        shutil.rmtree(folder, ignore_errors=True)
        for command in (
            [sys.executable, "-m", "venv", str(folder)],
            [str(python), "-m", "pip", "install", "--quiet", *PEERS[peer]],
        ):
            why = _failure(command)
            if why is not None:
                shutil.rmtree(folder, ignore_errors=True)
                _refused[peer] = f"{peer} does not install: {why}"
                raise SkipError(_refused[peer])
        finished.touch()
    return str(python)


def _failure(command: list[str]) -> str | None:
    """Run a command; return why it failed, or None."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return f"not done after {PATIENCE:.0f} s"
    return last_line(done.stderr) if done.returncode else None


def environment(without: str = "") -> dict[str, str]:
    """Return the variables of a contestant: one thread, byte code kept as in everyday use."""
    variables = {**os.environ, **dict.fromkeys(ONE_THREAD, "1"), "PYTHONPATH": str(HERE)}
    variables["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    variables["JAX_PLATFORMS"], variables["JAX_ENABLE_X64"] = "cpu", "1"
    variables["WCLAB_BENCHMARK_WITHOUT"] = without
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
    shown = ("numpy", "scipy", "pandas", "PyYAML", "llvmlite")
    found = {}
    for name in shown:
        with suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    gcc = shutil.which("gcc")
    if gcc is not None:
        command = [gcc, "-dumpfullversion"]
        found["gcc"] = subprocess.run(command, capture_output=True, text=True).stdout.strip()
    return {
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": found,
        "peers": {name: wanted[0] for name, wanted in PEERS.items()},
    }
