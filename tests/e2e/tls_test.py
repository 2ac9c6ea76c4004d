"""wss:// between the generator and the built-in target, and between each of them and the programs of OpenSSL
and GnuTLS."""
import re
import socket
import ssl
import subprocess
import unittest

from certificates import Certificates
from raw_server import Peer, RawServer
from support import Process, WsblastTest, free_port, serve

UPGRADE = ("GET /echo HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")


def masked_line(text):
    """A frame of at most 125 bytes (RFC 6455 5.2) that ends with a newline as it is sent, for programs that
    read lines, and has one behind its text."""
    mask = 1
    text += b"\n" + bytes([ord("\n") ^ mask])
    return bytes([0x81, 0x80 | len(text)] + [mask] * 4 + [byte ^ mask for byte in text])


class TlsTest(WsblastTest):
    @classmethod
    def setUpClass(cls):
        cls.certificates = Certificates()
        cls.addClassCleanup(cls.certificates.cleanup)
        cls.ca = cls.certificates["ca.pem"]
        cls.server = serve(*cls.identity("server")).__enter__()
        cls.addClassCleanup(cls.server.__exit__)

    @classmethod
    def identity(cls, name):
        return ["--tls-cert", cls.certificates[f"{name}.pem"], "--tls-key", cls.certificates[f"{name}.key"]]

    def url(self, server=None, host="localhost"):
        return f"wss://{host}:{(server or self.server).port}/ws"

    def run_tls(self, *arguments, server=None, url=None, trusted=True, **options):
        trust = ["--tls-ca", self.ca] if trusted else []
        return self.run_wsblast("--url", url or self.url(server), "--cores", "1", *trust, *arguments,
                                **options)

    def check_answered(self, run, connections, messages):
        self.check_errors(run)
        self.assertEqual(run.json["messages"]["received"], messages, str(run))
        self.assertEqual(run.json["connect_us"]["tls"]["count"], connections)
        self.assertEqual(run.json["tls"]["full"] + run.json["tls"]["resumed"], connections)


class OwnTargetTest(TlsTest):
    def test_every_message_is_answered(self):
        run = self.run_tls("--connections", "50", "--messages", "10")
        self.check_answered(run, 50, 500)
        tls = run.json["tls"]
        self.assertTrue(tls["verified"])
        self.assertEqual((tls["full"], tls["resumed"], tls["faults"]), (50, 0, []))
        self.assertEqual([agreed["version"] for agreed in tls["agreed"]], ["TLSv1.3"])
        self.assertIn("TLS: 50 full handshakes, 0 resumed", run.stdout)
        self.assertNotIn("CERTIFICATES", run.stdout)

    def test_the_target_of_a_run_speaks_it_where_nobody_checks(self):
        run = self.run_wsblast("--with-target", "--tls-insecure", "--connections", "20", "--messages", "5")
        self.check_answered(run, 20, 100)
        self.assertIn("wss://127.0.0.1:", run.stderr)
        refused = self.run_wsblast("--with-target", "--tls-resume", status=2)
        self.assertIn("give --tls-insecure too", refused.stderr)

    def test_closing_is_as_clean_as_without(self):
        run = self.run_tls("--connections", "20", "--messages", "2")
        self.assertEqual({(close["code"], close["by"]) for close in run.json["closes"]}, {(1000, "us")})
        self.check_errors(run)
        self.assertNotIn("close_timeout", str(run.json["errors"]))

    def test_versions_and_ciphers_are_chosen(self):
        for version, cipher in (("1.2", "ECDHE-ECDSA-AES128-GCM-SHA256"),
                                ("1.3", "TLS_CHACHA20_POLY1305_SHA256")):
            run = self.run_tls("--tls-min-version", version, "--tls-max-version", version, "--tls-ciphers",
                               cipher, "--connections", "5", "--messages", "2")
            self.check_answered(run, 5, 10)
            agreed = run.json["tls"]["agreed"]
            self.assertEqual([(one["version"], one["cipher"]) for one in agreed],
                             [(f"TLSv{version}", cipher)])

    def test_tickets_resume(self):
        for version in ("1.2", "1.3"):
            run = self.run_tls("--tls-resume", "--tls-max-version", version, "--connections", "200",
                               "--connect-rate", "200", "--messages", "1")
            self.check_answered(run, 200, 200)
            self.assertGreater(run.json["tls"]["resumed"], 50, str(run))

    def test_long_messages_take_several_records(self):
        run = self.run_tls("--size", "49152", "--connections", "5", "--messages", "20", "--interval", "0",
                           url=f"wss://localhost:{self.server.port}/echo")
        self.check_answered(run, 5, 100)

    def test_a_flood_is_answered(self):
        run = self.run_tls("--connections", "10", "--messages", "2000", "--interval", "0", "--pipeline",
                           "64")
        self.check_answered(run, 10, 20_000)

    def test_nobody_is_trusted_without_a_reason(self):
        run = self.run_tls("--connections", "3", trusted=False, status=3)
        self.check_errors(run, tls_untrusted=3)
        self.assertEqual([fault["kind"] for fault in run.json["tls"]["faults"]], ["certificate"])

    def test_a_name_must_be_the_certificates(self):
        run = self.run_tls("--connections", "3", "--tls-server-name", "elsewhere.example", status=3)
        self.check_errors(run, tls_wrong_name=3)
        run = self.run_tls("--connections", "3", url=self.url(host="127.0.0.1"))
        self.check_errors(run)

    def test_an_expired_certificate_is_no_certificate(self):
        with serve(*self.identity("expired")) as server:
            run = self.run_tls("--connections", "3", server=server, status=3)
        self.check_errors(run, tls_expired=3)
        self.assertEqual(run.json["tls"]["faults"],
                         [{"kind": "certificate", "what": "certificate has expired", "count": 3}])

    def test_insecure_is_said_loudly(self):
        with serve("--tls") as server:
            run = self.run_tls("--connections", "3", "--tls-insecure", server=server, trusted=False)
        self.check_errors(run)
        self.assertFalse(run.json["tls"]["verified"])
        self.assertEqual(run.stdout.count("CERTIFICATES WERE NOT CHECKED"), 2)
        self.assertIn("NOT CHECKED", "".join(run.json["warnings"]))

    def test_both_sides_show_certificates(self):
        with serve(*self.identity("server"), "--tls-ca", self.ca) as server:
            run = self.run_tls("--connections", "3", *self.identity("client"), server=server)
            self.check_errors(run)
            for version, kinds in (("1.2", {"tls_alert"}), ("1.3", {"tls_alert", "reset_in_handshake"})):
                run = self.run_tls("--connections", "3", "--tls-max-version", version, server=server,
                                   status=3)
                self.assertLessEqual({error["kind"] for error in run.json["errors"]}, kinds, str(run))

    def test_redirects_are_looked_at_as_connections_go(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificates["server.pem"], self.certificates["server.key"])
        context.load_verify_locations(self.ca)
        context.verify_mode = ssl.CERT_REQUIRED
        seen = []
        context.sni_callback = lambda _, name, __: seen.append(name)

        def send_away(peer):
            with context.wrap_socket(peer.connection, server_side=True) as connection:
                secure = Peer(connection)
                seen.append(connection.version())
                host = re.search(rb"(?im)^host: *(\S+)", secure.read_request())[1].decode()
                seen.append(host == f"127.0.0.1:{door.port}")
                secure.send_raw(f"HTTP/1.1 307 Go\r\nLocation: wss://127.0.0.1:{target.port}/ws\r\n"
                                "Content-Length: 0\r\n\r\n".encode())
                secure.wait_for_end()

        with RawServer(send_away) as door, \
                serve(*self.identity("server"), "--tls-ca", self.ca) as target:
            run = self.run_tls("--follow-redirects", "--connections", "3", *self.identity("client"),
                               "--tls-server-name", "localhost", "--tls-max-version", "1.2",
                               url=f"wss://127.0.0.1:{door.port}/door")
        self.check_errors(run)
        self.assertEqual(run.json["connections"]["redirects"], 3)
        self.assertEqual(seen.count("localhost"), 7)
        self.assertEqual(seen.count("TLSv1.2"), 7)
        self.assertEqual(seen.count(True), 7)

    def test_an_end_without_close_notify_is_told_from_a_proper_one(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificates["server.pem"], self.certificates["server.key"])

        def end(peer, how):
            with context.wrap_socket(peer.connection, server_side=True) as connection:
                secure = Peer(connection)
                secure.accept()
                secure.echo()
                if how == "close_notify":
                    connection.unwrap()
                connection.shutdown(socket.SHUT_RDWR)

        for how, faults in (("close_notify", []),
                            ("FIN", [{"kind": "truncation", "what": "FIN without close_notify",
                                      "count": 3}])):
            with RawServer(lambda peer: end(peer, how)) as server:
                run = self.run_tls("--connections", "3", "--messages", "2", "--message", "hello", "--match",
                                   "fifo", "--setup", "", url=f"wss://localhost:{server.port}/ws")
            self.check_errors(run)
            self.assertEqual(run.json["tls"]["faults"], faults)
            self.assertEqual("FIN without close_notify: 3" in run.stdout, bool(faults))

    def test_a_plain_port_is_told_from_a_broken_one(self):
        with serve() as server:
            run = self.run_tls("--connections", "3", server=server, status=3)
        self.check_errors(run, tls_missing=3)

    def test_plain_and_secure_urls_in_one_run(self):
        with serve() as plain:
            run = self.run_tls("--url", plain.url(), "--connections", "10", "--messages", "5")
        self.check_errors(run)
        self.assertEqual(run.json["messages"]["received"], 50)
        self.assertEqual(run.json["connect_us"]["tls"]["count"], 5)
        self.assertEqual(run.json["connect_us"]["tcp"]["count"], 10)


class OpenSslTest(TlsTest):
    """The command-line program of OpenSSL at the other end."""

    def say(self, words, *arguments):
        done = subprocess.run(["openssl", "s_client", "-connect", f"localhost:{self.server.port}",
                               "-CAfile", self.ca, *arguments], input=words, capture_output=True,
                              text=True, timeout=30, check=False)
        return done.stdout + done.stderr

    def test_the_target_is_verified_and_speaks_http(self):
        words = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
        said = self.say(words, "-alpn", "h2,http/1.1", "-ign_eof")
        self.assertIn("Verify return code: 0 (ok)", said)
        self.assertIn("ALPN protocol: http/1.1", said)
        self.assertIn("HTTP/1.1 200 OK", said)

    def test_a_client_without_http_is_told_so(self):
        self.assertRegex(self.say("", "-alpn", "h2"), "alert no application protocol|alert number 120")

    def test_keys_may_be_updated(self):
        process = subprocess.Popen(["openssl", "s_client", "-connect", f"localhost:{self.server.port}",
                                    "-CAfile", self.ca, "-tls1_3"], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

        def say_until(words, answer):
            process.stdin.write(words)
            process.stdin.flush()
            for line in process.stdout:
                if answer in line:
                    return True
            return False

        try:
            self.assertTrue(say_until("K\n", "KEYUPDATE"))  # s_client's command for new keys of both sides
            self.assertTrue(say_until("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n", "HTTP/1.1 200 OK"))
        finally:
            process.kill()
            process.communicate()

    def test_alerts_have_names(self):
        port = free_port()
        command = ["openssl", "s_server", "-accept", str(port), "-cert", self.certificates["server.pem"],
                   "-key", self.certificates["server.key"], "-tls1_2", "-quiet"]
        with Process(command, port):
            run = self.run_tls("--connections", "3", "--tls-min-version", "1.3", status=3,
                               url=f"wss://localhost:{port}/ws")
        self.check_errors(run, tls_alert=3)
        self.assertEqual(run.json["tls"]["faults"],
                         [{"kind": "alert", "what": "protocol version", "count": 3}])
        self.assertTrue(re.search(r"alert 'protocol version': 3", run.stdout), run.stdout)


class GnuTlsTest(TlsTest):
    """Another library than the one that shakes hands here."""
    SUITES = ("VERS-TLS1.3:+AES-128-GCM", "VERS-TLS1.3:+AES-256-GCM", "VERS-TLS1.3:+CHACHA20-POLY1305",
              "VERS-TLS1.2:+AES-128-GCM", "VERS-TLS1.2:+AES-256-GCM", "VERS-TLS1.2:+CHACHA20-POLY1305",
              "VERS-TLS1.2:+AES-128-CBC")

    @staticmethod
    def priority(suite):
        return f"NORMAL:-VERS-ALL:-CIPHER-ALL:+{suite}"

    def test_its_client_is_answered_in_each_suite(self):
        for suite in self.SUITES:
            with self.subTest(suite=suite):
                command = ["gnutls-cli", "--x509cafile", self.ca, "--priority", self.priority(suite),
                           "--inline-commands", "-p", str(self.server.port), "localhost"]
                client = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                          stderr=subprocess.STDOUT)

                def say_until(words, answer, client=client):
                    client.stdin.write(words)
                    client.stdin.flush()
                    said = []
                    for line in client.stdout:
                        said.append(line)
                        if answer in line:
                            return
                    self.fail(b"".join(said))

                try:
                    say_until(UPGRADE.encode(), b"101 Switching Protocols")
                    say_until(masked_line(b"once"), b"once")
                    if "TLS1.3" in suite:
                        say_until(b"^rekey^\n", b"Rekey was completed")
                    say_until(masked_line(b"again"), b"again")
                finally:
                    client.kill()
                    client.communicate()

    def test_its_server_is_understood_in_each_suite(self):
        for suite in self.SUITES:
            with self.subTest(suite=suite):
                port = free_port()
                command = ["gnutls-serv", "--http", "--port", str(port), "--priority", self.priority(suite),
                           "--x509certfile", self.certificates["server.pem"],
                           "--x509keyfile", self.certificates["server.key"]]
                with Process(command, port):  # it upgrades nobody: its page is what is read
                    run = self.run_tls("--connections", "3", status=3, url=f"wss://localhost:{port}/ws")
                self.check_errors(run, upgrade_status=3)
                self.assertIn("This is <a href=", run.stdout)
                self.assertEqual(run.json["tls"]["faults"], [])


if __name__ == "__main__":
    unittest.main()
