"""How targets are reached and who asks: other addresses, Unix sockets, logins, values from a file; and that
secrets stay secret."""
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

from certificates import Certificates
from raw_server import RawServer
from support import HERE, WSBLAST, WsblastTest, environment, free_port, serve, wait_for

PLAIN = ("--message", "hello", "--match", "fifo", "--setup", "")


class Recorder:
    """A handler that echoes, and keeps the requests."""

    def __init__(self):
        self.requests = []
        self.lock = threading.Lock()

    def __call__(self, peer):
        peer.accept()
        with self.lock:
            self.requests.append(peer.request.decode())
        peer.echo()

    def headers(self, name):
        found = [re.search(rf"(?im)^{name}: (.*?)\r$", request) for request in self.requests]
        return sorted(match[1] for match in found if match)


class Folder:
    """A temporary folder of files."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        return self

    def __exit__(self, *_):
        self.folder.cleanup()

    def file(self, name, content):
        path = Path(self.folder.name) / name
        path.write_text(content, encoding="utf-8")
        return str(path)


class AccessTest(WsblastTest):
    def record(self, *arguments, url=None, connections=3, **options):
        recorder = Recorder()
        with RawServer(recorder) as server:
            self.run = self.run_wsblast(
                "--url", url or server.url("/ws"), *PLAIN, "--connections", str(connections),
                "--messages", "2",
                *[argument.replace("PORT", str(server.port)) for argument in arguments], **options)
        self.assertEqual(server.failures, [])
        self.assertEqual(self.run.json["messages"]["received"], 2 * connections, str(self.run))
        return recorder

    def test_connect_to_goes_elsewhere_and_asks_for_the_url(self):
        recorder = self.record("--connect-to", "127.0.0.1:PORT", url="ws://chat.example:1234/ws")
        self.assertEqual(recorder.headers("Host"), ["chat.example:1234"] * 3)
        self.assertIn("ws://chat.example:1234/ws", self.run.json["target"]["urls"])

    def test_login_and_cookies(self):
        recorder = self.record("--auth", "Aladdin:open sesame", "--cookie", "a=1", "--cookie", "b=2; c=3")
        self.assertEqual(recorder.headers("Authorization"), ["Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="] * 3)
        self.assertEqual(recorder.headers("Cookie"), ["a=1; b=2; c=3"] * 3)

    def test_a_token_from_a_file(self):
        with Folder() as folder:
            recorder = self.record("--bearer-file", folder.file("token", "  t0ken.abc\n"))
        self.assertEqual(recorder.headers("Authorization"), ["Bearer t0ken.abc"] * 3)

    def test_values_of_each_connection_from_a_file(self):
        with Folder() as folder:
            path = folder.file("users.csv", 'name,token\nann,1\n"b, en",22\ncid,333\n')
            recorder = self.record("--header-csv", path, "--header", "X-User: <{{name}}>", "--cookie",
                                   "session={{token}}", connections=5)
        users = recorder.headers("X-User")
        self.assertEqual(users, sorted(["<ann>", "<b, en>", "<cid>", "<ann>", "<b, en>"]))
        pairs = {(re.search(r"X-User: <(.*)>", request)[1], re.search(r"session=(\d+)", request)[1])
                 for request in recorder.requests}
        self.assertEqual(pairs, {("ann", "1"), ("b, en", "22"), ("cid", "333")})

    def test_what_cannot_be_is_refused_and_not_repeated(self):
        with Folder() as folder:
            rows = folder.file("rows.csv", "name\ns3cret,s3cret\n")
            users = folder.file("users.csv", "name\nann\n")
            for arguments, names in (
                    (("--auth", "s3cret"), ("--auth", "USER:PASSWORD")),
                    (("--auth", "a:s3cret", "--bearer-file", users), ("exclude",)),
                    (("--auth", "a:s3cret", "--header", "Authorization: s3cret"), ("exclude",)),
                    (("--cookie", "s3cret"), ("--cookie", "NAME=VALUE")),
                    (("--cookie", "a=s3cret", "--header", "cookie: s3cret"), ("exclude",)),
                    (("--header", "s3cret"), ("--header", "Name: value")),
                    (("--header-csv", rows), ("--header-csv", "line 2")),
                    (("--header-csv", users, "--header", "X: {{token}}"), ("{{token}}",)),
                    (("--bearer-file", "/nowhere/token"), ("/nowhere/token",)),
                    (("--proxy", "ftp://me:s3cret@proxy:1"), ("--proxy", "socks5://")),
                    (("--proxy", "http://me:s3cret@proxy"), ("--proxy", "HOST:PORT")),
                    (("--proxy", "http://proxy:1", "--url", "ws+unix:/run/a"), ("--proxy", "ws+unix:")),
                    (("--connect-to", "localhost"), ("--connect-to", "HOST:PORT")),
                    (("--url", "ws://me:s3cret@host/"), ("--url", "--auth"))):
                with self.subTest(arguments):
                    run = self.refuse(*arguments, names=names)
                    self.assertNotIn("s3cret", run.stdout + run.stderr)


class AddressesTest(WsblastTest):
    def test_ipv6(self):
        port = free_port()
        command = [WSBLAST, "serve", "--host", "::1", "--port", str(port), "--cores", "1"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
            try:
                wait_for(lambda: socket.socket(socket.AF_INET6).connect_ex(("::1", port)) == 0, "the target")
                run = self.run_wsblast("--url", f"ws://[::1]:{port}/ws", "--connections", "20")
            finally:
                server.terminate()
        self.assertEqual(run.json["messages"]["received"], 200)

    def test_the_addresses_of_a_name_are_taken_in_turn(self):
        """A name with an A and an AAAA record, as /etc/hosts of a mount namespace has it."""
        counts, listeners, port = {}, [], free_port()

        def accept(listener, address):
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                counts[address] = counts.get(address, 0) + 1
                connection.close()

        for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            listeners.append(socket.create_server((address, port), family=family, backlog=64))
            threading.Thread(target=accept, args=(listeners[-1], address), daemon=True).start()
        with Folder() as folder:
            hosts = folder.file("hosts", "127.0.0.1 two.example\n::1 two.example\n")
            done = subprocess.run(["unshare", "--mount", "sh", "-c",
                                   f'mount --bind {hosts} /etc/hosts && exec "$@"', "sh", WSBLAST, "--url",
                                   f"ws://two.example:{port}/", "--connections", "20", *PLAIN],
                                  capture_output=True, text=True, timeout=30, check=False)
        for listener in listeners:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self.assertIn("Connections failed: 20", done.stdout, done.stderr)
        # Each address was tried once before the run.
        self.assertEqual(counts, {"127.0.0.1": 11, "::1": 11})

    def test_a_unix_socket(self):
        with tempfile.TemporaryDirectory() as folder:
            path = f"{folder}/echo.sock"
            with subprocess.Popen([sys.executable, "-B", str(HERE / "echo_server.py"), path]) as server:
                try:
                    wait_for(lambda: os.path.exists(path), path)
                    for ring in ("", "without=bind"):
                        run = self.run_wsblast("--url", f"ws+unix:{path}:/ws", *PLAIN, "--connections", "50",
                                               "--messages", "4", **({"WSBLAST_RING": ring} if ring else {}))
                        self.check_errors(run)
                        self.assertEqual(run.json["messages"]["received"], 200)
                        self.assertIn({"code": 1000, "by": "us", "phase": "open", "count": 50},
                                      run.json["closes"])
                finally:
                    server.terminate()
            run = self.run_wsblast("--url", f"ws+unix:{folder}/nobody.sock", "--connections", "3", status=3)
            self.check_errors(run, no_such_socket=3)
            self.assertIn(f"nothing is at the socket {folder}/nobody.sock", run.stderr)
            with socket.socket(socket.AF_UNIX) as deaf:
                deaf.bind(f"{folder}/deaf.sock")
                run = self.run_wsblast("--url", f"ws+unix:{folder}/deaf.sock", "--connections", "3",
                                       status=3)
            self.check_errors(run, refused=3)
            self.assertIn(f"nobody listens at the socket {folder}/deaf.sock", run.stderr)


class RedirectsTest(WsblastTest):
    """Two servers, of which the first one sends everybody elsewhere."""

    def redirect(self, location, *arguments, connections=6, **options):
        recorder = Recorder()

        def send_away(peer):
            place = location(peer.read_request().decode().split(" ")[1], target.port, door.port)
            if place is None:
                return recorder(peer)
            peer.send_raw(f"HTTP/1.1 302 Found\r\nLocation: {place}\r\nContent-Length: 0\r\n\r\n".encode())
            peer.wait_for_end()

        with RawServer(recorder) as target, RawServer(send_away) as door:
            run = self.run_wsblast("--url", door.url("/door?x=1"), *PLAIN, "--connections", str(connections),
                                   "--messages", "2", *arguments, **options)
        self.assertEqual(target.failures + door.failures, [])
        self.requests = recorder.requests
        self.paths = [request.split(" ")[1] for request in recorder.requests[-connections:]]
        return run

    def test_they_are_followed_to_another_host_and_another_path(self):
        run = self.redirect(lambda path, target, door: f"http://127.0.0.1:{target}/room?y=2",
                            "--follow-redirects")
        self.check_errors(run)
        self.assertEqual(run.json["connections"]["redirects"], 6)
        self.assertEqual(run.json["messages"]["received"], 12)
        self.assertEqual(run.json["upgrade_status"], {"101": 6, "302": 6})
        self.assertEqual(self.paths, ["/room?y=2"] * 6)
        self.assertIn("Redirects: 6", run.stdout)

    def test_another_host_is_told_no_secret(self):
        secrets = ("--auth", "me:s3cret1", "--cookie", "a=s3cret2", "--header", "X-Api-Key: s3cret3",
                   "--header", "X-Team: blue")
        run = self.redirect(lambda path, target, door: f"ws://127.0.0.1:{target}/", "--follow-redirects",
                            *secrets)
        self.check_errors(run)
        for request in self.requests:
            self.assertNotRegex(request, "(?i)authorization|cookie|api-key|s3cret")
            self.assertIn("X-Team: blue", request)
        run = self.redirect(lambda path, target, door: None if path == "/in" else "/in",
                            "--follow-redirects", *secrets)
        self.check_errors(run)
        for request in self.requests:
            self.assertRegex(request, "(?s)Authorization.*s3cret3|s3cret3.*Authorization")

    def test_each_connection_follows_its_own(self):
        rooms = iter(range(1000))
        run = self.redirect(
            lambda path, target, door: None if path.startswith("/room") else f"/room/{next(rooms)}",
            "--follow-redirects")
        self.check_errors(run)
        self.assertEqual(len(set(self.paths)), 6)
        self.assertEqual(run.json["messages"]["received"], 12)

    def test_those_that_misbehave_follow_them_too(self):
        run = self.redirect(lambda path, target, door: f"ws://127.0.0.1:{target}/", "--follow-redirects",
                            "--misbehave", "no-pong:50%")
        self.check_errors(run)
        self.assertEqual(run.json["connections"]["redirects"], 3)
        [kept] = run.json["misbehaving"]
        self.assertEqual((kept["connections"], kept["failed"]), (3, 0), kept)
        self.assertEqual(len(self.requests), 10)  # with the four looks before the run

    def test_without_the_option_it_is_a_status(self):
        run = self.redirect(lambda path, target, door: f"ws://127.0.0.1:{target}/", status=3)
        self.check_errors(run, upgrade_status=6)
        self.assertEqual(run.json["connections"]["redirects"], 0)
        self.assertRegex(run.stderr, r"redirects to ws://127\.0\.0\.1:\d+/: .*--follow-redirects")
        self.assertRegex(run.json["upgrade_excerpts"][0]["text"], r"^Location: ws://127\.0\.0\.1:\d+/$")

    def test_loops_end(self):
        run = self.redirect(lambda path, target, door: "/again", "--follow-redirects", status=3)
        self.check_errors(run, redirect_loop=6)
        self.assertEqual(run.json["connections"]["redirects"], 60)

    def test_a_place_that_nobody_has_named_before_is_refused(self):
        asked = []

        def elsewhere(path, target, door):
            asked.append(path)
            return f"ws://127.0.0.1:{target}/" if len(asked) <= 4 else "ws://127.0.0.2:9/"

        run = self.redirect(elsewhere, "--follow-redirects", status=3)
        self.check_errors(run, redirect_refused=6)

    def test_no_server_sends_anybody_to_a_unix_socket(self):
        with tempfile.TemporaryDirectory() as folder:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as private:
                private.bind(f"{folder}/private.sock")
                private.listen(100)
                private.settimeout(0)
                run = self.redirect(lambda path, target, door: f"ws+unix:{folder}/private.sock:/",
                                    "--follow-redirects", status=3)
                self.check_errors(run, redirect_refused=6)
                self.assertRaises(BlockingIOError, private.accept)
            self.assertIn(f"to ws+unix:{folder}/private.sock:/", run.stderr)

    def test_where_it_fails_is_named_and_not_where_it_began(self):
        free = free_port()
        run = self.redirect(lambda path, target, door: f"ws://127.0.0.1:{free}/", "--follow-redirects",
                            status=3)
        self.check_errors(run, refused=6)
        self.assertIn(f"nobody listens at 127.0.0.1:{free}, where a redirect led", run.stderr)

    def test_they_may_lead_to_tls_with_its_options(self):
        certificates = Certificates()
        self.addCleanup(certificates.cleanup)
        with serve("--tls-cert", certificates["server.pem"], "--tls-key",
                   certificates["server.key"]) as secure:
            run = self.redirect(lambda path, target, door: f"wss://localhost:{secure.port}/ws",
                                "--follow-redirects", "--tls-ca", certificates["ca.pem"])
        self.check_errors(run)
        self.assertEqual(run.json["messages"]["received"], 12)

    def test_a_redirect_to_nothing_is_refused(self):
        run = self.redirect(lambda path, target, door: "mailto:me", "--follow-redirects", status=3)
        self.check_errors(run, redirect_refused=6)


class SecretsTest(WsblastTest):
    SECRETS = ("--auth", "me:s3cret1", "--cookie", "session=s3cret2", "--header", "X-Api-Key: s3cret3",
               "--header", "X-Team: blue")

    def test_no_output_has_them(self):
        with RawServer(Recorder()) as server, Folder() as folder:
            run = self.run_wsblast("--url", server.url("/ws?page=1&token=s3cret4"), *PLAIN, *self.SECRETS,
                                   "--connections", "2", "--timeseries", folder.file("rows", ""))
            shown = run.stdout + run.stderr + str(run.json)
        self.assertNotIn("s3cret", shown)
        for text in ("auth = me:*** (option)", "cookie = session=*** (option)",
                     "header = X-Api-Key: *** (option)", "header = X-Team: blue (option)",
                     "page=1&token=***"):
            self.assertIn(text, run.stderr)

    def test_a_server_that_says_them_back_shows_none(self):
        def say_back(peer):
            request = peer.read_request().replace(b"\r\n", b" ")
            peer.send_raw(b"HTTP/1.1 401 No\r\nContent-Length: 256\r\n\r\n")
            time.sleep(0.05)
            words = request[request.index(b"X-Api-Key"):] + b" " + request.split(b" ")[1]
            peer.send_raw(words.ljust(256)[:256])
            peer.wait_for_end()

        with RawServer(say_back) as server:
            run = self.run_wsblast("--url", server.url("/ws?token=s3cret4"), *PLAIN, *self.SECRETS,
                                   "--connections", "2", status=3)
        self.check_errors(run, upgrade_status=2)
        self.assertIn("X-Team: blue", run.json["upgrade_excerpts"][0]["text"])
        self.assertIn("Authorization: *** ", run.stdout)
        self.assertNotRegex(run.stdout + run.stderr + str(run.json), "s3cret|bWU6czNjcmV0")

    def check_command_line(self, *words):
        with subprocess.Popen([WSBLAST, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              env=environment()) as process:
            line = Path(f"/proc/{process.pid}/cmdline")
            try:
                wait_for(lambda: b"\0****" in line.read_bytes() or b"=****" in line.read_bytes(),
                         "the overwritten command line", 5)
                self.assertNotIn(b"s3cret", line.read_bytes())
                self.assertIn(b"X-Team: blue", line.read_bytes())
            finally:
                process.terminate()

    def test_the_process_does_not_show_them(self):
        # A proxy that takes connections and says nothing: the program is there as long as the test looks.
        with RawServer(Recorder()) as server, socket.create_server(("127.0.0.1", 0)) as silent:
            rest = ("--connections", "2", "--hold", "3s", *PLAIN)
            self.check_command_line("--url", server.url("/ws?token=s3cret4"), *self.SECRETS, *rest)
            self.check_command_line(f"--url={server.url('/ws?token=s3cret4')}", "--auth=me:s3cret1",
                                    "--cookie=a=s3cret2", "--header", "X-Team: blue", *rest)
            proxy = f"http://me:s3cret5@127.0.0.1:{silent.getsockname()[1]}"
            self.check_command_line("--url", server.url(), "--proxy", proxy, "--header", "X-Team: blue",
                                    *rest)


if __name__ == "__main__":
    unittest.main()
