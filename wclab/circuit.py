"""Circuits as users hold them: load, look, change, run.

`CircuitTemplate` is the one friendly layer: it guesses, has defaults and returns a
DataFrame. Everything under it takes exact types.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from wclab.definition import Definition
from wclab.display import circuit_markdown
from wclab.errors import OptionError
from wclab.functions import RunFunction, compiled_function, jacobian_function, run_function
from wclab.model import Model
from wclab.network import build_network, worth_grouping
from wclab.options import choose_solver, positive
from wclab.run import feed, run
from wclab.templates import Circuit

if TYPE_CHECKING:
    import pandas as pd


class CircuitTemplate(Definition):
    """Populations and their connections: a model that can be run.

    Parameters
    ----------
    name : str
        For messages.
    nodes : mapping, optional
        Label to `NodeTemplate`, or to the name it is loaded by.
    circuits : mapping, optional
        Label to `CircuitTemplate` or its name: circuits inside this one. A level holds
        nodes or circuits, not both.
    edges : sequence, optional
        ``(source, target, template or None, {"weight": ..., "delay": ..., "spread": ...})``.
        Source and target are paths ``node/operator/variable``. A connection into a variable
        declared as a number replaces that number.
    path, description : str, optional
        Where it was loaded from; one line for people.

    Raises
    ------
    PathError
        If an edge leads to or from nowhere, or a name is not found.
    TemplateError
        If nodes and circuits are mixed, or an edge's attributes mean nothing.

    Examples
    --------
    >>> from wclab import CircuitTemplate
    >>> wc = CircuitTemplate.from_yaml("model_templates.neural_mass_models.wilsoncowan.WC")
    >>> E = wc.run(simulation_time=500.0, step_size=0.1, solver="rk4",
    ...            inputs={"e/se_op/r_ext": 1.0}, outputs={"E": "e/rate_op/r"})
    >>> f"{E['E'].iloc[-1]:.3f}"
    '0.153'
    """

    def _set(self, record: Circuit) -> None:
        super()._set(record)
        self._models: dict[object, Model] = {}

    def _repr_markdown_(self) -> str:
        return circuit_markdown(self._record, self._model)

    def model(self, *, vectorize: bool = False) -> Model:
        """Return the circuit's differential equations as functions of plain numbers.

        Parameters
        ----------
        vectorize : bool, optional
            Whether equal nodes are computed as arrays (for networks of many nodes).

        Returns
        -------
        Model
            With ``states``, ``y0``, ``parameters``, ``rhs(t, y)``, ``jacobian(y)``,
            ``latex()``.
        """
        return self._model(frozenset(), frozenset(), vectorize)

    def _model(
        self, driven: frozenset[str], noisy: frozenset[tuple[str, str]], grouped: bool
    ) -> Model:
        key = (driven, noisy, grouped)
        if key not in self._models:
            network = build_network(self._record, driven, noisy=noisy, grouped=grouped)
            self._models[key] = Model(network)
        return self._models[key]

    def run(
        self,
        simulation_time: float,
        step_size: float,
        inputs: Mapping[str, Any] | None = None,
        outputs: Mapping[str, str] | Iterable[str] | str | None = None,
        sampling_step_size: float | None = None,
        cutoff: float = 0.0,
        solver: str = "euler",
        backend: str | None = None,
        vectorize: bool = True,
        noise: Mapping[str, Any] | None = None,
        seed: int | None = None,
        runs: int | Iterable[int] | None = None,
        **kwargs: Any,
    ) -> "pd.DataFrame":
        """Integrate from t = 0 and return the course of some variables.

        Parameters
        ----------
        simulation_time : float
            How long, in the unit of the model's time constants.
        step_size : float
            Step of the solver, and spacing of the inputs' samples. The error of Euler's
            step shrinks with the step itself, that of ``rk4`` with its fourth power: for a
            smooth run ``rk4`` with a step of tau/40 is more exact than Euler's with tau/20,000.
        inputs : mapping, optional
            Path to a number, a function of t, or samples: shape (n,) or (n, 1), and (n, m)
            for ``all/...``, with n = simulation_time / step_size. Sample i holds on
            [i step_size, (i+1) step_size). An input adds to what edges bring.
        outputs : mapping, sequence or str, optional
            ``{"E": "e/rate_op/r"}`` for columns by key (several columns per key for
            ``all/rate_op/r``, with labels (key, node, operator/variable)); a list of paths; by
            default every state. Any variable can be shown.
        sampling_step_size : float, optional
            Time between two rows, a multiple of `step_size`; `step_size` by default.
        cutoff : float, optional
            Rows before this time are left out; the others keep their times.
        solver : {"euler", "heun", "rk4", "dopri5", "scipy"}, optional
            Fixed steps of order 1, 2 and 4; steps as long as the tolerances allow, by the
            pair of Dormand and Prince (for small circuits without delays: the fastest way to
            an exact result); or `scipy.integrate.solve_ivp`. The last two are restarted at
            each jump of an input.
        backend : {"default", "numpy", "compiled"}, optional
            What computes. ``"scipy"`` is an older spelling of ``solver="scipy"``.
        vectorize : bool, optional
            Whether equal nodes of a network may be computed as arrays.
        noise : mapping, optional
            Path of a state to the strength g of white noise added to its derivative, in
            units of the state per square root of time: a number, or for noise that depends
            on the state an expression in the variables of the state's operator, such as
            ``"0.1*r*(1 - r)"``. The equation dx = f dt + g dW is meant in the sense of Ito: g
            is taken at the beginning of each step. With ``solver="euler"`` only, whose steps
            are then those of Euler-Maruyama.
        seed : int, optional
            The same seed gives the same noise, whatever computes it.
        runs : int or sequence of int, optional
            How many runs that differ in their noise, or their numbers. Each column becomes
            one column per run, with the run's number as the last level of its label:
            ``df["E"].mean(axis=1)`` is the mean over the runs. Run k has the same noise alone
            (``runs=[k]``) as among others; a call without `runs` is run 0.
        **kwargs
            For ``solver="dopri5"`` and ``"scipy"``: ``rtol`` (1e-6), ``atol`` (1e-9),
            ``max_step``; for ``"scipy"`` also ``method`` ("RK45"). Accepted and ignored:
            ``verbose``, ``clear``, ``in_place``, ``file_name``, ``out_dir``,
            ``float_precision``.

        Returns
        -------
        pandas.DataFrame
            ``round(simulation_time / sampling_step_size)`` rows; the index is time from 0,
            the first row the initial state.

        Raises
        ------
        PathError
            If an input or output names no variable; says where the path ends.
        OptionError
            If an argument cannot be used: a keyword, solver or backend that does not exist,
            a length that does not fit, a number that is not finite.
        MemoryLimitError
            If the result would not fit in memory.
        SolverError
            If the numbers stop being finite; says when, and what to try.
        """
        return run(
            self._record, self._model_for_run, simulation_time, step_size, inputs, outputs,
            sampling_step_size, cutoff, solver, backend, vectorize, noise, seed, runs, kwargs,
        )  # fmt: skip

    def _model_for_run(
        self, driven: frozenset[str], noisy: frozenset[tuple[str, str]], grouped: bool
    ) -> Model:
        return self._model(driven, noisy, grouped and worth_grouping(self._record))

    def get_run_func(
        self,
        func_name: str = "run",
        step_size: float = 1.0,
        inputs: Mapping[str, Any] | None = None,
        backend: str | None = None,
        vectorize: bool = True,
        **kwargs: Any,
    ) -> RunFunction:
        """Return the derivatives as a bare function, for a solver of one's own.

        Parameters
        ----------
        func_name : str, optional
            The function's ``__name__``.
        step_size : float, optional
            Spacing of the samples of `inputs`.
        inputs, vectorize
            As in `run`.
        backend : {"default", "numpy", "compiled"}, optional
            ``"compiled"`` for machine code, where llvmlite is installed: below 1 microsecond
            for a small circuit, called with the same arrays `y` and `dy` again and again.
        **kwargs
            Accepted and ignored, as in `run`.

        Returns
        -------
        func : callable
            ``func(t, y, dy, *parameters)`` fills `dy`, shape (n,), and returns it. Without
            parameters it takes the circuit's own.
        arguments : tuple
            ``func(*arguments)`` gives the derivatives at t = 0.
        names : tuple of str
            The name of each argument.
        indices : dict
            Path of each state to its place in `y`.

        Raises
        ------
        OptionError
            If the circuit has delays, whose derivatives depend on the past, or cannot be
            compiled as asked.
        """
        make = compiled_function if backend == "compiled" else run_function
        return self._function(make, func_name, step_size, inputs, backend, vectorize, kwargs)

    def get_jacobian_func(
        self,
        func_name: str = "jacobian",
        step_size: float = 1.0,
        inputs: Mapping[str, Any] | None = None,
        backend: str | None = None,
        vectorize: bool = True,
        **kwargs: Any,
    ) -> RunFunction:
        """Return the exact Jacobian as a bare function ``func(t, y, *parameters)``.

        As `get_run_func`; the function returns an array of shape (n, n), whose entry
        [i, j] is the derivative of rate i by state j.
        """
        return self._function(
            jacobian_function, func_name, step_size, inputs, backend, vectorize, kwargs
        )

    def _function(
        self,
        make: Any,
        name: str,
        step_size: float,
        inputs: Mapping[str, Any] | None,
        backend: str | None,
        vectorize: bool,
        options: Mapping[str, Any],
    ) -> RunFunction:
        choose_solver("euler", backend, {k: v for k, v in options.items() if k != "solver"})
        step = positive("step_size", step_size)
        model, signals = feed(self._record, self._model_for_run, inputs, step, None, vectorize)
        if model.program.delayed:
            raise OptionError(
                "the derivatives of a circuit with delays depend on its past; use run()"
            )
        func, *rest = make(model, signals, step)
        func.__name__ = str(name)
        return (func, *rest)

    def clear(self) -> None:
        """Forget generated code. Not needed: nothing is left behind by a run."""
        self._models.clear()
