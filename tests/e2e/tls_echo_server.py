"""An echo over wss:// by Python's `websockets`: tls_echo_server.py PORT CERTIFICATE KEY."""
import asyncio
import ssl
import sys

import websockets


async def echo(connection, *_):
    async for message in connection:
        await connection.send(message)


async def main(port, certificate, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    async with websockets.serve(echo, "127.0.0.1", port, ssl=context):
        await asyncio.Future()


asyncio.run(main(int(sys.argv[1]), sys.argv[2], sys.argv[3]))
