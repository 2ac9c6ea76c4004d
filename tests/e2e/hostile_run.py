"""Runs wsblast against one behaviour of the hostile server, beside good connections, and judges the run.

Four of five connections go to the behaviour, the fifth to the built-in target: those have to be answered as
if the others were not there.
"""
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue

import hostile_deflate  # noqa: F401
import hostile_frames  # noqa: F401  (they register their behaviours)
import hostile_handshakes  # noqa: F401
import hostile_lives  # noqa: F401
import hostile_tls  # noqa: F401
from certificates import Certificates
from hostile_server import BEHAVIOURS, FINE
from support import BEFORE_UPGRADE, HERE, WSBLAST, environment, serve

SHARE = 4  # hostile connections to each good one
# Short where they are what is tried; else of a machine that has much to do. So many connections wait longer.
CONNECT_TIMEOUT_S, CONNECT_OF_MANY_S = 0.8, 4
ANSWER_TIMEOUT_S, ANSWER_OF_MANY_S, MANY = 1.5, 6, 200
PATIENT_S = 30
# A window of handshakes in flight is full of silent ones at worst (kHandshakesStart).
HANDSHAKES_AT_ONCE = 24
# For a start, all messages and closing, on a machine that does something else as well: with the sanitizers a
# thousand floods take a while.
SLACK_S, SLACK_EACH_S = 45, 0.05
# What the program takes without connections.
RSS_BASE = {"release": 96 << 20, "sanitized": 512 << 20}


class HostileServer:
    def __init__(self, certificates):
        self.arguments = [certificates["server.pem"], certificates["server.key"]]

    def __enter__(self):
        self.log = tempfile.TemporaryFile()
        command = [sys.executable, "-B", str(HERE / "hostile_server.py"), *self.arguments]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.log)
        self.urls = json.loads(self.process.stdout.readline())
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.kill()
        self.process.wait()
        self.log.close()

    def failures(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")


@dataclass
class Outcome:
    name: str
    connections: int  # hostile ones
    seconds: float
    rss_peak: int
    status: int
    result: dict
    output: str
    faults: list

    def counts(self):
        """{kind: count} of everything that is in `errors`."""
        return {error["kind"]: error["count"] for error in (self.result or {"errors": []})["errors"]}


def connect_timeout_s(connections):
    return CONNECT_TIMEOUT_S if connections <= MANY else CONNECT_OF_MANY_S


def seconds_max(chosen, connections):
    """Nothing hangs past its timeouts: the ramp of silent handshakes, then the longest wait there is."""
    silent = math.ceil(connections / HANDSHAKES_AT_ONCE) * connect_timeout_s(connections)
    return SLACK_S + connections * SLACK_EACH_S + (silent if "connect_timeout" in chosen.ends else 0)


def timeouts(chosen, connections):
    """(connect timeout, answer timeout) in seconds."""
    waits = chosen.loses | chosen.ends
    answer_s = ANSWER_TIMEOUT_S if connections <= MANY else ANSWER_OF_MANY_S
    return (connect_timeout_s(connections) if "connect_timeout" in waits else PATIENT_S,
            answer_s if waits & {"answer_timeout", "setup_timeout"} else PATIENT_S)


def run_program(arguments, seconds):
    """(status, standard error, the JSON result, peak RSS in bytes); killed after `seconds`."""
    with tempfile.TemporaryFile() as errors, tempfile.NamedTemporaryFile(suffix=".json") as result:
        process = subprocess.Popen([WSBLAST, *arguments, "--json", result.name], stdin=subprocess.DEVNULL,
                                   stdout=errors, stderr=errors, env=environment())
        deadline = time.monotonic() + seconds
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() > deadline:
                process.kill()
            time.sleep(0.02)
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        text = result.read()
        return (process.returncode, errors.read().decode(errors="replace"),
                json.loads(text) if text else None, usage.ru_maxrss * 1024)


def blast(name, url, good_url, connections):
    """One run with so many connections to the behaviour."""
    chosen = BEHAVIOURS[name]
    connections = min(connections, chosen.connections_max)
    connect_s, answer_s = timeouts(chosen, connections)
    urls = [word for _ in range(SHARE) for word in ("--url", url)] + ["--url", good_url]
    options = {"--connections": connections + connections // SHARE, "--cores": 1, "--match": "fifo",
               "--message": "hello", "--messages": 1, "--fail-on": "never",
               "--connect-timeout": f"{connect_s * 1000:.0f}ms",
               "--answer-timeout": f"{answer_s * 1000:.0f}ms", **chosen.options}
    if "--size" in options:
        del options["--message"]
    words = [str(word) for pair in options.items() for word in pair if word is not None]
    started = time.monotonic()
    status, output, result, rss_peak = run_program([*urls, *words, "--allow-saturated", "--quiet"],
                                                   seconds_max(chosen, connections) + 10)
    outcome = Outcome(name, connections, time.monotonic() - started, rss_peak, status, result, output, [])
    outcome.faults = judge(chosen, outcome)
    return outcome


def judge(chosen, outcome):
    """What is wrong with the run, in words."""
    if outcome.status not in (0, 3) or outcome.result is None:
        return [f"exit status {outcome.status}: {outcome.output[-3000:]}"]
    faults = sums(outcome.result) + ends(chosen, outcome) + good_ones(chosen, outcome)
    if outcome.seconds > seconds_max(chosen, outcome.connections):
        faults.append(f"took {outcome.seconds:.1f} s")
    sanitized = "asan" in WSBLAST or os.environ.get("WSBLAST_SANITIZED")
    rss_max = (RSS_BASE["sanitized" if sanitized else "release"] +
               outcome.connections * chosen.rss_per_connection)
    if outcome.rss_peak > rss_max:
        faults.append(f"took {outcome.rss_peak >> 20} MiB, above {rss_max >> 20}")
    return faults


def sums(result):
    """The sums that hold in every result."""
    connections, messages, errors = result["connections"], result["messages"], result["errors"]
    lost = sum(error["count"] for error in errors if error["scope"] == "message")
    failed = sum(error["count"] for error in errors if error["kind"] in BEFORE_UPGRADE)
    pairs = {"attempted": (connections["attempted"], connections["successful"] + connections["failed"]),
             "due": (messages["due"], messages["sent"] + messages["unsent"]),
             "sent": (messages["sent"], messages["received"] + messages["lost"] + messages["in_flight"]),
             "lost": (messages["lost"], lost), "failed": (connections["failed"], failed)}
    return [f"{name}: {left} is not {right}" for name, (left, right) in pairs.items() if left != right]


def ends(chosen, outcome):
    """Every hostile connection's end is named, and rightly."""
    scopes = {error["kind"]: error["scope"] for error in outcome.result["errors"]}
    counts = outcome.counts()
    named = sum(counts.get(kind, 0) for kind in chosen.ends)
    faults = []
    for kind, count in counts.items():
        allowed = chosen.ends | {"close_timeout"} if scopes[kind] == "connection" else chosen.loses
        if kind not in allowed:
            faults.append(f"{count} times {kind}")
    if FINE not in chosen.ends and named != outcome.connections:
        faults.append(f"{named} of {outcome.connections} ends are named: {counts}")
    if FINE in chosen.ends and named > outcome.connections:
        faults.append(f"{named} ends of {outcome.connections}: {counts}")
    return faults


def good_ones(chosen, outcome):
    """Those that met a good server got all their answers."""
    messages = outcome.result["messages"]
    each = chosen.options.get("--messages", 1)
    expected = outcome.connections // SHARE * each
    expected += outcome.connections * each if chosen.answered else 0
    attempted = outcome.connections + outcome.connections // SHARE
    faults = []
    if chosen.answered is not None and messages["received"] != expected:
        faults.append(f"{messages['received']} answers, not {expected}")
    if outcome.result["connections"]["attempted"] != attempted:
        faults.append(f"{outcome.result['connections']['attempted']} attempts, not {attempted}")
    return faults


def blast_all(names, connections, at_once):
    """Yields the outcome of each behaviour. `at_once` runs share the machine, each with its own servers."""
    places = SimpleQueue()

    def one(name):
        place = places.get()
        try:
            return blast(name, place[0].urls[name], place[1].url("/echo"), connections)
        finally:
            places.put(place)

    certificates = Certificates()
    servers = [HostileServer(certificates).__enter__() for _ in range(at_once)]
    targets = [serve().__enter__() for _ in range(at_once)]
    for place in zip(servers, targets):
        places.put(place)
    try:
        with ThreadPoolExecutor(at_once) as pool:
            yield from pool.map(one, names)
        told = "".join(server.failures() for server in servers)
        if told:
            raise AssertionError(f"the hostile server itself failed:\n{told}")
    finally:
        for process in (*servers, *targets):
            process.__exit__()
        certificates.cleanup()
