"""Clients against the fuzzing server of this folder: the conformance client, which is our engine; a client
that is known to be right, python's websockets; and one that is wrong, which the server has to find out.

WSBLAST_CONFORMANCE names the conformance client; meson sets it.
"""
import asyncio
import json
import os
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from raw_server import CLOSE, PING, PONG, TEXT
from support import HERE

CONFORMANCE = os.environ.get("WSBLAST_CONFORMANCE", "")
SECONDS_MAX = 150
# The server's own latitude (RFC 6455 7.1.7): whether what came before a broken frame is still answered, and
# how soon text is found to be none.
MAY_BE_LENIENT = ("3.2", "3.3", "3.4", "4.1.3", "4.1.4", "4.1.5", "4.2.3", "4.2.4", "4.2.5", "5.15", "6.4.1",
                  "6.4.2", "6.4.3", "6.4.4")
INFORMATIONAL = ("7.1.6", "7.13.1", "7.13.2")


class Fuzzer:
    """The server in a process, and the outcomes that it wrote."""

    def __init__(self, *groups):
        self.groups = groups

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.report = Path(self.folder.name) / "report.json"
        self.process = subprocess.Popen([sys.executable, "-B", str(HERE / "fuzzing_server.py"),
                                         str(self.report), *self.groups],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()
        self.folder.cleanup()

    def outcomes(self):
        return json.loads(self.report.read_text(encoding="utf-8"))

    def try_client(self, *command):
        """What became of each case."""
        done = subprocess.run([*command, f"ws://127.0.0.1:{self.port}"], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
        return self.outcomes()


class ConformanceTest(unittest.TestCase):
    def check(self, outcomes, lenient=MAY_BE_LENIENT):
        """All are OK, but for those that may be otherwise."""
        allowed = {**dict.fromkeys(lenient, ("OK", "NON-STRICT")),
                   **dict.fromkeys(INFORMATIONAL, ("INFORMATIONAL",))}
        faults = {case: outcome for case, outcome in outcomes.items()
                  if outcome["behavior"] not in allowed.get(case, ("OK",))}
        self.assertEqual(faults, {})

    @unittest.skipUnless(CONFORMANCE, "there is no conformance client in this build")
    def test_the_engine_passes_every_case(self):
        with Fuzzer() as fuzzer:
            outcomes = fuzzer.try_client(CONFORMANCE)
        self.assertGreater(len(outcomes), 500)
        self.check(outcomes)

    def test_a_client_that_is_known_to_be_right_passes(self):
        with Fuzzer("1", "2", "3", "4", "5", "6.4", "7", "10", "12.1", "13.7") as fuzzer:
            outcomes = fuzzer.try_client(sys.executable, "-B", str(HERE / "fuzzing_client.py"))
        self.assertGreater(len(outcomes), 100)
        self.check(outcomes)


async def upgrade(port, path):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                 "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode())
    await reader.readuntil(b"\r\n\r\n")
    return reader, writer


async def sloppy_client(port, case):
    """Echoes whatever it is sent and answers each ping and close, breaking and checking nothing."""
    reader, writer = await upgrade(port, f"/runCase?case={case}&agent=sloppy")
    try:
        while True:
            first, second = await reader.readexactly(2)
            size = second & 0x7F
            if size >= 126:
                size = int.from_bytes(await reader.readexactly(2 if size == 126 else 8), "big")
            payload = await reader.readexactly(size)
            opcode = PONG if first & 0x0F == PING else first & 0x0F
            head = bytes([0x80 | opcode, 0x80 | (size if size < 126 else 126)])
            head += struct.pack(">H", size) if size >= 126 else b""
            writer.write(head + b"\0\0\0\0" + payload)
    except (OSError, asyncio.IncompleteReadError):
        writer.close()


class RefereeTest(unittest.TestCase):
    """The server finds out a client that lets everything pass."""

    def outcomes(self, *groups):
        async def all_cases(port, count):
            await asyncio.gather(*(sloppy_client(port, case) for case in range(1, count + 1)))

        with Fuzzer(*groups) as fuzzer:
            count = int(asyncio.run(ask(fuzzer.port, "/getCaseCount")))
            asyncio.run(asyncio.wait_for(all_cases(fuzzer.port, count), SECONDS_MAX))
            asyncio.run(ask(fuzzer.port, "/updateReports?agent=sloppy"))
            return fuzzer.outcomes()

    def test_what_must_fail_and_does_not_is_found(self):
        outcomes = self.outcomes("2.5", "3", "4", "5", "6.3", "7.3.2", "7.9")
        fine = [case for case, outcome in outcomes.items() if outcome["behavior"] != "FAILED"]
        self.assertEqual(fine, [])
        self.assertGreater(len(outcomes), 40)

    def test_what_is_echoed_is_found_to_be_right(self):
        behaviors = {outcome["behavior"] for outcome in self.outcomes("1.1.3", "2.2").values()}
        self.assertEqual(behaviors, {"OK"})


async def ask(port, path):
    """The text that the server answers at this path; empty where it only closes."""
    reader, writer = await upgrade(port, path)
    first, size = await reader.readexactly(2)
    text = await reader.readexactly(size) if first & 0x0F == TEXT else b""
    writer.write(bytes([0x80 | CLOSE, 0x82]) + b"\0\0\0\0\x03\xe8")
    await reader.read()
    writer.close()
    return text.decode()


if __name__ == "__main__":
    unittest.main()
