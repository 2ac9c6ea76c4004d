"""Cases 9, 10, 12 and 13 of the fuzzing server: large messages, many messages, compressed messages.

WSBLAST_FUZZING_MESSAGES: how many messages a compressed case sends; the public suite sends 1,000.
"""
import os
import random
from dataclasses import dataclass

from fuzzing_cases import Case, brief, end_clean
from fuzzing_deflate import Wish
from fuzzing_server import BULK_PATIENCE_S, Breach
from raw_server import BINARY, CONTINUATION, TEXT, frame

KIB, MIB = 1 << 10, 1 << 20
MESSAGES = int(os.environ.get("WSBLAST_FUZZING_MESSAGES", "10"))
# (size of a message, of its fragments: 0 for one frame)
LARGER = (8 * KIB, 16 * KIB, 32 * KIB, 64 * KIB, 128 * KIB)
COMPRESSED_SIZES = [*[(size, 0) for size in (16, 64, 256, KIB, 4 * KIB, *LARGER)],
                    *[(size, 256) for size in LARGER],
                    *[(128 * KIB, part) for part in (KIB, 4 * KIB, 32 * KIB)]]
# What the server asks for, the first that the client's offers allow.
WISHES = [[Wish()], [Wish(True)], [Wish(False, 9)], [Wish(False, 15)], [Wish(True, 9)], [Wish(True, 15)],
          [Wish(True, 9), Wish(True), Wish()]]


def fragmented(opcode, payload, size, compressed=False):
    """The frames of a message, of `size` bytes each; 0: one frame."""
    parts = [payload[start:start + size] for start in range(0, len(payload), size)] if size else [payload]
    last = len(parts) - 1
    return b"".join(frame(opcode if number == 0 else CONTINUATION, part, fin=number == last,
                          reserved=4 if compressed and number == 0 else 0)
                    for number, part in enumerate(parts or [b""]))


@dataclass(frozen=True)
class Conversation:
    """A message, its echo, the next one; compressed where there is an agreement on it."""
    id: str
    what: str
    opcode: int
    payloads: tuple
    fragment: int = 0
    deflate: list = None

    async def run(self, connection):
        if self.deflate is not None and connection.deflate is None:
            await end_clean(Case(self.id, self.what, ()), connection)
            return "UNIMPLEMENTED"
        for number, payload in enumerate(self.payloads, 1):
            sent = connection.deflate.deflate(payload) if connection.deflate else payload
            frames = fragmented(self.opcode, sent, self.fragment, bool(connection.deflate))
            await connection.send_raw(frames)
            await connection.until(lambda: len(connection.events) >= number, BULK_PATIENCE_S)
            if connection.breach:
                raise Breach(connection.breach)
            if connection.events[number - 1:] != [(self.opcode, payload)]:
                raise Breach(f"message {number} is answered by {brief(connection.events[number - 1:])}")
        answers = tuple((self.opcode, payload) for payload in self.payloads)
        await end_clean(Case(self.id, self.what, (), answers), connection)
        return "OK"


def large_cases():
    for group, (opcode, byte) in enumerate([(TEXT, b"*"), (BINARY, b"\xfe")], 1):
        for number, size in enumerate((64 * KIB, 256 * KIB, MIB, 4 * MIB, 8 * MIB, 16 * MIB), 1):
            yield Case(f"9.{group}.{number}", f"{size} bytes", (frame(opcode, byte * size),),
                       ((opcode, byte * size),))
        payload = byte * (4 * MIB)
        parts = (64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB)
        for number, part in enumerate(parts, 1):
            yield Case(f"9.{group + 2}.{number}", f"4 MiB in fragments of {part}",
                       (fragmented(opcode, payload, part),), ((opcode, payload),))
        payload = byte * MIB
        for number, chop in enumerate((64, 128, 256, 512, KIB, 2 * KIB), 1):
            yield Case(f"9.{group + 4}.{number}", f"1 MiB in chops of {chop}", (frame(opcode, payload),),
                       ((opcode, payload),), chop=chop)
        for number, size in enumerate((0, 16, 64, 256, KIB, 4 * KIB), 1):
            yield Conversation(f"9.{group + 6}.{number}", f"1,000 messages of {size} bytes", opcode,
                               (byte * size,) * 1000)
    payload = b"*" * (64 * KIB)
    yield Case("10.1.1", "64 KiB in fragments of 1,300", (fragmented(TEXT, payload, 1300),),
               ((TEXT, payload),))


def materials():
    """(opcode, 256 KiB to cut messages from): JSON, an image of a kind, noise, prose, next to nothing."""
    source = random.Random(7)
    letters = b"abcdefghijklmnopqrstuvwxyz"
    words = [bytes(source.choices(letters, k=source.randint(2, 9))) for _ in range(500)]
    json_text = b"".join(b'{"id":%d,"name":"%s","value":%d},' % (number, source.choice(words),
                                                               source.randint(0, 10**6))
                         for number in range(7000))
    image = bytes((x * y >> 4) & 0xFF for y in range(512) for x in range(512))
    prose = b" ".join(source.choice(words) for _ in range(60_000))
    return [(TEXT, json_text), (BINARY, image), (BINARY, source.randbytes(256 * KIB)), (TEXT, prose),
            (BINARY, b"\0" * (256 * KIB))]


def cut(material, size):
    """`MESSAGES` messages of that size, from one place after the other."""
    room = len(material) - size
    starts = [number * 997 % room for number in range(MESSAGES)]
    return tuple(material[start:start + size] for start in starts)


def compressed_cases():
    for group, (opcode, material) in enumerate(materials(), 1):
        for number, (size, part) in enumerate(COMPRESSED_SIZES, 1):
            yield Conversation(f"12.{group}.{number}", f"{size} bytes, in fragments of {part}", opcode,
                               cut(material, size), part, WISHES[0])
    opcode, material = materials()[0]
    for group, wishes in enumerate(WISHES, 1):
        for number, (size, part) in enumerate(COMPRESSED_SIZES, 1):
            yield Conversation(f"13.{group}.{number}", f"{wishes}: {size} bytes, in fragments of {part}",
                               opcode, cut(material, size), part, wishes)


def cases():
    return [*large_cases(), *compressed_cases()]
