"""Behaviours of a hostile server in the life of a connection: it stalls, ends badly, or does not end."""
import asyncio
import struct

from hostile_server import FINE, behaviour
from raw_server import BINARY, CLOSE, CONTINUATION, TEXT, frame

PAUSE_S = 0.05


# --- never answers --------------------------------------------------------------------------------

@behaviour(FINE, loses=("answer_timeout",))
async def never_answers(client):
    await client.upgrade()
    await client.until_close()


@behaviour("setup_timeout", options={"--setup": "join"})
async def never_answers_the_setup(client):
    await client.upgrade()
    await client.until_close()


@behaviour(FINE, loses=("answer_timeout",))
async def stall_in_a_frame_head(client):
    await client.upgrade()
    await client.message()
    await client.send_raw(b"\x81\x7e\x01")
    await client.until_close()


@behaviour(FINE, loses=("answer_timeout",))
async def stall_in_a_payload(client):
    await client.upgrade()
    await client.message()
    await client.send_raw(frame(TEXT, b"hello")[:4])
    await client.until_close()


@behaviour(FINE, loses=("answer_timeout",))
async def unfinished_fragments(client):
    await client.upgrade()
    await client.message()
    await client.send_raw(frame(TEXT, b"he", fin=False) + frame(CONTINUATION, b"llo", fin=False) * 100)
    await client.until_close()


@behaviour("close_timeout", loses=("answer_timeout",))
async def drip_of_a_frame_that_does_not_end(client):
    await client.upgrade()
    await client.message()
    await client.drip(frame(BINARY, b"x" * 100_000), PAUSE_S)


# It is slow, and allowed.
@behaviour(FINE, answered=True)
async def answer_byte_by_byte(client):
    await client.upgrade()
    await client.message()
    await client.drip(frame(TEXT, b"hello"), 0.01)
    await client.until_close()


# The client's window closes, and what it has to say piles up on its side.
@behaviour("close_timeout", loses=("answer_timeout", "connection_lost"),
           options={"--size": 40_000, "--messages": 20, "--interval": "20ms"})
async def zero_window(client):
    await client.upgrade()
    await client.stop_reading()


# More than any buffer takes: what is due waits for room.
FLOOD = {"--size": 48_000, "--messages": 100, "--interval": "10ms"}
GIVEN_UP = {"loses": ("answer_timeout", "connection_lost"), "connections_max": 3}


@behaviour("send_timeout", options=FLOOD, **GIVEN_UP)
async def window_that_stays_closed(client):
    await client.upgrade()
    client.close_window()
    await client.stop_reading()


# It talks as if nothing was wrong; what it says is taken for answers.
@behaviour("send_timeout", answered=None, options=FLOOD, **GIVEN_UP)
async def window_that_stays_closed_under_pushes(client):
    await client.upgrade()
    client.close_window()
    while True:
        await client.send(TEXT, b"news")
        await asyncio.sleep(PAUSE_S)


# Our close frame finds no room either.
@behaviour("reserved_opcode", options=FLOOD, **GIVEN_UP)
async def broken_frame_behind_a_closed_window(client):
    await client.upgrade()
    client.close_window()
    await asyncio.sleep(1)
    await client.send_raw(frame(0x7, b"broken"))
    await client.stop_reading()


@behaviour("closed_by_peer", options=FLOOD, **GIVEN_UP)
async def close_frame_behind_a_closed_window(client):
    await client.upgrade()
    client.close_window()
    await asyncio.sleep(1)
    await client.send(CLOSE, struct.pack(">H", 1001))
    await client.stop_reading()


# --- ends -----------------------------------------------------------------------------------------

@behaviour("closed_by_peer")
async def closes_without_frame(client):
    await client.upgrade()
    await client.message()


@behaviour("closed_by_peer")
async def closes_in_a_frame(client):
    await client.upgrade()
    await client.message()
    await client.send_raw(frame(TEXT, b"hello")[:4])


@behaviour("connection_reset")
async def reset_after_the_upgrade(client):
    await client.upgrade()
    await client.message()
    client.reset()


@behaviour("connection_reset")
async def reset_in_a_frame(client):
    await client.upgrade()
    await client.message()
    await client.send_raw(frame(TEXT, b"hello")[:4])
    await asyncio.sleep(PAUSE_S)
    client.reset()


@behaviour("closed_by_peer")
async def half_close(client):
    await client.upgrade()
    await client.message()
    client.writer.write_eof()
    await client.stay()


@behaviour("closed_by_peer")
async def close_1008(client):
    await client.upgrade()
    await client.message()
    await client.send(CLOSE, struct.pack(">H", 1008) + b"not you")
    await client.until_close()


@behaviour("closed_by_peer")
async def close_without_a_code(client):
    await client.upgrade()
    await client.message()
    await client.send(CLOSE)
    await client.until_close()


@behaviour("closed_by_peer")
async def talks_on_after_its_close(client):
    await client.upgrade()
    await client.message()
    await client.send_raw(frame(CLOSE, struct.pack(">H", 1000)) + frame(TEXT, b"hello") * 1000 +
                          frame(0x7, b"broken"))
    await client.stay()


@behaviour("closed_by_peer")
async def close_frame_and_no_end(client):
    await client.upgrade()
    await client.message()
    await client.send(CLOSE, struct.pack(">H", 1001))
    await client.stay()


# --- the client's close ---------------------------------------------------------------------------

async def answer_once(client):
    await client.upgrade()
    await client.message()
    await client.send(TEXT, b"hello")
    await client.until_close()


@behaviour("close_timeout", answered=True)
async def never_answers_the_close(client):
    await answer_once(client)
    await client.stay()


@behaviour(FINE, answered=True)
async def resets_at_the_close(client):
    await answer_once(client)
    client.reset()


@behaviour(FINE, answered=True)
async def ends_without_answering_the_close(client):
    await answer_once(client)


@behaviour(FINE, "close_timeout", answered=True)
async def answers_the_close_and_does_not_end(client):
    await answer_once(client)
    await client.send(CLOSE, struct.pack(">H", 1000))
    await client.stay()


@behaviour("close_timeout", answered=True)
async def talks_for_ever_instead_of_closing(client):
    await answer_once(client)
    while True:
        await client.send(TEXT, b"one more thing")
        await asyncio.sleep(PAUSE_S)
