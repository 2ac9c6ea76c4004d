#!/usr/bin/env python3
"""A client of the fuzzing server that is known to be right: python's websockets, which echoes.

    fuzzing_client.py ws://HOST:PORT
"""
import asyncio
import sys

import websockets


async def echo(url):
    async with websockets.connect(url, max_size=None, ping_interval=None, open_timeout=30) as client:
        async for message in client:
            await client.send(message)


async def main(server):
    async with websockets.connect(f"{server}/getCaseCount") as client:
        count = int(await client.recv())
    for number in range(1, count + 1):
        try:
            await echo(f"{server}/runCase?case={number}&agent=websockets")
        except websockets.ConnectionClosed:
            pass  # it failed the connection, as it should
    async with websockets.connect(f"{server}/updateReports?agent=websockets"):
        pass


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
