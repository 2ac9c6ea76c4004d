"""capacity where a setting of the whole machine is small. The tests of this file have the machine for
themselves: such a setting is everybody's.
"""
import json
import os
import tempfile
import unittest
import urllib.request
from pathlib import Path

from capacity import Capacity, CapacityTest
from network import Network, setting, why_not
from support import serve

NO_NETWORK = why_not()


class SettingsLimits(CapacityTest):
    @unittest.skipIf(os.geteuid() != 0, "net.ipv4.tcp_mem is root's to set")
    def test_memory_of_tcp(self):
        # What found no memory is sent again after 200 ms (TCP_RTO_MIN). With a number in it a late answer is
        # told from the next one, and its connection is kept.
        message = '{"id":{{$seq}},"pad":"' + "x" * 40000 + '"}'
        with serve() as target, tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            file.write(message)
            file.flush()
            with setting("net/ipv4/tcp_mem", "2 3 4"):
                search = Capacity("--url", target.url("/echo"), "--message-file", file.name, "--max", 2000,
                                  "--sample", 2000, "--answer-timeout", "150ms")
            with urllib.request.urlopen(f"http://127.0.0.1:{target.port}/stats", timeout=10) as stats:
                accepted = json.load(stats)["connections_accepted"]
            self.check_limit(search, "tcp_memory", "host", accepted)

    @unittest.skipIf(NO_NETWORK, NO_NETWORK)
    def test_table_of_tracked_connections(self):
        tracked = Path("/proc/sys/net/netfilter/nf_conntrack_count")
        if not tracked.exists() or int(tracked.read_text(encoding="ascii")) > 100:
            self.skipTest("this machine tracks no connections, or those of others")
        network = Network().__enter__()
        self.addCleanup(network.__exit__)
        network.filter(network.near, "output", "ct state new accept")
        with network.serve() as target, setting("net/netfilter/nf_conntrack_max", 5000):
            search = Capacity("--url", target.url(), "--connect-timeout", "2s", "--max", 20000,
                              prefix=network.prefix())
            result = self.check_limit(search, "conntrack", "host", 5000)
            self.assertRegex(" ".join(result["limit"]["evidence"]), r"of nf_conntrack_max 5,000")


if __name__ == "__main__":
    unittest.main()
