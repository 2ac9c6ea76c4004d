"""A WebSocket server of bare sockets that does exactly what a test tells it, right or wrong.

    with RawServer(lambda peer: (peer.accept(), peer.send(TEXT, b"hi"))) as server: ...

The handler runs in a thread of its own for every connection; when it returns, the connection is closed. What
a handler meets when the client goes away is no error.
"""
import base64
import hashlib
import re
import socket
import struct
import threading

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def frame(opcode, payload=b"", fin=True, reserved=0, mask=None, length=None):
    """The bytes of a frame (RFC 6455 5.2). `length` writes another length field than the right one:
    (marker byte, its extended bytes)."""
    marker, extended = length or (
        (len(payload), b"") if len(payload) < 126
        else (126, struct.pack(">H", len(payload))) if len(payload) < 65536
        else (127, struct.pack(">Q", len(payload))))
    head = bytes([(0x80 if fin else 0) | reserved << 4 | opcode, (0x80 if mask else 0) | marker]) + extended
    if mask:
        payload = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
    return head + (mask or b"") + payload


class Peer:
    """The server's end of one connection."""

    def __init__(self, connection):
        self.connection = connection
        self.buffer = b""
        self.request = b""

    def read(self, size):
        while len(self.buffer) < size:
            piece = self.connection.recv(65536)
            if not piece:
                raise ConnectionError("the client has closed")
            self.buffer += piece
        taken, self.buffer = self.buffer[:size], self.buffer[size:]
        return taken

    def read_request(self):
        while b"\r\n\r\n" not in self.request:
            self.request += self.read(1)
        return self.request

    def accept_key(self):
        self.read_request()
        key = re.search(rb"(?im)^sec-websocket-key:\s*(\S+)", self.request)[1]
        return base64.b64encode(hashlib.sha1(key + GUID).digest())

    def response(self, **changes):
        """The right answer to the upgrade request; a header given as None is left out."""
        headers = {b"Upgrade": b"websocket", b"Connection": b"Upgrade",
                   b"Sec-WebSocket-Accept": self.accept_key()}
        for name, value in changes.items():
            headers[name.replace("_", "-").encode()] = value
        lines = [b"%s: %s" % pair for pair in headers.items() if pair[1] is not None]
        return b"HTTP/1.1 101 Switching Protocols\r\n" + b"\r\n".join(lines) + b"\r\n\r\n"

    def accept(self, **changes):
        self.connection.sendall(self.response(**changes))

    def send_raw(self, data):
        self.connection.sendall(data)

    def send(self, opcode, payload=b"", **changes):
        self.connection.sendall(frame(opcode, payload, **changes))

    def receive(self):
        """(opcode, payload) of the next frame; the client must mask it and must not fragment."""
        first, second = self.read(2)
        if not second & 0x80:
            raise AssertionError("a client's frame is not masked")
        size = second & 0x7F
        if size == 126:
            size = struct.unpack(">H", self.read(2))[0]
        elif size == 127:
            size = struct.unpack(">Q", self.read(8))[0]
        key = self.read(4)
        payload = bytes(byte ^ key[index % 4] for index, byte in enumerate(self.read(size)))
        return first & 0x0F, payload

    def echo(self):
        """Answers everything rightly until the client's close."""
        while True:
            opcode, payload = self.receive()
            if opcode == CLOSE:
                self.send(CLOSE, payload)
                return
            if opcode in (TEXT, BINARY):
                self.send(opcode, payload)

    def wait_for_end(self):
        """Reads on until the client closes, answering nothing."""
        while self.connection.recv(65536):
            pass

    def reset(self):
        """The next close sends RST."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class RawServer:
    def __init__(self, handler):
        self.handler = handler
        self.failures = []
        self.connections = 0
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        self.open = set()
        self.thread = threading.Thread(target=self.accept, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()
        for connection in list(self.open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            self.open.add(connection)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection:
            try:
                self.handler(Peer(connection))
            except OSError:
                pass  # the client went away, which is its right
            except Exception as failure:  # a broken handler must fail its test
                self.failures.append(failure)
            self.open.discard(connection)

    def url(self, path="/"):
        return f"ws://127.0.0.1:{self.port}{path}"
