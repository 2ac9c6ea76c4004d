"""What tests of scenario files have in common: a folder of their own, and a run of a file in it."""
import json
import subprocess
import tempfile
from pathlib import Path

from support import WSBLAST, WsblastTest, environment


class ScriptCase(WsblastTest):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = Path(self.temporary.name)
        self.addCleanup(self.temporary.cleanup)

    def write(self, text, name="script.yml"):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def script(self, path, *options, status=0, seconds=60, **variables):
        """(Artillery's report, the finished process)."""
        report = self.folder / "report.json"
        done = subprocess.run([WSBLAST, "script", path, "-o", report, "--allow-saturated", *options],
                              capture_output=True, text=True, timeout=seconds, check=False,
                              env=environment(**variables), stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, status, done)
        return json.loads(report.read_text(encoding="utf-8")) if report.exists() else None, done

    def counters(self, path, *options, **how):
        """Those of the whole run; a run of one core."""
        report, _ = self.script(path, "--cores", "1", *options, **how)
        return report["aggregate"]["counters"]
