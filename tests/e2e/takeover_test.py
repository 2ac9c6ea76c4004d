"""Messages that refer to those before them (RFC 7692 7.1.1.2): towards servers that are not ours, through a
closed window, and with less memory than it takes."""
import json
import sys
import time
import unittest
import zlib

from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory

from messages_test import MESSAGE, foreign_server, stats_of
from raw_server import CLOSE, CONTINUATION, TEXT, RawServer
from script_case import ScriptCase
from support import HERE, Process, WsblastTest, free_port, node_modules, serve

REMEMBERED = ["--compress-parameters", ""]
ALONE = ["--compress-parameters", "client_no_context_takeover"]
TAIL = b"\x00\x00\xff\xff"
SCRIPT = """
config:
  target: "{target}"
  phases: [{{duration: 1, arrivalCount: 5}}]
  ws: {{perMessageDeflate: {deflate}}}
scenarios:
  - engine: ws
    flow:
      - connect: {{url: "/echo"}}
      - loop:
          - send: {{payload: "{text}", capture: {{regexp: "(again)", as: answer}}}}
        count: 10
"""


def ws_package(options):
    """The npm package `ws`, with its options of permessage-deflate."""
    port = free_port()
    return Process(["node", str(HERE / "ymera_server.js"), str(port), json.dumps(options)], port,
                   NODE_PATH=node_modules())


class ForeignServersTest(WsblastTest):
    def ratio(self, url, *offer, form=()):
        run = self.run_wsblast("--url", url, "--message", MESSAGE, "--setup", "", "--connections", "5",
                               "--messages", "20", *offer, *form)
        self.check_errors(run)
        self.assertEqual((run.json["messages"]["received"], run.json["messages"]["unexpected"]), (100, 0),
                         str(run))
        self.assertEqual(run.json["compression"]["connections"], 5)
        return run.json["compression"]["sent"]["ratio"]

    def check_ratios(self, url):
        alone = self.ratio(url, *ALONE)
        for form in ((), ("--fragment", "7"), ("--binary",)):
            with self.subTest(form=form):
                self.assertLess(self.ratio(url, *REMEMBERED, form=form), alone / 2)

    def test_websockets_of_python(self):
        with foreign_server() as (url, seen):
            self.check_ratios(url)
            texts = {json.loads(message)["text"] for message in seen["messages"]}
        self.assertEqual(texts, {"again and " * 30})

    def test_websockets_that_asks_for_none(self):
        with foreign_server(extensions=[ServerPerMessageDeflateFactory(client_no_context_takeover=True)]
                            ) as (url, _):
            self.assertEqual(self.ratio(url, *REMEMBERED), self.ratio(url, *ALONE))

    def test_websockets_that_narrows_the_window(self):
        narrow = [ServerPerMessageDeflateFactory(client_max_window_bits=9)]
        with foreign_server(extensions=narrow) as (url, _):
            # 250 bytes back, where a message has 320.
            remembered = self.ratio(url, "--compress-parameters", "client_max_window_bits")
            self.assertLess(remembered, self.ratio(url, "--compress"))

    def test_ws_of_node(self):
        with ws_package({"clientNoContextTakeover": False}) as server:
            self.check_ratios(server.url("/echo"))

    def test_ws_of_node_that_asks_for_none(self):
        with ws_package({"clientNoContextTakeover": True}) as server:
            url = server.url("/echo")
            self.assertEqual(self.ratio(url, *REMEMBERED), self.ratio(url, *ALONE))

    def test_the_ymera_workload_of_ws(self):
        with ws_package(True) as server:
            run = self.run_wsblast("--url", server.url(), "--connections", "5",
                                   "--messages", "20", *REMEMBERED)
        self.check_errors(run)
        self.assertEqual(run.json["messages"]["received"], 100)
        self.assertLess(run.json["compression"]["sent"]["ratio"], 0.25)


class Inflating:
    """A server that inflates with zlib and writes down what comes; it reads nothing before `until`."""

    def __init__(self, until=0.0):
        self.until, self.sizes, self.texts, self.failure = until, [], [], None

    def __call__(self, peer):
        peer.accept(Sec_WebSocket_Extensions=b"permessage-deflate")
        time.sleep(self.until)
        try:
            self.read(peer)
        except (AssertionError, zlib.error) as error:
            self.failure = error

    def read(self, peer):
        inflater, parts = zlib.decompressobj(wbits=-15), []
        while True:
            first, second = peer.read(2)
            size = second & 0x7F
            if size == 126:
                size = int.from_bytes(peer.read(2), "big")
            key = peer.read(4)
            mask = (key * (size // 4 + 1))[:size]
            masked = int.from_bytes(peer.read(size), "big") ^ int.from_bytes(mask, "big")
            payload = masked.to_bytes(size, "big")
            if first & 0x0F == CLOSE:
                peer.send(CLOSE, payload)
                return
            assert first & 0x0F == (CONTINUATION if parts else TEXT), first
            assert bool(first & 0x40) == (not parts), first
            parts.append(payload)
            if first & 0x80:
                whole = b"".join(parts)
                self.sizes.append(len(whole))
                self.texts.append(inflater.decompress(whole + TAIL).decode())
                parts = []


class BytesTest(WsblastTest):
    def send(self, until, *arguments, message):
        server = Inflating(until)
        with RawServer(server) as raw:
            run = self.run_wsblast("--url", f"ws://127.0.0.1:{raw.port}/", "--connections", "1",
                                   "--match", "none", "--setup", "", "--message", message, *REMEMBERED,
                                   *arguments)
        self.assertIsNone(server.failure, str(run))
        return run, server

    def test_a_message_that_comes_again_takes_a_few_bytes(self):
        run, server = self.send(0, "--messages", "10", "--interval", "1ms",
                                message="the same text of more than twenty bytes, again")
        self.assertEqual(server.texts, ["the same text of more than twenty bytes, again"] * 10)
        self.assertGreater(server.sizes[0], 40)
        self.assertLess(max(server.sizes[1:]), 10, server.sizes)
        sent = run.json["compression"]["sent"]
        self.assertEqual(sent["compressed_bytes"], sum(server.sizes))
        self.assertEqual(sent["plain_bytes"], sum(map(len, server.texts)))

    def test_every_byte_comes_through_a_window_that_was_closed(self):
        """What does not compress fills the kernel's buffers long before the server reads."""
        for form in ([], ["--fragment", "1000"]):
            with self.subTest(form=form):
                run, server = self.send(2.0, "--messages", "6000", "--interval", "0", *form,
                                        message='{"n":{{$seq}},"x":"{{$randomString(4000)}}"}')
                self.check_errors(run)
                self.assertEqual([json.loads(text)["n"] for text in server.texts], list(range(1, 6001)))
                self.assertTrue(all(len(json.loads(text)["x"]) == 4000 for text in server.texts))
                self.assertEqual(run.json["compression"]["sent"]["compressed_bytes"], sum(server.sizes))


class MemoryTest(WsblastTest):
    def test_a_run_is_told_what_it_needs(self):
        with open("/proc/meminfo", encoding="utf-8") as file:
            available = next(int(line.split()[1]) for line in file if line.startswith("MemAvailable"))
        connections = str(available // 100)  # of 155 KiB each, or of 5
        words = ["--url", "ws://127.0.0.1:9/", "--source-ip", "127.0.0.0/20", "--connections", connections]
        self.refuse(*words, *REMEMBERED, names=["155 KiB", "150 to compress", "client_no_context_takeover"],
                    status=3)


class ScriptTest(ScriptCase):
    def counts(self, deflate):
        text = "again and again and again and again and again and again"
        with serve("--compress-parameters", "") as target:
            path = self.write(SCRIPT.format(target=target.url(""), deflate=deflate, text=text))
            counters = self.counters(path)
            stats = stats_of(target)
        self.assertEqual(counters["vusers.completed"], 5)
        self.assertEqual(stats["inflated_to"], 50 * len(text))
        return stats["inflated_from"]

    def test_the_summary_has_bytes_before_and_after(self):
        with serve("--compress-parameters", "") as target:
            path = self.write(SCRIPT.format(target=target.url(""), deflate="true", text="again " * 20))
            _, done = self.script(path)
        self.assertIn("\nCompression, agreed on by 5 of 5 connections:\n"
                      "  Offered: permessage-deflate; client_max_window_bits\n"
                      "  Messages sent: 6,000 bytes as ", done.stdout)
        self.assertIn("  Messages received: 6,000 bytes as ", done.stdout)

    def test_a_server_of_node_may_narrow_the_window(self):
        with ws_package({"clientMaxWindowBits": 9, "serverMaxWindowBits": 9}) as server:
            path = self.write(SCRIPT.format(target=server.url(""), deflate="true", text="again " * 20))
            counters = self.counters(path)
        self.assertEqual(counters["vusers.completed"], 5, counters)

    def test_users_compress_what_they_send(self):
        remembered, alone = self.counts("true"), self.counts("{clientNoContextTakeover: true}")
        self.assertLess(remembered, alone / 2)


if __name__ == "__main__":
    unittest.main()
