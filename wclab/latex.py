"""A network's equations as LaTeX: one line for each variable of each node, as on a page."""

from wclab.blocks import Network


def network_latex(network: Network) -> str:
    """Return all equations as one ``aligned`` block."""
    raise NotImplementedError
