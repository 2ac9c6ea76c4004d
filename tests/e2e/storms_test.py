"""capacity: connections that are held, leave and come back, and that are lost all at once."""
import signal
import sys
import threading
import time
import unittest

from capacity import Capacity, CapacityTest
from support import HERE, Process, free_port, serve, wait_for


class Storms(CapacityTest):
    def check_storm(self, target, connections, *options):
        search = Capacity("--url", target.url(), "--max", connections, "--hold", "3s", "--churn", "5%/s",
                          "--storm", "20%", *options)
        result = self.check(search, 0)
        hold, storm = result["hold"], result["storm"]
        self.assertEqual((hold["open_at_start"], hold["open_at_end"]), (connections, connections))
        self.assertEqual((hold["lost"], hold["reopen_failures"]), (0, 0))
        # 5 %/s for 3 s and as long as the probe takes.
        self.assertGreater(hold["churned"], 0.10 * connections)
        self.assertEqual(hold["churned"], hold["reopened"])
        self.assertEqual(storm["dropped"], connections // 5)
        self.assertEqual(storm["back"], storm["dropped"])
        self.assertLessEqual(storm["half_back_s"], storm["all_back_s"])
        self.assertGreater(storm["handshakes_peak"], 0)
        return storm

    def test_immediate(self):
        with serve() as target:
            storm = self.check_storm(target, 5000)
            # All at once, however many may otherwise be in flight.
            self.assertGreater(storm["handshakes_peak"], 256)

    def test_policies(self):
        for policy, least in (("exponential:500ms", 0.5), ("jittered:1s,5s", 0.2)):
            with self.subTest(policy), serve() as target:
                storm = self.check_storm(target, 1000, "--reconnect", policy)
                self.assertGreater(storm["all_back_s"], least)
                self.assertLess(storm["all_back_s"], 5)

    def test_of_a_server_that_is_not_ours(self):
        port = free_port()
        with Process([sys.executable, str(HERE / "ymera_server.py"), str(port)], port) as target:
            self.check_storm(target, 300, "--reconnect", "jittered:500ms,2s")

    def test_who_does_not_come_back(self):
        """A target that ends while it is at it."""
        def end(target):
            wait_for(lambda: target.stats()["connections_open"] >= 500, "all connections")
            time.sleep(4)  # the probe is over, and they are held
            target.process.send_signal(signal.SIGKILL)

        with serve() as target:
            ended = threading.Thread(target=end, args=[target])
            ended.start()
            search = Capacity("--url", target.url(), "--max", 500, "--hold", "10s", "--storm", "50%",
                              "--connect-timeout", "500ms")
            ended.join()
            result = self.check(search, 1)
            self.assertEqual((result["ending"], result["limit"]["owner"]), ("unsteady", "target"))


if __name__ == "__main__":
    unittest.main()
