"""A Redis with network latency: a proxy that delays each direction by half a round trip."""

import asyncio
import multiprocessing
import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def delayed(port: int, round_trip: float) -> Iterator[int]:
    """Yield a loopback port that leads to `port` with `round_trip` seconds of latency. Runs in a process of its own."""
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
    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(_forward(reader, server_writer, delay), _forward(server_reader, writer, delay))

    server = await asyncio.start_server(connect, sock=listener)
    await server.serve_forever()


async def _forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
    """Write what is read, in order, each piece `delay` seconds after it was read."""
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
