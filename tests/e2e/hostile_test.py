"""Hostile servers of every kind against many connections at once: every end is named, the sums hold, memory
is bounded, nothing hangs past its timeouts, and the connections to a good server do not notice.

WSBLAST_HOSTILE_CONNECTIONS sets how many connections meet each behaviour; bench/hostile takes 1,000.
"""
import os
import unittest

from hostile_run import BEHAVIOURS, Outcome, blast_all, judge

CONNECTIONS = int(os.environ.get("WSBLAST_HOSTILE_CONNECTIONS", "60"))
RUNS_AT_ONCE = 4


def made_up_outcome(**changes):
    """Of 4 connections that met never-answers-the-close, and 1 that was answered rightly."""
    result = {
        "connections": {"attempted": 5, "successful": 5, "failed": 0},
        "messages": {"due": 5, "sent": 5, "unsent": 0, "received": 5, "lost": 0, "in_flight": 0},
        "errors": [{"kind": "close_timeout", "scope": "connection", "count": 4}],
    }
    sound = {"name": "never-answers-the-close", "connections": 4, "seconds": 2.0, "rss_peak": 1 << 24,
             "status": 0, "result": result | changes.pop("result", {}), "output": "", "faults": []}
    return Outcome(**(sound | changes))


class JudgeTest(unittest.TestCase):
    def faults(self, **changes):
        return judge(BEHAVIOURS["never-answers-the-close"], made_up_outcome(**changes))

    def test_a_sound_run_has_no_faults(self):
        self.assertEqual(self.faults(), [])

    def test_what_is_wrong_is_found(self):
        lost = {"due": 5, "sent": 5, "unsent": 0, "received": 1, "lost": 4, "in_flight": 0}
        for changes in ({"seconds": 100.0}, {"rss_peak": 1 << 33}, {"status": -9},
                        {"result": {"errors": []}}, {"result": {"messages": lost}},
                        {"result": {"connections": {"attempted": 4, "successful": 4, "failed": 0}}}):
            with self.subTest(changes):
                self.assertNotEqual(self.faults(**changes), [])

    def test_an_end_by_another_name_is_found(self):
        errors = [{"kind": "bad_utf8", "scope": "connection", "count": 4}]
        faults = " ".join(self.faults(result={"errors": errors}))
        self.assertIn("4 times bad_utf8", faults)
        self.assertIn("0 of 4 ends are named", faults)


class HostileTest(unittest.TestCase):
    def test_every_behaviour_ends_as_what_it_is(self):
        self.assertGreater(len(BEHAVIOURS), 30)
        for outcome in blast_all(list(BEHAVIOURS), CONNECTIONS, RUNS_AT_ONCE):
            with self.subTest(outcome.name):
                self.assertEqual(outcome.faults, [], outcome.output)


if __name__ == "__main__":
    unittest.main()
