"""Runs the generator and the target on one core each, and reads what they cost.

CPU time comes from /proc/PID/stat of both processes, messages from the target's own counters, all taken
twice within one run at full load: the ramp, the start and the end are outside the window.
"""
import http.client
import itertools
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
WSBLAST = ROOT / "build" / "wsblast"
TICKS = os.sysconf("SC_CLK_TCK")
GENERATOR_CPU, TARGET_CPU = "0", "1"
STATS_ADDRESS = "127.0.0.3"  # whatever other programs do to the ports of 127.0.0.1


class Cost:
    """User and system CPU time of a process, in seconds."""

    def __init__(self, user, system):
        self.user, self.system = user, system

    def __sub__(self, other):
        return Cost(self.user - other.user, self.system - other.system)

    @property
    def total(self):
        return self.user + self.system

    def per(self, count):
        """The same in nanoseconds for each of `count` messages."""
        return Cost(self.user / count * 1e9, self.system / count * 1e9)


def cost_of(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return Cost(int(fields[11]) / TICKS, int(fields[12]) / TICKS)


class Target:
    """`wsblast serve`, or another echo server, on a core of its own."""

    # A port is not used twice: the sockets of a killed server may outlive it for a moment.
    ports = itertools.count(9300)

    def __init__(self, *options, program=None, cores=1, cpu=TARGET_CPU):
        self.port = next(Target.ports)
        serve = [str(WSBLAST), "serve", "--port", str(self.port), "--cores", str(cores)]
        serve += ["--host", "127.0.0.1", *map(str, options)]
        self.command = [program, str(self.port)] if program else serve
        self.builtin = program is None
        self.cpu = cpu

    def __enter__(self):
        prefix = ["taskset", "-c", self.cpu] if self.cpu else []
        self.process = subprocess.Popen(prefix + self.command, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        for _ in range(100):
            time.sleep(0.05)
            if is_listening(self.port):
                return self
        raise RuntimeError(f"nothing listens on port {self.port}: {self.command}")

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM if self.builtin else signal.SIGKILL)
        self.process.wait()

    def url(self, path="/echo"):
        return f"ws://127.0.0.1:{self.port}{path}"

    def stats(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30,
                                                source_address=(STATS_ADDRESS, 0))
        connection.request("GET", "/stats")
        return json.load(connection.getresponse())

    def cost(self):
        return cost_of(self.process.pid)


def is_listening(port):
    wanted = f":{port:04X}"
    lines = pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]
    return any(line.split()[1].endswith(wanted) and line.split()[3] == "0A" for line in lines)


class Generator:
    """One run of wsblast in the background; `result` is its JSON once it has ended."""

    def __init__(self, *options, cpu=GENERATOR_CPU, env=None):
        self.file = tempfile.NamedTemporaryFile(suffix=".json")
        prefix = ["taskset", "-c", cpu] if cpu else []
        self.command = prefix + [str(WSBLAST), "run", *map(str, options), "--quiet",
                                 "--json", self.file.name]
        environment = {**os.environ, **(env or {})}
        for name in ("WS_URL", "CONNECTIONS", "MESSAGES"):
            environment.pop(name, None)
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        text=True, env=environment)

    def cost(self):
        return cost_of(self.process.pid)

    def wait(self, timeout_s=300):
        self.output, _ = self.process.communicate(timeout=timeout_s)
        self.status = self.process.returncode
        text = pathlib.Path(self.file.name).read_text()
        self.result = json.loads(text) if text else None
        return self


class Window:
    """What happened between two samples: messages, seconds, and the cost of a message on both sides."""

    def __init__(self, messages, seconds, generator, target):
        self.messages, self.seconds = messages, seconds
        self.generator, self.target = generator.per(messages), target.per(messages)

    @property
    def per_second(self):
        return self.messages / self.seconds


def measure(target, connections, options, seconds, settle_s=1.0):
    """Load at full speed: waits until all connections are open, then measures so many seconds."""
    duration = seconds + settle_s + ramp_seconds(connections)
    generator = Generator("--url", target.url(), "--cores", 1,
                          "--connections", connections, "--duration", f"{duration}s", *options)
    wait_for_open(target, connections)
    time.sleep(settle_s)
    first = sample(target, generator)
    time.sleep(seconds)
    last = sample(target, generator)
    generator.wait()
    return Window(*(after - before for before, after in zip(first, last)))


def sample(target, generator):
    return (target.stats()["messages_received"], time.monotonic(), generator.cost(), target.cost())


def ramp_seconds(connections):
    """More than the ramp takes, in a closed loop that is already at work."""
    return 2 + connections / 8_000


def wait_for_open(target, connections, timeout_s=120):
    end = time.monotonic() + timeout_s
    while target.stats()["connections_open"] < connections:
        if time.monotonic() > end:
            raise RuntimeError(f"{connections} connections did not open within {timeout_s} s")
        time.sleep(0.1)


def median(values):
    ordered = sorted(values)
    return ordered[len(ordered) // 2]
