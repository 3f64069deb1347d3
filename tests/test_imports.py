"""What `import wclab` loads, and which module may import which (the table of CONTRIBUTING.md)."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import wclab

PACKAGE = Path(wclab.__file__).parent
HEAVY = {"scipy", "pandas", "matplotlib", "ipywidgets", "anywidget", "IPython", "tqdm", "llvmlite"}

# Each module or folder, and what it may import: what stands here, and what that may import.
TABLE: dict[str, tuple[str, ...]] = {
    "errors": (),
    "equations": ("errors",),
    "templates": ("equations",),
    "blocks": ("equations",),
    "wiring": ("templates",),
    "network": ("wiring", "blocks"),
    "simplify": ("equations",),
    "program": ("simplify", "blocks"),
    "latex": ("blocks",),
    "jacobian": ("equations",),
    "model": ("program", "latex", "jacobian"),
    "memory": ("errors",),
    "progress": (),
    "inputs": ("memory",),
    "noise": ("inputs",),
    "solvers": ("errors",),
    "engines": ("model", "noise", "solvers"),
    "options": ("solvers",),
    "outputs": ("engines", "templates"),
    "run": ("options", "outputs", "progress"),
    "functions": ("engines",),
    "display": ("model", "templates"),
    "definition": ("templates",),
    "circuit": ("definition", "run", "network", "functions", "display"),
    "reductions": ("errors",),
    "points": ("circuit",),
    "styles": (),
    "phaseplane": ("points", "progress", "styles"),
    "bifurcation": ("phaseplane",),
    "jobs": ("points", "reductions"),
    "sweep": ("jobs",),
    "grid": ("points",),
    "course": ("bifurcation",),
    "scene": (),
    "printing": ("scene", "styles"),
    "plots": ("circuit", "bifurcation", "printing"),
    "explorers": ("plots",),
    "lessons": ("templates",),
    "cli": ("plots", "lessons"),
    "": ("grid", "sweep"),  # the names that `wclab` itself offers
}


def module_name(file: Path) -> str:
    """Return the dotted name of a file; a folder's own file has the folder's name."""
    parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {module_name(file): file for file in sorted(PACKAGE.rglob("*.py"))}


def import_statements(tree: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    """Yield every import of a module, those inside functions too, but none for types only."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            yield from import_statements(node)


def imports(name: str) -> set[str]:
    """Return the full names of all modules that a module imports."""
    found = set()
    for node in import_statements(ast.parse(FILES[name].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        else:
            assert node.level == 0, f"{name} imports relative to itself; write wclab.{node.module}"
            paths = [f"{node.module}.{alias.name}" for alias in node.names]
            found |= {path if path in FILES else str(node.module) for path in paths}
    return found


def part(name: str) -> str:
    """Return the row of the table that a module of wclab belongs to."""
    return [*name.split("."), ""][1]


def below(row: str) -> set[str]:
    """Return everything that a row of the table may import."""
    return {row}.union(*(below(other) for other in TABLE[row]))


def test_importing_wclab_loads_nothing_heavy():
    code = "import sys, wclab; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not HEAVY & set(done.stdout.split())


def test_no_module_imports_itself_over_others():
    graph = {name: {other for other in imports(name) if other in FILES} for name in FILES}
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the modules


@pytest.mark.parametrize("name", FILES)
def test_a_module_imports_only_what_the_table_allows(name):
    assert part(name) in TABLE, f"give {name} a row in the table, here and in CONTRIBUTING.md"
    used = {part(other) for other in imports(name) if other.partition(".")[0] == "wclab"}
    assert used <= below(part(name))


def test_the_table_has_no_row_without_a_module():
    assert set(TABLE) == {part(name) for name in FILES}


@pytest.mark.parametrize(
    "name", [n for n in FILES if part(n) != "explorers" and n != "wclab.course.widgets"]
)
def test_only_explorers_and_the_widgets_of_the_course_import_widgets(name):
    used = {other.partition(".")[0] for other in imports(name)}
    assert not used & {"ipywidgets", "anywidget", "IPython"}
