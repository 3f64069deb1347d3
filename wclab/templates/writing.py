"""Circuits to YAML: a file that loads and runs the same.

Every operator, node, edge and inner circuit becomes a template of its own; numbers that
differ between nodes of one kind stand with the node.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from wclab.errors import PathError, TemplateError, show
from wclab.templates.circuits import Circuit
from wclab.templates.nodes import EdgeTemplate, NodeTemplate
from wclab.templates.operators import OperatorTemplate


def write_yaml(circuit: Circuit, path: str | os.PathLike[str]) -> None:
    """Write a circuit; see `CircuitTemplate.to_yaml`."""
    if not isinstance(path, str | os.PathLike) or not Path(path).name:
        raise PathError(f"to_yaml takes the name of a file, such as 'my_models.yaml': {show(path)}")
    file = Path(path)
    if file.suffix not in (".yaml", ".yml"):
        file = file.with_name(file.name + ".yaml")
    text = to_text(circuit)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise PathError(f"{file}: cannot be written ({error.strerror})") from None


def to_text(circuit: Circuit) -> str:
    """Return the YAML text of a circuit under its name."""
    writer, name = _Writer(), str(circuit.name)
    writer.entries[name] = {}  # the name is taken
    for node in (*circuit.flat_nodes.values(), *(e.template for e in circuit.flat_edges)):
        for operator in node.operators if node is not None else ():
            writer.operator(operator)
    content = writer.circuit(circuit)
    del writer.entries[name]
    entries = {**writer.entries, name: content}
    return "\n".join(
        yaml.safe_dump({key: entry}, sort_keys=False, width=100, allow_unicode=True)
        for key, entry in entries.items()
    )


class _Writer:
    def __init__(self) -> None:
        self.entries: dict[str, dict[str, Any]] = {}
        self.operators: dict[str, OperatorTemplate] = {}
        self.names: dict[object, str] = {}

    def circuit(self, circuit: Circuit) -> dict[str, Any]:
        """Return the entry of a circuit; write all it needs."""
        nodes = {str(label): self.node(node) for label, node in circuit.nodes.items()}
        circuits = {
            str(label): self.entry(part, part.name, self.circuit(part))
            for label, part in circuit.circuits.items()
        }
        edges = [
            [
                str(edge.source),
                str(edge.target),
                None if edge.template is None else self.node(edge.template),
                {str(key): _plain(value) for key, value in edge.attributes.items()},
            ]
            for many in circuit.edges
            for edge in many.expand()
        ]
        parts = {"nodes": nodes, "circuits": circuits, "edges": edges}
        return self.described("CircuitTemplate", circuit) | {
            key: part for key, part in parts.items() if part
        }

    def node(self, node: NodeTemplate) -> str:
        """Return the name of a node's (or an edge's) template; write it if it is new."""
        operators = {op.name: self.values(op) for op in node.operators}
        base = "EdgeTemplate" if isinstance(node, EdgeTemplate) else "NodeTemplate"
        content = self.described(base, node) | {
            "operators": operators if any(operators.values()) else list(operators)
        }
        return self.entry((base, node.name, node.key), node.name, content)

    def entry(self, key: object, name: str, content: dict[str, Any]) -> str:
        """Write a template under its name, or a numbered one if that is taken."""
        if key not in self.names:
            free, count = str(name), 1
            while free in self.entries:
                count += 1
                free = f"{name}_{count}"
            self.entries[free] = content
            self.names[key] = free
        return self.names[key]

    def operator(self, operator: OperatorTemplate) -> None:
        """Write an operator under its own name, which paths contain, if it is new."""
        name = str(operator.name)
        first = self.operators.get(name)
        if first is None and name in self.entries:
            raise TemplateError(
                f"circuit {name} and one of its operators share a name, which one file cannot "
                "hold; rename one of them"
            )
        if first is None:
            self.operators[name] = operator
            self.entries[name] = self.described("OperatorTemplate", operator) | {
                "equations": [str(text) for text in operator.equations],
                "variables": {key: _plain(v) for key, v in operator.variables.items()},
            }
        elif first.structure != operator.structure:
            raise TemplateError(
                f"two different operators are named {name!r}, and one file cannot hold both; "
                "rename one of them"
            )

    def values(self, operator: OperatorTemplate) -> dict[str, Any]:
        """Return in what an operator's numbers differ from those that were written."""
        first = self.operators[str(operator.name)]
        return {
            key: variable.value
            for key, variable in operator.variables.items()
            if variable.value != first.variables[key].value
        }

    @staticmethod
    def described(base: str, record: Any) -> dict[str, Any]:
        """Begin an entry."""
        text = {"description": str(record.description)} if record.description else {}
        return {"base": base, **text}


def _plain(value: Any) -> Any:
    """Return a value as YAML's own kind."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if hasattr(value, "kind"):
        return value.value if value.kind == "constant" else str(value)
    return value.item() if hasattr(value, "item") else value
