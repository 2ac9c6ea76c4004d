#!/usr/bin/env python3
"""A fuzzing server for WebSocket clients that echo, spoken to as the public Autobahn suite's is.

    fuzzing_server.py REPORT [GROUP...]     the groups, as in 1 12.3; all unless some are named

    /getCaseCount                       a text message: how many cases there are
    /runCase?case=N&agent=NAME          case N, from 1: what it sends is to be echoed, answered or refused
    /getCaseInfo?case=N                 a text message: JSON with its id
    /getCaseStatus?case=N&agent=NAME    a text message: JSON with its outcome
    /updateReports?agent=NAME           writes the outcomes to REPORT as JSON: {id: {behavior, detail, what}}

It prints its port, and serves until its standard input ends. The cases are written after the suite's
documentation, none is copied: fuzzing_cases.py, fuzzing_utf8.py and fuzzing_bulk.py. A case's outcome is OK,
NON-STRICT, INFORMATIONAL, UNIMPLEMENTED or FAILED.
"""
import asyncio
import json
import os
import sys
import traceback
import zlib
from urllib.parse import parse_qs, urlsplit

from fuzzing_deflate import Deflate
from hostile_server import Client
from raw_server import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT

READ_LIMIT = 1 << 16
PATIENCE_S = 10  # for what a client has to do
BULK_PATIENCE_S = 120


class Breach(Exception):
    """The client broke the protocol, or did not do what it had to."""


class Connection(Client):
    """Collects what the client sends: (TEXT or BINARY, payload), (PONG, payload), (CLOSE, payload)."""

    def __init__(self, reader, writer):
        super().__init__(reader, writer)
        self.events, self.breach, self.ended, self.deflate = [], None, False, None
        self.opcode, self.pieces, self.compressed = CONTINUATION, [], False
        self.changed = asyncio.Event()

    @property
    def closes(self):
        return [payload for opcode, payload in self.events if opcode == CLOSE]

    @property
    def answers(self):
        return [event for event in self.events if event[0] != CLOSE]

    async def collect(self):
        try:
            while True:
                await self.read_frame()
                self.changed.set()
        except (OSError, asyncio.IncompleteReadError):
            pass
        except (Breach, UnicodeDecodeError, zlib.error) as breach:
            self.breach = f"{type(breach).__name__}: {breach}"
        except Exception:
            self.breach = traceback.format_exc()
        self.ended = True
        self.changed.set()

    async def read_frame(self):
        first, second = await self.reader.readexactly(2)
        opcode, fin, reserved = first & 0x0F, bool(first & 0x80), first & 0x70
        size = second & 0x7F
        if not second & 0x80:
            raise Breach("a frame is not masked")
        if reserved & ~0x40 or (reserved and not self.deflate):
            raise Breach("reserved bits are set")
        if size >= 126:
            width = 2 if size == 126 else 8
            size = int.from_bytes(await self.reader.readexactly(width), "big")
            if size < (126 if width == 2 else 65536):
                raise Breach("a length is not in its shortest form")
        key = await self.reader.readexactly(4)
        payload = unmask(await self.reader.readexactly(size), key)
        if self.closes:
            raise Breach("a frame after the close frame")
        if opcode >= CLOSE:
            self.take_control(opcode, fin, reserved, payload)
        else:
            self.take_data(opcode, fin, reserved, payload)

    def take_control(self, opcode, fin, reserved, payload):
        if opcode not in (CLOSE, PING, PONG) or not fin or reserved or len(payload) > 125:
            raise Breach("a control frame that may not be")
        if opcode == CLOSE and len(payload) == 1:
            raise Breach("a close frame of one byte")
        if opcode == CLOSE:
            payload[2:].decode()
        self.events.append((opcode, payload))

    def take_data(self, opcode, fin, reserved, payload):
        if opcode not in (CONTINUATION, TEXT, BINARY) or (opcode == CONTINUATION) != bool(self.opcode):
            raise Breach("a data frame out of order")
        if opcode != CONTINUATION:
            self.opcode, self.compressed = opcode, bool(reserved)
        elif reserved:
            raise Breach("a continuation is marked as compressed")
        self.pieces.append(payload)
        if not fin:
            return
        whole = b"".join(self.pieces)
        if self.compressed:
            whole = self.deflate.inflate(whole)
        if self.opcode == TEXT:
            whole.decode()
        self.events.append((self.opcode, whole))
        self.opcode, self.pieces = CONTINUATION, []

    async def until(self, done, seconds):
        """Whether it came to that."""
        deadline = asyncio.get_running_loop().time() + seconds
        while not done() and not self.ended:
            self.changed.clear()
            left = deadline - asyncio.get_running_loop().time()
            try:
                await asyncio.wait_for(self.changed.wait(), max(0, left))
            except asyncio.TimeoutError:
                break
        return done()

    async def closing(self, seconds=PATIENCE_S):
        """Waits for the client's close frame or its end."""
        await self.until(lambda: self.closes, seconds)
        if self.breach:
            raise Breach(self.breach)

    async def say(self, text):
        await self.send(TEXT, text.encode())
        await self.send(CLOSE, b"\x03\xe8")
        await self.closing()


def unmask(payload, key):
    size = len(payload)
    repeated = (key * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")).to_bytes(size, "big")


class FuzzingServer:
    def __init__(self, cases, report):
        self.cases, self.report = cases, report
        self.outcomes = {}
        self.conversations = set()

    async def serve(self, reader, writer):
        connection = Connection(reader, writer)
        task = asyncio.current_task()
        self.conversations.add(task)
        try:
            await self.converse(connection)
        except (OSError, asyncio.IncompleteReadError, Breach):
            pass  # it is in the outcome, where there is one
        except Exception:
            traceback.print_exc()
        finally:
            self.conversations.discard(task)
            writer.close()

    async def converse(self, connection):
        url = urlsplit(await connection.read_request())
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        case = self.cases[int(query["case"]) - 1] if "case" in query else None
        if url.path == "runCase":
            return await self.run_case(connection, case)
        await connection.upgrade()
        collecting = asyncio.ensure_future(connection.collect())
        if url.path == "getCaseCount":
            await connection.say(str(len(self.cases)))
        elif url.path == "getCaseInfo":
            await connection.say(json.dumps({"id": case.id, "description": case.what}))
        elif url.path == "getCaseStatus":
            await connection.say(json.dumps({"behavior": self.outcomes[case.id]["behavior"]}))
        elif url.path == "updateReports":
            with open(self.report, "w", encoding="utf-8") as file:
                json.dump(self.outcomes, file)
            await connection.send(CLOSE, b"\x03\xe8")
            await connection.closing()
        return collecting.cancel()

    async def run_case(self, connection, case):
        self.outcomes[case.id] = {"behavior": "FAILED", "detail": "it did not end", "what": case.what}
        extension = None
        if case.deflate is not None:
            connection.deflate, extension = Deflate.negotiate(connection.request, case.deflate)
        await connection.upgrade(*([extension] if extension else []))
        collecting = asyncio.ensure_future(connection.collect())
        try:
            behavior = await case.run(connection)
            detail = ""
        except (OSError, Breach) as breach:
            behavior, detail = "FAILED", str(breach) or repr(breach)
        finally:
            collecting.cancel()
        self.outcomes[case.id].update(behavior=behavior, detail=detail)


async def main():
    import fuzzing_bulk
    import fuzzing_cases
    import fuzzing_utf8
    report, groups = sys.argv[1], tuple(group + "." for group in sys.argv[2:]) or ("",)
    all_cases = [*fuzzing_cases.cases(), *fuzzing_utf8.cases(), *fuzzing_bulk.cases()]
    cases = sorted([case for case in all_cases if (case.id + ".").startswith(groups)],
                   key=lambda case: [int(part) for part in case.id.split(".")])
    fuzzer = FuzzingServer(cases, report)
    server = await asyncio.start_server(fuzzer.serve, "127.0.0.1", 0, limit=READ_LIMIT)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    os._exit(0)


if __name__ == "__main__":
    sys.modules["fuzzing_server"] = sys.modules["__main__"]  # the cases import it by that name
    asyncio.run(main())
