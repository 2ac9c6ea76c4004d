"""What processors find of Node.js, against Node.js itself: the same cases, line by line."""
import shutil
import subprocess
import unittest

from header_server import HeaderServer
from script_case import ScriptCase
from support import HERE, environment, node_modules

FOLDER = HERE / "javascript"
# Those that processors of Artillery's users have most; the last release of each that CommonJS can load.
PACKAGES = {"uuid": "11", "nanoid": "3", "lodash": "4", "dayjs": "1", "@faker-js/faker": "9"}
CONFIG = """
config:
  target: {target}
  processor: ./cases_processor.js
  phases: [{{duration: 1, arrivalCount: 1}}]
  wsblast: {{callTimeout: 10s}}
scenarios: [{{flow: [{{function: run}}]}}]
"""
# Lines go as messages, in their order; some of them are longer than one takes.
PROCESSOR = """
const cases = require('./cases.js');
exports.run = async (context) => {{
    const lines = [];
    const print = (line) => lines.push(String(line));
    await require('./{file}')(cases(print), print);
    for (const line of lines) context.ws.send(line);
}};
"""


class NodeTest(ScriptCase):
    def compare(self, file, lines_min):
        if not shutil.which("node"):
            raise AssertionError("node is missing: run tools/install test")
        for name in ("cases.js", "run.js", file):
            shutil.copy(FOLDER / name, self.folder)
        node = subprocess.run(["node", "--no-deprecation", self.folder / "run.js", file],
                              capture_output=True, text=True, timeout=60, check=False, env=environment())
        self.assertEqual(node.returncode, 0, node)
        self.write(PROCESSOR.format(file=file), "cases_processor.js")
        with HeaderServer() as server:
            path = self.write(CONFIG.format(target=f"ws://127.0.0.1:{server.port}/"))
            counters = self.counters(path)
        self.assertEqual(counters.get("vusers.completed"), 1, counters)
        theirs = node.stdout.splitlines()
        ours = "\n".join(server.messages).splitlines()
        different = [f"node:    {a}\nwsblast: {b}" for a, b in zip(theirs, ours) if a != b]
        self.assertEqual(different, [], f"{len(different)} of {len(theirs)}:\n" + "\n".join(different[:40]))
        self.assertEqual(len(theirs), len(ours))
        self.assertGreater(len(theirs), lines_min)

    def test_buffer(self):
        self.compare("buffer.js", 2500)

    def test_numbers_in_a_buffer(self):
        self.compare("numbers.js", 2000)

    def test_text(self):
        self.compare("text.js", 80)

    def test_urls(self):
        self.compare("url.js", 500)

    def test_crypto(self):
        self.compare("crypto.js", 150)

    def test_modules(self):
        self.compare("modules.js", 300)

    def test_packages_of_npm(self):
        (self.folder / "node_modules").symlink_to(node_modules(PACKAGES))
        self.compare("packages.js", 10)


if __name__ == "__main__":
    unittest.main()
