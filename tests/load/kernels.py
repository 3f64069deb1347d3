"""Lessons run through a Jupyter server as a browser does it: kernels by REST, cells by socket."""

import json
import time
import urllib.request
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import psutil
from websocket import create_connection

PATIENCE = 300  # s for one cell


@dataclass(frozen=True)
class Result:
    """What became of a lesson: seconds until the first picture and until the end, errors, bytes."""

    lesson: str
    first_figure: float
    seconds: float
    errors: tuple[str, ...]
    memory: int


def run_lesson(address: str, file: Path, folder: str = "") -> Result:
    """Start a kernel, run every cell of a notebook in it, look at its memory, and end it."""
    begun = time.monotonic()
    kernel = _ask(address, "POST", "kernels", {"name": "python3", "path": folder})
    try:
        socket = create_connection(
            f"{address.replace('http', 'ws')}/api/kernels/{kernel['id']}/channels", timeout=PATIENCE
        )
        errors: list[str] = []
        first = 0.0
        for cell in nbformat.read(file, as_version=4).cells:
            if cell.cell_type != "code":
                continue
            for message in _execute(socket, cell.source):
                content = message["content"]
                if message["msg_type"] == "error":
                    errors.append(f"{content['ename']}: {content['evalue']}")
                if not first and "image/png" in content.get("data", {}):
                    first = time.monotonic() - begun
        seconds = time.monotonic() - begun
        said = list(_execute(socket, "import os; print(os.getpid())"))
        text = "".join(m["content"]["text"] for m in said if m["msg_type"] == "stream")
        memory = psutil.Process(int(text)).memory_info().rss
        socket.close()
    finally:
        _ask(address, "DELETE", f"kernels/{kernel['id']}")
    return Result(file.stem, first, seconds, tuple(errors), memory)


def _execute(socket: Any, source: str) -> list[dict[str, Any]]:
    """Run one cell; return its outputs."""
    number = uuid.uuid4().hex
    header = {"msg_id": number, "username": "", "session": number, "version": "5.3",
              "msg_type": "execute_request", "date": ""}  # fmt: skip
    content = {"code": source, "silent": False, "store_history": True, "user_expressions": {},
               "allow_stdin": False, "stop_on_error": True}  # fmt: skip
    request = {"header": header, "parent_header": {}, "metadata": {}, "content": content,
               "channel": "shell", "buffers": []}  # fmt: skip
    socket.send(json.dumps(request))
    outputs = []
    while True:
        message = _message(socket.recv())
        if message["parent_header"].get("msg_id") != number:
            continue
        outputs.append(message)
        if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            return outputs


def _message(frame: str | bytes) -> Any:
    """Return the JSON of a message; one with arrays comes as bytes, its parts by their offsets."""
    if isinstance(frame, str):
        return json.loads(frame)
    count = int.from_bytes(frame[:4], "big")
    ends = [int.from_bytes(frame[4 * k : 4 * k + 4], "big") for k in range(1, count + 1)]
    return json.loads(frame[ends[0] : ends[1] if count > 1 else None])


def _ask(address: str, method: str, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(  # noqa: S310 - a server of our own on this machine
        f"{address}/api/{path}",
        data=data,
        method=method,
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        text = answer.read()
    return json.loads(text) if text else None
