"""The lessons as files: where they ship, and how a student gets a copy that stays theirs."""

import hashlib
import json
from pathlib import Path

from wclab.errors import OptionError
from wclab.templates import library

RECORD = ".wclab.json"  # what was copied, by its content: tells edited files from old ones
PARTS = {"notebooks": "", "model_templates": "model_templates"}  # shipped folder: where it goes
KINDS = (".ipynb", ".yaml", ".yml")


def copy_course(folder: Path) -> str:
    """Copy lessons and models to a folder; never over what was changed there.

    A file that is still as it was copied is brought up to date; any other stays.

    Parameters
    ----------
    folder : pathlib.Path
        Made if it does not exist.

    Returns
    -------
    str
        What was done, in a sentence.

    Raises
    ------
    OptionError
        If the folder cannot be written.
    """
    record = _read(folder / RECORD)
    new, updated, kept = [], [], []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for source, name in _shipped():
            target, content = folder / name, source.read_bytes()
            if target.exists() and _digest(target.read_bytes()) != record.get(name):
                if target.read_bytes() != content:
                    kept.append(name)
                continue
            if not target.exists():
                new.append(name)
            elif record[name] != _digest(content):
                updated.append(name)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            record[name] = _digest(content)
        (folder / RECORD).write_text(json.dumps(record, indent=1), encoding="utf-8")
    except OSError as error:
        raise OptionError(
            f"{folder} cannot be written ({error.strerror}); name another folder: wclab lab FOLDER"
        ) from None
    said = [f"{len(new)} files new" if new else "", f"{len(updated)} updated" if updated else ""]
    said.append(f"kept as you changed them: {', '.join(kept)}" if kept else "")
    return "; ".join(part for part in said if part) or "nothing new"


def _shipped() -> list[tuple[Path, str]]:
    """Return each file that ships, and its name in the student's folder."""
    found = []
    for part, place in PARTS.items():
        root = library() / part
        for file in sorted(root.rglob("*")):
            inside = file.relative_to(root)
            if file.suffix in KINDS and not any(p.startswith(".") for p in inside.parts):
                found.append((file, (Path(place) / inside).as_posix()))
    return found


def _read(file: Path) -> dict[str, str]:
    """Return the record of earlier copies; empty if there is none that can be read."""
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
