"""capacity: each limit that is known beforehand is named, with whose it is and with the right count."""
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

from capacity import WITHIN, Capacity, CapacityTest
from raw_server import RawServer
from support import HERE, WSBLAST, Process, Run, environment, free_port, serve, wait_for


class TargetsLimits(CapacityTest):
    def test_held_to_the_end(self):
        with serve() as target:
            search = Capacity("--url", target.url(), "--max", 3000, "--sample", 500)
            result = self.check(search, 0)
            self.assertEqual((result["ending"], result["held"], result["limit"]), ("held", 3000, None))
            self.assertEqual([plateau["open"] for plateau in result["plateaus"]], [750, 1500, 3000])
            for plateau in result["plateaus"]:
                self.assertAlmostEqual(plateau["probe"]["asked"], 500, delta=5)
                self.assertEqual(plateau["probe"]["answered"], plateau["probe"]["asked"])
            self.assertIsNone(result["bytes_per_connection"]["own"])  # too few connections to tell

    def test_its_own_bound(self):
        for how, kind in (("503", "upgrade_status"), ("reset", "reset_in_handshake")):
            with self.subTest(how), serve("--max-connections", "3000", "--at-limit", how) as target:
                search = Capacity("--url", target.url(), "--max", 10000)
                result = self.check_limit(search, kind, "target", 3000)
                if how == "503":
                    self.assertIn("503", " ".join(result["limit"]["evidence"]))

    def test_a_bound_that_lets_wait(self):
        with serve("--max-connections", "3000", "--at-limit", "wait") as target:
            search = Capacity("--url", target.url(), "--max", 10000, "--connect-timeout", "2s")
            self.check_limit(search, "upgrade_unanswered", "target", 3000)

    def test_accept_rate(self):
        with serve("--accept-rate", "500") as target:
            result = self.check(Capacity("--url", target.url(), "--max", 2000), 0)
            self.assertEqual(result["held"], 2000)
            self.assertEqual(result["pace"]["set_by"], "target")
            pace = result["pace"]["connections_per_s"]
            self.assertLessEqual(pace, (1 + WITHIN) * 500)
            # A target that others keep from its CPU accepts nobody meanwhile; it took two seconds at least.
            self.assertGreaterEqual(pace, (1 - WITHIN) * 500 * (1 - min(1, target.kept_waiting_s() / 2)))

    def test_accept_rate_that_is_too_slow(self):
        with serve("--accept-rate", "5") as target:
            search = Capacity("--url", target.url(), "--max", 1000, "--connect-timeout", "2s", "--cores", 1)
            self.check_limit(search, "upgrade_unanswered", "target", search.json["held"])

    def test_nobody_listens(self):
        search = Capacity("--url", f"ws://127.0.0.1:{free_port()}/ws", "--max", 1000)
        self.check_limit(search, "refused", "target", 0, status=3)

    def test_upgrades_are_never_answered(self):
        with RawServer(lambda peer: peer.read(1 << 20)) as server:
            search = Capacity("--url", f"ws://127.0.0.1:{server.port}/ws", "--max", 100,
                              "--connect-timeout", "1s")
            self.check_limit(search, "upgrade_unanswered", "target", 0, status=3)

    def test_closed_later(self):
        with serve("--close-after", "2s") as target:
            search = Capacity("--url", target.url(), "--max", 300, "--hold", "6s")
            result = self.check(search, 1)
            self.assertEqual((result["ending"], result["limit"]["kind"]), ("unsteady", "closed_later"))
            self.assertIn("1001", " ".join(result["limit"]["evidence"]))

    def test_file_limit_of_a_server_that_is_not_ours(self):
        port = free_port()
        command = ["prlimit", "--nofile=1000", sys.executable, str(HERE / "ymera_server.py"), str(port)]
        with Process(command, port) as target:
            held = []

            def count_sockets():
                # The child of no shell: prlimit(1) becomes the server.
                while target.process.poll() is None:
                    names = Path(f"/proc/{target.process.pid}/fd")
                    held.append(sum(1 for file in names.iterdir() if is_socket(file)))
                    time.sleep(0.1)
            threading.Thread(target=count_sockets, daemon=True).start()
            search = Capacity("--url", target.url(), "--max", 1500, "--connect-timeout", "8s", "--cores", 1)
            if target.kept_waiting_s() > 4:  # others had its CPU: it was too slow to come to its limit
                self.assertIn(self.check(search, 1)["limit"]["kind"], ("target_files", "upgrade_unanswered"))
                return
            # One socket listens, two are a pair of the event loop.
            result = self.check_limit(search, "target_files", "target", max(held) - 3)
            self.assertEqual(result["held"], result["limit"]["count"])
            self.assertRegex(" ".join(result["limit"]["evidence"]), r"of 1,000 files open")


def is_socket(file):
    try:
        return os.readlink(file).startswith("socket:")
    except OSError:
        return False


class OwnLimits(CapacityTest):
    def test_file_limit(self):
        with serve() as target:
            search = Capacity("--url", target.url(), "--max", 50000, "--cores", 1,
                              prefix=["prlimit", "--nofile=64"])
            # Rings of 64 connections, two descriptors each: what is left of 64 after a dozen others.
            held = search.json["held"]
            self.assertEqual(held % 64, 0)
            self.check_limit(search, "file_limit", "process", held, status=4)
            self.assertGreater(held, 20 * 64)

    def test_source_ports(self):
        with serve() as target:
            search = Capacity("--url", target.url(), "--max", 5000, "--source-ip", "127.7.7.7",
                              "--source-ports", "30000-31999")
            result = self.check_limit(search, "source_ports", "host", 2000)
            self.assertEqual(result["connections"]["failed"], 0)


class Usage(CapacityTest):
    def test_refused(self):
        for options, words in ((["--max", "0"], "--max"),
                               (["--churn", "5%"], "5%/s"),
                               (["--churn", "5%/s"], "--hold"),
                               (["--reconnect", "jittered"], "--storm"),
                               (["--storm", "20%", "--reconnect", "sometimes"], "immediate"),
                               (["--storm", "20%", "--reconnect", "jittered:5s,1s"], "longest"),
                               (["--storm", "120%"], "--storm"),
                               (["--match", "none"], "--sample 0"),
                               (["--step", "1", "--max", "100k"], "--step"),
                               (["--messages", "5"], "--messages"),
                               (["--with-target", "--url", "ws://127.0.0.1/"], "--url")):
            with self.subTest(options):
                run = Run(["capacity", *options], with_json=False, seconds=10)
                self.assertEqual(run.status, 2, str(run))
                self.assertIn(words, run.stderr)

    def test_with_target(self):
        for secure in ([], ["--tls-insecure"]):
            result = self.check(Capacity("--with-target", "--max", 500, "--quiet", *secure), 0)
            self.assertTrue(result["target"]["builtin"])
            self.assertEqual(result["held"], 500)
            self.assertEqual(result["tls"]["full"] if secure else 500, 500)

    def test_interrupted(self):
        with serve("--accept-rate", "100") as target, tempfile.NamedTemporaryFile(suffix=".json") as file:
            process = subprocess.Popen([WSBLAST, "capacity", "--url", target.url(), "--max", "5000",
                                        "--json", file.name],
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, text=True, env=environment())
            wait_for(lambda: target.stats()["connections_open"] > 100, "some connections")
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=20)
            self.assertEqual(process.returncode, 130)
            result = json.loads(Path(file.name).read_text(encoding="utf-8"))
            self.assertEqual(result["ending"], "interrupted")
            self.assertGreater(result["held"], 0)


if __name__ == "__main__":
    unittest.main()
