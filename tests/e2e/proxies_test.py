"""Through proxies that are not ours: tinyproxy (CONNECT), microsocks and Dante (SOCKS5), nginx on a Unix
socket."""
import tempfile
import unittest
from pathlib import Path

from raw_server import RawServer
from support import Process, WsblastTest, free_port, serve

PLAIN = ("--message", "hello", "--match", "fifo", "--setup", "")


def tinyproxy(folder, port):
    """With a login."""
    path = Path(folder) / "tinyproxy.conf"
    path.write_text(f"Port {port}\nListen 127.0.0.1\nTimeout 60\nMaxClients 300\nAllow 127.0.0.0/8\n"
                    "BasicAuth me s3cret\nLogLevel Error\n", encoding="utf-8")
    return ["tinyproxy", "-d", "-c", str(path)]


def microsocks(_, port):
    """With a login."""
    return ["microsocks", "-i", "127.0.0.1", "-p", str(port), "-u", "me", "-P", "s3cret"]


def dante(folder, port):
    """Without a login."""
    path = Path(folder) / "danted.conf"
    path.write_text(f"logoutput: /dev/null\ninternal: 127.0.0.1 port = {port}\nexternal: lo\n"
                    "clientmethod: none\nsocksmethod: none\nuser.unprivileged: nobody\n"
                    "client pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }\n"
                    "socks pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }\n", encoding="utf-8")
    return ["danted", "-f", str(path)]


class Proxy:
    """A proxy process with its configuration in a folder of its own."""

    def __init__(self, command_of):
        self.folder = tempfile.TemporaryDirectory()
        self.port = free_port()
        self.process = Process(command_of(self.folder.name, self.port), self.port)

    def __enter__(self):
        self.process.__enter__()
        return self

    def __exit__(self, *_):
        self.process.__exit__()
        self.folder.cleanup()


class ProxiesTest(WsblastTest):
    def through(self, proxy_url, url, *arguments, connections=50, **options):
        run = self.run_wsblast("--url", url, "--proxy", proxy_url, *PLAIN, "--connections", str(connections),
                               "--messages", "4", *arguments, **options)
        self.assertNotIn("s3cret", run.stdout + run.stderr + str(run.json))
        return run

    def check_all_answered(self, proxy_url, url, *arguments):
        run = self.through(proxy_url, url, *arguments)
        self.check_errors(run)
        self.assertEqual(run.json["messages"]["received"], 200, str(run))
        self.assertEqual(run.json["connect_us"]["proxy"]["count"], 50)
        return run

    def test_connect_with_a_login(self):
        with serve() as target, Proxy(tinyproxy) as proxy:
            self.check_all_answered(f"http://me:s3cret@127.0.0.1:{proxy.port}", target.url("/echo"))

    def test_connect_with_a_wrong_login(self):
        with serve() as target, Proxy(tinyproxy) as proxy:
            for login in ("me:other@", ""):
                run = self.through(f"http://{login}127.0.0.1:{proxy.port}", target.url("/echo"),
                                   connections=5, status=3)
                self.check_errors(run, proxy_login=5)
                [answer] = run.json["proxy_answers"]
                self.assertIn(answer["code"], (401, 407))
                self.assertEqual(answer["what"], f"HTTP status {answer['code']}")
                self.assertEqual(answer["count"], 5)
                self.assertIn(f"Refused by the proxy:\n  {answer['what']}: 5\n", run.stdout)
                self.assertIn(f"the proxy 127.0.0.1:{proxy.port} answered with {answer['what']}", run.stderr)

    def test_connect_to_what_is_not_there(self):
        with Proxy(tinyproxy) as proxy:
            run = self.through(f"http://me:s3cret@127.0.0.1:{proxy.port}",
                               f"ws://127.0.0.1:{free_port()}/",
                               connections=5, status=3)
        self.check_errors(run, proxy_refused=5)

    def test_socks_with_a_login(self):
        with serve() as target, Proxy(microsocks) as proxy:
            self.check_all_answered(f"socks5://me:s3cret@127.0.0.1:{proxy.port}", target.url("/echo"))
            run = self.through(f"socks5://me:other@127.0.0.1:{proxy.port}", target.url("/echo"),
                               connections=5, status=3)
            self.check_errors(run, proxy_login=5)
            # A name is the proxy's to look up.
            self.check_all_answered(f"socks5://me:s3cret@127.0.0.1:{proxy.port}",
                                    f"ws://localhost:{target.port}/echo")

    def test_socks_without_a_login(self):
        with serve() as target, Proxy(dante) as proxy:
            self.check_all_answered(f"socks5://127.0.0.1:{proxy.port}", target.url("/echo"))
            run = self.through(f"socks5://127.0.0.1:{proxy.port}", f"ws://127.0.0.1:{free_port()}/",
                               connections=5, status=3)
            self.check_errors(run, proxy_refused=5)
            self.assertEqual(run.json["proxy_answers"],
                             [{"code": 5, "what": "SOCKS5 reply 5, connection refused", "count": 5}])
            self.assertIn("SOCKS5 reply 5, connection refused: 5", run.stdout)

    def test_the_place_of_connect_to_is_what_the_proxy_is_asked_for(self):
        with serve() as target, Proxy(microsocks) as proxy:
            self.check_all_answered(f"socks5://me:s3cret@127.0.0.1:{proxy.port}", "ws://chat.example/echo",
                                    "--connect-to", f"127.0.0.1:{target.port}")

    def test_a_proxy_of_the_other_kind(self):
        with Proxy(microsocks) as proxy:
            run = self.through(f"http://127.0.0.1:{proxy.port}", "ws://chat.example/", connections=5,
                               status=3)
        self.assertEqual(sum(error["count"] for error in run.json["errors"]), 5, str(run))
        self.assertLess(run.json["duration_s"], 5)
        self.assertIn("if it speaks SOCKS5 give socks5://", run.stderr)

        def http(peer):
            peer.read(1)
            peer.send_raw(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

        with RawServer(http) as server:
            run = self.through(f"socks5://127.0.0.1:{server.port}", "ws://chat.example/", connections=5,
                               status=3)
        self.check_errors(run, proxy_broken=5)
        self.assertIn("if it speaks HTTP give http://", run.stderr)

    def test_no_proxy_at_all(self):
        port = free_port()
        run = self.through(f"socks5://127.0.0.1:{port}", "ws://chat.example/", connections=5, status=3)
        self.check_errors(run, refused=5)
        self.assertEqual(run.json["proxy_answers"], [])
        self.assertIn(f"nobody listens at the proxy 127.0.0.1:{port}:", run.stderr)

    def test_what_is_no_proxy(self):
        def greet(peer):
            peer.read(1)
            peer.send_raw(b"220 ready\r\n")
            peer.wait_for_end()

        with RawServer(greet) as server:
            for scheme in ("http", "socks5"):
                run = self.through(f"{scheme}://127.0.0.1:{server.port}", "ws://chat.example/",
                                   connections=5, status=3)
                self.check_errors(run, proxy_broken=5)

    def test_a_redirect_behind_a_proxy(self):
        def send_away(peer):
            if b"GET /room " in peer.read_request():
                peer.accept()
                return peer.echo()
            peer.send_raw(b"HTTP/1.1 307 Go\r\nLocation: /room\r\nContent-Length: 0\r\n\r\n")
            return peer.wait_for_end()

        with RawServer(send_away) as door, Proxy(microsocks) as proxy:
            run = self.through(f"socks5://me:s3cret@127.0.0.1:{proxy.port}", door.url("/door"),
                               "--follow-redirects")
        self.check_errors(run)
        self.assertEqual(run.json["connections"]["redirects"], 50)
        self.assertEqual(run.json["messages"]["received"], 200)

    def test_nginx_on_a_unix_socket(self):
        with serve() as target, tempfile.TemporaryDirectory() as folder:
            path, port = f"{folder}/nginx.sock", free_port()
            Path(folder, "nginx.conf").write_text(
                f"daemon off; pid {folder}/pid; error_log stderr; worker_processes 1; user root;\n"
                "events { worker_connections 2000; }\n"
                "http { access_log off;\n"
                + "".join(f"{name}_temp_path {folder}/{name};\n"
                          for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")) +
                f"server {{ listen unix:{path}; listen 127.0.0.1:{port}; location / {{\n"
                f"proxy_pass http://127.0.0.1:{target.port}; proxy_http_version 1.1;\n"
                "proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; } } }\n",
                encoding="utf-8")
            with Process(["nginx", "-c", f"{folder}/nginx.conf", "-p", folder], port):
                run = self.run_wsblast("--url", f"ws+unix:{path}:/echo", *PLAIN, "--connections", "300",
                                       "--messages", "4")
        self.check_errors(run)
        self.assertEqual(run.json["messages"]["received"], 1200)


if __name__ == "__main__":
    unittest.main()
