"""Clients that are not ours against the built-in target: Python's websockets, npm's `ws`, plain HTTP."""
import asyncio
import json
import re
import signal
import subprocess
import unittest
import urllib.error
import urllib.request

import websockets

from support import HERE, WSBLAST, WsblastTest, environment, node_modules, serve, wait_for

AGENT_MESSAGE = {"type": "agent_message", "from": "user_123", "to": "agent_456",
                 "payload": {"action": "execute", "timestamp": 1234567890, "data": {"test": True}}}
AGENT_RESPONSE = {"type": "agent_response", "from": "agent_456", "to": "user_123",
                  "payload": {"status": "processed", "action": "execute", "data": {"test": True}},
                  "timestamp": 1234567890}
# What the client sends, and what comes back: the YMERA table.
YMERA = [
    ({"type": "ping"}, {"type": "pong"}),
    ({"type": "subscribe", "channel": "agents"}, {"type": "subscribed", "channel": "agents"}),
    ({"type": "subscribe", "channel": "metrics"}, {"type": "subscribed", "channel": "metrics"}),
    ({"type": "unsubscribe", "channel": "agents"}, {"type": "unsubscribed", "channel": "agents"}),
    (AGENT_MESSAGE, AGENT_RESPONSE),
]


def stats_of(target):
    with urllib.request.urlopen(f"http://127.0.0.1:{target.port}/stats", timeout=30) as response:
        return json.load(response)


class TargetTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.target = serve().__enter__()
        cls.addClassCleanup(cls.target.__exit__)

    def talk(self, path, *messages):
        """One connection: the answer to each message, and the close code."""
        async def conversation():
            async with websockets.connect(self.target.url(path), compression=None) as client:
                answers = []
                for message in messages:
                    await client.send(message)
                    answers.append(await asyncio.wait_for(client.recv(), 30))
            return answers, client.close_code
        return asyncio.run(conversation())

    def status_of(self, path, method="GET", **headers):
        request = urllib.request.Request(f"http://127.0.0.1:{self.target.port}{path}", method=method,
                                         headers={name.replace("_", "-"): value for name,
                                                  value in headers.items()})
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def test_the_ymera_table_by_value(self):
        answers, code = self.talk("/ws", *(json.dumps(sent) for sent, _ in YMERA))
        self.assertEqual([json.loads(answer) for answer in answers], [expected for _, expected in YMERA])
        self.assertEqual(code, 1000)

    def test_spaces_key_order_and_escapes_are_the_clients_own(self):
        message = {"payload": {"data": {"a": [1, {"b": "ü\n"}]}, "timestamp": 7, "action": "status"},
                   "to": "agent_\"1\"", "from": "user_ü", "type": "agent_message"}
        answers, _ = self.talk("/ws", json.dumps(message, indent=2), json.dumps(message, ensure_ascii=False))
        for answer in answers:
            read = json.loads(answer)
            self.assertEqual((read["type"], read["from"], read["to"], read["timestamp"]),
                             ("agent_response", message["to"], message["from"], 7))
            self.assertEqual(read["payload"]["data"], message["payload"]["data"])
            self.assertEqual(read["payload"]["action"], "status")

    def test_what_is_not_ymera_is_answered_by_its_kind(self):
        answers, _ = self.talk("/ws", '{"type":"novelty","a":1}', "no json", "{}", b"\x00\x01")
        first = json.loads(answers[0])
        self.assertIn(first["type"], ("message", "error"))
        if first["type"] == "message":
            self.assertEqual(first["data"], {"type": "novelty", "a": 1})
        self.assertEqual(json.loads(answers[1])["type"], "error")
        self.assertEqual(json.loads(answers[3])["type"], "error")

    def test_disconnect_is_acknowledged(self):
        answers, code = self.talk("/ws", '{"type":"disconnect"}')
        self.assertEqual(json.loads(answers[0]), {"type": "disconnect_ack"})
        self.assertEqual(code, 1000)

    def test_echo_returns_type_and_bytes(self):
        messages = ["", "hello", "ü" * 300, b"", bytes(range(256)), b"x" * 70_000, "y" * 300_000]
        answers, code = self.talk("/echo", *messages)
        self.assertEqual(answers, messages)
        self.assertEqual(code, 1000)

    def test_fragments_and_pings(self):
        async def conversation():
            async with websockets.connect(self.target.url("/echo"), compression=None) as client:
                await client.send(["frag", "ment", "ed"])
                await asyncio.wait_for(await client.ping(b"payload"), 30)
                return await asyncio.wait_for(client.recv(), 30)
        self.assertEqual(asyncio.run(conversation()), "fragmented")

    def test_close_codes_are_echoed(self):
        async def conversation():
            client = await websockets.connect(self.target.url("/ws"), compression=None)
            await client.close(4321, "my reason")
            return client.close_code
        self.assertEqual(asyncio.run(conversation()), 4321)

    def test_the_npm_client(self):
        sent = [json.dumps(message) for message, _ in YMERA]
        done = subprocess.run(["node", str(HERE / "ws_client.js"), self.target.url("/ws"), *sent],
                              timeout=20,
                              capture_output=True, text=True, check=False,
                              env=environment(NODE_PATH=node_modules()))
        self.assertEqual(done.returncode, 0, done.stderr)
        result = json.loads(done.stdout)
        self.assertEqual([json.loads(answer) for answer in result["answers"]],
                         [answer for _, answer in YMERA])
        self.assertEqual(result["code"], 1000)

    def test_plain_http(self):
        for path in ("/health", "/stats"):
            status, body = self.status_of(path)
            self.assertEqual(status, 200)
            self.assertIsInstance(json.loads(body), dict)
        self.assertEqual(self.status_of("/nowhere")[0], 404)
        self.assertEqual(self.status_of("/health", "POST")[0], 405)
        self.assertEqual(self.status_of("/ws")[0], 426)
        self.assertEqual(self.status_of("/echo")[0], 426)
        self.assertEqual(self.status_of("/broadcast/a")[0], 426)
        self.assertEqual(self.status_of("/ws", Upgrade="websocket", Sec_WebSocket_Version="12")[0], 426)

    def test_stats_count_what_happened(self):
        before = json.loads(self.status_of("/stats")[1])
        self.talk("/echo", "a", "b")
        after = json.loads(self.status_of("/stats")[1])
        grown = [key for key in after if isinstance(after[key], int) and after[key] > before.get(key, 0)]
        self.assertTrue(grown, (before, after))


class TargetFaultsTest(WsblastTest):
    def test_a_run_counts_what_the_target_did_to_the_message(self):
        """With the setup of a run, and where answers overtake each other because of their delays too."""
        for delay in ([], ["--delay", "exp:3ms"], ["--stall", "50ms/500ms"]):
            faulty = serve("--drop", "1%", "--duplicate", "1%", "--reorder", "1%", "--seed", "5", *delay)
            with self.subTest(delay=delay), faulty as target:
                messages = self.run_wsblast("--url", target.url(), "--connections", "20", "--rate", "5k",
                                            "--duration", "1s", "--answer-timeout", "2s").json["messages"]
                stats = stats_of(target)
                faults = stats["faults"]
                self.assertGreater(min(faults[name] for name in ("dropped", "duplicated", "reordered")), 20)
                self.assertEqual(
                    [messages[name] for name in ("lost", "duplicates", "out_of_order", "unexpected")],
                    [faults[name] for name in ("dropped", "duplicated", "reordered", "pushed")])
                self.assertEqual(stats["messages_received"] + faults["duplicated"],
                                 stats["messages_sent"] + faults["dropped"])


class BroadcastTest(unittest.TestCase):
    MEMBERS, SENDERS, MESSAGES = 16, 4, 50

    def message(self, sender, number):
        text = f"{sender}:{number}:" + "x" * (number * 30)
        return text.encode() if number % 2 else text

    async def send_all(self, client, sender):
        for number in range(self.MESSAGES):
            await client.send(self.message(sender, number))

    async def hear(self, client, count):
        return [await asyncio.wait_for(client.recv(), 30) for _ in range(count)]

    async def converse(self, target):
        """What each member heard while some of them sent, and what it and strangers heard afterwards."""
        async def join(path, count):
            return [await websockets.connect(target.url(path), compression=None) for _ in range(count)]

        members, strangers = await join("/broadcast/a", self.MEMBERS), await join("/broadcast/b", 4)
        senders = members[:self.SENDERS]
        counts = [self.MESSAGES * (self.SENDERS - (client in senders)) for client in members]
        hearing = [asyncio.create_task(self.hear(*each)) for each in zip(members, counts)]
        await asyncio.gather(*(self.send_all(client, sender) for sender, client in enumerate(senders)))
        heard = await asyncio.gather(*hearing)
        await members[-1].send("end")
        await strangers[-1].send("end")
        ends = await asyncio.gather(*(self.hear(client, 1) for client in members[:-1] + strangers[:-1]))
        await asyncio.gather(*(client.close() for client in members + strangers))
        return heard, ends

    def test_all_other_members_on_all_cores_hear_everything_in_order_and_nobody_else_does(self):
        with serve(cores=2) as target:
            heard, ends = asyncio.run(self.converse(target))
            stats = stats_of(target)
        for member, messages in enumerate(heard):
            for sender in range(self.SENDERS):
                mark = f"{sender}:"
                of_sender = [each for each in messages
                             if each.startswith(mark.encode() if isinstance(each, bytes) else mark)]
                expected = [] if sender == member else [self.message(sender, number)
                                                        for number in range(self.MESSAGES)]
                self.assertEqual(of_sender, expected, (member, sender))
        self.assertEqual(ends, [["end"]] * (self.MEMBERS - 1 + 3))
        self.assertEqual(stats["by_type"]["broadcast"], self.SENDERS * self.MESSAGES + 2)
        self.assertEqual(stats["messages_sent"],
                         self.SENDERS * self.MESSAGES * (self.MEMBERS - 1) + self.MEMBERS - 1 + 3)
        self.assertEqual(stats["broadcast_dropped"], 0)


class SubprotocolsTest(WsblastTest):
    def chosen(self, target, *offered):
        async def handshake():
            async with websockets.connect(target.url("/echo"), subprotocols=list(offered)) as client:
                return client.subprotocol
        return asyncio.run(handshake())

    def test_the_first_offered_one_is_agreed_on_and_counted(self):
        with serve() as target:
            self.assertEqual(self.chosen(target, "chat", "superchat"), "chat")
            run = self.run_wsblast("--url", target.url(), "--connections", "10", "--messages", "1",
                                   "--subprotocol", "chat", "--subprotocol", "superchat")
            self.assertEqual(run.json["subprotocols"], {"chat": 10})
            self.assertIn("Subprotocols: chat 10\n", run.stdout)
            run = self.run_wsblast("--url", target.url(), "--connections", "10", "--messages", "1")
            self.assertIsNone(run.json["subprotocols"])

    def test_a_server_may_speak_few_and_refuses_nobody(self):
        with serve("--subprotocol", "superchat", "--subprotocol", "mqtt") as target:
            self.assertEqual(self.chosen(target, "chat", "superchat", "mqtt"), "superchat")
            run = self.run_wsblast("--url", target.url(), "--connections", "10", "--messages", "1",
                                   "--subprotocol", "chat")
            self.check_errors(run)
            self.assertEqual(run.json["subprotocols"], {"": 10})
            self.assertIn("Subprotocols: none 10\n", run.stdout)


class TargetLifeTest(unittest.TestCase):
    def test_sigterm_closes_with_1001_and_exits_0(self):
        async def conversation(target):
            client = await websockets.connect(target.url("/ws"), compression=None)
            target.process.send_signal(signal.SIGTERM)
            await asyncio.wait_for(client.wait_closed(), 10)
            return client.close_code

        with serve() as target:
            self.assertEqual(asyncio.run(conversation(target)), 1001)
            self.assertEqual(target.process.wait(10), 0)
            self.assertIn(str(target.port), target.output())

    def test_a_port_in_use_exits_3_and_names_it(self):
        with serve() as target:
            done = subprocess.run([WSBLAST, "serve", "--host", "127.0.0.1", "--port", str(target.port)],
                                  timeout=10,
                                  capture_output=True, text=True, check=False, env=environment())
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn(str(target.port), done.stderr)

    def test_port_0_picks_one_and_says_which(self):
        process = subprocess.Popen([WSBLAST, "serve", "--port", "0", "--cores", "1"], stderr=subprocess.PIPE,
                                   text=True, env=environment())
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        line = process.stderr.readline()
        self.assertRegex(line, r":[1-9]\d+")
        port = re.search(r":([1-9]\d+)", line)[1]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=30) as response:
            self.assertEqual(response.status, 200)

    def test_the_faults_that_are_on_are_told_with_their_seed(self):
        for options, told in ((["--drop", "0.1%", "--seed", "7"], r"faults: --drop 0\.1% --seed 7\n"),
                              (["--delay", "exp:5ms"], r"faults: --delay exp:5ms --seed \d+\n"),
                              (["--seed", "7"], r"core\n")):
            with serve(*options) as target:
                wait_for(lambda: target.output().endswith("\n"), "the line that says it listens")
                self.assertRegex(target.output(), told)


if __name__ == "__main__":
    unittest.main()
