"""How a parameter is named, in calls and in words."""

Parameter = str | tuple[str, str]


def title(varied: Parameter) -> str:
    """Return a parameter's name for a sentence or an axis."""
    return varied if isinstance(varied, str) else " -> ".join(varied)
