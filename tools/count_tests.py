#!/usr/bin/env python3
"""Adds up the test cases in meson's logs: count_tests.py testlog.json...

Names every test program that failed and prints "N passed, N failed" as the last line; exits 1 when any test
failed, and when a log is missing or empty.
"""
import json
import re
import sys

CATCH_ALL_PASSED = re.compile(r"All tests passed \(\d+ assertions? in (\d+) test cases?\)")
CATCH_SUMMARY = re.compile(r"^test cases:\s*(\d+) \|(.*)$", re.MULTILINE)
CATCH_FAILED = re.compile(r"(\d+) failed")
UNITTEST_RAN = re.compile(r"^Ran (\d+) tests? in", re.MULTILINE)
UNITTEST_FAULTS = re.compile(r"(?:failures|errors|unexpected successes)=(\d+)")


def count_cases(output, succeeded):
    """(passed, failed) of one test program; one that says nothing of cases, or died, counts as one case."""
    if found := CATCH_ALL_PASSED.findall(output):
        total, failed = int(found[-1]), 0
    elif found := CATCH_SUMMARY.findall(output):
        total, failed = int(found[-1][0]), sum(map(int, CATCH_FAILED.findall(found[-1][1])))
    elif found := UNITTEST_RAN.findall(output):
        verdict = output[output.rfind("Ran "):]
        total, failed = int(found[-1]), sum(map(int, UNITTEST_FAULTS.findall(verdict)))
    else:
        total, failed = 1, 0 if succeeded else 1
    if not succeeded and failed == 0:
        failed, total = 1, max(total, 1)
    return max(total - failed, 0), failed


def read_log(path):
    """The tests of one testlog.json: one JSON object a line; empty when the file cannot be read."""
    try:
        with open(path, encoding="utf-8") as log:
            return [json.loads(line) for line in log if line.strip()]
    except OSError as error:
        print(f"count_tests.py: {path}: {error.strerror}: its tests did not run")
        return []


def main(paths):
    passed = failed = 0
    for path in paths:
        tests = read_log(path)
        failed += not tests
        for test in tests:
            if test["result"] == "SKIP":
                continue
            output = test.get("stdout", "") + "\n" + test.get("stderr", "")
            good, bad = count_cases(output, test["result"] in ("OK", "EXPECTEDFAIL"))
            passed, failed = passed + good, failed + bad
            if bad:
                print(f"{path}: {test['name']}: {test['result']}, {bad} failed")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
