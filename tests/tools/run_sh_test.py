"""tools/run.sh: its modes and what it passes on, with a program that only says its arguments."""
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

TOOLS = Path(__file__).resolve().parents[2] / "tools"


class RunScriptTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        (self.root / "tools").mkdir()
        (self.root / "build").mkdir()
        shutil.copy(TOOLS / "run.sh", self.root / "tools/run.sh")
        self.script(self.root / "build/wsblast", 'echo "$@"; echo "$CONNECTIONS"')

    @staticmethod
    def script(path, body):
        path.write_text("#!/bin/sh\n" + body + "\n", encoding="utf-8")
        path.chmod(0o755)

    def run_script(self, *arguments, **variables):
        kept = {name: value for name, value in os.environ.items() if name != "WS_URL"}
        environment = dict(kept, CONNECTIONS="77", **variables)
        return subprocess.run(["bash", str(self.root / "tools/run.sh"), *arguments], env=environment,
                              capture_output=True, text=True, check=False, timeout=10)

    def test_quick_is_the_mode_when_none_is_given(self):
        self.assertEqual(self.run_script().stdout, "quick\n77\n")
        self.assertEqual(self.run_script("--quiet").stdout, "quick --quiet\n77\n")

    def test_a_mode_and_more_arguments_are_passed_on(self):
        for mode in ("quick", "medium", "heavy"):
            self.assertEqual(self.run_script(mode, "--hold", "1s").stdout, f"{mode} --hold 1s\n77\n")

    def test_an_unknown_mode_lists_the_modes_and_exits_2(self):
        result = self.run_script("fast")
        self.assertEqual((result.returncode, result.stdout), (2, ""))
        self.assertIn("'fast'", result.stderr)
        self.assertIn("quick medium heavy artillery-quick artillery-staging", result.stderr)

    def test_the_artillery_modes_run_the_script_in_their_environments(self):
        for mode, name in (("artillery-quick", "localhost"), ("artillery-staging", "staging")):
            result = self.run_script(mode, "--solo")
            self.assertEqual(result.stdout, f"script tools/scenarios/ymera.yml -e {name} --solo\n77\n")

    def test_the_scripts_target_is_the_url_without_its_path(self):
        for url in ("wss://host:8443/ws", "wss://host:8443/ws?a=b/c", "wss://host:8443"):
            result = self.run_script("artillery-staging", "-q", WS_URL=url)
            self.assertEqual(result.stdout.splitlines()[0],
                             "script tools/scenarios/ymera.yml -e staging -t wss://host:8443 -q")
        self.assertEqual(self.run_script("quick", WS_URL="ws://host/ws").stdout, "quick\n77\n")

    def test_it_builds_first_where_that_is_needed(self):
        program = self.root / "build/wsblast"
        program.unlink()
        build = f"printf '#!/bin/sh\\necho built' > {program}; chmod +x {program}; echo building"
        self.script(self.root / "tools/build", build)
        result = self.run_script()
        self.assertEqual(result.stdout, "built\n")
        self.assertIn("building", result.stderr)


if __name__ == "__main__":
    unittest.main()
