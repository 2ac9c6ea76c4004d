#!/usr/bin/env python3
"""Passes bytes on between clients and a server, and now and then resets a client or stalls both ways.

    faulty_proxy.py SERVER_PORT SEED RESETS_PER_S STALLS_PER_S STALL_S

Prints its port. A line on its standard input is a command: "faults" begins them, "calm" ends them and prints
what there was as JSON, the end of the input ends it.
"""
import asyncio
import json
import os
import random
import socket
import struct
import sys


class Proxy:
    def __init__(self, server_port, seed):
        self.server_port = server_port
        self.random = random.Random(seed)
        self.clients = {}  # writer: an event that is clear while it is stalled
        self.counts = {"accepted": 0, "resets": 0, "stalls": 0}
        self.faults = []

    async def serve(self, reader, writer):
        self.counts["accepted"] += 1
        try:
            server = await asyncio.open_connection("127.0.0.1", self.server_port)
        except OSError:
            return writer.close()
        flowing = self.clients[writer] = asyncio.Event()
        flowing.set()
        await asyncio.gather(self.pass_on(reader, server[1], flowing),
                             self.pass_on(server[0], writer, flowing))
        self.clients.pop(writer, None)
        writer.close()
        server[1].close()

    @staticmethod
    async def pass_on(reader, writer, flowing):
        try:
            while data := await reader.read(65536):
                await flowing.wait()
                writer.write(data)
                await writer.drain()
            writer.write_eof()
        except OSError:
            writer.close()

    async def reset_some(self, per_second):
        while True:
            await asyncio.sleep(self.random.expovariate(per_second))
            if not self.clients:
                continue
            writer = self.random.choice(list(self.clients))
            self.clients.pop(writer).set()
            connection = writer.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
            self.counts["resets"] += 1

    async def stall_some(self, per_second, stall_s):
        while True:
            await asyncio.sleep(self.random.expovariate(per_second))
            if self.clients:
                flowing = self.random.choice(list(self.clients.values()))
                flowing.clear()
                asyncio.get_running_loop().call_later(stall_s, flowing.set)
                self.counts["stalls"] += 1


async def main():
    server_port, seed = int(sys.argv[1]), int(sys.argv[2])
    resets, stalls, stall_s = map(float, sys.argv[3:])
    proxy = Proxy(server_port, seed)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    loop = asyncio.get_running_loop()
    while command := (await loop.run_in_executor(None, sys.stdin.readline)).strip():
        if command == "faults":
            proxy.faults = [asyncio.create_task(proxy.reset_some(resets)),
                            asyncio.create_task(proxy.stall_some(stalls, stall_s))]
        if command == "calm":
            for task in proxy.faults:
                task.cancel()
            print(json.dumps(proxy.counts), flush=True)
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(main())
