"""Files that are written while a run goes on: --timeseries and --hlog, read back by a program that is not
ours, and what is in them when a run does not come to its end.
"""
import json
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from raw_server import Peer, RawServer
from support import HERE, WSBLAST, WsblastTest, environment, node_modules, serve, wait_for

SUMMED = ("sent", "received", "lost", "blocked", "late")


def bucket(value_us):
    """Of a time in a result: the bucket of an HdrHistogram of three digits, in nanoseconds."""
    value = round(value_us * 1000)
    shift = max(0, value.bit_length() - 11)
    return shift * 1024 + (value >> shift)


def read_by_another(log, texts):
    """What hdr-histogram-js reads of an interval log and of histograms in base64."""
    done = subprocess.run(["node", str(HERE / "hdr_read.js")],
                          input=json.dumps({"log": log, "texts": texts}), capture_output=True, text=True,
                          check=False, timeout=60, env=environment(NODE_PATH=node_modules()))
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return json.loads(done.stdout)


def rows_of(path):
    """The rows of a time series: every line is whole."""
    text = path.read_text(encoding="utf-8")
    if text and not text.endswith("\n"):
        raise AssertionError(f"the last line is not whole: {text[-200:]}")
    return [json.loads(line) for line in text.splitlines()]


class FilesTest(WsblastTest):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.rows, self.hlog, self.result = (Path(folder.name) / name for name in ("rows", "hlog", "json"))
        self.options = ("--timeseries", str(self.rows), "--hlog", str(self.hlog))

    def check_rows(self, result):
        """Together they are what the result says, and the last one ends with the run."""
        rows = rows_of(self.rows)
        self.assertEqual(rows, result["timeline"])
        for key in SUMMED:
            self.assertEqual(sum(row[key] for row in rows), result["messages"][key], key)
        errors = sum(error["count"] for error in result["errors"])
        self.assertEqual(sum(row["errors"] for row in rows), errors)
        ends = [row["t_s"] for row in rows]
        self.assertEqual(ends, sorted(set(ends)))
        self.assertGreaterEqual(ends[-1], result["duration_s"])
        return rows

    def check_histograms(self, result):
        """The log and the result tell of the same times, whoever reads them."""
        texts = {name: text for name, text in result["histograms"].items() if text}
        read = read_by_another(self.hlog.read_text(encoding="utf-8"), texts)
        self.assertEqual(set(read["log"]), {"latency", "service_time"})
        for tag, told in read["log"].items():
            summary = result[f"{tag}_us"]
            self.assertEqual(told["count"], summary["count"])
            for figure in ("p50", "p99", "max"):
                self.assertEqual(bucket(told[figure] / 1000), bucket(summary[figure]), (tag, figure))
            self.assertEqual(told["digits"], 3)
            self.assertEqual(told["buckets"], read["texts"][tag]["buckets"], tag)
        return read

    def test_what_is_written_is_what_was_measured(self):
        with serve("--delay", "exp:3ms", "--drop", "1%", "--seed", "5") as server:
            run = self.run_wsblast("--url", server.url("/echo"), "--message", '{"id":{{$seq}}}', "--rate",
                                   "400", "--duration", "2200ms", "--connections", "4", "--answer-timeout",
                                   "300ms", *self.options)
        self.assertGreater(run.json["messages"]["lost"], 0)
        rows = self.check_rows(run.json)
        self.assertGreaterEqual(len(rows), 3)
        read = self.check_histograms(run.json)
        self.assertEqual(read["texts"]["send_lag"]["count"], 880)
        intervals = read["log"]["latency"]["intervals"]
        self.assertEqual(len(intervals), len(rows))
        for (start, _), (_, end) in zip(intervals[1:], intervals):
            self.assertLess(abs(start - end), 3)  # milliseconds: each is rounded
        self.assertLess(abs(intervals[0][0] / 1000 - time.time()), 300)

    def test_a_run_of_less_than_a_second_has_one_row(self):
        with serve() as server:
            run = self.run_wsblast("--url", server.url(), "--connections", "3", "--messages", "2",
                                   *self.options)
        self.assertEqual(len(self.check_rows(run.json)), 1)
        self.check_histograms(run.json)

    def test_a_run_without_answers_has_its_files_too(self):
        with RawServer(lambda peer: (peer.accept(), peer.wait_for_end())) as server:
            run = self.run_wsblast("--url", server.url(), "--message", "x", "--match", "none",
                                   "--connections", "2", *self.options)
        self.check_rows(run.json)
        read = read_by_another(self.hlog.read_text(encoding="utf-8"), {})
        self.assertEqual(read["log"]["latency"]["count"], 0)

    def start(self, server):
        process = subprocess.Popen([WSBLAST, "--url", server.url(), "--connections", "5", "--duration",
                                    "60s", "--json", str(self.result), *self.options],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, env=environment())
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        wait_for(lambda: self.rows.is_file() and self.rows.stat().st_size > 0, "the first row")
        return process

    def test_who_kills_a_run_keeps_what_was_measured_a_second_ago(self):
        with serve() as server:
            process = self.start(server)
            wait_for(lambda: len(self.rows.read_bytes().splitlines()) >= 3, "three rows")
            time.sleep(0.3)  # each is followed by its histograms
            process.send_signal(signal.SIGKILL)
            process.wait()
        rows = rows_of(self.rows)
        self.assertGreaterEqual(len(rows), 3)
        received = sum(row["received"] for row in rows)
        self.assertGreater(received, 0)
        read = read_by_another(self.hlog.read_text(encoding="utf-8"), {})
        self.assertEqual(read["log"]["latency"]["count"], received)
        self.assertFalse(self.result.exists())

    def test_an_interrupt_writes_the_last_row(self):
        with serve() as server:
            process = self.start(server)
            time.sleep(0.5)
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(15), 130)
        result = json.loads(self.result.read_text(encoding="utf-8"))
        self.check_result(result)
        self.assertTrue(result["interrupted"])
        self.assertGreaterEqual(len(self.check_rows(result)), 2)
        self.check_histograms(result)

    def test_an_unwritable_file_is_found_before_the_run(self):
        with RawServer(Peer.wait_for_end) as server:
            for option in ("--timeseries", "--hlog"):
                for path in ("/no/such/folder/file", "/"):
                    self.refuse("--url", server.url(), option, path, status=3, names=[option, path])
            self.refuse("--url", server.url(), "--hlog", "/dev/full", status=3, names=["--hlog", "No space"])
            self.assertEqual(server.connections, 0)

    def test_an_earlier_result_outlives_a_command_that_cannot_run(self):
        with tempfile.TemporaryDirectory() as folder:
            kept = Path(folder) / "kept"
            for option in ("--hlog", "--timeseries", "--json"):
                kept.write_text("of an earlier run", encoding="utf-8")
                done = subprocess.run([WSBLAST, "--match", "seq", "--message", "x", option, kept],
                                      capture_output=True, text=True, check=False, timeout=20)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn("{{$seq}}", done.stderr)
                self.assertEqual(kept.read_text(encoding="utf-8"), "of an earlier run", option)

    def test_a_disk_that_becomes_full_is_told_at_the_end(self):
        with serve() as server:
            run = self.run_wsblast("--url", server.url(), "--connections", "2", "--messages", "1",
                                   "--timeseries", "/dev/full", with_json=False, status=3)
        self.assertIn("WEBSOCKET STRESS TEST RESULTS", run.stdout)
        self.assertIn("--timeseries /dev/full: No space left", run.stderr)


if __name__ == "__main__":
    unittest.main()
