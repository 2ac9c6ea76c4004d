#!/usr/bin/env python3
"""A server that misbehaves in every way its behaviours know, towards thousands of clients at once.

    hostile_server.py CERTIFICATE KEY       prints {behaviour: URL} as JSON, and serves until its input ends

A behaviour is a coroutine over one client. Most are chosen by the path of the request, /reserved-bits; those
that begin before there is a request have a port of their own. What a behaviour meets when the client goes
away is no error; anything else is told on standard error, and the test fails.
"""
import asyncio
import base64
import hashlib
import json
import os
import re
import socket
import ssl
import struct
import sys
import traceback
from dataclasses import dataclass, field
from typing import Callable

from raw_server import BINARY, CLOSE, GUID, TEXT, frame

# What a client's first bytes are read into: a small buffer, so that who does not read shows it soon.
READ_LIMIT = 4096
BACKLOG = 4096
BEHAVIOURS = {}
CONVERSATIONS = set()  # asyncio keeps none of its tasks alive
PATIENCE_S = 60  # longer than any timeout of the clients
# What a connection may keep of what it was sent: half a message, a pong.
RSS_PER_CONNECTION = 64 * 1024


@dataclass(frozen=True)
class Behaviour:
    """`ends`: what the connection's end may be called in `errors`, or FINE. `answered`: whether the client's
    messages get their answers; None: it depends. `loses`: what becomes of those that do not. `options`: of
    wsblast besides. `tls`: none, raw (the client wants it, the behaviour sees its bytes) or served.
    `connections_max`: how many meet it at once, where each fills the kernel's buffers."""
    name: str
    run: Callable
    ends: frozenset
    answered: bool
    loses: frozenset
    options: dict = field(default_factory=dict)
    before_request: bool = False
    rss_per_connection: int = RSS_PER_CONNECTION
    tls: str = "none"
    connections_max: int = 1 << 20


FINE = "fine"


def behaviour(*ends, answered=False, loses=("connection_lost",), **more):
    """Registers a coroutine under its name: reset_in_upgrade is /reset-in-upgrade."""
    def register(run):
        name = run.__name__.replace("_", "-")
        BEHAVIOURS[name] = Behaviour(name, run, frozenset(ends), answered, frozenset(loses), **more)
        return run
    return register


class Client:
    """The server's end of one connection."""

    def __init__(self, reader, writer):
        self.reader, self.writer, self.request = reader, writer, b""

    async def read_request(self):
        self.request = await self.reader.readuntil(b"\r\n\r\n")
        return self.request.split(b" ", 2)[1].decode().lstrip("/")

    def response(self, *extra, **changes):
        """The right answer to the upgrade; a header given as None is left out, `extra` lines come last."""
        key = re.search(rb"(?im)^sec-websocket-key:\s*(\S+)", self.request)[1]
        headers = {"Upgrade": "websocket", "Connection": "Upgrade",
                   "Sec-WebSocket-Accept": base64.b64encode(hashlib.sha1(key + GUID).digest()).decode()}
        headers.update({name.replace("_", "-"): value for name, value in changes.items()})
        lines = [f"{name}: {value}" for name, value in headers.items() if value is not None]
        return "\r\n".join(["HTTP/1.1 101 Switching Protocols", *lines, *extra, "", ""]).encode()

    async def upgrade(self, *extra, **changes):
        await self.send_raw(self.response(*extra, **changes))

    async def send_raw(self, data):
        self.writer.write(data)
        await self.writer.drain()

    async def send(self, opcode, payload=b"", **changes):
        await self.send_raw(frame(opcode, payload, **changes))

    async def drip(self, data, pause_s=0.0):
        """Byte by byte."""
        for value in data:
            await self.send_raw(bytes([value]))
            await asyncio.sleep(pause_s)

    async def receive(self):
        """(opcode, payload) of the next frame."""
        first, second = await self.reader.readexactly(2)
        size = second & 0x7F
        if size >= 126:
            width = 2 if size == 126 else 8
            size = int.from_bytes(await self.reader.readexactly(width), "big")
        key = await self.reader.readexactly(4)
        payload = await self.reader.readexactly(size)
        repeated = (key * (size // 4 + 1))[:size]
        masked = int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")
        return first & 0x0F, masked.to_bytes(size, "big")

    async def message(self):
        """The payload of the next data frame; others are read over."""
        while True:
            opcode, payload = await self.receive()
            if opcode in (TEXT, BINARY):
                return payload

    async def until_close(self):
        """Reads on, answering nothing, until the client's close frame has come."""
        while (await self.receive())[0] != CLOSE:
            pass

    async def echo(self):
        """Answers everything rightly until the client's close."""
        while True:
            opcode, payload = await self.receive()
            if opcode == CLOSE:
                return await self.send(CLOSE, payload)
            if opcode in (TEXT, BINARY):
                await self.send(opcode, payload)

    async def stay(self):
        """Reads on until the client is gone, answering nothing."""
        while await self.reader.read(65536):
            pass

    def close_window(self):
        """Takes no more than is there already: a few KiB, which the kernel may not make more of."""
        connection = self.writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.writer.transport.pause_reading()

    async def stop_reading(self):
        """The window closes; nothing happens for longer than the client waits."""
        self.writer.transport.pause_reading()
        await asyncio.sleep(PATIENCE_S)
        self.reset()

    def reset(self):
        """Ends with an RST at once."""
        connection = self.writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


async def serve_client(reader, writer, early=None):
    client = Client(reader, writer)
    CONVERSATIONS.add(asyncio.current_task())
    try:
        chosen = early or BEHAVIOURS[await client.read_request()]
        await chosen.run(client)
    except (OSError, asyncio.IncompleteReadError):
        pass  # the client went away, which is its right
    except Exception:  # a broken behaviour must fail its test
        traceback.print_exc()
    finally:
        CONVERSATIONS.discard(asyncio.current_task())
        writer.close()


async def listen(early=None, tls=None):
    server = await asyncio.start_server(lambda reader, writer: serve_client(reader, writer, early),
                                        "127.0.0.1", 0, limit=READ_LIMIT, backlog=BACKLOG, ssl=tls)
    return server.sockets[0].getsockname()[1]


async def main():
    import hostile_deflate  # noqa: F401
    import hostile_frames  # noqa: F401  (they register their behaviours)
    import hostile_handshakes  # noqa: F401
    import hostile_lives  # noqa: F401
    import hostile_tls  # noqa: F401
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*sys.argv[1:])
    shared = {"none": await listen(), "served": await listen(tls=context)}
    urls = {}
    for name, chosen in BEHAVIOURS.items():
        port = await listen(chosen) if chosen.before_request else shared[chosen.tls]
        urls[name] = f"{'ws' if chosen.tls == 'none' else 'wss'}://127.0.0.1:{port}/{name}"
    print(json.dumps(urls), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    os._exit(0)  # whatever the conversations have come to


if __name__ == "__main__":
    sys.modules["hostile_server"] = sys.modules["__main__"]  # the behaviours import it by that name
    asyncio.run(main())
