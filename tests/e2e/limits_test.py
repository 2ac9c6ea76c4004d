"""The limits of the built-in target as its clients meet them: connections, accepts, the queue of answers."""
import asyncio
import contextlib
import json
import socket
import time
import unittest
import urllib.request

import websockets

from support import WsblastTest, serve

UPGRADE = (b"GET /echo HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")


def stats_of(target):
    with urllib.request.urlopen(f"http://127.0.0.1:{target.port}/stats", timeout=30) as response:
        return json.load(response)


async def open_client(target, **options):
    return await websockets.connect(target.url("/echo"), compression=None, **options)


class ConnectionLimitTest(WsblastTest):
    LIMIT = 20

    @contextlib.asynccontextmanager
    async def full(self, target):
        """As many clients as there may be, all of which are answered in the end."""
        clients = [await open_client(target) for _ in range(self.LIMIT)]
        yield clients
        for client in clients:
            await client.send("still there")
            self.assertEqual(await asyncio.wait_for(client.recv(), 30), "still there")
        await asyncio.gather(*(client.close() for client in clients))

    def serve(self, how):
        return serve("--max-connections", str(self.LIMIT), "--at-limit", how, cores=2)

    @staticmethod
    def upgrade_plainly(target):
        """What comes back to an upgrade, to the end."""
        with socket.create_connection(("127.0.0.1", target.port), 5) as client:
            client.sendall(UPGRADE)
            return b"".join(iter(lambda: client.recv(4096), b""))

    def test_one_more_is_answered_with_503_and_the_limit(self):
        async def conversation(target):
            async with self.full(target):
                with self.assertRaisesRegex(websockets.InvalidHandshake, "503"):
                    await open_client(target)
                return self.upgrade_plainly(target), stats_of(target)
        with self.serve("503") as target:
            page, stats = asyncio.run(conversation(target))
        self.assertTrue(page.startswith(b"HTTP/1.1 503 Service Unavailable\r\n"), page)
        self.assertIn(b"\r\n\r\nconnection limit 20 reached", page)
        self.assertEqual(stats["connections_open"], self.LIMIT)
        self.assertEqual(stats["connections_over_limit"], 2)

    def test_one_more_is_reset(self):
        async def conversation(target):
            async with self.full(target):
                with self.assertRaises(ConnectionResetError):
                    self.upgrade_plainly(target)
                return stats_of(target)
        with self.serve("reset") as target:
            self.assertEqual(asyncio.run(conversation(target))["connections_over_limit"], 1)

    def test_one_more_waits_for_a_place(self):
        async def conversation(target):
            async with self.full(target) as clients:
                with self.assertRaises(TimeoutError):
                    await open_client(target, open_timeout=0.5)
                waiting = asyncio.create_task(open_client(target))
                await asyncio.sleep(0.3)
                self.assertFalse(waiting.done())
                await clients.pop().close()
                clients.append(await asyncio.wait_for(waiting, 30))
        with self.serve("wait") as target:
            asyncio.run(conversation(target))

    def test_exactly_as_many_are_held_as_there_may_be(self):
        with serve("--max-connections", "3000", cores=2) as target:
            run = self.run_wsblast("--url", target.url(), "--connections", "3100", "--messages", "1")
            stats = stats_of(target)
        self.assertEqual(run.json["connections"]["successful"], 3000, str(run))
        self.check_errors(run, upgrade_status=100)
        self.assertEqual(stats["connections_over_limit"], 100)


class AcceptTest(WsblastTest):
    def test_connections_are_accepted_at_the_rate_over_all_cores(self):
        async def conversation(target, count):
            begin = time.monotonic()
            clients = await asyncio.gather(*(open_client(target) for _ in range(count)))
            elapsed = time.monotonic() - begin
            await asyncio.gather(*(client.close() for client in clients))
            return elapsed
        with serve("--accept-rate", "100", cores=2) as target:
            elapsed = asyncio.run(conversation(target, 150))
        # Two are accepted at once, and on each core one more may be; the others come 10 ms apart.
        self.assertGreater(elapsed, 1.45)
        self.assertLess(elapsed, 15)  # one a core: 7.5 s apart of each

    def test_what_is_not_accepted_fills_the_backlog_and_then_nobody_connects(self):
        backlog, clients, began = 8, [], time.monotonic()
        with serve("--accept-rate", "1", "--backlog", str(backlog)) as target, \
                contextlib.ExitStack() as stack:
            for _ in range(40):
                client = stack.enter_context(socket.socket())
                client.setblocking(False)
                client.connect_ex(("127.0.0.1", target.port))
                clients.append(client)
            time.sleep(0.3)
            connected = sum(self.is_connected(client) for client in clients)
            seconds = time.monotonic() - began
        # The kernel keeps one more than the backlog says. One is accepted a second, two at once.
        self.assertGreaterEqual(connected, backlog)
        self.assertLessEqual(connected, backlog + 1 + 2 + seconds)

    def is_connected(self, client):
        try:
            client.getpeername()
            return True
        except OSError:
            return False


class QueueTest(WsblastTest):
    def test_answers_leave_no_faster_than_the_servers_work(self):
        for servers, law in ((1, "fixed:1ms"), (4, "exp:4ms")):
            with self.subTest(servers=servers), \
                    serve("--service-time", law, "--servers", str(servers), "--seed", "3") as target:
                run = self.run_wsblast("--url", target.url("/echo"), "--size", "32", "--connections", "20",
                                       "--interval", "0", "--duration", "2s")
                service = stats_of(target)["service"]
                self.assertEqual(service["served"], service["arrived"])
                self.assertEqual(service["served"], run.json["messages"]["received"])
                self.assertEqual(service["length"], 0)
                self.assertEqual(service["length_max"], 20)
                # Always 20 in it: every server works all the time, and none faster than it may.
                per_second = service["served"] / (service["busy_ns"] / 1e9)
                rate = 1000 if servers == 1 else 250
                # Of so many draws from an exponential law (of a fixed one: none) the mean is that exact.
                delta = rate * max(0.02, 5 / service["served"] ** 0.5)
                self.assertAlmostEqual(per_second, rate, delta=delta)
                self.assertLess(run.json["messages"]["per_second"], 1100)

    def test_a_queue_on_two_cores_is_refused_with_the_reason(self):
        self.refuse("serve", "--service-time", "fixed:1ms", "--cores", "2", names=["--cores", "one thread"])


if __name__ == "__main__":
    unittest.main()
