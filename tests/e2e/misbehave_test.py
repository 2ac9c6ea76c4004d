"""Connections that misbehave on purpose: each kind does what it says, the others do not notice, and no
figure of theirs has them."""
import sys
import time
import unittest

from raw_server import CLOSE, PING, PONG, TEXT, RawServer
from support import HERE, Process, WsblastTest, free_port, node_modules, serve

PLAIN = ("--message", "hello", "--match", "fifo", "--setup", "")


class MisbehaveTest(WsblastTest):
    def misbehave(self, url, *kinds, connections=20, duration="1500ms", **options):
        arguments = [word for kind in kinds for word in ("--misbehave", kind)]
        run = self.run_wsblast("--url", url, *PLAIN, "--connections", str(connections), "--interval", "50ms",
                               "--duration", duration, *arguments, **options)
        bad = {one["kind"]: one for one in run.json["misbehaving"]}
        good = connections - sum(one["connections"] for one in bad.values())
        self.check_errors(run)
        connected, messages = run.json["connections"], run.json["messages"]
        self.assertEqual((connected["attempted"], connected["successful"]), (good, good), str(run))
        self.assertEqual(messages["received"], messages["due"], str(run))
        self.assertEqual(run.json["upgrade_status"], {"101": good})
        for one in bad.values():
            ends = sum(one["close_codes"].values())
            ends += sum(one[end] for end in ("failed", "dropped", "reset", "open"))
            self.assertEqual(ends, one["connections"], one)
            self.assertIn(f"  {one['kind']}: {one['connections']} connections", run.stdout)
        return bad

    def test_websockets_ends_them(self):
        port = free_port()
        with Process([sys.executable, "-B", str(HERE / "echo_server.py"), str(port), "0.7"], port) as server:
            bad = self.misbehave(server.url(), "half-open:10%", "no-pong:10%", "oversized:10%",
                                 "invalid-utf8:10%", "stall:5%", "byte-sender:5%", connections=40,
                                 duration="4s")
        self.assertEqual(bad["oversized"]["close_codes"], {"1009": 4})
        self.assertEqual(bad["invalid-utf8"]["close_codes"], {"1007": 4})
        for kind in ("half-open", "no-pong"):
            self.assertEqual(bad[kind]["close_codes"], {"1011": 4}, bad)  # its pings are not answered
        for kind in ("stall", "byte-sender"):
            self.assertEqual(bad[kind]["open"], 0, bad)

    def test_npm_ws_ends_what_breaks_the_protocol_and_keeps_the_rest(self):
        port = free_port()
        command = ["node", str(HERE / "ymera_server.js"), str(port)]
        with Process(command, port, NODE_PATH=node_modules()) as server:
            bad = self.misbehave(server.url("/echo"), "slow-reader:10%", "half-open:10%", "no-pong:10%",
                                 "oversized:10%", "invalid-utf8:10%", "stall:10%")
        self.assertEqual(bad["oversized"]["close_codes"], {"1009": 2})
        self.assertEqual(bad["invalid-utf8"]["close_codes"], {"1007": 2})
        for kind in ("slow-reader", "half-open", "no-pong", "stall"):
            self.assertEqual(bad[kind]["open"], 2, bad)

    def test_the_built_in_target_too(self):
        with serve() as server:
            bad = self.misbehave(server.url("/echo"), "invalid-utf8:10%", "oversized:10%", "byte-sender:10%")
        self.assertEqual(bad["invalid-utf8"]["close_codes"], {"1007": 2})
        self.assertEqual(bad["oversized"]["close_codes"], {"1009": 2})
        self.assertEqual(bad["byte-sender"]["open"], 2)

    def test_a_slow_reader_leaves_bytes_in_the_server(self):
        taken = []

        def handler(peer):
            peer.accept()
            peer.receive()
            sent, end = 0, time.monotonic() + 4
            peer.connection.settimeout(0.2)
            while sent < 64 << 20 and time.monotonic() < end:
                try:
                    sent += peer.connection.send(b"\x82\x7e\xff\xff" + bytes(65535))
                except TimeoutError:
                    pass
            taken.append(sent)
            peer.connection.settimeout(None)
            peer.wait_for_end()

        with RawServer(handler) as server:
            self.run_wsblast("--url", server.url(), "--message", "hello", "--match", "none", "--setup", "",
                             "--connections", "2", "--messages", "1", "--hold", "5s",
                             "--misbehave", "slow-reader:50%")
        self.assertEqual(len(taken), 2)
        self.assertLess(min(taken), 16 << 20)  # what the kernel's buffers of both ends take
        self.assertGreater(max(taken), 32 << 20)

    def test_a_byte_sender_sends_frames_byte_by_byte(self):
        pieces = []

        def handler(peer):
            peer.accept()
            for _ in range(8):
                pieces.append(peer.connection.recv(100))
            peer.wait_for_end()

        with RawServer(handler) as server:
            self.run_wsblast("--url", server.url(), "--message", "hi", "--match", "none", "--setup", "",
                             "--connections", "2", "--messages", "1", "--hold", "1s",
                             "--misbehave", "byte-sender:50%")
        singles = [piece for piece in pieces if len(piece) == 1]
        self.assertGreaterEqual(len(singles), 8, pieces)
        self.assertEqual(singles[0], b"\x81")

    def test_pings_are_not_answered_by_who_must_not(self):
        pongs = []

        def handler(peer):
            peer.accept()
            peer.send(PING, b"?")
            while True:
                opcode, payload = peer.receive()
                if opcode == PONG:
                    pongs.append(payload)
                elif opcode == CLOSE:
                    return peer.send(CLOSE, payload)
                elif opcode == TEXT:
                    peer.send(TEXT, payload)

        with RawServer(handler) as server:
            self.misbehave(server.url(), "no-pong:25%", connections=4, duration="300ms")
        self.assertEqual(pongs, [b"?"] * 3)

    def test_who_misbehaves_is_drawn_by_the_seed(self):
        def who(seed):
            kinds = []

            def handler(peer):
                peer.accept()
                kinds.append((peer.request.split(b" ")[1], peer.receive()[0] == 2))
                peer.wait_for_end()

            with RawServer(handler) as server:
                self.run_wsblast("--url", server.url("/a"), "--url", server.url("/b"), "--message", "hi",
                                 "--match", "none", "--setup", "", "--connections", "12", "--cores", "1",
                                 "--messages", "1", "--seed", seed, "--misbehave", "invalid-utf8:25%",
                                 "--misbehave", "half-open:25%")
            return sorted(kinds)
        self.assertEqual(who("7"), who("7"))

    def test_what_cannot_be_is_refused(self):
        for value, name in (("slow:5%", "slow-reader"), ("slow-reader", "KIND:SHARE"), ("stall:5", "%"),
                            ("stall:100%", "behaves")):
            with self.subTest(value):
                self.refuse("--misbehave", value, names=("--misbehave", name))


if __name__ == "__main__":
    unittest.main()
