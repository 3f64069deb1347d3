"""A proxy on this machine that holds every piece of data back for a while: a slow network."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def slow(port: int, delay: float) -> Iterator[int]:
    """Forward to a local port, `delay` seconds later each way; yield the port to use."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    start = asyncio.run_coroutine_threadsafe(_serve(port, delay), loop)
    server = start.result(10)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_stop(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)


async def _serve(port: int, delay: float) -> asyncio.Server:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_carry(reader, back, delay), _carry(there, writer, delay))

    return await asyncio.start_server(connected, "127.0.0.1", 0)


async def _stop(server: asyncio.Server) -> None:
    """Take no more connections, and end those that there are."""
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


async def _carry(source: asyncio.StreamReader, target: asyncio.StreamWriter, delay: float) -> None:
    """Pass data on in order, each piece after the delay; how much is on its way is not limited."""
    loop = asyncio.get_running_loop()
    waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def deliver() -> None:
        while True:
            due, piece = await waiting.get()
            await asyncio.sleep(max(0.0, due - loop.time()))
            if not piece:
                target.close()
                return
            target.write(piece)

    task = asyncio.create_task(deliver())
    try:
        while piece := await source.read(65_536):
            waiting.put_nowait((loop.time() + delay, piece))
    except ConnectionError:
        pass
    waiting.put_nowait((loop.time() + delay, b""))
    await task
