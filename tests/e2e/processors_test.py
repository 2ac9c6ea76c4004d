"""JavaScript processors as Artillery's users write them: what they do to a real server, and that none of
them keeps a run from its end."""
import unittest

from header_server import HeaderServer
from script_case import ScriptCase
from support import serve

CONFIG = """
config:
  target: {target}
  processor: ./some.js
  phases: [{{duration: 1, arrivalCount: {users}}}]
  {more}
scenarios: [{{name: first, flow: [{flow}]}}]
"""


class ProcessorsTest(ScriptCase):
    def run_script(self, javascript, flow, target, users=3, more="", **how):
        self.write(javascript, "some.js")
        text = CONFIG.format(target=target, users=users, more=more, flow=flow)
        return self.counters(self.write(text), **how)

    def errors(self, counters):
        return {name.removeprefix("errors."): count for name, count in counters.items()
                if name.startswith("errors.")}

    def test_a_function_that_is_never_done_fails_its_user(self):
        with serve() as target:
            counters = self.run_script("exports.never = (context, events, done) => {};",
                                       "{function: never}", target.url("/echo"),
                                       more="wsblast: {doneTimeout: 500ms}")
        self.assertEqual(self.errors(counters), {"function never said that it was done": 3})
        self.assertEqual(counters["vusers.failed"], 3)

    def test_what_handlers_and_timers_throw_is_counted_and_fails_the_user(self):
        script = """
exports.listen = (context, events, done) => {
    context.ws.on('message', (text) => { JSON.parse('{'); });
    done();
};
exports.later = (context, events, done) => { setTimeout(() => { throw new Error('late'); }, 10); done(); };
"""
        with serve() as target:
            url = target.url("/echo")
            heard = self.run_script(script, "{function: listen}, {send: hi}, {think: 0.3}", url)
            timed = self.run_script(script, "{function: later}, {send: hi}, {think: 0.3}", url)
        self.assertEqual(heard["vusers.failed"], 3, heard)
        self.assertEqual(len(self.errors(heard)), 1, heard)
        self.assertIn("SyntaxError", next(iter(self.errors(heard))))
        self.assertEqual(self.errors(timed), {"Error: late (some.js:6)": 3})

    def test_errors_of_done_and_of_promises_count_by_their_message(self):
        script = """
exports.fail = (context, events, done) => done(new Error('my failure'));
exports.reject = async () => { throw new TypeError('no token'); };
"""
        self.write(script, "some.js")
        with serve() as target:
            for name, message, place in [("fail", "my failure", "Error: my failure (some.js:2)"),
                                         ("reject", "no token", "TypeError: no token (some.js:3)")]:
                path = self.write(CONFIG.format(target=target.url("/echo"), users=3, more="",
                                                flow=f"{{function: {name}}}"))
                report, done = self.script(path, "--cores", "1")
                self.assertEqual(self.errors(report["aggregate"]["counters"]), {message: 3})
                self.assertEqual((done.stdout + done.stderr).count(place), 1, done)

    def test_a_connect_function_says_path_and_headers(self):
        script = """
exports.login = (params, context, done) => {
    params.target += '?user=' + context.vars.name;
    params.options.headers.Authorization = 'Bearer ' + context.vars.name;
    done();
};
exports.spoil = (params, context, done) => { params.options.headers['Sec-WebSocket-Key'] = 'x'; done(); };
"""
        with HeaderServer() as server:
            url = f"ws://127.0.0.1:{server.port}/room"
            self.run_script(script, "{connect: {function: login}}, {send: hi}", url, users=2,
                            more="variables: {name: [alice]}\n  ws: {headers: {X-Script: of the script}}")
            spoilt = self.run_script(script, "{connect: {function: spoil}}, {send: hi}", url, users=2)
        self.assertEqual(len(server.requests), 2)
        for path, headers in server.requests:
            self.assertEqual(path, "/room?user=alice")
            self.assertEqual(headers["Authorization"], "Bearer alice")
            self.assertEqual(headers["X-Script"], "of the script")
        self.assertEqual(self.errors(spoilt), {"connect.function: a header that cannot be sent": 2})
        self.assertEqual(spoilt["vusers.failed"], 2)

    def test_what_is_sent_at_once_arrives_in_its_order_before_the_close(self):
        script = """
exports.many = (context, events, done) => {
    for (let i = 0; i < 300; ++i) context.ws.send(String(i).padStart(4, '0') + 'x'.repeat(1000));
    done();
};
exports.long = (context, events, done) => { context.ws.send('x'.repeat(100000)); done(); };
"""
        with HeaderServer() as server:
            url = f"ws://127.0.0.1:{server.port}/"
            counters = self.run_script(script, "{send: hi}, {function: many}", url, users=1)
            too_long = self.run_script(script, "{send: hi}, {function: long}", url, users=1)
        self.assertEqual(self.errors(counters), {})
        self.assertEqual(counters["websocket.messages_sent_by_javascript"], 300)
        numbers = [int(message[:4]) for message in server.messages if message != "hi"]
        self.assertEqual(numbers, list(range(300)))
        (error,) = self.errors(too_long)
        self.assertIn("takes more than 65,522 bytes", error)

    def test_what_before_leaves_and_the_scenario_are_there_for_all_users(self):
        script = """
exports.login = (context, events, done) => { context.vars.token = { id: 7 }; done(); };
exports.use = (context, events, done) => {
    const { name, weight, flow } = context.scenario;
    events.emit('counter', `token ${context.vars.token.id} ${name} ${weight} ${JSON.stringify(flow)}`, 1);
    context.vars.token = 'my own';
    done();
};
"""
        self.write(script, "some.js")
        with serve() as target:
            text = CONFIG.format(target=target.url("/echo"), users=3, more="",
                                 flow="{function: use}, {send: x}")
            counters = self.counters(self.write(text + "before: {flow: [{function: login}]}\n"))
        self.assertEqual(counters['token 7 first 1 [{"function":"use"},{"send":"x"}]'], 3, counters)

    def test_handlers_end_with_the_connection_that_they_were_for(self):
        script = """
exports.listen = (context, events, done) => {
    context.ws.on('message', () => { events.emit('counter', 'heard', 1); });
    done();
};
"""
        self.write(script, "some.js")
        with serve("--close-after", "2") as target:
            counters = self.counters(self.write(f"""
config:
  target: {target.url("/echo")}
  processor: ./some.js
  wsblast: {{reconnect: immediate}}
  phases: [{{duration: 2, wsblast: {{users: 1}}}}]
scenarios: [{{flow: [{{function: listen}}, {{loop: [{{send: x}}, {{think: 0.05}}], count: 20}}]}}]
"""))
        self.assertGreater(counters["heard"], 10, counters)
        self.assertLessEqual(counters["heard"], counters["websocket.messages_sent"], counters)


if __name__ == "__main__":
    unittest.main()
