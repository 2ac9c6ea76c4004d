"""A server that misbehaves in every way there is: each is counted as what it is, the sums hold, and nothing
hangs.
"""
import socket
import struct
import time
import unittest

from raw_server import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, RawServer, frame
from support import WsblastTest

CONNECTIONS = 3
SHORT = ("--connections", str(CONNECTIONS), "--message", "hello", "--match", "fifo", "--connect-timeout",
         "30s")


class FaultsTest(WsblastTest):
    def blast(self, handler, *arguments, answer_timeout="30s", status=0):
        """A run against this handler; what went wrong in the handler itself fails the test."""
        with RawServer(handler) as server:
            run = self.run_wsblast("--url", server.url(), *SHORT, "--answer-timeout", answer_timeout,
                                   *arguments, status=status)
        self.assertEqual(server.failures, [])
        return run

    def all_fail_before_the_upgrade(self, handler, kind):
        run = self.blast(handler, "--messages", "1", status=3)
        self.check_errors(run, **{kind: CONNECTIONS})
        self.check_block(run.stdout, run.json)
        return run

    def violates(self, kind, *frames):
        """After the first message the server sends these bytes: a protocol error for every connection."""
        def handler(peer):
            peer.accept()
            peer.receive()
            peer.send_raw(b"".join(frames))
            peer.wait_for_end()

        with self.subTest(kind):
            run = self.blast(handler, "--messages", "1")
            self.check_errors(run, **{kind: CONNECTIONS, "connection_lost": CONNECTIONS})


class UpgradeFaultsTest(FaultsTest):
    def test_every_status_but_101_is_a_failed_upgrade(self):
        for status in (200, 301, 400, 401, 403, 404, 426, 429, 500, 502, 503):
            def handler(peer):
                peer.read_request()
                peer.send_raw(b"HTTP/1.1 %d Some Reason\r\nContent-Length: 12\r\n\r\nno entrance!" % status)

            with self.subTest(status):
                run = self.all_fail_before_the_upgrade(handler, "upgrade_status")
                self.assertEqual(run.json["upgrade_status"], {str(status): CONNECTIONS})
                self.assertIn(str(status), run.stdout + run.stderr)
                self.assertIn("no entrance!", run.stdout + run.stderr)

    def test_a_wrong_or_missing_accept_key(self):
        for key in (b"AAAAAAAAAAAAAAAAAAAAAAAAAAA=", b"", None):
            with self.subTest(key):
                self.all_fail_before_the_upgrade(lambda peer: peer.accept(Sec_WebSocket_Accept=key),
                                                 "wrong_accept_key")

    def test_missing_and_wrong_headers(self):
        for changes in ({"Upgrade": None}, {"Upgrade": b"h2c"}, {"Connection": None},
                        {"Connection": b"close"}):
            with self.subTest(changes):
                self.all_fail_before_the_upgrade(lambda peer: peer.accept(**changes), "upgrade_headers")

    def test_what_was_not_asked_for(self):
        self.all_fail_before_the_upgrade(
            lambda peer: peer.accept(Sec_WebSocket_Extensions=b"permessage-deflate"),
                                         "unrequested_extension")
        self.all_fail_before_the_upgrade(lambda peer: peer.accept(Sec_WebSocket_Protocol=b"chat"),
                                         "unrequested_subprotocol")

    def test_an_oversized_head(self):
        self.all_fail_before_the_upgrade(lambda peer: (peer.accept(X_Long=b"x" * 100_000),
                                                       peer.wait_for_end()),
                                         "upgrade_head_too_large")

    def test_something_that_is_not_http(self):
        self.all_fail_before_the_upgrade(lambda peer: peer.send_raw(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
                                         "upgrade_not_http")

    def test_closed_and_reset_in_the_handshake(self):
        self.all_fail_before_the_upgrade(lambda peer: peer.read_request(), "closed_in_handshake")
        self.all_fail_before_the_upgrade(lambda peer: (peer.read_request(), peer.reset()),
                                         "reset_in_handshake")

    def test_silence_in_the_handshake_is_a_connect_timeout(self):
        started = time.monotonic()
        with RawServer(lambda peer: peer.wait_for_end()) as server:
            run = self.run_wsblast("--url", server.url(), "--connections", str(CONNECTIONS), "--message",
                                   "hello",
                                   "--connect-timeout", "500ms", status=3)
        self.assertLess(time.monotonic() - started, 10)
        self.check_errors(run, connect_timeout=CONNECTIONS)
        self.assertIn(f"Connection timeout: {CONNECTIONS}\n", run.stdout)

    def test_a_black_hole_is_a_connect_timeout(self):
        """A full accept queue drops every further SYN."""
        with socket.create_server(("127.0.0.1", 0), backlog=0) as hole:
            port = hole.getsockname()[1]
            fillers = [socket.socket() for _ in range(4)]
            for filler in fillers:
                filler.setblocking(False)
                filler.connect_ex(("127.0.0.1", port))
            time.sleep(0.2)
            run = self.run_wsblast("--url", f"ws://127.0.0.1:{port}/", "--connections", "2",
                                   "--connect-timeout",
                                   "800ms", status=3)
            for filler in fillers:
                filler.close()
        self.check_errors(run, connect_timeout=2)

    def test_an_upgrade_byte_by_byte_and_frames_right_behind_it_are_fine(self):
        def handler(peer):
            head = peer.response() + frame(TEXT, b"pushed")
            for start in range(0, len(head), 7):
                peer.send_raw(head[start:start + 7])
                time.sleep(0.001)
            peer.echo()

        run = self.blast(handler, "--messages", "2", "--interval", "50ms")
        self.check_errors(run)
        self.assertEqual(run.json["messages"]["received"], 2 * CONNECTIONS)
        self.assertEqual(run.json["messages"]["unexpected"], CONNECTIONS)


class FrameFaultsTest(FaultsTest):
    def test_headers_that_break_the_rules(self):
        self.violates("masked_frame", frame(TEXT, b"hi", mask=b"abcd"))
        self.violates("reserved_bits", frame(TEXT, b"hi", reserved=4))
        self.violates("reserved_opcode", frame(0x3, b"hi"))
        self.violates("reserved_opcode", frame(0xB, b"hi"))

    def test_lengths_that_break_the_rules(self):
        self.violates("bad_length", frame(TEXT, b"hi", length=(126, struct.pack(">H", 2))))
        self.violates("bad_length", frame(TEXT, b"hi", length=(127, struct.pack(">Q", 2))))
        self.violates("bad_length", frame(TEXT, b"", length=(127, struct.pack(">Q", 1 << 63))))
        self.violates("message_too_big", frame(BINARY, b"", length=(127, struct.pack(">Q", 1 << 40))))

    def test_control_frames_that_break_the_rules(self):
        self.violates("fragmented_control", frame(PING, b"", fin=False))
        self.violates("control_too_long", frame(PING, b"x" * 126))
        self.violates("bad_close_payload", frame(CLOSE, b"\x03"))
        self.violates("bad_close_code", frame(CLOSE, struct.pack(">H", 1005)))
        self.violates("bad_close_code", frame(CLOSE, struct.pack(">H", 999)))

    def test_fragments_and_text_that_break_the_rules(self):
        self.violates("unexpected_continuation", frame(CONTINUATION, b"hi"))
        self.violates("expected_continuation", frame(TEXT, b"h", fin=False), frame(TEXT, b"i"))
        self.violates("bad_utf8", frame(TEXT, b"\xff\xfe"))
        self.violates("bad_utf8", frame(TEXT, b"\xc3", fin=False), frame(CONTINUATION, b"("))

    def test_protocol_errors_make_the_verdict_critical(self):
        def handler(peer):
            peer.accept()
            peer.receive()
            peer.send(0x3)
            peer.wait_for_end()

        run = self.blast(handler, "--messages", "1", "--fail-on", "critical", status=1)
        self.assertEqual(run.json["verdict"]["status"], "critical")

    def test_fragmented_answers_and_pings_between_them_are_fine(self):
        pongs = []

        def handler(peer):
            peer.accept()
            peer.receive()
            peer.send(TEXT, b"he", fin=False)
            peer.send(PING, b"are you there?")
            peer.send(CONTINUATION, b"", fin=False)
            peer.send(CONTINUATION, b"llo")
            opcode, payload = peer.receive()
            pongs.append((opcode, payload))
            peer.echo()

        run = self.blast(handler, "--messages", "2", "--interval", "100ms")
        self.check_errors(run)
        self.assertEqual(pongs, [(PONG, b"are you there?")] * CONNECTIONS)
        self.assertEqual(run.json["messages"]["received"], 2 * CONNECTIONS)


class LifeFaultsTest(FaultsTest):
    def test_a_close_before_the_answers_is_counted_with_its_code(self):
        def handler(peer):
            peer.accept()
            peer.receive()
            peer.send(CLOSE, struct.pack(">H", 1008) + b"against the policy")
            peer.wait_for_end()

        run = self.blast(handler, "--messages", "1")
        self.check_errors(run, closed_by_peer=CONNECTIONS, connection_lost=CONNECTIONS)
        self.assertEqual(run.json["connections"]["closed_by_peer"], CONNECTIONS)
        closes = [(close["code"], close["by"], close["count"]) for close in run.json["closes"]]
        self.assertIn((1008, "peer", CONNECTIONS), closes)

    def test_a_close_without_a_handshake(self):
        run = self.blast(lambda peer: (peer.accept(), peer.receive()), "--messages", "1")
        self.check_errors(run, closed_by_peer=CONNECTIONS, connection_lost=CONNECTIONS)

    def test_a_reset_in_the_middle_of_a_frame(self):
        def handler(peer):
            peer.accept()
            peer.receive()
            peer.send_raw(frame(TEXT, b"hello")[:4])
            time.sleep(0.05)
            peer.reset()

        run = self.blast(handler, "--messages", "1")
        self.check_errors(run, connection_reset=CONNECTIONS, connection_lost=CONNECTIONS)

    def test_what_was_not_sent_when_a_connection_dies_is_unsent(self):
        def handler(peer):
            peer.accept()
            peer.send(*peer.receive())
            peer.receive()

        run = self.blast(handler, "--messages", "20", "--interval", "100ms")
        messages = run.json["messages"]
        self.assertEqual(messages["due"], 20 * CONNECTIONS)
        self.assertGreater(messages["unsent"], 0)
        self.assertEqual(messages["received"], CONNECTIONS)

    def test_silence_after_the_upgrade_is_an_answer_timeout(self):
        run = self.blast(lambda peer: (peer.accept(), peer.wait_for_end()), "--messages", "2",
                         answer_timeout="700ms")
        found = {error["kind"]: error["count"] for error in run.json["errors"]}
        self.assertEqual(found.get("answer_timeout"), 2 * CONNECTIONS, str(run))
        for key in ("latency_us", "service_time_us"):  # in the figures with the time that was waited
            self.assertEqual(run.json[key]["censored"], 2 * CONNECTIONS)
            self.assertGreaterEqual(run.json[key]["p50"], 700_000)

    def test_an_answer_after_its_timeout_is_late_and_stays_lost(self):
        def handler(peer):
            peer.accept()
            _, payload = peer.receive()
            time.sleep(1.2)
            peer.send(TEXT, payload)
            peer.echo()

        run = self.blast(handler, "--messages", "2", "--interval", "2s", answer_timeout="700ms")
        self.check_errors(run, answer_timeout=CONNECTIONS)
        self.assertEqual(run.json["messages"]["late"], CONNECTIONS)
        self.assertEqual(run.json["messages"]["received"], CONNECTIONS)

    def test_a_setup_without_an_answer(self):
        run = self.blast(lambda peer: (peer.accept(), peer.wait_for_end()), "--setup", "join", "--messages",
                         "2", answer_timeout="700ms")
        self.check_errors(run, setup_timeout=CONNECTIONS)
        self.assertEqual(run.json["connections"]["successful"], CONNECTIONS)
        self.assertEqual(run.json["messages"]["unsent"], 2 * CONNECTIONS)
        self.assertEqual(run.json["setup"], {"sent": CONNECTIONS, "answered": 0})

    def test_a_close_that_is_not_answered_hangs_nothing(self):
        def handler(peer):
            peer.accept()
            peer.send(*peer.receive())
            time.sleep(20)

        started = time.monotonic()
        run = self.blast(handler, "--messages", "1")
        self.assertLess(time.monotonic() - started, 20)
        found = {error["kind"]: error["count"] for error in run.json["errors"]}
        self.assertEqual(found, {"close_timeout": CONNECTIONS})
        self.assertEqual(run.json["messages"]["received"], CONNECTIONS)


if __name__ == "__main__":
    unittest.main()
