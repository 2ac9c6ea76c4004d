"""tools/refresh_readme.py pastes what a command prints, and nothing else changes."""
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
from refresh_readme import commands_of, refresh, run, split_servers  # noqa: E402

PLACE = "<!-- output: {} -->\n```\n{}```\n<!-- end of output -->"
PAGE = ("before\n" + PLACE.format("wsblast --version", "old 1\n") + "\nbetween\n" +
        PLACE.format("b | head", "") + "\nafter\n")


def ok(status):
    return status == 0


class RefreshTest(unittest.TestCase):
    def test_each_block_gets_the_output_of_its_own_command(self):
        page, refused = refresh(PAGE, lambda command: (0, f"of {command}\n"), ok)
        self.assertEqual(refused, [])
        self.assertEqual(page, PAGE.replace("old 1\n", "of wsblast --version\n").replace(
            "-->\n```\n```", "-->\n```\nof b | head\n```"))

    def test_a_second_refresh_changes_nothing(self):
        once, _ = refresh(PAGE, lambda command: (0, "same\n\n"), ok)
        self.assertEqual(refresh(once, lambda command: (0, "same"), ok), (once, []))

    def test_a_failed_or_silent_command_leaves_its_block_as_it_was(self):
        self.assertEqual(refresh(PAGE, lambda command: (4, "bad\n"), ok)[0], PAGE)
        page, refused = refresh(PAGE, lambda command: (0, ""), ok)
        self.assertEqual((page, refused), (PAGE, [("wsblast --version", 0), ("b | head", 0)]))

    def test_commands_and_their_servers(self):
        self.assertEqual(commands_of(PAGE), ["wsblast --version", "b | head"])
        self.assertEqual(split_servers("a --b & c | head"), (["a --b"], "c | head"))
        self.assertEqual(split_servers("c"), ([], "c"))

    def test_a_server_is_awaited_and_ended(self):
        serve = "sh -c 'echo listening >&2; trap \"exit 0\" TERM; while :; do sleep 0.01; done'"
        status, output = run(f"{serve} & echo one; false | cat", {"PATH": "/usr/bin:/bin"})
        self.assertEqual((status, output), (1, "one\n"))
        with self.assertRaisesRegex(RuntimeError, "does not listen: no port"):
            run("sh -c 'echo no port >&2' & true", {"PATH": "/usr/bin:/bin"})


if __name__ == "__main__":
    unittest.main()
