"""An echo server of Python's websockets, which closes what does not answer its pings.

    echo_server.py PORT|SOCKET [PING_SECONDS]
"""
import asyncio
import sys

import websockets


async def echo(connection, *_):
    async for message in connection:
        await connection.send(message)


async def main():
    place, ping = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else None
    options = {"ping_interval": ping, "ping_timeout": ping, "compression": None, "close_timeout": 1}
    where = ({"unix": True, "path": place} if place.startswith("/") else
             {"host": "127.0.0.1", "port": int(place)})
    serve = websockets.unix_serve if where.pop("unix", False) else websockets.serve
    async with serve(echo, **where, **options):
        await asyncio.Future()


asyncio.run(main())
