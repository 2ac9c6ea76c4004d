"""Bad usage is refused before any connection is opened: status 2, the thing named, what is allowed said."""
import subprocess
import tempfile
import unittest
from pathlib import Path

from raw_server import Peer, RawServer
from support import WSBLAST, Run, WsblastTest, free_port


class OptionsTest(WsblastTest):
    def test_unknown_options_and_commands_are_named_with_the_nearest(self):
        self.refuse("--conections", "5", names=["--conections", "--connections"])
        self.refuse("hevy", names=["hevy", "heavy"])
        self.refuse("run", "fast", names=["fast"])
        self.refuse("serve", "--prot", "1", names=["--prot", "--port"])

    def test_bad_values_are_named_with_their_option(self):
        for option, value in (("--connections", "0"), ("--connections", "many"), ("--connections", "-5"),
                              ("--cores", "0"), ("--pipeline", "0"), ("--interval", "10"), ("--rate", "0"),
                              ("--duration", "0"), ("--size", "1M"), ("--match", "lifo"), ("--fail-on", "x"),
                              ("--source-ip", "localhost"), ("--source-ports", "9-1"),
                              ("--message-file", "/no/such/file"), ("--connect-timeout", "0")):
            self.refuse(option, value, names=[option, value])
        # What may be a secret is not repeated.
        self.refuse("--header", "none", names=["--header", "Name: value"])

    def test_bad_urls_are_named(self):
        for url in ("http://localhost/", "ws://", "ws://host:99999/", "ws://host/#part", "localhost:8000",
                    "ws://ho st/"):
            self.refuse("--url", url, names=["--url", url])
        self.refuse("--url", "ws://user:pw@host/", names=["--url", "ws://user:***@host/"])

    def test_tls_options_are_tried_before_anything_is_opened(self):
        missing = "/no/such/file"
        for words in (["--tls-ca", missing], ["--tls-cert", missing, "--tls-key", missing],
                      ["--tls-ciphers", "NONE"],
                      ["--tls-min-version", "1.3", "--tls-max-version", "1.2"]):
            with self.subTest(words):
                self.refuse("--url", "wss://localhost/", *words, names=[words[0]])
        self.refuse("--url", "ws://localhost/", "--tls-insecure", names=["wss://"])

    def test_exclusive_options_are_refused_together(self):
        for pair in (["--messages", "1", "--duration", "1s"], ["--interval", "1s", "--rate", "5"],
                     ["--with-target", "--url", "ws://localhost/"], ["--size", "5", "--message", "a"]):
            flags = [word for word in pair if word.startswith("--")]
            self.refuse(*pair, names=flags)

    def test_bad_environment_variables_are_named(self):
        self.refuse(names=["CONNECTIONS", "many"], CONNECTIONS="many")
        self.refuse(names=["MESSAGES", "-1"], MESSAGES="-1")
        self.refuse(names=["WS_URL", "ftp://x"], WS_URL="ftp://x")

    def test_nothing_is_connected_before_the_refusal(self):
        with RawServer(Peer.wait_for_end) as server:
            self.refuse("--url", server.url(), "--connections", "5", "--interval", "nonsense")
            self.refuse("--url", server.url(), "--header", "Upgrade: h2c")
            self.assertEqual(server.connections, 0)

    def test_commands_of_later_versions_say_so(self):
        for command in ("report", "merge", "compare"):
            self.refuse(command, names=[command, "not there yet"])

    def test_an_unwritable_result_is_found_before_the_run(self):
        with RawServer(Peer.wait_for_end) as server, tempfile.TemporaryDirectory() as folder:
            for path in (f"{folder}/missing/result.json", folder):
                self.refuse("--url", server.url(), "--json", path, status=3, names=["--json", path])
            self.assertEqual(server.connections, 0)

    def test_help_and_version_need_no_target(self):
        for arguments, words in ((["--help"], ["usage", "--connections", "serve"]),
                                 (["run", "--help"], ["--pipeline", "closed loop"]),
                                 (["quick", "--help"], ["--messages"]),
                                 (["serve", "--help"], ["--max-connections", "8000"]),
                                 (["doctor", "--help"], ["--explain", "--source-ip"]),
                                 (["--version"], ["wsblast "])):
            run = Run(arguments, with_json=False, seconds=10)
            self.assertEqual((run.status, run.stderr), (0, ""), str(run))
            for word in words:
                self.assertIn(word, run.stdout)

    def test_help_into_a_closed_pipe_ends_quietly(self):
        done = subprocess.run(["bash", "-c", '"$0" --help | true; exit ${PIPESTATUS[0]}', WSBLAST],
                              capture_output=True, text=True, check=False, timeout=10)
        self.assertLess(done.returncode, 128, done.stderr)

    def test_a_message_file_is_read_to_its_last_byte(self):
        messages = []

        def handler(peer):
            peer.accept()
            messages.append(peer.receive())
            peer.send(1, b"ok")
            peer.echo()

        with RawServer(handler) as server, tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "message"
            path.write_bytes("grüße\n".encode())
            self.run_wsblast("--url", server.url(), "--connections", "1", "--messages", "1",
                             "--message-file",
                             str(path))
        self.assertEqual(messages, [(1, "grüße\n".encode())])


class UnreachableTest(WsblastTest):
    """Targets that are not there: status 3, the reason counted and named."""

    def test_refused(self):
        run = self.run_wsblast("--url", f"ws://127.0.0.1:{free_port()}/", "--connections", "7", status=3)
        self.check_errors(run, refused=7)
        self.check_block(run.stdout, run.json)
        self.assertIsNone(run.json["verdict"] and run.json["verdict"]["status"])

    def test_unknown_host(self):
        self.refuse("--url", "ws://no-such-host.invalid/", status=3, names=["no-such-host.invalid"])

    def test_unreachable_network(self):
        run = Run(["--url", "ws://255.255.255.255:9/", "--connections", "2", "--connect-timeout", "1s"],
                  seconds=15)
        self.assertEqual(run.status, 3, str(run))

    def test_many_that_all_fail_end_early(self):
        run = self.run_wsblast("--url", f"ws://127.0.0.1:{free_port()}/", "--connections", "20000", status=3,
                               seconds=15)
        self.assertLess(run.json["connections"]["attempted"], 20000)


if __name__ == "__main__":
    unittest.main()
