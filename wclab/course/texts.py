"""The words and numbers of the course, from YAML files; a language is a folder of them.

Numbers, code and the order of things come from the English files alone. A translation is a
copy of them in which only the words count, and a word that is missing there stays English.
"""

import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from wclab.errors import OptionError, nearest, show

FOLDER = Path(__file__).parent / "texts"
ENGLISH = "en"
WORDS = {"title", "goal", "question", "because", "when", "reply", "text", "hints"}
_chosen: list[str] = []


def language(name: str | None = None) -> str:
    """Choose the language of the feedback, or tell which one is used.

    Parameters
    ----------
    name : str, optional
        Such as "en"; it counts before the environment variable WCLAB_LANGUAGE.

    Returns
    -------
    str
        The language from now on.

    Raises
    ------
    OptionError
        If there are no texts in that language.

    Examples
    --------
    >>> from wclab.course import language
    >>> language("en")
    'en'
    """
    if name is not None:
        if name not in _languages():
            raise OptionError(
                f"no texts in the language {show(name)}.{nearest(name, _languages())}"
            )
        _chosen[:] = [name]
    current = _chosen[0] if _chosen else os.environ.get("WCLAB_LANGUAGE", ENGLISH)
    return current if current in _languages() else ENGLISH


def phrase(key: str, **fields: object) -> str:
    """Return one of the fixed sentences, with its blanks filled."""
    for name in (language(), ENGLISH):
        try:
            return str(_read(FOLDER / name / "phrases.yaml")[key]).format(**fields)
        except (KeyError, IndexError, ValueError):
            continue  # a translation without this sentence, or with a blank that is not ours
    raise KeyError(key)


def lessons() -> dict[str, dict[str, Any]]:
    """Return what the files say, by the number of the lesson, in the chosen language."""
    found = {}
    for file in sorted((FOLDER / ENGLISH).glob("lesson_*.yaml")):
        translated = _read(FOLDER / language() / file.name) if language() != ENGLISH else {}
        found[file.stem[-2:]] = _translated(_read(file), translated)
    return found


def _languages() -> list[str]:
    """Return the names of all languages."""
    return sorted(folder.name for folder in FOLDER.iterdir() if folder.is_dir())


@lru_cache(maxsize=256)
def _read(file: Path) -> dict[str, Any]:
    """Return the content of a file; nothing if it is missing or broken, as a translation may be."""
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return {}
    return content if isinstance(content, dict) else {}


def _translated(ours: Any, theirs: Any, name: object = "") -> Any:
    """Return our content with the words, and nothing else, of a translation."""
    if isinstance(ours, dict):
        other = theirs if isinstance(theirs, dict) else {}
        return {key: _translated(value, other.get(key), key) for key, value in ours.items()}
    if isinstance(ours, list):
        same = isinstance(theirs, list) and len(theirs) == len(ours)
        pairs = zip(ours, theirs if same else [None] * len(ours), strict=True)
        return [_translated(a, b, name) for a, b in pairs]
    return theirs if name in WORDS and isinstance(theirs, str) else ours
