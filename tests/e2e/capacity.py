"""What the tests of searches for capacity share: one finished search, and what all of them obey."""
import json
import subprocess
import tempfile
import unittest
from pathlib import Path

from support import WSBLAST, environment

WITHIN = 0.01


class Capacity:
    """One finished search: status, output, and its JSON."""

    def __init__(self, *options, prefix=(), seconds=90):
        with tempfile.NamedTemporaryFile(suffix=".json") as file:
            done = subprocess.run([*prefix, WSBLAST, "capacity", *map(str, options), "--json", file.name],
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds,
                                  env=environment(), check=False)
            self.status, self.stdout, self.stderr = done.returncode, done.stdout, done.stderr
            text = Path(file.name).read_text(encoding="utf-8")
            self.json = json.loads(text) if text else None

    def __str__(self):
        return f"status {self.status}\n--- stdout\n{self.stdout}\n--- stderr\n{self.stderr}"


class CapacityTest(unittest.TestCase):
    def check(self, search, status):
        """What every search has to obey."""
        self.assertEqual(search.status, status, str(search))
        result = search.json
        self.assertEqual(result["schema"], "wsblast.capacity/1")
        self.assertEqual(result["exit_status"], status)
        connections = result["connections"]
        self.assertEqual(connections["attempted"], connections["successful"] + connections["failed"])
        for plateau in result["plateaus"]:
            if plateau["probe"]:
                self.assertGreaterEqual(plateau["probe"]["asked"], plateau["probe"]["answered"])
        return result

    def check_limit(self, search, kind, owner, count, status=1):
        result = self.check(search, status)
        limit = result["limit"]
        self.assertIsNotNone(limit, str(search))
        self.assertEqual((limit["kind"], limit["owner"]), (kind, owner), str(search))
        self.assertLessEqual(result["held"], limit["count"])
        self.assertAlmostEqual(limit["count"], count, delta=WITHIN * count, msg=str(search))
        self.assertTrue(limit["evidence"] and limit["remedy"])
        self.assertIn(limit["label"], search.stdout)
        return result
