"""Searches for saturation against the built-in target: what they find, print, write and exit with.

Other programs may have the cores meanwhile: what is found is held to a wide bound here. bench/saturation has
the narrow ones.
"""
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from support import WSBLAST, Run, environment, serve

QUICK = ("--connections", "20", "--cores", "1", "--step-min", "300ms", "--step-max", "1s", "--step-warmup",
         "100ms", "--precision", "10%", "--seed", "1")


class SaturateTest(unittest.TestCase):
    def search(self, *arguments, status=0):
        run = Run(["saturate", *QUICK, *arguments])
        if run.status == 4 and status == 0:  # the generator's own limit
            ending = run.json["searches"][-1]
            self.assertEqual(ending["ending"], "generator", str(run))
            self.assertIn("had no time left", run.stderr)
            self.skipTest("other programs had the CPU")
        self.assertEqual(run.status, status, str(run))
        self.assertEqual(run.json["schema"], "wsblast.saturation/1")
        self.assertEqual(run.json["exit_status"], status)
        return run, run.json["searches"][0]

    def refuse(self, *arguments, status, words):
        run = Run(["saturate", *arguments], with_json=False, seconds=15)
        self.assertEqual(run.status, status, str(run))
        self.assertIn(words, run.stderr)

    def test_the_capacity_of_a_queue_is_found_and_told(self):
        with serve("--service-time", "fixed:1ms", "--servers", "1") as target:
            run, search = self.search("--url", target.url("/ws"), "--from", "300", "--budget", "40s")
        self.assertEqual(search["ending"], "knee", str(run))
        self.assertGreater(search["knee"]["load"], 700, str(run))
        self.assertLess(search["knee"]["load"], 1400, str(run))
        self.assertIn("knee: ", run.stdout)
        self.assertIn("what gave first: ", run.stdout)
        self.assertIn("Curve (load in messages/s", run.stdout)
        steps = search["steps"]
        self.assertEqual([step["step"] for step in steps], list(range(1, len(steps) + 1)))
        self.assertGreater(steps[-1]["backend"]["cpu_user"] + steps[-1]["backend"]["cpu_system"], 0)
        self.assertIn(f"step {len(steps)} (", run.stderr)

    def test_losses_are_no_pass(self):
        with serve("--drop", "30%") as target:
            run, search = self.search("--url", target.url("/ws"), "--from", "200", "--answer-timeout",
                                      "200ms", "--budget", "20s", status=1)
        self.assertEqual(search["ending"], "none_passed", str(run))
        self.assertEqual(search["steps"][0]["cause"], "losses")

    def test_over_connections_up_to_a_bound(self):
        with serve() as target:
            run, search = self.search("--url", target.url("/ws"), "--over", "connections", "--to", "40",
                                      "--slo", "p50<2s", "--rate-per-connection", "5", "--budget", "30s")
        self.assertEqual(search["ending"], "all_passed", str(run))
        self.assertEqual([step["load"] for step in search["steps"]], [10, 20, 40])
        self.assertEqual(search["gave_first"], "nothing gave up to 40 connections")

    def test_over_size_and_over_the_connect_rate(self):
        with serve() as target:
            run, search = self.search("--url", target.url("/echo"), "--over", "size", "--from", "1k", "--to",
                                      "4k", "--rate", "200", "--slo", "p50<2s", "--budget", "30s")
            self.assertEqual([step["load"] for step in search["steps"]], [1000, 2000, 4000], str(run))
            run, search = self.search("--url", target.url("/echo"), "--over", "connect-rate", "--to", "200",
                                      "--slo", "p50<2s", "--budget", "30s")
        self.assertEqual(search["ending"], "all_passed", str(run))
        self.assertGreater(search["steps"][-1]["latency_us"]["count"], 20)

    def test_a_grid_is_a_search_for_each_value(self):
        with serve() as target:
            run, _ = self.search("--url", target.url("/ws"), "--grid", "rate,connections=5..20", "--to",
                                 "200", "--slo", "p50<2s", "--budget", "40s")
        self.assertEqual([search["fixed"] for search in run.json["searches"]], [5, 10, 20])
        self.assertIn("Grid (rate by connections)", run.stdout)

    def test_the_profile_names_the_function_that_gave(self):
        if not shutil.which("perf"):
            self.skipTest("perf is not installed: apt-get install linux-perf")
        with tempfile.TemporaryDirectory() as folder, serve("--burn", "300us:2k") as target:
            run, _ = self.search("--url", target.url("/ws"), "--from", "1k", "--slo", "p99<50ms",
                                 "--profile", "--profile-dir", folder, "--budget", "30s")
            profile = run.json["profile"]
            if profile["knee_load"] < 2000:  # others had the CPU: something else gave before it burned
                self.assertNotIn("burn_cpu", str(profile["functions"]))
                return
            self.assertIn("burn_cpu", profile["functions"][0]["function"], str(run))
            self.assertGreater(profile["functions"][0]["knee"], profile["functions"][0]["half"] + 0.2)
            self.assertIn("burn_cpu", pathlib.Path(profile["knee_folded"]).read_text("utf-8"))

    def test_nothing_listens(self):
        self.refuse("--url", "ws://127.0.0.1:1/ws", status=3, words="no connection succeeded")

    def test_bad_usage_is_refused_before_anything_is_opened(self):
        for arguments, words in ((("--slo", "p99@10s<1ms"), "no windows"),
                                 (("--over", "connections", "--interval", "0"), "needs a rate"),
                                 (("--from", "10", "--to", "5"), "begins at 10"),
                                 (("--grid", "rate,rate"), "the same"),
                                 (("--precision", "50%"), "0.1% and 20%"),
                                 (("--duration", "5s"), "duration")):
            self.refuse(*arguments, status=2, words=words)

    def test_an_interrupt_tells_what_is_known(self):
        with serve() as target:
            command = [WSBLAST, "saturate", *QUICK, "--url", target.url("/ws"), "--from", "1"]
            process = subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                       env=environment())
            time.sleep(1.5)
            process.send_signal(signal.SIGINT)
            output, _ = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 130)
        self.assertIn("Curve", output)


if __name__ == "__main__":
    unittest.main()
