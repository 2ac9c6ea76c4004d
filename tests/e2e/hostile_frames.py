"""Behaviours of a hostile server after the upgrade: each answers the first message by bytes that RFC 6455
forbids, or by a great many that it allows."""
import os
import struct

from hostile_server import BEHAVIOURS, FINE, Behaviour, behaviour
from raw_server import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, frame

# The bytes, and what the end is called.
BROKEN = {
    "reserved-bits": ("reserved_bits", frame(TEXT, b"hi", reserved=4)),
    "all-reserved-bits": ("reserved_bits", frame(PING, b"hi", reserved=7)),
    "reserved-opcode": ("reserved_opcode", frame(0x3, b"hi")),
    "reserved-control-opcode": ("reserved_opcode", frame(0xB, b"hi")),
    "masked-frame": ("masked_frame", frame(TEXT, b"hi", mask=b"abcd")),
    "length-2-to-63": ("bad_length", frame(BINARY, b"", length=(127, struct.pack(">Q", 1 << 63)))),
    "length-of-all-ones": ("bad_length", frame(BINARY, b"", length=(127, b"\xff" * 8))),
    "length-below-2-to-63": ("message_too_big",
                             frame(BINARY, b"", length=(127, struct.pack(">Q", (1 << 63) - 1)))),
    "lengths-that-overflow": ("message_too_big",
                              frame(BINARY, b"x", fin=False) +
                              frame(CONTINUATION, b"", length=(127, struct.pack(">Q", (1 << 63) - 1)))),
    "length-in-more-bytes-than-needed": ("bad_length", frame(TEXT, b"hi", length=(126, b"\0\2"))),
    "fragmented-ping": ("fragmented_control", frame(PING, b"", fin=False)),
    "long-ping": ("control_too_long", frame(PING, b"x" * 126)),
    "long-close": ("control_too_long", frame(CLOSE, b"\x03\xe8" + b"x" * 124)),
    "continuation-of-nothing": ("unexpected_continuation", frame(CONTINUATION, b"hi")),
    "two-messages-at-once": ("expected_continuation", frame(TEXT, b"h", fin=False) + frame(TEXT, b"i")),
    "bad-utf8": ("bad_utf8", frame(TEXT, b"\xff\xfe")),
    "utf8-cut-at-the-end": ("bad_utf8", frame(TEXT, b"\xe2\x82")),
    "surrogate": ("bad_utf8", frame(TEXT, b"\xed\xa0\x80")),
    "bad-utf8-across-fragments": ("bad_utf8", frame(TEXT, b"\xf0\x90", fin=False) +
                                  frame(CONTINUATION, b"(")),
    "close-of-one-byte": ("bad_close_payload", frame(CLOSE, b"\x03")),
    "close-999": ("bad_close_code", frame(CLOSE, struct.pack(">H", 999))),
    "close-1005": ("bad_close_code", frame(CLOSE, struct.pack(">H", 1005))),
    "close-1006": ("bad_close_code", frame(CLOSE, struct.pack(">H", 1006))),
    "close-1015": ("bad_close_code", frame(CLOSE, struct.pack(">H", 1015))),
    "close-5000": ("bad_close_code", frame(CLOSE, struct.pack(">H", 5000))),
    "close-reason-not-utf8": ("bad_utf8", frame(CLOSE, b"\x03\xe8\xff\xfe")),
    "http-after-the-upgrade": ("reserved_bits", b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
}


def breaks(data):
    async def run(client):
        await client.upgrade()
        await client.message()
        await client.send_raw(data)
        await client.until_close()
    return run


for name, (kind, bytes_of_it) in BROKEN.items():
    BEHAVIOURS[name] = Behaviour(name, breaks(bytes_of_it), frozenset([kind]), False,
                                 frozenset(["connection_lost"]))

# Random bytes may be frames too.
GARBAGE = frozenset({FINE, "masked_frame", "reserved_bits", "reserved_opcode", "bad_length",
                     "fragmented_control", "control_too_long", "unexpected_continuation",
                     "expected_continuation", "bad_utf8", "bad_close_payload", "bad_close_code",
                     "message_too_big", "closed_by_peer"})


@behaviour(*GARBAGE, answered=None, loses=("connection_lost", "answer_timeout"))
async def garbage(client):
    await client.upgrade()
    await client.message()
    await client.send_raw(os.urandom(4096))
    await client.until_close()


# In the packet of the head: nobody has sent a message yet.
@behaviour("reserved_opcode")
async def broken_frame_behind_the_head(client):
    await client.send_raw(client.response() + frame(0x7, b"hi"))
    await client.until_close()


# --- a great many ---------------------------------------------------------------------------------

@behaviour(FINE, answered=True)
async def ping_flood(client):
    await client.upgrade()
    await client.message()
    await client.send_raw(frame(PING, b"x" * 125) * 2000)
    await client.send(TEXT, b"hello")
    await client.until_close()


# The pongs find no room, and only the newest is kept.
@behaviour("close_timeout", loses=("answer_timeout",))
async def ping_flood_that_reads_no_pong(client):
    await client.upgrade()
    await client.message()
    for _ in range(5):
        await client.send_raw(frame(PING, b"x" * 125) * 500)
    await client.stop_reading()


@behaviour(FINE, answered=True)
async def pong_flood(client):
    await client.upgrade()
    await client.message()
    await client.send_raw(frame(PONG, b"nobody asked") * 5000 + frame(TEXT, b"hello"))
    await client.until_close()


@behaviour(FINE, answered=True)
async def flood_of_empty_fragments(client):
    await client.upgrade()
    await client.message()
    await client.send_raw(frame(TEXT, b"hello", fin=False) + frame(CONTINUATION, b"", fin=False) * 10_000 +
                          frame(CONTINUATION, b""))
    await client.until_close()


@behaviour(FINE, answered=True)
async def message_in_fragments_of_a_byte(client):
    await client.upgrade()
    await client.message()
    await client.send_raw(frame(BINARY, b"x", fin=False))
    for _ in range(16):
        await client.send_raw(frame(CONTINUATION, b"x", fin=False) * 1024)
    await client.send_raw(frame(CONTINUATION, b"x"))
    await client.until_close()


@behaviour(FINE, answered=True)
async def flood_of_messages_nobody_asked_for(client):
    await client.upgrade()
    await client.message()
    await client.send_raw(frame(TEXT, b"hello") + frame(TEXT, b"news!") * 5000)
    await client.until_close()


@behaviour(FINE, answered=True)
async def an_answer_of_four_mebibytes(client):
    await client.upgrade()
    await client.message()
    await client.send_raw(frame(BINARY, b"x" * (4 << 20)))
    await client.until_close()

