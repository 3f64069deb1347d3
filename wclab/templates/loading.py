"""From a template's name to a frozen record: look-up, inheritance, checks.

A name is ``folder.file.Template`` or ``folder/file/Template``. Files are found and read,
never imported. Nothing is kept between two loads, so an edited file is read anew.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wclab.errors import PathError, TemplateError, TemplateTypeError, WclabError, nearest, show
from wclab.templates.base import Template
from wclab.templates.circuits import Circuit
from wclab.templates.edges import make_edge
from wclab.templates.editing import as_list
from wclab.templates.nodes import EdgeTemplate, NodeTemplate
from wclab.templates.operators import OperatorTemplate
from wclab.templates.reader import place, read_yaml

Record = OperatorTemplate | NodeTemplate | EdgeTemplate | Circuit

ROOTS: dict[str, type] = {
    "OperatorTemplate": OperatorTemplate,
    "NodeTemplate": NodeTemplate,
    "EdgeTemplate": EdgeTemplate,
    "CircuitTemplate": Circuit,
}
MAX_DEPTH = 100  # templates that build on each other
_KEYS: dict[type, tuple[str, ...]] = {
    OperatorTemplate: ("base", "description", "equations", "variables"),
    NodeTemplate: ("base", "description", "operators"),
    EdgeTemplate: ("base", "description", "operators"),
    Circuit: ("base", "description", "nodes", "circuits", "edges"),
}


def library() -> Path:
    """Return the folder that holds the shipped ``model_templates``.

    It lies inside an installed package; in a checkout (an editable install) beside it.
    """
    package = Path(__file__).resolve().parent.parent
    beside = package.parent
    if not (package / "model_templates").is_dir() and (beside / "pyproject.toml").is_file():
        return beside
    return package


def load(path: object, kind: type | None = None) -> Record:
    """Load a template by its name.

    Parameters
    ----------
    path : str or os.PathLike
        ``"model_templates.neural_mass_models.wilsoncowan.WC"``: dots or slashes, relative
        to the working directory, then to the library that ships with wclab.
    kind : type, optional
        The record expected: `Circuit`, `NodeTemplate`, `EdgeTemplate` or `OperatorTemplate`.

    Returns
    -------
    Circuit, NodeTemplate, EdgeTemplate or OperatorTemplate

    Raises
    ------
    PathError
        If a file or a template is not found; says where it was looked for.
    TemplateError
        If the file does not describe a model; says file and line.
    TemplateTypeError
        If it is a template of another kind.
    """
    return _Loader().load(path, None, kind)


Template.loader = load


def list_templates(folder: Path) -> list[tuple[str, Record]]:
    """Return the dotted name and the record of every template below a folder, sorted by file."""
    found: list[tuple[str, Record]] = []
    for file in sorted(folder.rglob("*.yaml")):
        stem = ".".join(file.relative_to(folder.parent).with_suffix("").parts)
        entries = read_yaml(file)
        found += [
            (f"{stem}.{name}", load(f"{stem}.{name}"))
            for name, entry in entries.items()
            if isinstance(entry, Mapping) and "base" in entry
        ]
    return found


class _Loader:
    """One load: remembers what it has read, and what it is in the middle of reading."""

    def __init__(self) -> None:
        self.done: dict[tuple[Path, str], Record] = {}
        self.open: list[tuple[Path, str]] = []

    def load(
        self, path: object, origin: Path | None, kind: type | None, *, is_base: bool = False
    ) -> Record:
        """Load a template named in Python (`origin` None) or in the file `origin`."""
        file, name = _find(path, origin)
        entries = read_yaml(file)
        label = next((key for key in entries if key == name), None)
        if label is None:
            known = [key for key, value in entries.items() if isinstance(value, Mapping)]
            known += ROOTS if is_base else []
            raise PathError(
                f"{place(path)}no template {name!r} in {file.name}.{nearest(name, known)}"
            )
        key = (file, name)
        if key in self.open:
            raise TemplateError(f"{place(path)}template {name} is built on itself")
        if len(self.open) > MAX_DEPTH:
            raise TemplateError(
                f"{place(path)}template {name} is built on more than {MAX_DEPTH} others"
            )
        if key not in self.done:
            self.open.append(key)
            try:
                self.done[key] = self._build(name, entries[name], file, str(path))
            except WclabError as error:
                if ", line " in str(error):
                    raise
                raise type(error)(f"{place(label)}{error}") from None
            finally:
                self.open.pop()
        record = self.done[key]
        if kind is not None and type(record) is not kind:
            raise TemplateTypeError(
                f"{place(path)}{str(path)!r} is {_article(type(record))}, not {_article(kind)}"
            )
        return record

    def _build(self, name: str, entry: object, file: Path, path: str) -> Record:
        if not isinstance(entry, Mapping) or not isinstance(entry.get("base"), str):
            raise TemplateError(
                f"{show(name)} is no template: it needs 'base: OperatorTemplate' "
                "(or NodeTemplate, EdgeTemplate, CircuitTemplate, or another template)"
            )
        base_name = entry["base"]
        if base_name in ROOTS:
            base, kind = None, ROOTS[base_name]
        else:
            base = self.load(base_name, file, None, is_base=True)
            kind = type(base)
        for key in entry:
            if key not in _KEYS[kind]:
                raise TemplateError(
                    f"{place(key)}template {name}: {_article(kind)} has no key {show(str(key))}."
                    f"{nearest(key, _KEYS[kind])}"
                )
        description = entry.get("description")
        if kind is OperatorTemplate:
            return self._operator(name, entry, base, path, description)
        if kind is Circuit:
            return self._circuit(name, entry, base, file, path, description)
        if "operators" not in entry and base is None:
            raise TemplateError(f"template {name} needs operators")
        given = self._operators(entry["operators"], file) if "operators" in entry else None
        operators = getattr(base, "operators", ()) if given is None else given
        described = description or getattr(base, "description", None)
        return kind(name, operators, path, described)

    def _operator(
        self, name: str, entry: Mapping[str, Any], base: Any, path: str, description: str | None
    ) -> OperatorTemplate:
        variables = entry.get("variables") or {}
        if base is not None:
            equations = entry.get("equations")
            return base.derive(name, equations, variables, path, description)
        if "equations" not in entry:
            raise TemplateError(f"operator {name} needs equations")
        return OperatorTemplate(name, entry["equations"], variables, path, description)

    def _operators(self, given: object, file: Path) -> dict[OperatorTemplate, Any]:
        """Return operator to values from a list, a name, or a mapping to values."""
        given = [] if given is None else given
        pairs: list[tuple[Any, Any]] = []
        for item in [given] if isinstance(given, Mapping) else as_list(given):
            pairs.extend(item.items() if isinstance(item, Mapping) else [(item, None)])
        operators: dict[OperatorTemplate, Any] = {}
        for reference, values in pairs:
            if values is not None and not isinstance(values, Mapping):
                raise TemplateError(f"{place(reference)}{reference}: values must be a mapping")
            operator = self.load(reference, file, OperatorTemplate)
            if operator in operators:
                raise TemplateError(f"{place(reference)}operator {reference} is listed twice")
            operators[operator] = values  # type: ignore[index]
        return operators

    def _circuit(
        self,
        name: str,
        entry: Mapping[str, Any],
        base: Any,
        file: Path,
        path: str,
        description: str | None,
    ) -> Circuit:
        parts: dict[str, dict[str, Any]] = {}
        for key, kind in (("nodes", NodeTemplate), ("circuits", Circuit)):
            given = entry.get(key) or {}
            if not isinstance(given, Mapping):
                raise TemplateError(f"template {name}: {key} must map names to templates")
            parts[key] = dict(getattr(base, key, {}))
            for label, reference in given.items():
                if not isinstance(reference, str):
                    raise TemplateError(
                        f"{place(label)}template {name}: {label} needs the name of a template, "
                        f"not {show(reference)}"
                    )
                parts[key][str(label)] = self.load(reference, file, kind)
        entries = entry.get("edges") or []
        if not isinstance(entries, list):
            raise TemplateError(f"template {name}: edges must be a list")

        def template(reference: object) -> Any:
            return None if reference is None else self.load(reference, file, EdgeTemplate)

        edges = tuple(make_edge(item, template) for item in entries)
        described = description or getattr(base, "description", None)
        edges = (*getattr(base, "edges", ()), *edges)
        return Circuit(name, **parts, edges=edges, path=path, description=described)


def _article(kind: type) -> str:
    name = next(root for root, known in ROOTS.items() if known is kind)
    return f"an {name}" if name[0] in "EO" else f"a {name}"


def _find(path: object, origin: Path | None) -> tuple[Path, str]:
    """Return the file and the template's name in it."""
    if isinstance(path, os.PathLike):
        path = str(path)
    if not isinstance(path, str) or not path.strip() or "\0" in path:
        raise PathError(f"{place(path)}{show(path)} names no template: give 'folder.file.Template'")
    slashed = "/" in path or os.sep in path
    parts = path.replace(os.sep, "/").split("/") if slashed else path.split(".")
    absolute = slashed and Path(path).is_absolute()
    if any(not part for part in parts[1 if absolute else 0 :]):
        raise PathError(f"{place(path)}{path!r} names no template: a part of the name is empty")
    *folders, name = parts
    if origin is not None and not folders:
        return origin, name
    if not folders:
        raise PathError(
            f"{path!r} names no template: put its file in front, as in "
            f"'model_templates.neural_mass_models.wilsoncowan.{path}'"
        )
    if name.endswith((".yaml", ".yml")) or name in ("yaml", "yml"):
        raise PathError(f"{path!r} names a file; add the template, as in '{path}/WC'")
    if absolute and origin is not None:
        raise PathError(f"{place(path)}{path!r}: a file may not refer to an absolute path")
    roots = [Path.cwd(), library()]
    if absolute:
        bases = [Path(os.path.sep)]
        roots = [Path(os.path.sep)]
    elif origin is not None:
        bases = [origin.parent, *roots]
        if not any(origin.is_relative_to(root) for root in roots):
            roots.append(origin.parent)
    else:
        bases = roots
    stem = os.path.join(*folders) if not absolute else os.path.sep.join(folders)
    tried: list[str] = []
    for base in bases:
        target = Path(os.path.normpath(base / stem))
        if not any(target.is_relative_to(root) for root in roots):
            raise PathError(f"{place(path)}{path!r} leaves the folder {base}; '..' may not do that")
        for suffix in ("", ".yaml", ".yml"):
            file = target.with_name(target.name + suffix)
            if (suffix or target.suffix in (".yaml", ".yml")) and _is_file(file):
                return file, name
        tried.append(str(target.parent))
    raise PathError(_not_found(path, Path(stem).name, tried))


def _is_file(file: Path) -> bool:
    try:
        return file.is_file()
    except (OSError, ValueError):
        return False


def _not_found(path: str, stem: str, folders: list[str]) -> str:
    nearby = []
    for folder in folders:
        try:
            nearby += [file.stem for file in sorted(Path(folder).glob("*.y*ml"))][:200]
        except OSError:
            continue
    where = ", ".join(dict.fromkeys(folders))
    return (
        f"{place(path)}{str(path)!r}: no file {stem}.yaml in {where}."
        f"{nearest(stem, dict.fromkeys(nearby))}"
    )
