#!/usr/bin/env python3
"""Runs the commands whose output the documentation shows and pastes what they print now.

    tools/refresh_readme.py [--list] [--any-status] [FILE...]     (default: README.md)

A place to paste to is a comment with the command, a fenced block and a comment that ends it:

    <!-- output: wsblast serve & wsblast --connections 50000 -->
    ```
    ...
    ```
    <!-- end of output -->

What stands before " & " are servers: started first, awaited until they listen, ended afterwards. Commands
are run by the shell with build/wsblast (or $WSBLAST) as `wsblast`; only their standard output is pasted. A
command that does not exit with 0 leaves its block as it was, unless --any-status is given.
"""
import argparse
import os
import re
import shlex
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WSBLAST = Path(os.environ.get("WSBLAST", ROOT / "build" / "wsblast"))
OUTPUT = re.compile(r"(?P<head><!-- output: (?P<command>[^\n]+?) -->\n```\w*\n)(?P<block>.*?)"
                    r"(?P<tail>```\n<!-- end of output -->)", re.DOTALL)
COMMAND_SECONDS_MAX = 120
SETTINGS = ("WS_URL", "CONNECTIONS", "MESSAGES")  # of whoever runs this: no part of what is shown


def commands_of(text):
    """The command of every place, as it stands in its comment."""
    return [place["command"] for place in OUTPUT.finditer(text)]


def split_servers(command):
    """The servers of a command and what is to be pasted: "a & b & c" is (["a", "b"], "c")."""
    *servers, last = command.split(" & ")
    return servers, last


@contextmanager
def server(command, environment):
    """A server that listens for as long as the block lasts; its first line on standard error says so."""
    process = subprocess.Popen(shlex.split(command), stderr=subprocess.PIPE, text=True, env=environment)
    try:
        said = process.stderr.readline()
        if "listening" not in said:
            raise RuntimeError(f"'{command}' does not listen: {said.strip()}")
        yield
    finally:
        process.terminate()
        process.communicate()


def run(command, environment):
    """(status, standard output) of a command with its servers."""
    servers, last = split_servers(command)
    with ExitStack() as stack:
        for one in servers:
            stack.enter_context(server(one, environment))
        done = subprocess.run(["bash", "-o", "pipefail", "-c", last], stdout=subprocess.PIPE, text=True,
                              stdin=subprocess.DEVNULL, env=environment, check=False,
                              timeout=COMMAND_SECONDS_MAX)
    return done.returncode, done.stdout


def refresh(text, run_command, accepts):
    """The text with new blocks where the status is accepted, and the others as [(command, status)]."""
    refused = []

    def paste(place):
        status, output = run_command(place["command"])
        if not accepts(status) or not output:
            refused.append((place["command"], status))
            return place.group()
        return place["head"] + output.rstrip("\n") + "\n" + place["tail"]

    return OUTPUT.sub(paste, text), refused


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, default=[ROOT / "README.md"])
    parser.add_argument("--list", action="store_true", help="name the commands, run none")
    parser.add_argument("--any-status", action="store_true", help="paste what a failing command printed")
    options = parser.parse_args(arguments)
    if options.list:
        for path in options.files:
            print(*commands_of(path.read_text("utf-8")), sep="\n")
        return 0
    if not WSBLAST.is_file():
        print(f"refresh_readme.py: there is no {WSBLAST}; run ./tools/build first", file=sys.stderr)
        return 3
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "wsblast").symlink_to(WSBLAST.resolve())
        environment = {name: value for name, value in os.environ.items() if name not in SETTINGS}
        environment["PATH"] = f"{folder}:{environment['PATH']}"
        for path in options.files:
            text, refused = refresh(path.read_text("utf-8"), lambda command: run(command, environment),
                                    lambda status: options.any_status or status == 0)
            path.write_text(text, encoding="utf-8")
            for command, status in refused:
                print(f"{path.name}: not refreshed: exit {status}: {command}", file=sys.stderr)
            failed = failed or bool(refused)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
