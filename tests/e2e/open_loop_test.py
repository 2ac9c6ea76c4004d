"""What is due when: rates to the message, the warm-up, ramps, random arrivals, messages that wait, and
checks of the result.
"""
import threading
import time
import unittest
from collections import defaultdict

from raw_server import CLOSE, RawServer
from support import WsblastTest, serve

HELLO = ("--message", "hello", "--match", "fifo")


def slow(delay_s):
    """Answers one message of a connection after the other, each after that time."""
    def handler(peer):
        peer.accept()
        while True:
            opcode, payload = peer.receive()
            if opcode == CLOSE:
                peer.send(CLOSE, payload)
                return
            time.sleep(delay_s)
            peer.send(opcode, payload)
    return handler


class OpenLoopTest(WsblastTest):
    @classmethod
    def setUpClass(cls):
        cls.target = serve().__enter__()
        cls.addClassCleanup(cls.target.__exit__)

    def blast(self, *arguments, **options):
        return self.run_wsblast("--url", self.target.url("/echo"), "--connections", "7", *HELLO, *arguments,
                                **options)

    def all_answered(self, *arguments, due):
        run = self.blast(*arguments)
        self.check_errors(run)
        messages = run.json["messages"]
        self.assertEqual((messages["due"], messages["received"]), (due, due), str(run))
        return run


class RateTest(OpenLoopTest):
    def test_a_rate_and_a_duration_are_exact_to_the_message(self):
        for arrivals in ("uniform", "poisson"):
            for rate, due in (("777.7", 622), ("13", 10), ("2k", 1600)):
                with self.subTest(arrivals=arrivals, rate=rate):
                    run = self.all_answered("--rate", rate, "--duration", "800ms", "--arrivals", arrivals,
                                            due=due)
                    self.assertEqual(run.json["workload"]["arrivals"], arrivals)

    def test_a_warm_up_is_sent_and_left_out(self):
        run = self.all_answered("--rate", "333.3", "--warmup", "300ms", "--duration", "500ms", due=166)
        self.assertEqual(run.json["warm_up"], {"duration_s": 0.3, "sent": 100, "received": 100, "lost": 0})
        self.assertEqual(run.json["latency_us"]["count"], 166)
        self.assertIn("Warm-up: the first 0.3 s are in none of these figures (100 sent, 100 received, 0 "
                      "lost)", run.stdout)
        run = self.all_answered("--interval", "20ms", "--warmup", "200ms", "--messages", "3", due=21)
        self.assertEqual(run.json["warm_up"]["sent"], 70)

    def test_a_rate_ramps(self):
        run = self.all_answered("--ramp-rate", "0..2000@1s", "--duration", "1s", due=1000)
        workload = run.json["workload"]
        self.assertEqual((workload["rate_per_s"], workload["rate_to_per_s"]), (0, 2000))
        self.all_answered("--ramp-rate", "0..2000@1s", "--duration", "1200ms", due=1400)
        self.all_answered("--ramp-rate", "500..100", "--duration", "1s", due=300)

    def test_a_rate_for_each_connection(self):
        run = self.all_answered("--rate-per-connection", "50", "--duration", "600ms", due=210)
        self.assertEqual(run.json["workload"]["rate_per_s"], 350)

    def test_the_same_seed_sends_the_same(self):
        first, again, other = (self.sent_with_seed(seed) for seed in ("7", "7", "8"))
        self.assertEqual(first, again)
        self.assertNotEqual(first, other)
        self.assertEqual(sum(len(messages) for messages in first.values()), 120)

    def sent_with_seed(self, seed):
        """The messages of each connection, in the order in which they came."""
        sent, lock = defaultdict(list), threading.Lock()

        def handler(peer):
            peer.accept()
            while True:
                opcode, payload = peer.receive()
                peer.send(opcode, payload)
                if opcode == CLOSE:
                    return
                with lock:
                    sent[payload.split()[0]].append(payload)

        with RawServer(handler) as server:
            self.run_wsblast("--url", server.url(), "--connections", "3", "--rate", "200", "--duration",
                             "600ms", "--arrivals", "poisson", "--seed", seed, "--match", "fifo",
                             "--message", "{{$connection}} {{$seq}} {{$uuid}} {{$randomNumber(0,1000000)}}")
        self.assertEqual(server.failures, [])
        return dict(sent)


class BlockedTest(OpenLoopTest):
    def test_a_message_that_finds_no_place_waits_and_its_latency_says_so(self):
        with RawServer(slow(0.05)) as server:
            run = self.run_wsblast("--url", server.url(), "--connections", "2", *HELLO, "--rate", "100",
                                   "--duration", "1s", "--pipeline", "1")
        messages = run.json["messages"]
        self.assertEqual(messages["due"], 100)
        self.assertEqual(messages["sent"] + messages["unsent"], 100)
        self.assertGreater(messages["unsent"], 0)
        self.assertGreaterEqual(messages["blocked"], messages["unsent"])
        self.assertLessEqual(messages["blocked"], 100)
        self.assertGreater(run.json["latency_us"]["p99"], 3 * run.json["service_time_us"]["p50"])
        waited = messages["blocked"] - messages["unsent"]
        self.assertIn(f"Latency is far above service time: {waited} of {messages['sent']} messages found no "
                      "free place, or no room,", run.stdout)
        self.assertIn(f"\n  Blocked: {messages['blocked']} (", run.stdout)

    def test_without_a_bound_nothing_is_blocked(self):
        with RawServer(slow(0.02)) as server:
            run = self.run_wsblast("--url", server.url(), "--connections", "4", *HELLO, "--rate", "200",
                                   "--duration", "500ms")
        self.assertEqual(run.json["messages"]["received"], 100)
        self.assertEqual(run.json["messages"]["blocked"], 0)
        self.assertGreater(run.json["service_time_us"]["p99"], 20_000)


class ChecksTest(OpenLoopTest):
    SHORT = ("--rate", "200", "--duration", "300ms")

    def test_checks_that_hold(self):
        run = self.blast(*self.SHORT, "--slo", "p99<10s", "--slo", "lost<=0", "--slo", "success_rate>=100%",
                         "--slo", "max@1s<10s", "--slo", "throughput > 1/s")
        self.assertEqual([slo["status"] for slo in run.json["slo"]], ["ok"] * 5)
        self.assertEqual(run.json["slo"][1]["value"], 0)
        self.assertEqual(run.json["slo"][4]["rule"], "throughput>1/s")
        self.assertIn("\nChecks:\n  p99<10s                  ok    ", run.stdout)

    def test_a_check_that_does_not_hold_is_exit_status_1(self):
        run = self.blast(*self.SHORT, "--slo", "p99<10s", "--slo", "p50<1us", status=1)
        self.assertEqual([slo["status"] for slo in run.json["slo"]], ["ok", "fail"])
        self.assertIn("\n  p50<1us                  fail  ", run.stdout)
        self.assertIsNone(run.json["aborted"])
        run = self.blast(*self.SHORT, "--slo", "error_rate@10s>1%", status=1)
        self.assertEqual(run.json["slo"][0]["value"], 0)

    def test_a_check_that_has_failed_ends_the_run_where_that_was_asked_for(self):
        started = time.monotonic()
        run = self.blast("--rate", "200", "--duration", "60s", "--slo", "max@1s<1us", "--abort-on-slo",
                         status=1)
        self.assertLess(time.monotonic() - started, 30)
        self.assertTrue(run.json["aborted"].startswith("max@1s<1us at "), run.json["aborted"])
        self.assertIn(f"  The run was ended early: {run.json['aborted']}\n", run.stdout)
        self.assertFalse(run.json["interrupted"])


class BadValuesTest(WsblastTest):
    def test_bad_values_are_named_with_their_option(self):
        for option, value in (("--rate-per-connection", "0"), ("--ramp-rate", "5"), ("--ramp-rate", "x..5"),
                              ("--arrivals", "normal"), ("--warmup", "5"), ("--match-field", "id"),
                              ("--match", "value"), ("--timestamps", "tai"),
                              ("--listen", "-1"), ("--slo", "p99"), ("--slo", "latency<5ms"),
                              ("--slo", "p99<5"), ("--slo", "error_rate<1"), ("--slo", "p99@1.5s<5ms")):
            with self.subTest(option=option, value=value):
                self.refuse(option, value, names=[option, value.partition("..")[0]])
        for option in ("--timeseries", "--hlog"):
            self.refuse(option, "", names=[option, "needs the path of a file"])
        self.refuse("--ramp-rate", "1..2@0", names=["--ramp-rate", "longer than 0"])
        self.refuse("--ramp-rate", "0..0@1s", names=["--ramp-rate", "nothing would be sent"])

    def test_what_needs_something_else_says_so(self):
        self.refuse("--arrivals", "poisson", names=["--arrivals", "--rate"])
        self.refuse("--ramp-rate", "0..5", names=["--ramp-rate", "--duration"])
        self.refuse("--match", "seq", names=["--match seq", "--message"])
        self.refuse("--match", "seq", "--message", "hello", names=["--match seq", "{{$seq}}"])
        self.refuse("--match-field", "/id", "--message", "hello", names=["--match-field", "/id"])
        self.refuse("--message", "{{$nothing}}", names=["{{$nothing}}", "{{$seq}}"])
        self.refuse("--listen", "5", "--size", "10", names=["--listen", "--size"])
        self.refuse("--listen", "5", "--message", "hello", names=["--listen", "{{$seq}}"])

    def test_what_excludes_something_else_is_refused_with_it(self):
        for pair in (["--rate", "5", "--rate-per-connection", "5"],
                     ["--rate", "5", "--ramp-rate", "1..2@1s"],
                     ["--ramp-rate", "1..2@1s", "--interval", "1s"],
                     ["--match", "fifo", "--match-field", "/id"]):
            self.refuse(*pair, names=[word for word in pair if word.startswith("--")])


if __name__ == "__main__":
    unittest.main()
