"""Cases 1 to 5 and 7 of the fuzzing server: framing, pings, what is reserved, fragments, closing."""
import asyncio
import struct
from dataclasses import dataclass

from fuzzing_server import BULK_PATIENCE_S, Breach
from raw_server import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, frame

CLEAN_CLOSE = struct.pack(">H", 1000)
PROTOCOL_ERROR, NOT_UTF8 = 1002, 1007
# Between two pieces, where a case looks at what the client does meanwhile.
LOOK_S = 0.3


@dataclass(frozen=True)
class Case:
    """`sends`: what is written, `chop`: in pieces of so many bytes. `answers`: what has to come back,
    `lenient`: what may instead. `end`: how it has to end, below; `codes`: by which close codes."""
    id: str
    what: str
    sends: tuple
    answers: tuple = ()
    lenient: tuple = None
    end: str = "clean"
    codes: tuple = (1000,)
    chop: int = 0
    deflate: tuple = None
    # Before this piece of `sends` the client should have failed the connection already.
    too_late: int = None

    async def run(self, connection):
        in_time = True
        for number, piece in enumerate(self.sends):
            if number == self.too_late:
                in_time = await connection.until(lambda: connection.closes or connection.ended, LOOK_S)
            try:
                await send_chopped(connection, piece, self.chop)
            except OSError:
                break  # a client that has failed the connection need not read on
        strict = await ENDS[self.end](self, connection)
        if self.end == "any":
            return "INFORMATIONAL"
        return "OK" if strict and in_time else "NON-STRICT"

    def judge_answers(self, connection):
        """Whether they are those that the case wants; otherwise they are as good."""
        answers = tuple(connection.answers)
        if answers == self.answers:
            return True
        if self.lenient is not None and answers == self.lenient:
            return False
        raise Breach(f"{brief(answers)} came, not {brief(self.answers)}")

    def judge_code(self, payload):
        code = struct.unpack(">H", payload[:2])[0] if payload else 1005
        if code not in self.codes:
            raise Breach(f"closed with {code}, not with one of {self.codes}")


def brief(answers):
    return [(opcode, payload[:40], len(payload)) for opcode, payload in answers[:12]]


async def send_chopped(connection, data, chop):
    if not chop:
        return await connection.send_raw(data)
    for start in range(0, len(data), chop):
        await connection.send_raw(data[start:start + chop])
        if len(data) < 1000:
            await asyncio.sleep(0)


async def end_clean(case, connection):
    """The answers come, the server closes, the client answers that, and all is in order."""
    await connection.until(lambda: len(connection.answers) >= len(case.answers) or connection.closes,
                           BULK_PATIENCE_S)
    if connection.closes:
        raise Breach(f"the client closed: {connection.closes}")
    await connection.send(CLOSE, CLEAN_CLOSE)
    return await end_closed(case, connection)


async def end_closed(case, connection):
    """The server has sent a close frame: it is answered."""
    await connection.closing()
    if not connection.closes:
        raise Breach("the close frame is not answered")
    case.judge_code(connection.closes[0])
    return case.judge_answers(connection)


async def end_failed(case, connection):
    """The client fails the connection: by a close frame, or by its end alone."""
    await connection.closing()
    if not connection.closes and not connection.ended:
        raise Breach("the client goes on")
    if connection.closes:
        case.judge_code(connection.closes[0])
    return case.judge_answers(connection)


async def end_any(case, connection):
    await connection.closing()
    return True


ENDS = {"clean": end_clean, "closed": end_closed, "failed": end_failed, "any": end_any}


def fails(case_id, what, *sends, answers=(), **more):
    """The client has to fail the connection; what came before is answered, or not any more."""
    return Case(case_id, what, sends, tuple(answers), lenient=(), end="failed", codes=(PROTOCOL_ERROR,),
                **more)


def echo_cases():
    sizes = [(0, 0), (125, 0), (126, 0), (127, 0), (128, 0), (65535, 0), (65536, 0), (65536, 997)]
    for group, (opcode, byte) in enumerate([(TEXT, b"*"), (BINARY, b"\xfe")], 1):
        for number, (size, chop) in enumerate(sizes, 1):
            payload = byte * size
            yield Case(f"1.{group}.{number}", f"{size} bytes, in chops of {chop or 'any size'}",
                       (frame(opcode, payload),), ((opcode, payload),), chop=chop)


def ping_cases():
    ten = [b"payload-%d" % number for number in range(10)]
    long_one = b"\xfe" * 125
    binary = b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff"
    for number, payload in enumerate([b"", b"Hello, world!", binary, long_one], 1):
        yield Case(f"2.{number}", "a ping", (frame(PING, payload),), ((PONG, payload),))
    yield fails("2.5", "a ping of 126 bytes", frame(PING, b"\xfe" * 126))
    yield Case("2.6", "a ping, octet by octet", (frame(PING, long_one),), ((PONG, long_one),), chop=1)
    yield Case("2.7", "an unsolicited pong", (frame(PONG),))
    yield Case("2.8", "an unsolicited pong with a payload", (frame(PONG, b"unsolicited"),))
    yield Case("2.9", "an unsolicited pong, then a ping",
               (frame(PONG, b"unsolicited") + frame(PING, b"ping"),), ((PONG, b"ping"),))
    for number, chop in ((10, 0), (11, 1)):
        yield Case(f"2.{number}", "ten pings", (b"".join(frame(PING, payload) for payload in ten),),
                   tuple((PONG, payload) for payload in ten), chop=chop)


def reserved_cases():
    hello, echoed = frame(TEXT, b"Hello, world!"), [(TEXT, b"Hello, world!")]
    reserved = [frame(TEXT, b"Hello, world!", reserved=bits) for bits in range(8)]
    yield fails("3.1", "RSV 1", reserved[1])
    for number, chop in ((2, 0), (3, 13), (4, 1)):
        yield fails(f"3.{number}", f"a message, then RSV {number}, then a ping",
                    hello + reserved[number] + frame(PING), answers=echoed, chop=chop)
    yield fails("3.5", "RSV 5 in a binary message", frame(BINARY, b"\x00\xff\xfe", reserved=5))
    yield fails("3.6", "RSV 6 in a ping", frame(PING, b"Hello", reserved=6))
    yield fails("3.7", "RSV 7 in a close", frame(CLOSE, b"", reserved=7))
    for group, first in ((1, 3), (2, 11)):
        for number in range(1, 6):
            bad = frame(first + number - 1, b"" if number % 2 else b"reserved")
            before = hello if number > 2 else b""
            yield fails(f"4.{group}.{number}", f"opcode {first + number - 1}",
                        before + bad + (frame(PING) if before else b""), answers=echoed if before else (),
                        chop=1 if number == 5 else 0)


def fragments(*parts, opcode=TEXT):
    """The frames of one message."""
    last = len(parts) - 1
    return [frame(opcode if number == 0 else CONTINUATION, part, fin=number == last)
            for number, part in enumerate(parts)]


def fragment_cases():
    first, second = fragments(b"fragment1", b"fragment2")
    whole = (TEXT, b"fragment1fragment2")
    yield fails("5.1", "a ping in two fragments", frame(PING, b"1", fin=False) + frame(CONTINUATION, b"2"))
    yield fails("5.2", "a pong in two fragments", frame(PONG, b"1", fin=False) + frame(CONTINUATION, b"2"))
    for number, chop in ((3, 0), (4, 11), (5, 1)):
        yield Case(f"5.{number}", "two fragments", (first + second,), (whole,), chop=chop)
    for number, chop in ((6, 0), (7, 11), (8, 1)):
        yield Case(f"5.{number}", "a ping between two fragments", (first + frame(PING, b"ping") + second,),
                   ((PONG, b"ping"), whole), chop=chop)
    for number, fin, chop in ((9, True, 0), (10, True, 5), (11, True, 1), (12, False, 0), (13, False, 5),
                              (14, False, 1)):
        yield fails(f"5.{number}", "a continuation of nothing, then a message",
                    frame(CONTINUATION, b"non-continuation", fin=fin) + frame(TEXT, b"Hello"), chop=chop)
    yield fails("5.15", "two fragments, a continuation of nothing, a message",
                first + second + frame(CONTINUATION, b"more", fin=False) + frame(TEXT, b"Hello"),
                answers=[whole])
    for number, fin in ((16, False), (17, True)):
        yield fails(f"5.{number}", "twice: a continuation of nothing, then two fragments",
                    (frame(CONTINUATION, b"fragment0", fin=fin) + first + second) * 2)
    yield fails("5.18", "two fragments that both begin a message", first + frame(TEXT, b"fragment2"))
    five = fragments(b"fragment1", b"fragment2", b"fragment3", b"fragment4", b"fragment5")
    all_of_them = (five[0] + five[1] + frame(PING, b"pongme 1!"),
                   five[2] + five[3] + frame(PING, b"pongme 2!") + five[4])
    answers = ((PONG, b"pongme 1!"), (PONG, b"pongme 2!"),
               (TEXT, b"fragment1fragment2fragment3fragment4fragment5"))
    yield Case("5.19", "five fragments, two pings, a pause", all_of_them, answers)
    yield Case("5.20", "five fragments, two pings", (b"".join(all_of_them),), answers)


def close_cases():
    hello, bye = frame(TEXT, b"Hello World!"), frame(CLOSE, CLEAN_CLOSE)
    echoed = ((TEXT, b"Hello World!"),)
    first, second = fragments(b"fragment1", b"fragment2")
    closed = {"end": "closed"}
    yield Case("7.1.1", "a message, then a close", (hello,), echoed)
    yield Case("7.1.2", "two closes", (bye + bye,), **closed)
    yield Case("7.1.3", "a ping after the close", (bye + frame(PING),), **closed)
    yield Case("7.1.4", "a message after the close", (bye + hello,), **closed)
    yield Case("7.1.5", "the second fragment after the close", (first + bye + second,), **closed)
    yield Case("7.1.6", "256 KiB, a close, a ping", (frame(TEXT, b"B" * (256 << 10)) + bye + frame(PING),),
               end="any")
    yield Case("7.3.1", "a close without a payload", (frame(CLOSE),), codes=(1000, 1005), **closed)
    yield fails("7.3.2", "a close of one byte", frame(CLOSE, b"\x03"))
    yield Case("7.3.3", "a close with a code", (bye,), **closed)
    yield Case("7.3.4", "with a reason", (frame(CLOSE, CLEAN_CLOSE + b"Hello World!"),), **closed)
    yield Case("7.3.5", "with the longest", (frame(CLOSE, CLEAN_CLOSE + b"*" * 123),), **closed)
    yield fails("7.3.6", "with a longer one", frame(CLOSE, CLEAN_CLOSE + b"*" * 124))
    not_utf8 = CLEAN_CLOSE + b"\xce\xba\xe1\xbd\xb9\xed\xa0\x80"
    yield Case("7.5.1", "with a reason that is not UTF-8", (frame(CLOSE, not_utf8),), end="failed",
               codes=(PROTOCOL_ERROR, NOT_UTF8))
    good = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999]
    for number, code in enumerate(good, 1):
        yield Case(f"7.7.{number}", f"code {code}", (frame(CLOSE, struct.pack(">H", code)),),
                   codes=(1000, code), **closed)
    for number, code in enumerate([0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999], 1):
        yield fails(f"7.9.{number}", f"code {code}", frame(CLOSE, struct.pack(">H", code)))
    for number, code in enumerate([5000, 65535], 1):
        yield Case(f"7.13.{number}", f"code {code}", (frame(CLOSE, struct.pack(">H", code)),), end="any")


def cases():
    return [*echo_cases(), *ping_cases(), *reserved_cases(), *fragment_cases(), *close_cases()]
