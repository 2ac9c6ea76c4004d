"""wss:// through what terminates TLS in front of real backends, and to a server that is not ours: nginx and
haproxy in front of the built-in target, and Python's `websockets` with its own ssl."""
import shutil
import sys
import tempfile
import unittest
from pathlib import Path

from certificates import Certificates
from support import HERE, Process, WsblastTest, free_port, serve

CONNECTIONS = 2_000

NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log stderr error;
worker_processes 1;
worker_rlimit_nofile 16384;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    client_body_temp_path {folder};
    proxy_temp_path {folder};
    fastcgi_temp_path {folder};
    uwsgi_temp_path {folder};
    scgi_temp_path {folder};
    server {{
        listen 127.0.0.1:{port} ssl backlog=4096;
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        ssl_protocols TLSv1.2 TLSv1.3;
        location / {{
            proxy_pass http://127.0.0.1:{behind};
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection "upgrade";
        }}
    }}
}}
"""
HAPROXY = """
global
    maxconn 8192
defaults
    mode http
    timeout connect 10s
    timeout client 60s
    timeout server 60s
    timeout tunnel 60s
frontend secure
    bind 127.0.0.1:{port} ssl crt {bundle} backlog 4096
    default_backend target
backend target
    server target 127.0.0.1:{behind}
"""


class Terminators(WsblastTest):
    @classmethod
    def setUpClass(cls):
        cls.certificates = Certificates()
        cls.addClassCleanup(cls.certificates.cleanup)
        cls.target = serve().__enter__()
        cls.addClassCleanup(cls.target.__exit__)

    def terminator(self, program, template):
        if not shutil.which(program):
            raise AssertionError(f"{program} is missing: run tools/install test")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        port = free_port()
        configuration = Path(folder.name) / "configuration"
        configuration.write_text(template.format(
            folder=folder.name, port=port, behind=self.target.port,
            certificate=self.certificates["server.pem"], key=self.certificates["server.key"],
            bundle=self.certificates.bundle("server")), encoding="utf-8")
        arguments = {"nginx": ["-c"], "haproxy": ["-db", "-f"]}[program]
        return Process([program, *arguments, str(configuration)], port)

    def check_all_answered(self, port, connections, *arguments, interval="1s"):
        run = self.run_wsblast("--url", f"wss://localhost:{port}/ws", "--tls-ca",
                               self.certificates["ca.pem"], "--connections", str(connections), "--messages",
                               "5", "--interval", interval, "--answer-timeout", "30s", "--connect-timeout",
                               "60s", *arguments, seconds=150)
        self.check_errors(run)
        self.assertEqual(run.json["connections"]["open_peak"], connections)
        self.assertEqual(run.json["messages"]["received"], 5 * connections, str(run))
        self.assertTrue(run.json["tls"]["verified"])
        return run.json["tls"]

    def test_nginx(self):
        with self.terminator("nginx", NGINX) as proxy:
            tls = self.check_all_answered(proxy.port, CONNECTIONS)
        self.assertEqual(tls["full"], CONNECTIONS)

    def test_haproxy(self):
        with self.terminator("haproxy", HAPROXY) as proxy:
            tls = self.check_all_answered(proxy.port, CONNECTIONS)
        self.assertEqual(tls["full"], CONNECTIONS)

    def test_tickets_of_both(self):
        for program, template in (("nginx", NGINX), ("haproxy", HAPROXY)):
            for version in ("1.2", "1.3"):
                with self.terminator(program, template) as proxy:
                    tls = self.check_all_answered(proxy.port, 100, "--tls-resume", "--tls-max-version",
                                                  version, "--connect-rate", "100", interval="100ms")
                self.assertGreater(tls["resumed"], 25, (program, version, tls))

    def test_python(self):
        port = free_port()
        command = [sys.executable, "-B", str(HERE / "tls_echo_server.py"), str(port),
                   self.certificates["server.pem"], self.certificates["server.key"]]
        with Process(command, port):
            run = self.run_wsblast("--url", f"wss://localhost:{port}/", "--tls-ca",
                                   self.certificates["ca.pem"], "--message", "hello", "--connections", "50",
                                   "--messages", "5")
        self.check_errors(run)
        self.assertEqual(run.json["messages"]["received"], 250)


if __name__ == "__main__":
    unittest.main()
