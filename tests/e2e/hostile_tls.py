"""Behaviours of a hostile server towards clients that speak TLS: in the handshake, and beneath it all."""
import asyncio
import os

import hostile_lives
from hostile_server import BEHAVIOURS, FINE, Behaviour, behaviour
from raw_server import PING, TEXT, frame

INSECURE = {"--tls-insecure": None}
# A server that reads the ClientHello and goes on without TLS, and one that speaks it.
RAW = {"tls": "raw", "before_request": True, "options": INSECURE}
SERVED = {"tls": "served", "options": INSECURE}
DRIP_S = 0.05
RECORD_MAX = 1 << 14


def record(kind, payload):
    return bytes([kind]) + b"\x03\x03" + len(payload).to_bytes(2, "big") + payload


async def hello(client):
    """Reads some of the ClientHello."""
    await client.reader.read(100)


# --- in the handshake ----------------------------------------------------------------------------

@behaviour("connect_timeout", **RAW)
async def tls_silence(client):
    await client.stay()


@behaviour("closed_in_handshake", "reset_in_handshake", **RAW)
async def tls_close_after_hello(client):
    await hello(client)


@behaviour("reset_in_handshake", **RAW)
async def tls_reset_after_hello(client):
    await hello(client)
    client.reset()


@behaviour("tls_missing", **RAW)
async def tls_answered_by_http(client):
    await hello(client)
    await client.send_raw(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    await client.stay()


@behaviour("tls_alert", **RAW)
async def tls_handshake_failure(client):
    await hello(client)
    await client.send_raw(record(0x15, b"\x02\x28"))
    await client.stay()


@behaviour("connect_timeout", **RAW)
async def tls_drip(client):
    await client.drip(record(0x16, b"\x02" + b"\0" * RECORD_MAX), DRIP_S)


@behaviour("tls_broken", "tls_missing", **RAW)
async def tls_record_above_the_limit(client):
    await client.send_raw(b"\x16\x03\x03\xff\xff" + b"x" * 65535)
    await client.stay()


# A ServerHello of 2^24 - 1 bytes.
@behaviour("tls_broken", **RAW)
async def tls_endless_handshake(client):
    await client.send_raw(record(0x16, b"\x02\xff\xff\xff" + b"x" * 1000))
    for _ in range(1000):
        await client.send_raw(record(0x16, b"x" * RECORD_MAX))
    await client.stay()


@behaviour("tls_untrusted", tls="served")
async def tls_certificate_of_nobody(client):
    await client.stay()


# --- behind it -----------------------------------------------------------------------------------

@behaviour(FINE, answered=True, **SERVED)
async def tls_as_it_should_be(client):
    await client.upgrade()
    await client.echo()


@behaviour("tls_lost", **SERVED)
async def tls_bad_record(client):
    await client.upgrade()
    await client.message()
    os.write(client.writer.get_extra_info("socket").fileno(), record(0x17, b"no such ciphertext"))
    await client.stay()


@behaviour("closed_by_peer", "connection_reset", **SERVED)
async def tls_end_without_close_notify(client):
    await client.upgrade()
    await client.message()
    client.writer.transport.abort()


@behaviour(FINE, answered=True, **SERVED)
async def tls_ping_flood(client):
    await client.upgrade()
    await client.message()
    await client.send_raw(frame(PING, b"x" * 125) * 2000 + frame(TEXT, b"hello"))
    await client.until_close()


# What the others do, through TLS.
for name in ("silence-after-request", "reset-in-upgrade", "close-in-head", "huge-head", "wrong-accept",
             "reserved-bits", "length-2-to-63", "bad-utf8", "never-answers", "stall-in-a-payload",
             "reset-after-the-upgrade", "closes-without-frame", "close-1008", "zero-window",
             "never-answers-the-close", "talks-for-ever-instead-of-closing"):
    plain = BEHAVIOURS[name]
    BEHAVIOURS[f"tls-{name}"] = Behaviour(f"tls-{name}", plain.run, plain.ends, plain.answered, plain.loses,
                                          plain.options | INSECURE, tls="served")


# --- above it ------------------------------------------------------------------------------------

FLOOD = SERVED | {"options": INSECURE | hostile_lives.FLOOD}


@behaviour("send_timeout", **FLOOD, **hostile_lives.GIVEN_UP)
async def tls_window_that_stays_closed(client):
    await client.upgrade()
    client.close_window()
    await client.stop_reading()


@behaviour("reserved_opcode", **FLOOD, **hostile_lives.GIVEN_UP)
async def tls_broken_frame_behind_a_closed_window(client):
    await client.upgrade()
    client.close_window()
    await asyncio.sleep(1)
    await client.send_raw(frame(0x7, b"broken"))
    await client.stop_reading()
