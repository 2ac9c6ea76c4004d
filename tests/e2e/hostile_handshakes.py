"""Behaviours of a hostile server up to the upgrade: silence, drips, resets, heads that are none."""
import asyncio

from hostile_server import behaviour

DRIP_S = 0.05  # slow, and far within a connect timeout
SIZE = 1 << 20


# --- before a request is read --------------------------------------------------------------------

@behaviour("reset_in_handshake", before_request=True)
async def reset_on_accept(client):
    client.reset()


# Unread bytes of the request make a close an RST.
@behaviour("closed_in_handshake", "reset_in_handshake", before_request=True)
async def close_on_accept(_):
    pass


@behaviour("connect_timeout", before_request=True)
async def silence_after_accept(client):
    await client.stay()


@behaviour("upgrade_not_http", before_request=True)
async def another_protocol_talks_first(client):
    await client.send_raw(b"SSH-2.0-OpenSSH_9.2p1\r\n\r\n")
    await client.stay()


@behaviour("upgrade_not_http", before_request=True)
async def tls_alert(client):
    await client.send_raw(b"\x15\x03\x01\x00\x02\x02\x46")
    await client.stay()


@behaviour("wrong_accept_key", before_request=True)
async def answer_before_the_request(client):
    await client.send_raw(b"HTTP/1.1 101 Switching Protocols\r\n"
                          b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
                          b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
    await client.stay()


# --- silence and ends in the handshake -----------------------------------------------------------

@behaviour("connect_timeout")
async def silence_after_request(client):
    await client.stay()


@behaviour("connect_timeout")
async def drip_head(client):
    await client.drip(client.response(X_Long="x" * 10_000), DRIP_S)


@behaviour("connect_timeout")
async def unfinished_head(client):
    await client.send_raw(client.response()[:-2])
    await client.stay()


@behaviour("closed_in_handshake")
async def close_in_upgrade(_):
    pass


@behaviour("reset_in_handshake")
async def reset_in_upgrade(client):
    client.reset()


@behaviour("closed_in_handshake")
async def close_in_head(client):
    await client.send_raw(client.response()[:40])


@behaviour("reset_in_handshake")
async def reset_in_head(client):
    await client.send_raw(client.response()[:40])
    await asyncio.sleep(DRIP_S)
    client.reset()


@behaviour("closed_in_handshake")
async def half_close_in_upgrade(client):
    client.writer.write_eof()
    await client.stay()


# --- heads that are too much ---------------------------------------------------------------------

@behaviour("upgrade_head_too_large")
async def huge_head(client):
    await client.upgrade(X_Long="x" * SIZE)
    await client.stay()


@behaviour("upgrade_head_too_large")
async def endless_headers(client):
    await client.send_raw(client.response()[:-2])
    while True:
        await client.send_raw(b"X-More: and more\r\n" * 100)


@behaviour("upgrade_head_too_large")
async def too_many_headers(client):
    await client.upgrade(*[f"X-{number}: {number}" for number in range(200)])
    await client.stay()


@behaviour("upgrade_head_too_large", "upgrade_not_http")
async def endless_status_line(client):
    await client.send_raw(b"HTTP/1.1 101 ")
    while True:
        await client.send_raw(b"Switching " * 400)


@behaviour("upgrade_status")
async def endless_body_of_a_refusal(client):
    await client.send_raw(b"HTTP/1.1 503 Service Unavailable\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        await client.send_raw(b"1000\r\n" + b"no! " * 1024 + b"\r\n")


# --- heads that are wrong ------------------------------------------------------------------------

@behaviour("wrong_accept_key")
async def wrong_accept(client):
    await client.upgrade(Sec_WebSocket_Accept="AAAAAAAAAAAAAAAAAAAAAAAAAAA=")
    await client.stay()


@behaviour("wrong_accept_key")
async def accept_of_another(client):
    await client.upgrade(Sec_WebSocket_Accept="s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    await client.stay()


@behaviour("wrong_accept_key")
async def no_accept(client):
    await client.upgrade(Sec_WebSocket_Accept=None)
    await client.stay()


@behaviour("upgrade_headers")
async def no_upgrade_header(client):
    await client.upgrade(Upgrade=None)
    await client.stay()


@behaviour("upgrade_headers")
async def upgrade_to_something_else(client):
    await client.upgrade(Upgrade="h2c")
    await client.stay()


@behaviour("upgrade_headers")
async def connection_close(client):
    await client.upgrade(Connection="close")
    await client.stay()


@behaviour("unrequested_extension")
async def unasked_extension(client):
    await client.upgrade(Sec_WebSocket_Extensions="permessage-deflate; client_max_window_bits=9")
    await client.stay()


@behaviour("unrequested_subprotocol")
async def unasked_subprotocol(client):
    await client.upgrade(Sec_WebSocket_Protocol="chat")
    await client.stay()


@behaviour("upgrade_status")
async def redirect_to_itself(client):
    await client.send_raw(b"HTTP/1.1 302 Found\r\nLocation: /redirect-to-itself\r\n"
                          b"Content-Length: 0\r\n\r\n")


@behaviour("upgrade_not_http")
async def control_bytes_in_the_head(client):
    await client.upgrade(X_Evil="\x00\x01\x1b[31m")
    await client.stay()


@behaviour("upgrade_not_http")
async def status_without_a_number(client):
    await client.send_raw(client.response().replace(b"101", b"1O1"))
    await client.stay()


@behaviour("upgrade_not_http")
async def header_without_a_colon(client):
    await client.upgrade("this is no header")
    await client.stay()


# It is odd, and allowed: the head byte by byte, and the first frames in the packet that ends it.
@behaviour("fine", answered=True)
async def byte_by_byte(client):
    await client.drip(client.response())
    await client.echo()
