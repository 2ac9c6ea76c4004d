"""Behaviours of a hostile server that has agreed on permessage-deflate: bombs, damage, broken agreements."""
import functools
import random
import zlib

from hostile_server import BEHAVIOURS, FINE, RSS_PER_CONNECTION, Behaviour, behaviour
from raw_server import BINARY, CONTINUATION, PING, TEXT, frame

COMPRESS = {"--compress": None}
MIB = 1 << 20
COMPRESSED = 4  # RSV1
# What a message is put together in: up to kAssembledBytesMax, and chunks of half the size on the way there.
ASSEMBLED = 2 * MIB
DEFLATE = "permessage-deflate"
NOISE = random.Random(1).randbytes(3000)


@functools.cache
def deflated(size, byte=b"\0"):
    """So many equal bytes: a thousandth of it."""
    return deflate(byte * size)


def deflate(data, level=9):
    deflater = zlib.compressobj(level, wbits=-15)
    return (deflater.compress(data) + deflater.flush(zlib.Z_SYNC_FLUSH)).removesuffix(b"\0\0\xff\xff")


def message(payload, opcode=BINARY, **changes):
    return frame(opcode, payload, reserved=COMPRESSED, **changes)


# --- agreements ----------------------------------------------------------------------------------

def agrees_on(answer):
    async def run(client):
        await client.upgrade(Sec_WebSocket_Extensions=answer)
        await client.stay()
    return run


for name, parameters in {"window-of-16-bits": "server_max_window_bits=16", "unknown-parameter": "colour=red",
                         "window-of-the-client-of-20-bits": "client_max_window_bits=20",
                         "parameter-given-twice": "server_no_context_takeover; server_no_context_takeover",
                         "value-where-none-may-be": "client_no_context_takeover=1"}.items():
    BEHAVIOURS[f"deflate-{name}"] = Behaviour(f"deflate-{name}", agrees_on(f"{DEFLATE}; {parameters}"),
                                              frozenset(["unsound_extension"]), False, frozenset(), COMPRESS)


@behaviour("unrequested_extension", "unsound_extension", options=COMPRESS)
async def deflate_and_another_extension(client):
    await client.upgrade(Sec_WebSocket_Extensions=f"{DEFLATE}, x-webkit-deflate-frame")
    await client.stay()


# --- messages ------------------------------------------------------------------------------------

def answers(make, agreement=DEFLATE):
    """Answers the first message by what make() gives."""
    async def run(client):
        await client.upgrade(Sec_WebSocket_Extensions=agreement)
        await client.message()
        await client.send_raw(make())
        await client.until_close()
    return run


def referring_to_the_last_message():
    """Two messages: the first is an answer, the second refers to it across 3,000 bytes."""
    deflater = zlib.compressobj(9, wbits=-15)
    parts = [deflater.compress(NOISE) + deflater.flush(zlib.Z_SYNC_FLUSH) for _ in range(2)]
    return b"".join(message(part.removesuffix(b"\0\0\xff\xff")) for part in parts)


def bomb_in_fragments():
    bomb = deflated(100 * MIB)
    return (message(bomb[:1000], fin=False) + frame(CONTINUATION, bomb[1000:2000], fin=False) +
            frame(CONTINUATION, bomb[2000:]))


# What answers the first message, and what the end is called.
BROKEN = {
    "bomb": (lambda: message(deflated(100 * MIB)), "message_too_big"),
    "bomb-in-fragments": (bomb_in_fragments, "message_too_big"),
    "bomb-of-text": (lambda: message(deflated(100 * MIB, b"x"), TEXT), "message_too_big"),
    "garbage": (lambda: message(b"\xff" * 100), "bad_deflate"),
    "cut-off": (lambda: message(deflate(NOISE)[:-40]), "bad_deflate"),
    "text-that-is-none": (lambda: message(deflate(b"\xff\xfe"), TEXT), "bad_utf8"),
    "text-that-is-cut": (lambda: message(deflate("\u20ac".encode()[:2]), TEXT), "bad_utf8"),
    "marked-continuation": (lambda: message(b"\0", fin=False) + message(b"\0", CONTINUATION),
                            "reserved_bits"),
    "marked-ping": (lambda: message(b"", PING), "reserved_bits"),
    "another-reserved-bit": (lambda: frame(TEXT, b"", reserved=6), "reserved_bits"),
}
for name, (make, end) in BROKEN.items():
    BEHAVIOURS[f"deflate-{name}"] = Behaviour(
        f"deflate-{name}", answers(make), frozenset([end]), False, frozenset(["connection_lost"]),
        COMPRESS | ({"--max-message": 8 * MIB} if "bomb" in name else {}),
        rss_per_connection=ASSEMBLED if "bomb" in name else RSS_PER_CONNECTION)


@behaviour("bad_deflate", answered=None, options=COMPRESS | {"--messages": 3})
async def deflate_beyond_the_window(client):
    await answers(referring_to_the_last_message, f"{DEFLATE}; server_max_window_bits=9")(client)


@behaviour("bad_deflate", answered=None, options=COMPRESS | {"--messages": 3})
async def deflate_context_taken_over(client):
    await answers(referring_to_the_last_message, f"{DEFLATE}; server_no_context_takeover")(client)


# It is large, and allowed.
@behaviour(FINE, answered=True, options=COMPRESS, rss_per_connection=ASSEMBLED)
async def deflate_bomb_within_the_limit(client):
    await answers(lambda: message(deflated(4 * MIB)))(client)


@behaviour(FINE, answered=True, options=COMPRESS)
async def deflate_flood_of_empty_messages(client):
    await answers(lambda: message(b"\0") * 5000)(client)
