"""Fixed steps: which engine takes them."""

from wclab.engines import members
from wclab.engines.arrays import run_arrays
from wclab.engines.compiled import PAYS, obstacle, quick, run_compiled
from wclab.engines.kernels import TABLEAUS
from wclab.engines.scalar import run_scalar
from wclab.engines.task import Task, Trace
from wclab.errors import OptionError


def run_fixed(task: Task, method: str, backend: str = "default") -> Trace:
    """Integrate a model with a fixed step.

    Parameters
    ----------
    task : Task
        What to integrate.
    method : {"euler", "heun", "rk4"}
        The solver.
    backend : {"default", "numpy", "compiled"}, optional
        By default machine code where it can be had and pays, else Python or NumPy; the others
        ask for one of the two.

    Raises
    ------
    SolverError
        If a state stops being finite; says which and when.
    OptionError
        If a delay is shorter than the step, or a run that must be compiled cannot be.
    """
    grouped = task.model.network.grouped
    why = members.obstacle(task, method) if grouped else obstacle(task)
    if backend == "compiled" and why:
        raise OptionError(f"backend='compiled' cannot run this: {why}")
    pays = task.rows * task.every > (members.PAYS if grouped else PAYS)
    pays = pays and (grouped or quick(task.model.program, len(TABLEAUS[method][0])))
    if backend == "compiled" or (backend == "default" and pays and not why):
        return members.run_members(task) if grouped else run_compiled(task, method)
    return (run_arrays if grouped else run_scalar)(task, method)
