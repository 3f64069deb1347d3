"""Nodes and edges: frozen records that put operators together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from wclab.errors import TemplateError, TemplateTypeError, show
from wclab.templates.base import Template
from wclab.templates.editing import as_list
from wclab.templates.operators import OperatorTemplate
from wclab.templates.variables import check_name, lookup


@dataclass(frozen=True, eq=False)
class NodeTemplate(Template):
    """A population: one or several operators, wired by name.

    Parameters
    ----------
    name : str
        For messages.
    operators : sequence or mapping
        Operators (or the names they are loaded by), or operator to a dict of values.
    path, description : str, optional
        Where it was loaded from; one line for people.

    Raises
    ------
    TemplateError
        If two operators share a name.
    """

    name: str
    operators: tuple[OperatorTemplate, ...]
    path: str | None = None
    description: str | None = None

    _kind = "node"

    def __post_init__(self) -> None:
        check_name(self.name, self._kind)
        given = self.operators
        if isinstance(given, Mapping):
            pairs = list(given.items())
        else:
            pairs = [(op, None) for op in as_list(given)]
        operators = []
        for operator, values in pairs:
            if isinstance(operator, str):
                operator = OperatorTemplate.from_yaml(operator)
            if not isinstance(operator, OperatorTemplate):
                raise TemplateTypeError(
                    f"{self._kind} {self.name}: {show(operator)} is not an OperatorTemplate"
                )
            values = values or {}
            if set(values) == {"variables"} and "variables" not in operator.variables:
                values = values["variables"]
            operators.append(operator.with_values(values) if values else operator)
        seen: set[str] = set()
        for operator in operators:
            if operator.name in seen:
                raise TemplateError(
                    f"{self._kind} {self.name}: two operators are named {operator.name!r}; a path "
                    "could not tell them apart"
                )
            seen.add(operator.name)
        if not operators and self._kind == "node":
            raise TemplateError(f"node {self.name} has no operators; list one or more")
        object.__setattr__(self, "operators", tuple(operators))

    def __getitem__(self, operator: str) -> OperatorTemplate:
        known = {op.name: op for op in self.operators}
        return lookup(known, operator, f"{self._kind} {self.name!r}", "operator")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"

    @property
    def structure(self) -> tuple[object, ...]:
        """What two nodes share when they differ in numbers only."""
        return tuple(operator.structure for operator in self.operators)

    @property
    def key(self) -> tuple[object, ...]:
        """The content, for comparison."""
        return tuple(operator.key for operator in self.operators)

    def with_values(self, operator: str, values: Mapping[str, object]) -> Self:
        """Return a node with other numbers in one operator."""
        changed = self[operator].with_values(values)
        operators = tuple(changed if op.name == operator else op for op in self.operators)
        return type(self)(self.name, operators, self.path, self.description)


@dataclass(frozen=True, eq=False, repr=False)
class EdgeTemplate(NodeTemplate):
    """A connection with equations of its own: the same as a node, between two others.

    Its one input that no operator of its own feeds takes the source; its output, times
    the edge's weight, goes to the target.
    """

    _kind = "edge"
