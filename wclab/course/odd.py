"""An answer that cannot be judged yet, and which sentence says why."""


class Odd(Exception):  # noqa: N818 - no error of a program: an answer of another kind
    """An answer of another kind than the one asked for: the key of a phrase, and its blanks."""

    def __init__(self, key: str, **fields: object) -> None:
        super().__init__(key)
        self.key, self.fields = key, fields
