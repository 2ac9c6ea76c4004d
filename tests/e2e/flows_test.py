"""Scenario files run as Artillery runs them, against the built-in target and a server that is not ours."""
import json
import signal
import subprocess
import unittest

from script_case import ScriptCase
from support import HERE, WSBLAST, environment, serve, wait_for

SCENARIOS = HERE.parents[1] / "tools" / "scenarios"
YMERA_QUICK = """
config:
  target: {target}
  phases:
    - {{duration: 2, arrivalRate: 5, rampTo: 20}}
  processor: {folder}/ymera-processor.js
scenarios:
  - name: agents
    flow:
      - function: generateUserId
      - connect: "{{{{ target }}}}/ws"
      - send:
          payload: '{{"type":"subscribe","channel":"agents"}}'
          match: {{json: "$.type", value: subscribed}}
      - loop:
          - send: {{payload: '{{"type":"ping"}}', match: {{json: "$.type", value: pong}}}}
          - think: 0.02
          - function: sendAgentMessage
          - think: 100ms
        count: 5
"""


class FlowsTest(ScriptCase):
    def test_users_messages_and_sessions_are_the_arithmetic_of_the_script(self):
        with serve() as target:
            path = self.write(YMERA_QUICK.format(target=f"ws://127.0.0.1:{target.port}", folder=SCENARIOS))
            report, _ = self.script(path, "--cores", "1")
        counters = report["aggregate"]["counters"]
        # Two seconds: 5 and 20 users.
        self.assertEqual(counters["vusers.created"], 25)
        self.assertEqual(counters["vusers.created_by_name.agents"], 25)
        self.assertEqual(counters["vusers.completed"], 25)
        self.assertEqual(counters["vusers.failed"], 0)
        self.assertEqual(counters["websocket.messages_sent"], 25 * (1 + 5))
        self.assertEqual(counters["websocket.messages_sent_by_javascript"], 25 * 5)
        session = report["aggregate"]["summaries"]["vusers.session_length"]
        self.assertEqual(session["count"], 25)
        self.assertGreaterEqual(session["min"], 600)
        self.assertEqual(report["aggregate"]["summaries"]["websocket.response_time"]["count"], 25 * 6)

    def test_the_same_in_json_is_the_same(self):
        script = {"config": {"target": None, "phases": [{"duration": 1, "arrivalCount": 10}]},
                  "scenarios": [{"flow": [{"send": {"a": 1, "b": "{{ $uuid }}"}}, {"think": 0}]}]}
        with serve() as target:
            script["config"]["target"] = f"ws://127.0.0.1:{target.port}/echo"
            report, _ = self.script(self.write(json.dumps(script), "script.json"))
        self.assertEqual(report["aggregate"]["counters"]["vusers.completed"], 10)
        self.assertEqual(report["aggregate"]["counters"]["websocket.messages_sent"], 10)

    def test_variables_captures_and_csv_reach_the_messages(self):
        self.write("alice,1\nbob,2\n", "people.csv")
        text = """
config:
  target: {target}
  phases: [{{duration: 1, arrivalCount: 4}}]
  payload: {{path: people.csv, fields: [name, number], order: sequence}}
  variables: {{greeting: hello}}
scenarios:
  - flow:
      - send:
          payload: '{{"to":"{{{{ name }}}}","n":{{{{ number }}}},"say":"{{{{ greeting }}}}"}}'
          capture: [{{json: "$.to", as: who}}, {{json: "$.n", as: n}}]
      - log: "{{{{ who }}}} is {{{{ n }}}}"
      - send: {{payload: {{n: "{{{{ n }}}}"}}, match: {{json: "$.n", value: "{{{{ number }}}}"}}}}
"""
        with serve() as target:
            path = self.write(text.format(target=f"ws://127.0.0.1:{target.port}/echo"))
            report, done = self.script(path, "--cores", "1")
        self.assertEqual(report["aggregate"]["counters"]["vusers.completed"], 4, report)
        output = done.stdout + done.stderr
        self.assertEqual((output.count("alice is 1"), output.count("bob is 2")), (2, 2), output)

    def test_a_failed_check_is_exit_status_1(self):
        text = """
config:
  target: {target}
  phases: [{{duration: 1, arrivalCount: 5}}]
  ensure:
    thresholds: [{{vusers.session_length.max: {max}}}]
    conditions: [{{expression: "vusers.completed == 5 and websocket.messages_sent > 4"}}]
scenarios: [{{flow: [{{send: x}}, {{think: 0.3}}]}}]
"""
        with serve() as target:
            url = f"ws://127.0.0.1:{target.port}/echo"
            self.script(self.write(text.format(target=url, max=5000)))
            _, done = self.script(self.write(text.format(target=url, max=100)), status=1)
            self.assertIn("fail", done.stdout + done.stderr)
            self.script(self.write(text.format(target=url, max=100)), ARTILLERY_DISABLE_ENSURE="1")

    def test_errors_have_names_and_a_dead_target_is_exit_status_3(self):
        path = self.write("config: {target: 'ws://127.0.0.1:1', phases: [{duration: 1, arrivalCount: 3}]}\n"
                          "scenarios: [{flow: [{send: x}]}]\n")
        report, _ = self.script(path, status=3)
        self.assertEqual(report["aggregate"]["counters"]["errors.ECONNREFUSED"], 3)
        self.assertEqual(report["aggregate"]["counters"]["vusers.failed"], 3)

    def test_javascript_that_fails_fails_its_user_and_no_other(self):
        self.write("""
let calls = 0;
module.exports = {
    some: (context, events, done) => {
        calls += 1;
        events.emit('counter', 'custom.calls', 1);
        if (calls % 4 === 1) { throw new Error('of four'); }
        if (calls % 4 === 2) { return done(new Error('said so')); }
        if (calls % 4 === 3) { for (;;) {} }
        done();
    },
};
""", "some.js")
        with serve() as target:
            path = self.write(f"config:\n  target: ws://127.0.0.1:{target.port}/echo\n"
                              "  processor: ./some.js\n  phases: [{duration: 1, arrivalCount: 8}]\n"
                              "scenarios: [{flow: [{function: some}, {send: x}]}]\n")
            report, _ = self.script(path, "--cores", "1")
        counters = report["aggregate"]["counters"]
        self.assertEqual(counters["custom.calls"], 8)
        self.assertEqual(counters["vusers.completed"], 2, counters)
        self.assertEqual(counters["vusers.failed"], 6, counters)
        errors = {name: count for name, count in counters.items() if name.startswith("errors.")}
        self.assertEqual(sum(errors.values()), 6, errors)
        self.assertEqual(errors["errors.function took too long"], 2, errors)

    def test_an_interrupt_reports_what_was_measured(self):
        with serve() as target:
            path = self.write(f"config: {{target: 'ws://127.0.0.1:{target.port}/echo', "
                              "phases: [{duration: 60, arrivalRate: 10}]}\n"
                              "scenarios: [{flow: [{loop: [{send: x}, {think: 0.1}]}]}]\n")
            report = self.folder / "report.json"
            result = self.folder / "result.json"
            process = subprocess.Popen([WSBLAST, "script", path, "-o", report, "--json", result],
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                       env=environment())
            wait_for(lambda: target.stats()["connections_open"] >= 10, "ten users")
            process.send_signal(signal.SIGINT)
            text, _ = process.communicate(timeout=20)
            self.assertEqual(process.returncode, 130)
        counters = json.loads(report.read_text(encoding="utf-8"))["aggregate"]["counters"]
        created = counters["vusers.created"]
        self.assertGreaterEqual(created, 10)
        self.assertEqual(counters["vusers.interrupted"], created)
        self.assertIn(f"Interrupted: {created} VUs had not finished (vusers.interrupted).", text)
        users = json.loads(result.read_text(encoding="utf-8"))["users"]
        self.assertEqual((users["created"], users["interrupted"], users["peak"]), (created,) * 3)
        self.assertEqual((users["completed"], users["failed"], users["skipped"]), (0, 0, 0))

    def test_validate_tells_the_plan_of_the_shipped_scripts(self):
        for name in sorted(path.name for path in SCENARIOS.glob("*.yml")):
            with self.subTest(name):
                options = ["-e", "localhost"] if name == "ymera.yml" else []
                done = subprocess.run([WSBLAST, "validate", SCENARIOS / name, *options], text=True,
                                      timeout=20, capture_output=True, check=False, env=environment())
                self.assertEqual(done.returncode, 0, done)
                if name == "ymera.yml":
                    self.assertIn("125", done.stdout)  # 5 to 20 users/s for 10 s
                    self.assertIn("at least 24 (what JavaScript sends is not known)\n", done.stdout)
                    self.assertRegex(done.stdout, r"messages of all +at least 3,000 \(what JavaScript")


if __name__ == "__main__":
    unittest.main()
