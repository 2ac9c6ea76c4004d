"""A network of a test's own: two namespaces with a wire between them; and settings of the machine that are
put back.

    with Network() as network:
        with network.serve("--max-connections", "10") as server:
            network.client("capacity", "--url", server.url())
"""
import contextlib
import itertools
import os
import shutil
import subprocess
import unittest
from pathlib import Path

from support import WSBLAST, Process, wait_for

NUMBERS = itertools.count()
TOOLS = ("ip", "nft")


def ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


def why_not():
    """Why this process cannot make networks; None when it can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        return f"{', '.join(missing)}: run tools/install test"
    name = f"wsb-probe-{os.getpid()}"
    if subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False).returncode != 0:
        return "this machine does not allow network namespaces"
    ip("netns", "del", name)
    return None


class Server(Process):
    """A server within a namespace: whether it listens is asked there."""

    def __init__(self, command, port, address, namespace):
        super().__init__(["ip", "netns", "exec", namespace, *command], port)
        self.address, self.namespace = address, namespace

    def __enter__(self):
        wait_for(lambda: self.process.poll() is not None or self.listens(), f"port {self.port}")
        return self

    def listens(self):
        asked = subprocess.run(["ip", "netns", "exec", self.namespace, "ss", "-Hltn",
                                f"sport = :{self.port}"], capture_output=True, text=True, check=False)
        return bool(asked.stdout.strip())

    def url(self, path="/ws"):
        return f"ws://{self.address}:{self.port}{path}"


class Network:
    """`near` is where wsblast runs, `far` where its target is; 192.0.2.0/24 is behind `far`, and nowhere."""
    NEAR, FAR = "10.99.0.1", "10.99.0.2"

    def __enter__(self):
        number = next(NUMBERS)
        self.near, self.far = (f"wsb-{end}-{os.getpid()}-{number}" for end in ("near", "far"))
        try:
            ip("netns", "add", self.near)
            ip("netns", "add", self.far)
            ip("-n", self.near, "link", "add", "wire", "type", "veth",
               "peer", "name", "wire", "netns", self.far)
            for namespace, address in ((self.near, self.NEAR), (self.far, self.FAR)):
                ip("-n", namespace, "addr", "add", f"{address}/24", "dev", "wire")
                ip("-n", namespace, "link", "set", "wire", "up")
                ip("-n", namespace, "link", "set", "lo", "up")
            ip("-n", self.near, "route", "add", "192.0.2.0/24", "via", self.FAR)
            ip("-n", self.far, "route", "add", "blackhole", "192.0.2.0/24")
        except subprocess.CalledProcessError as failure:
            self.__exit__()
            raise unittest.SkipTest(f"no network of its own: {failure.stderr}") from failure
        return self

    def __exit__(self, *_):
        for namespace in (self.near, self.far):
            subprocess.run(["ip", "netns", "del", namespace], capture_output=True, check=False)

    def run_in(self, namespace, *command):
        subprocess.run(["ip", "netns", "exec", namespace, *command],
                       check=True, capture_output=True, text=True)

    def filter(self, namespace, hook, rule):
        """A rule of nftables in that namespace, on its input or output."""
        self.run_in(namespace, "nft", f"add table inet test; add chain inet test {hook} "
                                      f"{{ type filter hook {hook} priority 0; }}; "
                                      f"add rule inet test {hook} {rule}")

    def prefix(self):
        """What a command begins with to run near."""
        return ["ip", "netns", "exec", self.near]

    def serve(self, *options):
        port = 8000
        command = [WSBLAST, "serve", "--host", self.FAR, "--port", str(port), "--cores", "1", *options]
        return Server(command, port, self.FAR, self.far)


@contextlib.contextmanager
def setting(path, value):
    """A setting of the whole machine while a block lasts."""
    file = Path("/proc/sys") / path
    before = file.read_text(encoding="ascii")
    file.write_text(f"{value}\n", encoding="ascii")
    try:
        yield
    finally:
        file.write_text(before, encoding="ascii")
