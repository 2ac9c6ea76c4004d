"""capacity in networks of the test's own: limits of the host and of the path."""
import unittest

from capacity import Capacity, CapacityTest
from network import Network, why_not

NO_NETWORK = why_not()


@unittest.skipIf(NO_NETWORK, NO_NETWORK)
class NetworkLimits(CapacityTest):
    def setUp(self):
        self.network = Network()
        self.network.__enter__()
        self.addCleanup(self.network.__exit__)

    def search(self, url, *options):
        return Capacity("--url", url, "--connect-timeout", "2s", *options, prefix=self.network.prefix())

    def test_range_of_ports(self):
        self.network.run_in(self.network.near, "sysctl", "-w", "net.ipv4.ip_local_port_range=30000 31999")
        with self.network.serve() as target:
            self.check_limit(self.search(target.url(), "--max", 20000), "source_ports", "host", 2000)

    def test_nowhere(self):
        search = self.search("ws://192.0.2.1:80/ws", "--max", 1000)
        self.check_limit(search, "syn_unanswered", "path", 0, status=3)

    def test_path_that_takes_so_many(self):
        self.network.filter(self.network.far, "input",
                            "tcp flags & (syn | ack) == syn quota over 90000 bytes drop")
        with self.network.serve() as target:
            # SYNs of 60 bytes.
            self.check_limit(self.search(target.url(), "--max", 20000), "syn_unanswered", "path", 1500)

    def test_own_filter(self):
        self.network.filter(self.network.near, "output",
                            "tcp flags & (syn | ack) == syn quota over 90000 bytes drop")
        with self.network.serve() as target:
            self.check_limit(self.search(target.url(), "--max", 20000), "packet_filter", "host", 1500)


if __name__ == "__main__":
    unittest.main()
