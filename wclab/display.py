"""How a circuit shows itself in a notebook: its equations, its numbers and its wiring."""

from collections.abc import Callable, Iterable, Sequence

from wclab.latex import Symbols, network_latex
from wclab.model import Model
from wclab.templates import Circuit, Edge, read_edge

MANY_NODES = 8  # with more, one node of each kind is shown
MANY_ROWS = 40  # of a table


def circuit_markdown(circuit: Circuit, model_of: Callable[..., Model]) -> str:
    """Return a circuit as Markdown with LaTeX.

    `model_of` is called as ``model_of(driven, noisy, grouped)``.
    """
    count = len(circuit.flat_nodes)
    model = model_of(frozenset(), frozenset(), count > MANY_NODES)
    parts = [f"**{circuit.name}**" + (f": {circuit.description}" if circuit.description else "")]
    if model.network.grouped:
        parts.append(f"{count} nodes; one node of each kind stands for the others of its kind.")
    parts.append(f"$$\n{network_latex(model.network)}\n$$")
    parts.append(_table(["symbol", "variable", "value"], _values(model), "variables"))
    edges = (single for edge in circuit.flat_edges for single in edge.expand())
    total = sum(1 if isinstance(e, Edge) else e.count for e in circuit.flat_edges)
    if total:
        header = ["from", "to", "weight", "delay", "through"]
        parts.append(_table(header, map(_edge, edges), "connections", total))
    return "\n\n".join(parts)


def _values(model: Model) -> list[list[str]]:
    """Return a row for each constant, unfed input and initial value."""
    symbols = Symbols(model.network)
    kinds = {"constant": "{:.6g}", "state": "starts at {:.6g}"}
    return [
        [f"${symbols.of(block.name)}$", f"`{path}`", kinds[block.kind].format(value)]
        for block in model.network.blocks.values()
        if block.kind in kinds
        for path, value in zip(block.paths, model.values(block.name).tolist(), strict=False)
    ]


def _edge(edge: Edge) -> list[str]:
    parts = read_edge(edge)
    delay = f"{parts.delay:.6g}" if parts.delay else ""
    delay += f" ± {parts.spread:.6g}" if parts.spread else ""
    through = f"`{parts.template.name}`" if parts.template else ""
    return [f"`{parts.source}`", f"`{parts.target}`", f"{parts.weight:.6g}", delay, through]


def _table(
    header: Sequence[str], rows: Iterable[Sequence[str]], what: str, total: int | None = None
) -> str:
    """Return a Markdown table without its empty columns, cut after `MANY_ROWS` rows."""
    shown = [row for row, _ in zip(rows, range(MANY_ROWS), strict=False)]
    total = len(rows) if total is None and isinstance(rows, Sequence) else total or len(shown)
    used = [j for j in range(len(header)) if any(row[j] for row in shown)]
    lines = [[header[j] for j in used], ["---"] * len(used)]
    lines += [[row[j] for j in used] for row in shown]
    text = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    if total > len(shown):
        text += f"\n\n... and {total - len(shown)} more {what}"
    return text
