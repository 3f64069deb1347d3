"""A network's equations as LaTeX: one line for each variable of each node, as on a page.

A variable is written with its node as an index (``r`` of node ``e`` is :math:`r_e`), and with
its operator too where a node has two of that name. Plain hand-overs (an output that feeds the
one input of its name) get no line of their own.
"""

from collections import Counter
from functools import cached_property

from wclab.blocks import Block, Network
from wclab.equations import Call, Name, Tree, latex_symbol, to_latex


class Symbols:
    """The LaTeX symbol of every block of a network."""

    def __init__(self, network: Network) -> None:
        self.network = network

    @cached_property
    def aliases(self) -> dict[str, str]:
        """Blocks that only hand on another one, to that one."""
        found: dict[str, str] = {}
        for name in self.network.order:
            tree = self.network.blocks[name].tree
            if isinstance(tree, Name) and self.network.blocks[tree.id].kind != "drive":
                found[name] = found.get(tree.id, tree.id)
        return found

    @cached_property
    def shared(self) -> Counter[tuple[str, str]]:
        """How many blocks that are no hand-over have a node and a variable in common."""
        blocks = self.network.blocks.values()
        return Counter(_parts(b)[::2] for b in blocks if b.paths and b.name not in self.aliases)

    @cached_property
    def weights(self) -> dict[str, str]:
        """The symbol of each weight: target first, then source."""
        found: dict[str, str] = {}
        pairs: Counter[tuple[str, str]] = Counter()
        for (source, target), places in self.network.weights.items():
            ends = (_short(target.rsplit("/", 2)[0]), _short(source.rsplit("/", 2)[0]))
            for name, _ in places:
                pairs[ends] += 1
                count = f"^{{({pairs[ends]})}}" if pairs[ends] > 1 else ""
                between = "" if max(map(len, ends)) == 1 else ","
                index = between.join(rf"\mathrm{{{_escaped(end)}}}" for end in ends)
                found[name] = f"w{count}_{{{index}}}"
        return found

    def of(self, name: str) -> str:
        """Return the symbol of a block, or of time."""
        name = self.aliases.get(name, name)
        if name not in self.network.blocks:
            return latex_symbol(name)
        if name in self.weights:
            return self.weights[name]
        block = self.network.blocks[name]
        if block.kind == "delayed":
            source = self.network.blocks[block.source]
            return rf"{self.of(source.name)}\left(t - {float(block.values[0]):.12g}\right)"
        if block.kind == "drive":
            return rf"u\left[{self.of(block.source)}\right]"
        if not block.paths:
            return "W"
        node, operator, variable = _parts(block)
        text = variable if self.shared[node, variable] < 2 else f"{variable}_{operator}"
        symbol = latex_symbol(text)
        index = rf"\mathrm{{{_escaped(_short(node))}}}"
        if symbol.endswith("}") and "_{" in symbol:
            return f"{symbol[:-1]},{index}}}"
        return f"{symbol}_{{{index}}}"


def network_latex(network: Network) -> str:
    """Return all equations as one ``aligned`` block, without dollar signs."""
    symbols = Symbols(network)
    lines = [line for block in network.blocks.values() for line in _line(block, symbols)]
    return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"


def _line(block: Block, symbols: Symbols) -> list[str]:
    """Return the line of a block, if it has one."""
    if block.tree is None or block.name in symbols.aliases or not block.paths:
        return []
    right = to_latex(_plain(block.tree, symbols.network), symbols.of)
    left = symbols.of(block.name)
    if block.kind == "state":
        left = rf"\frac{{d{left}}}{{dt}}"
    return [f"{left} &= {right}"]


def _plain(tree: Tree, network: Network) -> Tree:
    """Write sums over many nodes as a product of a matrix and a vector."""
    if isinstance(tree, Name):
        block = network.blocks.get(tree.id)
        hidden = block is not None and block.kind == "algebraic" and not block.paths
        return _plain(block.tree, network) if hidden and block and block.tree else tree
    if not isinstance(tree, Call):
        return tree
    if tree.function == "take":
        return _plain(tree.arguments[1], network)
    function = "*" if tree.function == "matvec" else tree.function
    return Call(function, tuple(_plain(argument, network) for argument in tree.arguments))


def _parts(block: Block) -> tuple[str, str, str]:
    node, operator, variable = block.paths[0].rsplit("/", 2)
    return node, operator, variable


def _short(node: str) -> str:
    """Return a node's path in as few letters as tell it from the others."""
    return node.replace("/gamma_kernel", "").replace("->", "→")


def _escaped(text: str) -> str:
    return text.replace("_", r"\_").replace("#", r"\#").replace("→", r"{\to}")
