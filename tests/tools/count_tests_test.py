"""tools/count_tests.py counts cases, and never takes a crash for a success."""
import contextlib
import io
import json
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
from count_tests import count_cases, main  # noqa: E402


class CountTest(unittest.TestCase):
    def test_catch_output(self):
        passed = "All tests passed (94 assertions in 24 test cases)\n"
        self.assertEqual(count_cases(passed, True), (24, 0))
        self.assertEqual(count_cases("All tests passed (1 assertion in 1 test case)\n", True), (1, 0))
        failed = "test cases:  33 |  32 passed | 1 failed\nassertions: 9 | 5 passed"
        self.assertEqual(count_cases(failed, False), (32, 1))
        self.assertEqual(count_cases("test cases: 2 | 2 failed\n", False), (0, 2))

    def test_unittest_output(self):
        self.assertEqual(count_cases("Ran 7 tests in 0.1s\n\nOK\n", True), (7, 0))
        failed = "Ran 7 tests in 0.1s\n\nFAILED (failures=1, errors=2)\n"
        self.assertEqual(count_cases(failed, False), (4, 3))

    def test_a_program_that_died_has_failed(self):
        self.assertEqual(count_cases("", False), (0, 1))
        self.assertEqual(count_cases("All tests passed (9 assertions in 3 test cases)\n", False), (2, 1))

    def test_a_program_without_cases_counts_as_one(self):
        self.assertEqual(count_cases("tidy\n", True), (1, 0))

    def run_main(self, lines):
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder) / "testlog.json"
            log.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
            output = io.StringIO()
            with contextlib.redirect_stdout(output):
                status = main([str(log)])
        return status, output.getvalue().splitlines()[-1]

    def test_the_last_line_and_the_status(self):
        good = {"name": "a", "result": "OK", "stdout": "Ran 2 tests in 1s\nOK"}
        bad = {"name": "b", "result": "TIMEOUT", "stdout": ""}
        skipped = {"name": "c", "result": "SKIP", "stdout": ""}
        self.assertEqual(self.run_main([good, skipped]), (0, "2 passed, 0 failed"))
        self.assertEqual(self.run_main([good, bad]), (1, "2 passed, 1 failed"))
        self.assertEqual(self.run_main([]), (1, "0 passed, 1 failed"))


if __name__ == "__main__":
    unittest.main()
