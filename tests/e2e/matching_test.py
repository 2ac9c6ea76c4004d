"""How answers find their messages: against a server that answers by rule, each kind of answer is counted
exactly; and what arrives of a message with holes.
"""
import json
import re
import threading
import time
import unittest
import uuid
from collections import Counter

from raw_server import CLOSE, PONG, TEXT, RawServer
from support import WsblastTest

TIMEOUT_S = 1


class Answering:
    """One connection of a server that answers each message as `rule(self, message)` says."""

    def __init__(self, peer):
        self.peer = peer
        self.lock = threading.Lock()
        self.held = None

    def answer(self, text):
        with self.lock:
            self.peer.send(TEXT, text.encode())

    def answer_later(self, seconds, text):
        threading.Timer(seconds, self.answer_if_open, [text]).start()

    def answer_if_open(self, text):
        try:
            self.answer(text)
        except OSError:
            pass  # the run is over

    def serve(self, rule):
        self.peer.accept()
        while True:
            opcode, payload = self.peer.receive()
            if opcode == CLOSE:
                with self.lock:
                    self.peer.send(CLOSE, payload)
                return
            if opcode != PONG:
                rule(self, payload.decode())


class MatchingTest(WsblastTest):
    def blast(self, rule, *arguments, **options):
        with RawServer(lambda peer: Answering(peer).serve(rule)) as server:
            run = self.run_wsblast("--url", server.url(), "--answer-timeout", f"{TIMEOUT_S}s",
                                   *arguments, **options)
        self.assertEqual(server.failures, [])
        return run

    def check_counts(self, run, **expected):
        """Of the messages; what is not named is 0."""
        names = ("received", "lost", "late", "duplicates", "out_of_order", "unexpected")
        found = {name: run.json["messages"][name] for name in names}
        self.assertEqual(found, {name: expected.get(name, 0) for name in names}, str(run))


def by_the_last_digit(answering, message):
    """3: never. 4: twice. 6: after the next one. 8: after its timeout. 9: and something else besides."""
    number = json.loads(message)["seq"]
    last = number % 10
    if last == 3:
        return
    if last == 6:
        answering.held = message
        return
    if last == 8:
        answering.answer_later(2 * TIMEOUT_S, message)
        return
    answering.answer(message)
    if last == 4:
        answering.answer(message)
    if last == 7:
        answering.answer(answering.held)
    if last == 9:
        answering.answer('{"news":1}')


class ByNumberTest(MatchingTest):
    def test_each_kind_of_answer_is_counted_exactly(self):
        for pacing in (("--interval", "5ms"), ("--rate", "400")):
            with self.subTest(pacing):
                run = self.blast(by_the_last_digit, "--message", '{"a":"x","seq":{{$seq}}}', "--connections",
                                 "3", "--messages", "20", "--hold", "3s", *pacing)
                self.check_counts(run, received=48, lost=12, late=6, duplicates=6, out_of_order=6,
                                  unexpected=6)
                self.check_errors(run, answer_timeout=12)
                self.assertEqual(run.json["messages"]["censored"], 12)
                self.assertEqual(run.json["workload"]["match"], "value")

    def test_a_late_answer_that_comes_twice_is_late_once(self):
        def rule(answering, message):
            answering.answer_later(2 * TIMEOUT_S, message)
            answering.answer_later(2.5 * TIMEOUT_S, message)

        run = self.blast(rule, "--message", "number {{$seq}}", "--connections", "2", "--messages", "3",
                         "--hold", "3s")
        self.check_counts(run, lost=6, late=6, duplicates=6)

    def test_the_number_is_found_however_the_server_writes_it(self):
        def rule(answering, message):
            read = json.loads(message)
            answering.answer(json.dumps({"echo": dict(reversed(read.items()))}, indent=1))

        run = self.blast(rule, "--message", '{"type":"x","id":{{$seq}},"text":"{{$randomString(9)}}"}',
                         "--connections", "2", "--messages", "15")
        self.check_counts(run, received=30)
        self.assertEqual(set(run.json["by_type"]), {"x"})

    def test_numbers_that_were_never_sent_are_unexpected(self):
        def rule(answering, message):
            number = int(message)
            answering.answer(str(number + 1_000_000))
            answering.answer("0")
            answering.answer("-1")
            answering.answer(message)

        run = self.blast(rule, "--message", "{{$seq}}", "--connections", "1", "--messages", "5")
        self.check_counts(run, received=5, unexpected=15)


class ByFieldTest(MatchingTest):
    MESSAGE = ("--message", '{"payload":{"id":"{{$uuid}}","n":{{$seq}}}}', "--match-field",
               "/payload/id,/reply_to")

    @staticmethod
    def reply(message):
        return json.dumps({"ok": True, "reply_to": json.loads(message)["payload"]["id"]})

    def test_answers_are_found_by_a_value_in_any_order(self):
        def rule(answering, message):
            if answering.held is None:
                answering.held = message
                return
            answering.answer(self.reply(message))
            answering.answer(self.reply(answering.held))
            answering.held = None

        run = self.blast(rule, *self.MESSAGE, "--connections", "3", "--messages", "10", "--interval", "5ms")
        self.check_counts(run, received=30, out_of_order=15)

    def test_lost_late_and_second_answers(self):
        def rule(answering, message):
            number = json.loads(message)["payload"]["n"]
            if number % 4 == 0:
                return
            if number % 4 == 1:
                answering.answer_later(2 * TIMEOUT_S, self.reply(message))
                return
            answering.answer(self.reply(message))
            if number % 4 == 2:
                answering.answer(self.reply(message))
                answering.answer(json.dumps({"reply_to": str(uuid.uuid4())}))
                answering.answer(json.dumps({"id": "no such field"}))

        run = self.blast(rule, *self.MESSAGE, "--connections", "2", "--messages", "12", "--hold", "3s")
        self.check_counts(run, received=12, lost=12, late=6, duplicates=6, unexpected=12)

    def test_by_order_the_same_server_seems_to_lose_nothing(self):
        """The warning of the guide: what first in, first out does not see."""
        def rule(answering, message):
            if answering.held is None:
                answering.held = message
                return
            answering.answer(message)
            answering.answer(answering.held)
            answering.held = None

        run = self.blast(rule, "--message", '{"n":{{$seq}}}', "--match", "fifo", "--connections", "2",
                         "--messages", "10", "--interval", "5ms")
        self.check_counts(run, received=20)


class HolesTest(MatchingTest):
    TEXT = ('{"seq":{{$seq}},"c":{{$connection}},"t":{{$timestamp}},"u":"{{$uuid}}",'
            '"n":{{$randomNumber(5,7)}},"s":"{{ $randomString(12) }}","plain":"{{name}} {$seq}"}')

    def setUp(self):
        self.messages, self.setups, self.lock = [], [], threading.Lock()

    def collect(self, answering, message):
        answering.answer(message)
        with self.lock:
            (self.setups if "hello" in message else self.messages).append(message)

    def test_they_arrive_as_they_are_documented(self):
        began_ms = time.time() * 1000
        run = self.blast(self.collect, "--message", self.TEXT, "--connections", "3", "--messages", "20",
                         "--setup", '{"hello":{{$connection}},"seq":{{$seq}}}')
        self.check_counts(run, received=60)
        self.assertEqual(sorted(self.setups), [f'{{"hello":{c},"seq":0}}' for c in range(3)])
        read = [json.loads(message) for message in self.messages]
        for connection in range(3):
            numbers = [message["seq"] for message in read if message["c"] == connection]
            self.assertEqual(numbers, list(range(1, 21)))
        self.check_random(read)
        for message in read:
            self.assertEqual(message["plain"], "{{name}} {$seq}")
            self.assertLess(abs(message["t"] - began_ms), 60_000)

    def check_random(self, read):
        identities = [uuid.UUID(message["u"]) for message in read]
        self.assertEqual({identity.version for identity in identities}, {4})
        self.assertEqual({identity.variant for identity in identities}, {uuid.RFC_4122})
        for message in read:
            self.assertRegex(message["u"], "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
            self.assertIsNotNone(re.fullmatch("[a-zA-Z0-9]{12}", message["s"]), message["s"])
        self.assertEqual(len(set(identities)), 60)
        self.assertEqual(len({message["s"] for message in read}), 60)
        self.assertEqual(set(Counter(message["n"] for message in read)), {5, 6, 7})


if __name__ == "__main__":
    unittest.main()
