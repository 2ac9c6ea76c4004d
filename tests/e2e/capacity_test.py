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
import urllib.request
from pathlib import Path

from network import Network, setting, why_not
from raw_server import RawServer
from support import HERE, WSBLAST, Process, Run, environment, free_port, serve

WITHIN = 0.01
NO_NETWORK = why_not()


class Capacity:
    """One finished search: status, output, and its JSON."""

    def __init__(self, *options, prefix=(), seconds=90):
        with tempfile.NamedTemporaryFile(suffix=".json") as file:
            done = subprocess.run([*prefix, WSBLAST, "capacity", *map(str, options), "--json", file.name],
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds,
                                  env=environment(), check=False)
            self.status, self.stdout, self.stderr = done.returncode, done.stdout, done.stderr
            text = Path(file.name).read_text(encoding="utf-8")
            self.json = json.loads(text) if text else None

    def __str__(self):
        return f"status {self.status}\n--- stdout\n{self.stdout}\n--- stderr\n{self.stderr}"


class CapacityTest(unittest.TestCase):
    def check(self, search, status):
        """What every search has to obey."""
        self.assertEqual(search.status, status, str(search))
        result = search.json
        self.assertEqual(result["schema"], "wsblast.capacity/1")
        self.assertEqual(result["exit_status"], status)
        connections = result["connections"]
        self.assertEqual(connections["attempted"], connections["successful"] + connections["failed"])
        for plateau in result["plateaus"]:
            if plateau["probe"]:
                self.assertGreaterEqual(plateau["probe"]["asked"], plateau["probe"]["answered"])
        return result

    def check_limit(self, search, kind, owner, count, status=1):
        result = self.check(search, status)
        limit = result["limit"]
        self.assertIsNotNone(limit, str(search))
        self.assertEqual((limit["kind"], limit["owner"]), (kind, owner), str(search))
        self.assertLessEqual(result["held"], limit["count"])
        self.assertAlmostEqual(limit["count"], count, delta=WITHIN * count, msg=str(search))
        self.assertTrue(limit["evidence"] and limit["remedy"])
        self.assertIn(limit["label"], search.stdout)
        return result


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
                self.assertIsNotNone(plateau["target_cpu_us"], "the target is here, and was not found")
            self.assertGreater(result["bytes_per_connection"]["own"], 0)

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
            # A target that others keep from its CPU for long is slower than its rate: the best of three.
            for _ in range(3):
                result = self.check(Capacity("--url", target.url(), "--max", 2000), 0)
                self.assertEqual(result["held"], 2000)
                self.assertEqual(result["pace"]["set_by"], "target")
                if abs(result["pace"]["connections_per_s"] - 500) <= WITHIN * 500:
                    return
            self.fail(f"never 500/s: {result['pace']}")

    def test_accept_rate_that_is_too_slow(self):
        with serve("--accept-rate", "5") as target:
            search = Capacity("--url", target.url(), "--max", 1000, "--connect-timeout", "2s", "--cores", 1)
            self.check_limit(search, "upgrade_unanswered", "target", search.json["held"])

    def test_nobody_listens(self):
        search = Capacity("--url", f"ws://127.0.0.1:{free_port()}/ws", "--max", 1000)
        self.check_limit(search, "refused", "target", 0, status=3)

    def test_upgrades_are_never_answered(self):
        with RawServer(lambda peer: peer.read(1 << 20)) as server:
            search = Capacity("--url", f"ws://127.0.0.1:{server.port}/ws", "--max", 100, "--connect-timeout", "1s")
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
            search = Capacity("--url", target.url(), "--max", 3000, "--connect-timeout", "3s", "--cores", 1)
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
            search = Capacity("--url", target.url(), "--max", 50000, "--cores", 1, prefix=["prlimit", "--nofile=64"])
            # Rings of 64 connections, two descriptors each: what is left of 64 after a dozen others.
            held = search.json["held"]
            self.assertEqual(held % 64, 0)
            self.check_limit(search, "file_limit", "process", held, status=4)
            self.assertGreater(held, 20 * 64)

    def test_source_ports(self):
        with serve() as target:
            search = Capacity("--url", target.url(), "--max", 5000, "--source-ip", "127.7.7.7", "--source-ports",
                              "30000-31999")
            result = self.check_limit(search, "source_ports", "host", 2000)
            self.assertEqual(result["connections"]["failed"], 0)

    @unittest.skipIf(os.geteuid() != 0, "net.ipv4.tcp_mem is root's to set")
    def test_memory_of_tcp(self):
        # What found no memory is sent again after 200 ms (TCP_RTO_MIN). With a number in it a late answer is
        # told from the next one, and its connection is kept.
        message = '{"id":{{$seq}},"pad":"' + "x" * 40000 + '"}'
        with serve() as target, tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            file.write(message)
            file.flush()
            with setting("net/ipv4/tcp_mem", "2 3 4"):
                search = Capacity("--url", target.url("/echo"), "--message-file", file.name, "--max", 2000,
                                  "--sample", 2000, "--answer-timeout", "150ms")
            with urllib.request.urlopen(f"http://127.0.0.1:{target.port}/stats", timeout=10) as stats:
                accepted = json.load(stats)["connections_accepted"]
            self.check_limit(search, "tcp_memory", "host", accepted)


@unittest.skipIf(NO_NETWORK, NO_NETWORK)
class NetworkLimits(CapacityTest):
    def setUp(self):
        self.network = Network()
        self.network.__enter__()
        self.addCleanup(self.network.__exit__)

    def search(self, url, *options):
        return Capacity("--url", url, "--connect-timeout", "2s", *options, prefix=self.network.prefix())

    def test_table_of_tracked_connections(self):
        tracked = Path("/proc/sys/net/netfilter/nf_conntrack_count")
        if not tracked.exists() or int(tracked.read_text(encoding="ascii")) > 100:
            self.skipTest("this machine tracks no connections, or those of others")
        self.network.filter(self.network.near, "output", "ct state new accept")
        with self.network.serve() as target, setting("net/netfilter/nf_conntrack_max", 5000):
            result = self.check_limit(self.search(target.url(), "--max", 20000), "conntrack", "host", 5000)
            self.assertRegex(" ".join(result["limit"]["evidence"]), r"of nf_conntrack_max 5,000")

    def test_range_of_ports(self):
        self.network.run_in(self.network.near, "sysctl", "-w", "net.ipv4.ip_local_port_range=30000 31999")
        with self.network.serve() as target:
            self.check_limit(self.search(target.url(), "--max", 20000), "source_ports", "host", 2000)

    def test_nowhere(self):
        search = self.search("ws://192.0.2.1:80/ws", "--max", 1000)
        self.check_limit(search, "syn_unanswered", "path", 0, status=3)

    def test_path_that_takes_so_many(self):
        self.network.filter(self.network.far, "input", "tcp flags & (syn | ack) == syn quota over 90000 bytes drop")
        with self.network.serve() as target:
            # SYNs of 60 bytes.
            self.check_limit(self.search(target.url(), "--max", 20000), "syn_unanswered", "path", 1500)

    def test_own_filter(self):
        self.network.filter(self.network.near, "output",
                            "tcp flags & (syn | ack) == syn quota over 90000 bytes drop")
        with self.network.serve() as target:
            self.check_limit(self.search(target.url(), "--max", 20000), "packet_filter", "host", 1500)


class Storms(CapacityTest):
    def check_storm(self, target, connections, *options):
        search = Capacity("--url", target.url(), "--max", connections, "--hold", "3s", "--churn", "5%/s",
                          "--storm", "20%", *options)
        result = self.check(search, 0)
        hold, storm = result["hold"], result["storm"]
        self.assertEqual((hold["open_at_start"], hold["open_at_end"]), (connections, connections))
        self.assertEqual((hold["lost"], hold["reopen_failures"]), (0, 0))
        # 5 %/s for 3 s and as long as the probe takes.
        self.assertGreater(hold["churned"], 0.10 * connections)
        self.assertEqual(hold["churned"], hold["reopened"])
        self.assertEqual(storm["dropped"], connections // 5)
        self.assertEqual(storm["back"], storm["dropped"])
        self.assertLessEqual(storm["half_back_s"], storm["all_back_s"])
        self.assertGreater(storm["handshakes_peak"], 0)
        return storm

    def test_immediate(self):
        with serve() as target:
            storm = self.check_storm(target, 5000)
            # All at once, however many may otherwise be in flight.
            self.assertGreater(storm["handshakes_peak"], 256)

    def test_policies(self):
        for policy, least in (("exponential:500ms", 0.5), ("jittered:1s,5s", 0.2)):
            with self.subTest(policy), serve() as target:
                storm = self.check_storm(target, 1000, "--reconnect", policy)
                self.assertGreater(storm["all_back_s"], least)
                self.assertLess(storm["all_back_s"], 5)

    def test_of_a_server_that_is_not_ours(self):
        port = free_port()
        with Process([sys.executable, str(HERE / "ymera_server.py"), str(port)], port) as target:
            self.check_storm(target, 300, "--reconnect", "jittered:500ms,2s")

    def test_who_does_not_come_back(self):
        """A target that ends while it is at it."""
        with serve() as target:
            ended = threading.Timer(6, target.process.send_signal, [signal.SIGKILL])
            ended.start()
            search = Capacity("--url", target.url(), "--max", 500, "--hold", "10s", "--storm", "50%",
                              "--connect-timeout", "500ms")
            ended.join()
            result = self.check(search, 1)
            self.assertEqual((result["ending"], result["limit"]["owner"]), ("unsteady", "target"))


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
        result = self.check(Capacity("--with-target", "--max", 500, "--quiet"), 0)
        self.assertTrue(result["target"]["builtin"])
        self.assertEqual(result["held"], 500)

    def test_interrupted(self):
        with serve("--accept-rate", "100") as target, tempfile.NamedTemporaryFile(suffix=".json") as file:
            process = subprocess.Popen([WSBLAST, "capacity", "--url", target.url(), "--max", "5000", "--json", file.name],
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                       text=True, env=environment())
            time.sleep(2)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=20)
            self.assertEqual(process.returncode, 130)
            result = json.loads(Path(file.name).read_text(encoding="utf-8"))
            self.assertEqual(result["ending"], "interrupted")
            self.assertGreater(result["held"], 0)


if __name__ == "__main__":
    unittest.main()
