"""wsblast against servers that are not ours: FastAPI with uvicorn and websockets, and npm's `ws`."""
import sys
import unittest

from support import HERE, Process, WsblastTest, free_port, node_modules


def fastapi_server():
    port = free_port()
    return Process([sys.executable, "-B", str(HERE / "ymera_server.py"), str(port)], port)


def node_server():
    port = free_port()
    return Process(["node", str(HERE / "ymera_server.js"), str(port)], port, NODE_PATH=node_modules())


class ForeignServers:
    """The same runs against each of them."""

    def all_answered(self, *arguments, due):
        run = self.run_wsblast("--url", self.server.url(), *arguments)
        self.check_errors(run)
        messages = run.json["messages"]
        self.assertEqual((messages["due"], messages["received"], messages["unexpected"]), (due, due, 0),
                         str(run))
        self.check_block(run.stdout, run.json)
        codes = {(close["code"], close["by"]) for close in run.json["closes"]}
        self.assertEqual(codes, {(1000, "us")})
        return run

    def test_the_ymera_workload(self):
        run = self.all_answered("--connections", "40", "--messages", "5", "--interval", "100ms", due=200)
        self.assertEqual(run.json["setup"], {"sent": 40, "answered": 40})

    def test_a_hundred_connections(self):
        self.all_answered("--connections", "100", "--interval", "200ms", due=1000)

    def test_the_closed_loop(self):
        self.all_answered("--connections", "10", "--messages", "20", "--interval", "0", due=200)

    def test_pings_of_the_protocol(self):
        self.all_answered("--message", '{"type":"ping"}', "--connections", "10", "--messages", "5", due=50)

    def test_a_type_that_the_server_does_not_know(self):
        self.all_answered("--message", '{"type":"novelty"}', "--match", "fifo", "--connections", "5",
                          "--messages",
                          "3", due=15)


class FastApiTest(ForeignServers, WsblastTest):
    @classmethod
    def setUpClass(cls):
        cls.server = fastapi_server().__enter__()
        cls.addClassCleanup(cls.server.__exit__)

    def test_a_path_that_is_not_there(self):
        run = self.run_wsblast("--url", self.server.url("/nowhere"), "--connections", "3", status=3)
        self.check_errors(run, upgrade_status=3)


class NodeTest(ForeignServers, WsblastTest):
    @classmethod
    def setUpClass(cls):
        cls.server = node_server().__enter__()
        cls.addClassCleanup(cls.server.__exit__)

    def test_echoes_of_every_size(self):
        for size in (0, 125, 126, 40000):
            run = self.run_wsblast("--url", self.server.url("/echo"), "--size", str(size), "--connections",
                                   "2",
                                   "--messages", "3")
            self.check_errors(run)
            self.assertEqual(run.json["messages"]["received"], 6)


if __name__ == "__main__":
    unittest.main()
