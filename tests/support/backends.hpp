// Servers that are not ours, as scripts for a ChildProcess. Each prints its port when it listens.
#pragma once

namespace wsblast::test {

// Debian's own, which has Debian's modules.
inline constexpr const char* kPython = "/usr/bin/python3";
// Every connection is a thread and a descriptor, as long as it is open.
inline constexpr const char* kThreadedServer = R"(
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128
server = Server(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
)";

// Every one that is started listens on the same port of its own choice or of the argument's.
inline constexpr const char* kReusePort = R"(
import socket, sys, time
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
listener.bind(("127.0.0.1", int(sys.argv[1])))
listener.listen()
print(listener.getsockname()[1], flush=True)
time.sleep(600)
)";

// A cluster with two workers: the master alone listens and hands the connections over.
inline constexpr const char* kNodeCluster = R"(
const cluster = require('cluster'), http = require('http');
if (cluster.isPrimary) {
    cluster.setupPrimary({execArgv: ['-e', process.execArgv[1]], exec: '-'});
    let listening = 0;
    for (let i = 0; i < 2; i++) cluster.fork();
    cluster.on('listening', (worker, address) => { if (++listening == 2) console.log(address.port); });
} else {
    http.createServer((q, r) => r.end()).listen(0, '127.0.0.1');
}
)";

// The library of the Prometheus project itself. Its counter grows by 100/s, as exactly as the clock.
inline constexpr const char* kPrometheus = R"(
import time, threading
from wsgiref.simple_server import make_server, WSGIRequestHandler
from prometheus_client import CollectorRegistry, Gauge, Histogram, Counter, make_wsgi_app
from prometheus_client.core import CounterMetricFamily
from prometheus_client import ProcessCollector
class Clock:
    def collect(self):
        family = CounterMetricFamily("chat_messages", "Messages \"sent\".\nAll of them.", labels=["room"])
        for room in ("a", 'b"\\\n'):
            family.add_metric([room], time.monotonic() * 100)
        yield family
registry = CollectorRegistry()
registry.register(Clock())
ProcessCollector(registry=registry)
Gauge("chat_connections", "Open.", registry=registry).set(42)
Histogram("chat_delay_seconds", "Delay.", registry=registry).observe(0.25)
Counter("chat_errors", "Errors.", ["kind"], registry=registry)
class Quiet(WSGIRequestHandler):
    def log_message(self, *words): pass
server = make_server("127.0.0.1", 0, make_wsgi_app(registry), handler_class=Quiet)
print(server.server_port, flush=True)
server.serve_forever()
)";

}  // namespace wsblast::test
