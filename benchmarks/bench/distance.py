"""A Redis that is further away: a proxy that holds back what passes, either way, by half a round trip."""

import asyncio
import multiprocessing
import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def far(port: int, round_trip: float) -> Iterator[int]:
    """Yield a port on loopback that is `port`, `round_trip` seconds away; in a process of its own."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    process = multiprocessing.get_context("fork").Process(
        target=lambda: asyncio.run(_serve(listener, port, round_trip / 2)), daemon=True
    )
    process.start()
    try:
        yield listener.getsockname()[1]
    finally:
        process.kill()
        process.join()
        listener.close()


async def _serve(listener: socket.socket, port: int, delay: float) -> None:
    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(_carry(reader, back, delay), _carry(there, writer, delay))

    server = await asyncio.start_server(meet, sock=listener)
    await server.serve_forever()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
    """Hand over what is read, in its order, each piece `delay` seconds after it came."""
    loop, pieces = asyncio.get_running_loop(), asyncio.Queue[tuple[float, bytes]]()

    async def deliver() -> None:
        while True:
            due, piece = await pieces.get()
            await asyncio.sleep(due - loop.time())
            if not piece:
                break
            writer.write(piece)
        writer.close()

    delivery = asyncio.create_task(deliver())
    while piece := await reader.read(1 << 16):
        pieces.put_nowait((loop.time() + delay, piece))
    pieces.put_nowait((loop.time() + delay, b""))
    await delivery
