"""What operators, nodes and edges share: each can be loaded by its name."""

import os
from collections.abc import Callable
from typing import Any, ClassVar, Self


class Template:
    """Base of the records; `loading` says how a name becomes one."""

    loader: ClassVar[Callable[[object, type], Any]]

    @classmethod
    def from_yaml(cls, path: str | os.PathLike[str]) -> Self:
        """Load a template of this kind by its name; see `wclab.templates.load`.

        Parameters
        ----------
        path : str or os.PathLike
            ``"folder.file.Template"``, with dots or slashes.

        Raises
        ------
        PathError
            If the file or the template is not found.
        TemplateError
            If the file does not describe a model; says file and line.
        TemplateTypeError
            If it is a template of another kind.
        """
        return Template.loader(path, cls)
