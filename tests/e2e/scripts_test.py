"""Scenario files of Artillery's format: exactly as many users as their phases say, Artillery's output, its
exit statuses; and what validate says of them."""
import json
import re
import resource
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

from support import WSBLAST, environment, free_port, serve

SCRIPT = """
config:
  target: "{target}"
  phases:
    - {{duration: 2, arrivalRate: 2.5, name: even}}
    - {{pause: 1}}
    - {{duration: 2, arrivalRate: 5, rampTo: 10}}
  ensure:
    thresholds: [{{"vusers.failed": 1}}, {{"websocket.response_time.p99": 5000}}]
    conditions: [{{expression: "vusers.created == {created}"}}, {{expression: "1 > 2", strict: false}}]
scenarios:
  - name: talk
    engine: ws
    flow:
      - connect: {{url: "/ws"}}
      - loop:
          - send: {{payload: '{{"type":"ping"}}', capture: {{json: "$.type", as: answer}}}}
          - think: "100ms"
        count: 2
"""
USERS = 5 + 15
SCENARIOS = Path(__file__).resolve().parents[2] / "tools" / "scenarios"
# The staging run, small: a ramp, a plateau, and down again.
STAGING = {"config": {"phases": [{"name": "ramp-up", "duration": 2, "arrivalRate": 10, "rampTo": 50},
                                 {"name": "sustained", "duration": 2, "arrivalRate": 50},
                                 {"name": "ramp-down", "duration": 2, "arrivalRate": 50, "rampTo": 10}]}}
STAGING_USERS = 60 + 100 + 60


def wsblast(*words, **variables):
    return subprocess.run([WSBLAST, *words], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          env=environment(**variables), check=False, timeout=60)


class ScriptsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def script(self, target, created=USERS):
        path = self.folder / "talk.yml"
        path.write_text(SCRIPT.format(target=target, created=created), encoding="utf-8")
        return str(path)

    def test_a_run_has_the_users_of_its_phases_and_artillerys_report(self):
        with serve() as target:
            done = wsblast("script", self.script(target.url("")), "-o", str(self.folder),
                           "--allow-saturated")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout,
                         r"(?m)^Metrics for period to: \d\d:\d\d:\d\d\([+-]\d{4}\) \(width: [\d.]+s\)$")
        self.assertRegex(done.stdout, rf"(?m)^vusers\.created: \.+ {USERS}$")
        self.assertIn("\nChecks:\nok: vusers.failed < 1\n", done.stdout)
        self.assertIn("fail: 1 > 2 (optional)\n", done.stdout)
        reports = list(self.folder.glob("artillery_report_*.json"))
        self.assertEqual(len(reports), 1)
        report = json.loads(reports[0].read_text(encoding="utf-8"))
        counters = report["aggregate"]["counters"]
        self.assertEqual(counters["vusers.created"], USERS)
        self.assertEqual(counters["vusers.completed"], USERS)
        self.assertEqual(counters["websocket.messages_sent"], 2 * USERS)
        windows = [window["counters"].get("vusers.created", 0) for window in report["intermediate"]]
        self.assertEqual(sum(windows), USERS)
        self.assertGreater(report["aggregate"]["summaries"]["vusers.session_length"]["min"], 199)
        self.assertEqual(report["aggregate"]["summaries"]["websocket.response_time"]["count"], 2 * USERS)

    def test_a_check_that_fails_exits_1_unless_ensure_is_off(self):
        with serve() as target:
            script = self.script(target.url(""), created=0)
            for variables, status in (({}, 1), ({"ARTILLERY_DISABLE_ENSURE": "1"}, 0)):
                done = wsblast("script", script, "--solo", "-q", "--allow-saturated", **variables)
                self.assertEqual(done.returncode, status, done.stdout + done.stderr)
                self.assertNotIn("Metrics for period", done.stdout)

    def test_without_a_target_it_exits_3(self):
        done = wsblast("script", self.script(f"ws://127.0.0.1:{free_port()}"), "--solo")
        self.assertEqual(done.returncode, 3, done.stdout + done.stderr)

    def test_a_wrong_script_exits_2_and_names_file_and_line(self):
        script = self.folder / "wrong.yml"
        script.write_text("config:\n  target: ws://localhost\nscenarios:\n"
                          "  - engine: ws\n    flow:\n      - sned: x\n",
                          encoding="utf-8")
        for command in ("script", "validate"):
            done = wsblast(command, str(script))
            self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
            self.assertIn("wrong.yml:6", done.stderr)
        self.assertEqual(wsblast("script", str(self.folder / "none.yml")).returncode, 2)

    def test_validate_says_what_a_run_would_do(self):
        done = wsblast("validate", self.script("ws://127.0.0.1:8000"))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, rf"talk\.yml: {USERS} users to ws://127\.0\.0\.1:8000")
        self.assertRegex(done.stdout, r"(?m)^even +2 s  2\.50 +5$")
        self.assertRegex(done.stdout, r"(?m)^talk +100\.0 %  0\.20 s +2 +2$")
        self.assertRegex(done.stdout, r"(?m)^messages of all +40$")
        self.assertIn("source ports", done.stdout)

    def test_users_at_random_are_as_many_as_validate_says_for_the_seed(self):
        script = self.folder / "random.yml"
        with serve() as target:
            script.write_text(f"config:\n  target: {target.url('')}\n"
                              "  phases: [{duration: 1, arrivalRate: 300, mode: poisson}]\n"
                              "scenarios: [{flow: [{connect: '/ws'}, {send: hello}]}]\n", encoding="utf-8")
            said = wsblast("validate", str(script), "--seed", "7")
            users = int(re.search(r"random\.yml: (\d+) users", said.stdout)[1])
            self.assertNotEqual(users, 300)
            done = wsblast("script", str(script), "--seed", "7", "--allow-saturated")
        self.assertRegex(done.stdout, rf"(?m)^vusers\.created: \.+ {users}$")
        self.assertRegex(wsblast("validate", str(script)).stdout, r"random\.yml: 300 \+- 52 users")

    def test_the_staging_run_over_tls_has_the_users_that_validate_says(self):
        text = (SCENARIOS / "ymera.yml").read_text("utf-8")
        # An answer that comes later than the think time is taken for the next one.
        for long, short in (("think: 5", "think: 1"), ("think: 3", "think: 1"), ("count: 20", "count: 4")):
            text = text.replace(long, short)
        script, report = self.folder / "ymera.yml", self.folder / "report.json"
        result = self.folder / "result.json"
        text = text.replace("./ymera-processor.js", str(SCENARIOS / "ymera-processor.js"))
        script.write_text(text, "utf-8")
        words = [str(script), "-e", "staging", "-k", "--overrides", json.dumps(STAGING)]
        with serve("--tls") as target:
            variables = {"YMERA_TARGET": f"wss://127.0.0.1:{target.port}", "YMERA_TOKEN": "secret"}
            said = wsblast("validate", *words, **variables)
            self.assertIn(f"ymera.yml: {STAGING_USERS} users to wss://", said.stdout)
            done = wsblast("script", *words, "-o", str(report), "--json", str(result), "--allow-saturated",
                           **variables)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        aggregate = json.loads(report.read_text("utf-8"))["aggregate"]
        counters = aggregate["counters"]
        self.assertEqual(counters["vusers.created"], STAGING_USERS)
        if json.loads(result.read_text("utf-8"))["generator"]["status"] == "saturated":
            # Other tests had the cores: who was late is told, and nobody is lost.
            ends = [counters.get(f"vusers.{end}", 0) for end in ("completed", "failed", "interrupted")]
            self.assertEqual(sum(ends), STAGING_USERS)
            return
        self.assertEqual(counters["vusers.completed"], STAGING_USERS)
        self.assertEqual(counters["websocket.messages_sent"], STAGING_USERS * (2 + 4 + 2))
        self.assertEqual(counters["websocket.messages_received"], STAGING_USERS * (2 + 4))
        self.assertEqual(counters["websocket.messages_sent_by_javascript"], STAGING_USERS * 4)
        self.assertEqual(counters["ymera.agent_responses"], STAGING_USERS * 4)
        self.assertEqual([name for name in counters if name.startswith("errors.")], [])
        self.assertGreaterEqual(aggregate["summaries"]["vusers.session_length"]["min"], 4 * 2000)

    def test_validate_says_at_once_how_many_users_come_at_random(self):
        script = self.folder / "many.yml"
        script.write_text("config:\n  target: ws://127.0.0.1:8000\n"
                          "  phases: [{duration: 1h, arrivalRate: 100000, mode: poisson}]\n"
                          "scenarios: [{flow: [{think: 1}]}]\n", encoding="utf-8")
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        done = wsblast("validate", str(script), "--seed", "7")
        self.assertRegex(done.stdout, r"many\.yml: 3(59,9|60,0)\d\d,\d\d\d users")
        self.assertLess(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before, 2)

    def test_validate_counts_users_by_what_lets_them_in(self):
        script = self.folder / "most.yml"
        for phase, users in (("arrivalRate: 100, maxVusers: 10", "at most 300 users (maxVusers)"),
                             ("wsblast: {users: 20}", "20 users at a time"),
                             ("arrivalRate: 100, maxVusers: 300", "300 users")):
            script.write_text("config:\n  target: ws://127.0.0.1:8000\n"
                              f"  phases: [{{duration: 3, {phase}}}]\n"
                              "scenarios: [{flow: [{send: x}, {think: 3}]}]\n", encoding="utf-8")
            with self.subTest(phase):
                self.assertIn(f"most.yml: {users} to ws://", wsblast("validate", str(script)).stdout)


class MemoryTest(unittest.TestCase):
    """More users that compress than fit: 900,000 take 133 GiB."""

    def setUp(self):
        found = re.search(r"MemAvailable: +(\d+) kB", Path("/proc/meminfo").read_text("utf-8"))
        if int(found[1]) > 100 * 1024 * 1024:
            self.skipTest("this machine has memory for them")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "many.yml"

    def script(self, phase, target="ws://127.0.0.1:8000"):
        self.path.write_text(f"config:\n  target: {target}\n  ws: {{perMessageDeflate: true}}\n"
                             f"  phases: [{{duration: 10m, {phase}}}]\n"
                             "scenarios: [{flow: [{connect: /echo}, {think: 600}]}]\n", encoding="utf-8")
        return str(self.path)

    def test_held_users_that_do_not_fit_are_refused(self):
        script = self.script("wsblast: {users: 900000}")
        self.assertRegex(wsblast("validate", script).stdout, r"(?m)^memory available .* 137 GiB +fail")
        done = wsblast("script", script)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("many.yml: 900,000 users at the same time need about 136,230 MiB (each 155 KiB",
                      done.stderr)
        self.assertRegex(done.stderr, r"[\d,]+ MiB are available: enough for [\d,]+: lower `users`")
        self.assertIn("clientMaxWindowBits", done.stderr)
        self.assertNotIn("client_max_window_bits", done.stderr)

    def test_arrivals_that_may_not_fit_are_warned_of_before_the_run(self):
        with serve() as target:
            script = self.script("arrivalRate: 1500", target.url(""))
            plan = wsblast("validate", script).stdout
            self.assertIn("133.0 GiB: a connection takes 155 KiB, of which 150 to compress", plan)
            with subprocess.Popen([WSBLAST, "script", script], stdout=subprocess.DEVNULL, text=True,
                                  stderr=subprocess.PIPE, env=environment()) as run:
                lines = []
                while not lines or lines[-1] and not lines[-1].startswith("warning: "):
                    lines.append(run.stderr.readline())
                run.send_signal(signal.SIGINT)
                run.communicate(timeout=60)
        self.assertIn("900,000 users at the same time need about 136,230 MiB", lines[-1])
        self.assertIn("the server decides", lines[-1])
        self.assertEqual(run.returncode, 130)


if __name__ == "__main__":
    unittest.main()
