"""docs/scenarios.md: every example is sound, and every key that the loader knows has one."""
import re
import subprocess
import unittest
from pathlib import Path

from certificates import Certificates
from support import WSBLAST, environment

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/scenarios.md").read_text("utf-8")
TARGET = 'config: { target: "ws://localhost:8000/ws" }\n'
# A variable of the page's flows has a value; so do those that a flow shows being filled in.
VARIABLES = ('config:\n  target: "ws://localhost:8000"\n'
             '  variables: { room: "lobby", size: 3, token: "t", user: { id: 7, roles: ["admin"] } }\n')
SCENARIO = 'scenarios: [{ flow: [{ send: "hello" }] }]\n'
# Files that the examples name, but for the JavaScript, which the page shows.
FILES = {"users.csv": "name,token\nada,1\n", "hello.bin": "\x01\x02"}
# A variable that an example leaves out on purpose.
MISSING = "'missing' never has a value"
# Keys that are refused or without a meaning: the page says so in words.
WITHOUT_EXAMPLE = {"beforeScenario", "afterScenario", "onError", "apdex", "engines", "http", "socketio",
                   "statsInterval", "includeFiles", "bundling", "maxRedirects"}


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def indented(text, width):
    return "".join(f"{' ' * width}{line}\n" for line in text.splitlines())


def completed(block):
    """The file that an example stands for: steps are a flow, and what is missing is added."""
    if block.startswith("-"):
        return VARIABLES + "scenarios:\n  - flow:\n" + indented(block, 6)
    keys = re.findall(r"^(\w+):", block, re.MULTILINE)
    if "config" not in keys:
        block = TARGET + block
    elif not re.search(r"^  target:", block, re.MULTILINE):
        block = block.replace("config:\n", 'config:\n  target: "ws://localhost:8000"\n', 1)
    return block if "scenarios" in keys else block + SCENARIO


def known_keys():
    """What the loader compares with, from its lists of keys."""
    keys = set()
    for path in sorted((ROOT / "src/script").glob("*.cpp")):
        lists = re.findall(r"> k(?:\w*Keys|CsvOptions|Steps|Reactions)\{(.*?)\};", path.read_text("utf-8"),
                           re.DOTALL)
        keys.update(key for names in lists for key in re.findall(r'"(\w+)"', names))
    return keys


class ScenariosDocTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        certificates = Certificates()
        cls.addClassCleanup(certificates.cleanup)
        cls.folder = certificates.folder
        for name, text in (*FILES.items(), ("functions.js", blocks("js")[0])):
            (cls.folder / name).write_text(text, "utf-8")

    def validate(self, text):
        path = self.folder / "example.yml"
        path.write_text(text, "utf-8")
        return subprocess.run([WSBLAST, "validate", str(path)], capture_output=True, text=True, timeout=30,
                              env=environment(CHAT_HOST="localhost", CHAT_RATE="5"), check=False)

    def test_every_example_is_sound(self):
        self.assertGreater(len(blocks("yaml")), 15)
        for block in blocks("yaml"):
            with self.subTest(block=block):
                done = self.validate(completed(block))
                self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout + done.stderr)
                warnings = [line for line in done.stdout.splitlines() if line.startswith("warning:")]
                self.assertEqual([line for line in warnings if MISSING not in line], [])

    def test_an_example_that_is_wrong_is_found(self):
        for block in ("- sent: hello\n", "config:\n  phases: [{ duration: 1 }]\n", "- think: soon\n",
                      "scenarios: [{ wsblast: { on: [{ reply: 1, count: x }] }, flow: [{ think: 1 }] }]\n"):
            self.assertEqual(self.validate(completed(block)).returncode, 2, block)

    def test_every_key_has_an_example(self):
        keys = known_keys()
        self.assertGreater(len(keys), 80)
        examples = "".join(blocks("yaml"))
        missing = {key for key in keys if not re.search(rf'(?<![\w.]){key}"?:', examples)}
        self.assertEqual(missing - WITHOUT_EXAMPLE, set())


if __name__ == "__main__":
    unittest.main()
