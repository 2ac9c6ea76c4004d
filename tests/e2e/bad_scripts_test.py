"""Scenario files with a fault: one clear error each, before any connection is opened."""
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from bad_scripts import BAD, FILES
from support import WSBLAST, environment

SECONDS_MAX = 10


class BadScriptsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = Path(cls.temporary.name)
        for name, text in FILES.items():
            (cls.folder / name).write_text(text, encoding="utf-8")

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def check_refused(self, text, words, command="validate"):
        path = self.folder / "bad.yml"
        path.write_text(text, encoding="utf-8")
        done = subprocess.run([WSBLAST, command, path], capture_output=True, text=True, check=False,
                              timeout=SECONDS_MAX, env=environment(), stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, 2, done)
        self.assertRegex(done.stderr, re.compile(r"bad\.yml|\.js|\.csv"))
        errors = [line for line in done.stderr.splitlines() if line.startswith("wsblast:")]
        self.assertEqual(len(errors), 1, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)

    def test_each_is_refused_with_its_line(self):
        self.assertGreaterEqual(len(BAD), 60)
        for name, (text, words) in BAD.items():
            with self.subTest(name):
                self.check_refused(text, words)

    def test_a_run_refuses_them_as_well(self):
        for name in ("unknown step", "bad JSONPath", "no such processor", "syntax error",
                     "no such function"):
            with self.subTest(name):
                self.check_refused(*BAD[name], command="script")


if __name__ == "__main__":
    unittest.main()
