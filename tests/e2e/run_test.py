"""Runs against the built-in target: what is counted, printed and written, and how a run ends."""
import json
import re
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from raw_server import Peer, RawServer
from support import WSBLAST, WsblastTest, environment, serve, wait_for

LATENCY_KEYS = {"count", "min", "mean", "stddev", "p50", "p75", "p90", "p95", "p99", "p99_9", "p99_99",
                "max"}
TOP_KEYS = {
    "schema", "version", "command", "started_at", "duration_s", "exit_status", "interrupted", "seed",
            "target",
    "workload", "connections", "setup", "messages", "latency_us", "service_time_us", "connect_us", "errors",
    "closes", "upgrade_status", "generator", "verdict", "timeline",
}


class CleanRunTest(WsblastTest):
    def clean(self, *arguments, due, **options):
        """A run in which everything that is due is answered."""
        run = self.run_wsblast(*arguments, **options)
        self.check_errors(run)
        messages = run.json["messages"]
        self.assertEqual((messages["due"], messages["received"]), (due, due), str(run))
        self.check_block(run.stdout, run.json)
        return run

    def test_the_default_workload(self):
        with serve() as target:
            run = self.clean("--url", target.url(), "--connections", "50", "--messages", "4", due=200)
        result = run.json
        self.assertLessEqual(TOP_KEYS, set(result))
        self.assertLessEqual(LATENCY_KEYS, set(result["latency_us"]))
        self.assertEqual(result["connections"]["open_peak"], 50)
        self.assertEqual(result["setup"], {"sent": 50, "answered": 50})
        self.assertEqual(result["upgrade_status"], {"101": 50})
        self.assertEqual(sum(close["count"] for close in result["closes"] if close["code"] == 1000), 50)
        self.assertEqual(result["workload"]["loop"], "open")
        self.assertRegex(result["started_at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertLess(abs(result["messages"]["per_second"] - 200 / result["duration_s"]), 1)

    def test_presets_and_the_environment(self):
        with serve() as target:
            run = self.clean("quick", due=1000, WS_URL=target.url())
            self.assertEqual(run.json["connections"]["attempted"], 100)
            run = self.clean("medium", "--messages", "2", due=60, WS_URL=target.url(), CONNECTIONS="30")
            self.assertEqual(run.json["connections"]["attempted"], 30)
            self.assertIn("30", run.stdout + run.stderr)
            run = self.clean(due=21, WS_URL=target.url(), CONNECTIONS="7", MESSAGES="3")
            self.assertEqual(run.json["connections"]["attempted"], 7)

    def test_the_closed_loop_has_one_message_open_and_a_pipeline_more(self):
        with serve() as target:
            url = ("--url", target.url("/echo"), "--size", "20", "--connections", "10", "--interval", "0")
            run = self.clean(*url, "--messages", "50", due=500)
            self.assertEqual(run.json["workload"]["loop"], "closed")
            self.clean(*url, "--messages", "50", "--pipeline", "16", due=500)

    def test_a_rate_is_kept_over_all_connections(self):
        with serve() as target:
            run = self.clean("--url", target.url(), "--connections", "5", "--messages", "20", "--rate",
                             "100",
                             due=100)
        self.assertGreater(run.json["duration_s"], 0.95)
        self.assertLess(run.json["duration_s"], 5)

    def test_a_duration_instead_of_messages(self):
        with serve() as target:
            run = self.run_wsblast("--url", target.url(), "--connections", "5", "--duration", "1s",
                                   "--interval",
                                   "50ms")
        self.check_errors(run)
        self.assertGreater(run.json["messages"]["received"], 50)
        self.assertLess(run.json["messages"]["due"], 150)

    def test_messages_of_every_size_come_back(self):
        with serve() as target:
            for size in (0, 1, 125, 126, 4096, 40000):
                with self.subTest(size):
                    run = self.clean("--url", target.url("/echo"), "--size", str(size), "--connections", "3",
                                     "--messages", "3", due=9)
                    self.assertGreaterEqual(run.json["messages"]["bytes_received"], 9 * size)

    def test_idle_connections_are_held(self):
        started = time.monotonic()
        with serve() as target:
            run = self.clean("--url", target.url(), "--connections", "20", "--messages", "1", "--hold",
                             "2s", due=20)
        self.assertGreater(time.monotonic() - started, 2)
        self.assertLess(run.json["duration_s"], 2)

    def test_match_none_awaits_nothing(self):
        with serve() as target:
            run = self.run_wsblast("--url", target.url("/echo"), "--message", "x", "--match", "none",
                                   "--connections", "2", "--messages", "3")
        self.assertEqual(run.json["messages"]["sent"], 6)
        self.assertEqual(run.json["messages"]["lost"], 0)

    def test_several_urls_share_the_connections(self):
        with serve() as first, RawServer(lambda peer: (peer.accept(), peer.echo())) as second:
            self.clean("--url", first.url("/echo"), "--url", second.url(), "--message", "x",
                       "--connections", "9",
                       "--messages", "2", due=18)
            self.assertEqual(second.connections, 4)

    def test_headers_subprotocols_and_the_request(self):
        requests = []

        def handler(peer):
            requests.append(peer.read_request().decode())
            peer.accept(Sec_WebSocket_Protocol=b"chat")
            peer.echo()

        with RawServer(handler) as server:
            self.clean("--url", server.url("/a?b=c"), "--connections", "2", "--messages", "1", "--message",
                       "x",
                       "--header", "X-Token: 1:2", "--header", "Host: other", "--subprotocol", "chat", due=2)
        self.assertEqual(len({re.search("Sec-WebSocket-Key: (.*)\r", text)[1] for text in requests}), 2)
        for line in ("GET /a?b=c HTTP/1.1\r\n", "X-Token: 1:2\r\n", "Host: other\r\n",
                     "Sec-WebSocket-Protocol: chat\r\n", "Sec-WebSocket-Version: 13\r\n"):
            self.assertIn(line, requests[0])
        self.assertEqual(requests[0].count("Host:"), 1)

    def test_source_addresses_are_used(self):
        peers = set()

        def handler(peer):
            peers.add(peer.connection.getpeername()[0])
            peer.accept()
            peer.echo()

        with RawServer(handler) as server:
            self.clean("--url", server.url(), "--message", "x", "--connections", "8", "--messages", "1",
                       "--source-ip", "127.9.9.1,127.9.9.2", "--source-ports", "20000-20100", due=8)
        self.assertLessEqual(peers, {"127.9.9.1", "127.9.9.2"})

    def test_with_target_needs_no_server(self):
        run = self.clean("--with-target", "--connections", "200", "--messages", "5", "--interval", "50ms",
                         due=1000)
        self.assertTrue(run.json["target"]["builtin"])
        self.clean("--with-target", "--size", "64", "--connections", "10", "--messages", "5", due=50)


class OutputTest(WsblastTest):
    def test_json_on_standard_output_sends_the_block_to_standard_error(self):
        with serve() as target:
            run = self.run_wsblast("--url", target.url(), "--connections", "5", "--messages", "2",
                                   "--fail-on",
                                   "never", "--json", "-", with_json=False)
        result = json.loads(run.stdout)
        self.check_result(result)
        self.check_block(run.stderr, result)

    def test_a_seed_is_printed_and_kept(self):
        with serve() as target:
            few = ("--url", target.url(), "--connections", "2", "--messages", "1")
            self.assertEqual(self.run_wsblast(*few, "--seed", "42").json["seed"], 42)
            self.assertIsInstance(self.run_wsblast(*few).json["seed"], int)

    def test_quiet_prints_no_progress(self):
        with serve() as target:
            run = self.run_wsblast("--url", target.url(), "--connections", "2", "--messages", "1", "--quiet")
        self.assertNotIn("\r", run.stderr)
        self.assertNotIn("\x1b", run.stdout + run.stderr)

    def test_a_reader_that_leaves_early_hangs_nothing(self):
        with serve() as target, tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "result.json"
            done = subprocess.run(
                ["bash", "-c", '"$0" "$@" | true; exit ${PIPESTATUS[0]}', WSBLAST, "--url", target.url(),
                 "--connections", "5", "--messages", "20", "--fail-on", "never", "--json", str(path)],
                capture_output=True, text=True, env=environment(), check=False, timeout=30)
            self.assertLess(done.returncode, 128, done.stderr)
            self.check_result(json.loads(path.read_text(encoding="utf-8")))


class InterruptTest(WsblastTest):
    def start(self, folder, *arguments):
        path = Path(folder) / "result.json"
        process = subprocess.Popen([WSBLAST, *arguments, "--json", str(path)], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   env=environment())
        self.addCleanup(process.kill)
        return process, path

    def interrupted(self, name):
        with serve() as target, tempfile.TemporaryDirectory() as folder:
            process, path = self.start(folder, "--url", target.url(), "--connections", "20", "--duration",
                                       "60s")
            wait_for(lambda: target.stats()["messages_sent"] > 200, "answers")
            process.send_signal(name)
            stdout, stderr = process.communicate(timeout=30)
            self.assertEqual(process.returncode, 130, stdout + stderr)
            result = json.loads(path.read_text(encoding="utf-8"))
        self.check_result(result)
        self.check_block(stdout, result)
        self.assertTrue(result["interrupted"])
        self.assertEqual(result["exit_status"], 130)
        self.assertGreater(result["messages"]["received"], 100)
        self.assertLess(result["duration_s"], 60)

    def test_the_first_signal_reports_in_full(self):
        for name in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(name):
                self.interrupted(name)

    def test_an_interrupt_before_the_first_connection(self):
        with RawServer(Peer.wait_for_end) as server, tempfile.TemporaryDirectory() as folder:
            process, path = self.start(folder, "--url", server.url(), "--follow-redirects")
            wait_for(lambda: server.connections > 0, "the first look")
            began = time.monotonic()
            process.send_signal(signal.SIGINT)
            stdout, stderr = process.communicate(timeout=30)
            self.assertLess(time.monotonic() - began, 5)  # the time of a look
            self.assertEqual(process.returncode, 130, stdout + stderr)
            self.assertTrue(json.loads(path.read_text(encoding="utf-8"))["interrupted"])

    def test_an_interrupt_in_the_ramp_accounts_for_every_connection(self):
        with RawServer(Peer.wait_for_end) as server, tempfile.TemporaryDirectory() as folder:
            process, path = self.start(folder, "--url", server.url(), "--connections", "50")
            wait_for(lambda: server.connections > 0, "a connection")
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)
            self.assertEqual(process.returncode, 130)
            result = json.loads(path.read_text(encoding="utf-8"))
        self.check_result(result)
        self.assertEqual(result["connections"]["successful"], 0)

    def test_a_second_signal_ends_at_once(self):
        with RawServer(lambda peer: (peer.accept(), time.sleep(30))) as server, \
                tempfile.TemporaryDirectory() as folder:
            process, _ = self.start(folder, "--url", server.url(), "--message", "x", "--connections", "5",
                                    "--answer-timeout", "25s")
            wait_for(lambda: server.connections == 5, "all connections")
            process.send_signal(signal.SIGINT)
            time.sleep(0.3)  # two that come together are one
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            process.communicate(timeout=20)
            self.assertEqual(process.returncode, 130)


class ScaleTest(WsblastTest):
    def test_two_thousand_connections_are_open_at_the_same_time(self):
        run = self.run_wsblast("--with-target", "--connections", "2000", "--messages", "2", "--interval",
                               "1s")
        self.check_errors(run)
        self.assertEqual(run.json["connections"]["open_peak"], 2000)
        self.assertGreater(run.json["generator"]["rss_bytes"], 0)


if __name__ == "__main__":
    unittest.main()
