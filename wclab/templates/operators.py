"""Operators: frozen records of equations and variables, checked when they are made.

The contract: an operator that exists is sound. Its equations parse, every name in them is
declared, and no variable is set twice. `with_values` and `derive` return new operators.
"""

import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from wclab.equations import Equation, names, parse_equation
from wclab.errors import EquationError, TemplateError, nearest, show
from wclab.templates.base import Template
from wclab.templates.editing import edit_equations, names_in
from wclab.templates.reader import place
from wclab.templates.variables import Variable, check_name, lookup

CONSTANTS = {"pi": math.pi, "PI": math.pi}


@dataclass(frozen=True, eq=False)
class OperatorTemplate(Template):
    """A set of equations and the variables they use.

    Parameters
    ----------
    name : str
        How paths call it (``node/NAME/variable``).
    equations : str or sequence of str
        In any order; see `wclab.equations.parse_equation` for the language.
    variables : mapping
        Name to declaration: a number, ``"input(0.0)"``, ``"output(0.0)"`` or
        ``"variable(0.0)"``. At most one output.
    path : str, optional
        Where it was loaded from.
    description : str, optional
        One line for people.

    Raises
    ------
    EquationError
        If an equation cannot be read or uses an undeclared name.
    TemplateError
        If a declaration is wrong or a variable is set twice or never.

    Examples
    --------
    >>> leaky = OperatorTemplate("leak", "r' = (u - r)/tau",
    ...                          {"r": "output(0.0)", "u": "input", "tau": 10.0})
    >>> leaky["tau"], leaky["r"]
    (10.0, 'output(0.0)')
    """

    name: str
    equations: tuple[str, ...]
    variables: Mapping[str, Variable]
    path: str | None = None
    description: str | None = None
    parsed: tuple[Equation, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        check_name(self.name, "operator")
        equations = [self.equations] if isinstance(self.equations, str) else self.equations
        if not isinstance(equations, Sequence) or not equations:
            raise TemplateError(
                f"operator {self.name}: equations are text or a list of texts, not "
                f"{show(equations)}"
            )
        parsed = tuple(self._parse(text) for text in equations)
        object.__setattr__(self, "equations", tuple(equations))
        object.__setattr__(self, "parsed", parsed)
        object.__setattr__(self, "variables", self._declared())

    def _parse(self, text: object) -> Equation:
        if not isinstance(text, str):
            raise EquationError(f"operator {self.name}: an equation is text, not {show(text)}")
        try:
            return parse_equation(text)
        except EquationError as error:
            raise EquationError(f"{place(text)}operator {self.name}: {error}") from None

    def _declared(self) -> dict[str, Variable]:
        """Check names against declarations and return the declarations."""
        if not isinstance(self.variables, Mapping):
            raise TemplateError(f"operator {self.name}: variables must map names to values")
        declared: dict[str, Variable] = {}
        for key, declaration in self.variables.items():
            where = f"{place(key)}operator {self.name}, variable {key}"
            if key == "t" and str(declaration).startswith(("variable", "input")):
                continue  # PyRates wants time declared; here it is known
            if not isinstance(key, str) or not key.isidentifier() or key == "t":
                why = "'t' is time; choose another name" if key == "t" else "not a variable's name"
                raise TemplateError(f"{where}: {why}")
            plain = unicodedata.normalize("NFKC", key)
            if plain != key:  # Python, and so an equation, reads the one as the other
                raise TemplateError(
                    f"{where}: equations read this name as {plain!r}; declare it as {plain!r}"
                )
            try:
                declared[str(key)] = Variable.declare(declaration)
            except TemplateError as error:
                raise TemplateError(f"{where}: {error}") from None
        set_by: dict[str, str] = {}
        for text, equation in zip(self.equations, self.parsed, strict=True):
            self._check_equation(text, equation, declared, set_by)
        outputs = [key for key, variable in declared.items() if variable.kind == "output"]
        if len(outputs) > 1:
            raise TemplateError(
                f"operator {self.name}: more than one output ({', '.join(outputs)}); "
                "declare the others as variable"
            )
        for key, variable in declared.items():
            if variable.kind in ("output", "variable") and key not in set_by:
                raise TemplateError(
                    f"operator {self.name}: {variable.kind} {key} has no equation; add one, or "
                    "declare it as a number or an input"
                )
        return declared

    def _check_equation(
        self, text: str, equation: Equation, declared: dict[str, Variable], set_by: dict[str, str]
    ) -> None:
        where = f"{place(text)}operator {self.name}"
        target = equation.target
        for used in (target, *names(equation.tree)):
            if used not in declared and (used == target or used not in ("t", *CONSTANTS)):
                raise EquationError(
                    f"{where}: {used!r} is not declared under variables.{nearest(used, declared)}"
                    f"\n    {text.strip()[:120]}"
                )
        if declared[target].kind == "input":
            raise TemplateError(
                f"{where}: input {target} cannot be set by an equation; declare it as variable"
            )
        if target in set_by:
            raise TemplateError(f"{where}: {target} has two equations; remove one")
        set_by[target] = text

    def __getitem__(self, variable: str) -> float | str:
        declared = lookup(self.variables, variable, f"operator {self.name!r}", "variable")
        return declared.value if declared.kind == "constant" else str(declared)

    def __repr__(self) -> str:
        return f"<OperatorTemplate {self.name!r}>"

    @property
    def output(self) -> str | None:
        """Name of the output variable, if there is one."""
        return next((key for key, v in self.variables.items() if v.kind == "output"), None)

    @cached_property
    def structure(self) -> tuple[object, ...]:
        """What two operators share when they differ in numbers only."""
        kinds = tuple((key, v.kind) for key, v in self.variables.items())
        return (self.name, tuple(map(str, self.equations)), kinds)

    @property
    def key(self) -> tuple[object, ...]:
        """The content, for comparison."""
        return (self.structure, tuple(v.value for v in self.variables.values()))

    def with_values(self, values: Mapping[str, object]) -> "OperatorTemplate":
        """Return an operator with other numbers; an unknown name is a `PathError`."""
        variables = dict(self.variables)
        for key, value in values.items():
            declared = lookup(variables, key, f"operator {self.name!r}", "variable")
            try:
                variables[str(key)] = declared.with_value(value)
            except TemplateError as error:
                raise TemplateError(
                    f"{place(key)}operator {self.name}, variable {key}: {error}"
                ) from None
        new = object.__new__(OperatorTemplate)
        for key in ("name", "equations", "path", "description", "parsed"):
            object.__setattr__(new, key, getattr(self, key))
        object.__setattr__(new, "variables", variables)
        return new

    def derive(
        self,
        name: str,
        equations: object = None,
        variables: Mapping[str, object] | None = None,
        path: str | None = None,
        description: str | None = None,
    ) -> "OperatorTemplate":
        """Return a child: changed equations, updated variables, unused variables dropped.

        `equations` replaces all (text or list), or is a dict with any of ``replace``
        (old to new, by whole tokens, in order), ``remove``, ``append``, ``prepend``, ``add``.
        """
        changed = (
            self.equations if equations is None else edit_equations(self.equations, equations, name)
        )
        if not isinstance(variables or {}, Mapping):
            raise TemplateError(f"operator {name}: variables must map names to values")
        declared = dict(self.variables)
        for key, value in (variables or {}).items():
            old = declared.get(key)
            where = f"{place(key)}operator {name}, variable {key}"
            try:
                new = Variable.declare(value)
            except TemplateError as error:
                raise TemplateError(f"{where}: {error}") from None
            declared.pop(key, None)
            if old is not None and old.kind != "constant" and new.kind == "constant":
                new = replace(old, value=new.value)
            declared[key] = new
        if equations is not None:
            used = names_in(changed)
            declared = {k: v for k, v in declared.items() if k in used or k in (variables or ())}
        return OperatorTemplate(name, changed, declared, path, description or self.description)
