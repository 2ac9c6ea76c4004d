"""What the end-to-end tests share: running wsblast, starting servers, and the sums that every result obeys.

The environment variable WSBLAST names the program under test, WSBLAST_E2E_FOLDER a folder for what is
installed; meson sets both.
"""
import fcntl
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
WSBLAST = os.environ.get("WSBLAST", str(HERE.parents[1] / "build" / "wsblast"))
FOLDER = Path(os.environ.get("WSBLAST_E2E_FOLDER", str(HERE.parents[1] / "build" / "e2e")))
RUN_SECONDS_MAX = 60

# Kinds of errors that happen before the upgrade is done: they add up to `failed`.
BEFORE_UPGRADE = {
    "connect_timeout", "refused", "no_such_socket", "not_permitted", "unreachable", "reset_in_handshake",
    "closed_in_handshake", "timed_out",
    "no_free_source_port", "no_memory", "socket_error", "proxy_refused", "proxy_login", "proxy_broken",
    "tls_untrusted", "tls_expired", "tls_wrong_name", "tls_alert", "tls_missing", "tls_broken",
    "upgrade_status", "upgrade_not_http", "upgrade_head_too_large", "upgrade_headers", "wrong_accept_key",
    "unrequested_extension", "unsound_extension", "unrequested_subprotocol", "redirect_refused",
    "redirect_loop",
}
BLOCK = re.compile(
    r"^={40}\nWEBSOCKET STRESS TEST RESULTS\n={40}\n"
    r"Duration: \d+\.\d\ds\n"
    r"Connections attempted: (?P<attempted>\d+)\n"
    r"Connections successful: (?P<successful>\d+)\n"
    r"Connections failed: (?P<failed>\d+)\n"
    r"Success rate: \d+\.\d\d%\n"
    r"Messages sent: (?P<sent>\d+)\n"
    r"Messages received: (?P<received>\d+)\n"
    r"Messages/sec: \d+\.\d\d\n\n"
    r"Latency Statistics:\n"
    r"  Average: .+\n  P50: .+\n  P95: .+\n  P99: .+\n"
    r"(?:\nErrors encountered:\n(?P<errors>(?:  .+: \d+\n)+))?"
    r"={40}$", re.MULTILINE)


def environment(**variables):
    """This process's environment without what would change a run, plus `variables`."""
    kept = {name: value for name, value in os.environ.items() if name not in ("WS_URL", "CONNECTIONS",
                                                                              "MESSAGES")}
    return dict(kept, **variables)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(condition, what, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s for {what}")
        time.sleep(0.02)


def accepts(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Process:
    """A server process with its output in a file; ended with the block."""

    def __init__(self, command, port, **variables):
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
                                        env=environment(**variables), cwd=HERE)
        self.port = port

    def __enter__(self):
        try:
            wait_for(lambda: self.process.poll() is not None or accepts(self.port), f"port {self.port}")
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended with {self.process.returncode}:\n{self.output()}")
        except AssertionError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()

    def kept_waiting_s(self):
        """For how long its threads were ready to run, and others ran (proc_schedstat: the second figure)."""
        tasks = Path(f"/proc/{self.process.pid}/task")
        return sum(int((task / "schedstat").read_text(encoding="ascii").split()[1])
                   for task in tasks.iterdir()) / 1e9

    def output(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def url(self, path="/ws"):
        return f"ws://127.0.0.1:{self.port}{path}"


class Target(Process):
    """The built-in target, on a port of its own choice: nobody can take it before. Nobody has connected."""
    LISTENS = re.compile(r"listening on .*?://127\.0\.0\.1:(\d+)")

    def __init__(self, command):
        super().__init__(command, 0)

    def __enter__(self):
        wait_for(lambda: self.process.poll() is not None or self.LISTENS.search(self.output()), "the target")
        if self.process.poll() is not None:
            output = self.output()
            self.__exit__()
            raise AssertionError(f"the target ended with {self.process.returncode}:\n{output}")
        self.port = int(self.LISTENS.search(self.output())[1])
        return self

    def stats(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/stats", timeout=30) as response:
            return json.load(response)


def serve(*options, cores=1):
    return Target([WSBLAST, "serve", "--host", "127.0.0.1", "--port", "0", "--cores", str(cores), *options])


NPM_PACKAGES = {"ws": "8", "hdr-histogram-js": "3"}


def node_modules(packages=None):
    """Where the npm packages are (name: version), installed where they are missing; one test program at a
    time does it."""
    wanted = packages or NPM_PACKAGES
    if not shutil.which("npm"):
        raise AssertionError("npm is missing: run tools/install test")
    FOLDER.mkdir(parents=True, exist_ok=True)
    modules = FOLDER / "node_modules"
    with open(FOLDER / "npm.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not all((modules / name / "package.json").is_file() for name in wanted):
            names = [f"{name}@{version}" for name, version in wanted.items()]
            done = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--prefix", str(FOLDER),
                                   *names],
                                  capture_output=True, text=True, check=False, timeout=120)
            if done.returncode != 0:
                raise AssertionError(f"npm cannot install {names} (is there a network?):\n{done.stderr}")
    return str(modules)


class Run:
    """One finished run of wsblast: status, output, and the JSON result where one was written."""

    def __init__(self, arguments, seconds=RUN_SECONDS_MAX, with_json=True, **variables):
        handle, path = tempfile.mkstemp(suffix=".json")
        os.close(handle)
        extra = ["--json", path] if with_json else []
        try:
            done = subprocess.run([WSBLAST, *arguments, *extra], stdin=subprocess.DEVNULL,
                                  capture_output=True,
                                  text=True, timeout=seconds, env=environment(**variables), check=False)
            self.status, self.stdout, self.stderr = done.returncode, done.stdout, done.stderr
            text = Path(path).read_text(encoding="utf-8")
            self.json = json.loads(text) if text else None
        finally:
            os.unlink(path)

    def __str__(self):
        return f"status {self.status}\n--- stdout\n{self.stdout}\n--- stderr\n{self.stderr}"


class WsblastTest(unittest.TestCase):
    """Adds: run the program, and check what every result has to obey."""

    def run_wsblast(self, *arguments, status=0, **options):
        """Runs to the end and checks status and sums; the verdict counts only with --fail-on."""
        lenient = [] if "--fail-on" in arguments else ["--fail-on", "never"]
        run = Run([*arguments, *lenient, "--allow-saturated"], **options)
        self.assertEqual(run.status, status, str(run))
        if run.json:
            self.check_result(run.json)
            self.assertEqual(run.json["exit_status"], status)
        return run

    def refuse(self, *arguments, status=2, names=(), **variables):
        """The program refuses the arguments before the run, and names what is wrong."""
        run = Run(arguments, with_json=False, seconds=30, **variables)
        self.assertEqual(run.status, status, str(run))
        self.assertNotIn("WEBSOCKET STRESS TEST RESULTS", run.stdout)
        for name in names:
            self.assertIn(name, run.stderr)
        return run

    def check_result(self, result):
        """The sums of the interface hold at every moment a result is written."""
        connections, messages = result["connections"], result["messages"]
        self.assertEqual(result["schema"], "wsblast.result/1")
        self.assertEqual(connections["attempted"], connections["successful"] + connections["failed"])
        self.assertEqual(messages["due"], messages["sent"] + messages["unsent"])
        self.assertEqual(messages["sent"], messages["received"] + messages["lost"] + messages["in_flight"])
        errors = result["errors"]
        lost = sum(error["count"] for error in errors if error["scope"] == "message")
        failed = sum(error["count"] for error in errors if error["kind"] in BEFORE_UPGRADE)
        self.assertEqual(lost, messages["lost"], errors)
        self.assertEqual(failed, connections["failed"], errors)
        for key in ("latency_us", "service_time_us"):
            if result[key] is not None and result[key]["count"]:
                self.assertEqual(result[key]["count"], messages["received"] + messages["censored"])
                self.assertEqual(result[key]["censored"], messages["censored"])
                ordered = [result[key][name] for name in ("min", "p50", "p75", "p90", "p95", "p99", "p99_9",
                                                          "max")]
                self.assertEqual(ordered, sorted(ordered))

    def check_errors(self, run, **expected):
        """Exactly these kinds of errors, exactly that often; unanswered closes aside."""
        found = {error["kind"]: error["count"] for error in run.json["errors"]}
        found.pop("close_timeout", None)
        self.assertEqual(found, expected, str(run))

    def check_block(self, text, result):
        """The result block is there, once, as specified, and says what the JSON says."""
        blocks = list(BLOCK.finditer(text))
        self.assertEqual(len(blocks), 1, text)
        for name in ("attempted", "successful", "failed"):
            self.assertEqual(int(blocks[0][name]), result["connections"][name])
        for name in ("sent", "received"):
            self.assertEqual(int(blocks[0][name]), result["messages"][name])
        self.assertEqual(blocks[0]["errors"] is not None, bool(result["errors"]))

