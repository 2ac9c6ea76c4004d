"""How messages travel: compressed, in fragments, binary, with pings between, to the close of the run."""
import asyncio
import contextlib
import json
import threading
import unittest
import urllib.request

import websockets

from support import WsblastTest, serve

MESSAGE = '{"seq":{{$seq}},"text":"' + "again and " * 30 + '"}'
USUAL_OFFER = "permessage-deflate; client_no_context_takeover; client_max_window_bits"


def stats_of(server):
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/stats") as answer:
        return json.load(answer)


@contextlib.contextmanager
def foreign_server(**options):
    """The websockets library of Python, which echoes; it tells the messages and closes that came."""
    seen = {"messages": [], "closes": []}
    ready, ended = threading.Event(), []

    async def echo(connection, *_):
        with contextlib.suppress(websockets.ConnectionClosed):
            async for message in connection:
                seen["messages"].append(message)
                await connection.send(message)
        seen["closes"].append((connection.close_code, connection.close_reason))

    async def main():
        stop = asyncio.get_running_loop().create_future()
        async with websockets.serve(echo, "127.0.0.1", 0, **options) as server:
            ended.extend((asyncio.get_running_loop(), stop, server.sockets[0].getsockname()[1]))
            ready.set()
            await stop

    thread = threading.Thread(target=lambda: asyncio.run(main()))
    thread.start()
    ready.wait(10)
    loop, stop, port = ended
    try:
        yield f"ws://127.0.0.1:{port}/", seen
    finally:
        loop.call_soon_threadsafe(stop.set_result, None)
        thread.join()


class CompressionTest(WsblastTest):
    def compressed(self, *arguments, url, due, connections):
        run = self.run_wsblast("--url", url, "--message", MESSAGE, "--connections", str(connections),
                               *arguments)
        self.check_errors(run)
        self.assertEqual((run.json["messages"]["received"], run.json["messages"]["unexpected"]), (due, 0),
                         str(run))
        self.assertEqual(run.json["compression"]["connections"], connections)
        self.assertIn(f"Compression, agreed on by {connections} of {connections} connections", run.stdout)
        return run

    def check_saved(self, run, direction):
        counts = run.json["compression"][direction]
        self.assertGreater(counts["plain_bytes"], 300 * run.json["messages"]["received"])
        self.assertLess(counts["ratio"], 0.35)
        self.assertAlmostEqual(counts["ratio"], counts["compressed_bytes"] / counts["plain_bytes"])

    def test_between_generator_and_target(self):
        with serve("--compress", "--max-connections", "50") as target:
            run = self.compressed("--compress", "--messages", "10", url=target.url("/echo"), due=200,
                                  connections=20)
            stats = stats_of(target)
        self.assertEqual(run.json["compression"]["offered"], USUAL_OFFER)
        for direction in ("sent", "received"):
            self.check_saved(run, direction)
        self.assertEqual(stats["connections_compressed"], 20)
        self.assertEqual(stats["inflated_to"], run.json["compression"]["sent"]["plain_bytes"])
        self.assertEqual(stats["deflated_from"], run.json["compression"]["received"]["plain_bytes"])
        self.assertEqual(stats["deflated_to"], run.json["compression"]["received"]["compressed_bytes"])

    def test_with_what_was_before(self):
        """Both ends remember: messages and answers shrink, since each refers to the one before."""
        with serve("--compress-parameters", "client_max_window_bits=10") as target:
            run = self.compressed("--compress-parameters",
                                  "server_max_window_bits=12; client_max_window_bits", "--messages", "10",
                                  url=target.url("/echo"), due=100, connections=10)
        for direction in ("sent", "received"):
            self.assertLess(run.json["compression"][direction]["ratio"], 0.06)

    def test_answers_that_are_dropped_are_not_referred_to(self):
        with serve("--compress-parameters", "", "--drop", "20%", "--duplicate", "10%") as target:
            run = self.run_wsblast("--url", target.url("/echo"), "--message", MESSAGE, "--connections", "10",
                                   "--messages", "20", "--compress", "--answer-timeout", "500ms")
        kinds = {error["kind"] for error in run.json["errors"]}
        self.assertEqual(kinds, {"answer_timeout"}, str(run))

    def test_the_ymera_workload(self):
        run = self.run_wsblast("--with-target", "--compress", "--connections", "20", "--messages", "10")
        self.check_errors(run)
        self.assertEqual(run.json["messages"]["received"], 200)
        self.assertEqual(run.json["compression"]["connections"], 20)

    def test_a_target_that_declines(self):
        with serve() as target:
            run = self.run_wsblast("--url", target.url("/echo"), "--message", MESSAGE, "--connections", "5",
                                   "--messages", "5", "--compress")
        self.check_errors(run)
        self.assertEqual(run.json["compression"]["connections"], 0)
        self.assertEqual(run.json["messages"]["received"], 25)

    def test_a_library_that_is_not_ours(self):
        for parameters in (None, "", "server_no_context_takeover; server_max_window_bits=9",
                           "client_max_window_bits=9; client_no_context_takeover"):
            offer = ["--compress"] if parameters is None else ["--compress-parameters", parameters]
            with self.subTest(parameters=parameters), foreign_server() as (url, seen):
                run = self.compressed(*offer, "--messages", "10", "--setup", "", url=url, due=100,
                                      connections=10)
                for direction in ("sent", "received"):
                    self.check_saved(run, direction)
                self.assertEqual(json.loads(seen["messages"][-1])["text"], "again and " * 30)

    def test_nothing_is_told_where_nothing_was_asked(self):
        run = self.run_wsblast("--with-target", "--connections", "2", "--messages", "2")
        self.assertEqual((run.json["compression"], run.json["ping"]), (None, None))
        self.assertNotIn("Compression", run.stdout)
        self.assertNotIn("Pings", run.stdout)

    def test_parameters_that_are_none(self):
        self.refuse("--compress-parameters", "client_max_window_bits=7", names=["client_max_window_bits=7"])
        self.refuse("serve", "--compress-parameters", "level=9", names=["level=9"])


class FormTest(WsblastTest):
    def test_fragments_and_binary(self):
        for form, kind in ((["--fragment", "3"], str), (["--fragment", "1", "--binary"], bytes),
                           (["--fragment", "50", "--compress"], str)):
            with self.subTest(form=form), foreign_server() as (url, seen):
                run = self.run_wsblast("--url", url, "--message", '{"n":{{$seq}},"t":"ä"}', "--setup", "",
                                       "--connections", "3", "--messages", "4", *form)
                self.check_errors(run)
                self.assertEqual(run.json["messages"]["received"], 12)
                self.assertTrue(all(isinstance(message, kind) for message in seen["messages"]))
                numbers = sorted(json.loads(message)["n"] for message in seen["messages"])
                self.assertEqual(numbers, sorted(3 * [1, 2, 3, 4]))

    def test_fragments_that_do_not_fit(self):
        self.refuse("--size", "40k", "--fragment", "1", names=["--fragment"])

    def test_the_close(self):
        with foreign_server() as (url, seen):
            run = self.run_wsblast("--url", url, "--message", "hello", "--connections", "3",
                                   "--messages", "2", "--close-code", "4321",
                                   "--close-reason", "that was all")
            self.check_errors(run)
        self.assertEqual(seen["closes"], 3 * [(4321, "that was all")])
        self.refuse("--close-code", "1005", names=["1005"])
        self.refuse("--close-reason", "x" * 124, names=["124"])

    def test_messages_that_are_too_large(self):
        with serve() as target:
            run = self.run_wsblast("--url", target.url("/echo"), "--size", "1001", "--connections", "2",
                                   "--messages", "1", "--max-message", "1000")
            self.check_errors(run, message_too_big=2, connection_lost=2)
        with serve("--max-message", "1000") as target:
            run = self.run_wsblast("--url", target.url("/echo"), "--size", "1001", "--connections", "2",
                                   "--messages", "1")
            self.check_errors(run, closed_by_peer=2, connection_lost=2)
            self.assertEqual(run.json["closes"][0]["code"], 1009)


class PingTest(WsblastTest):
    def test_round_trips(self):
        with foreign_server(ping_interval=None) as (url, _):
            run = self.run_wsblast("--url", url, "--message", "hello", "--connections", "5",
                                   "--messages", "1", "--hold", "2s", "--ping-interval", "200ms")
        self.check_errors(run)
        ping = run.json["ping"]
        self.assertEqual(ping["sent"], ping["answered"])
        self.assertGreater(ping["sent"], 20)
        self.assertEqual(ping["rtt_us"]["count"], ping["answered"])
        self.assertIn(f"Pings: {ping['sent']} sent", run.stdout)


if __name__ == "__main__":
    unittest.main()
