"""Cases 6 of the fuzzing server: text that is UTF-8, and text that is not (RFC 3629)."""
from fuzzing_cases import NOT_UTF8, PROTOCOL_ERROR, Case, fragments
from raw_server import CONTINUATION, TEXT, frame

KOSME = "κόσμε".encode()
GREETING = "Hello-µ@ßöäüàá-UTF-8!!".encode()


def valid(case_id, text):
    return Case(case_id, f"valid: {text[:20]!r}", (frame(TEXT, text),), ((TEXT, text),))


def invalid(case_id, text):
    return Case(case_id, f"invalid: {text[:20]!r}", (frame(TEXT, text),), end="failed",
                codes=(NOT_UTF8, PROTOCOL_ERROR))


def octets(text):
    """A fragment for each byte."""
    return b"".join(fragments(*[bytes([byte]) for byte in text]))


def encode(code_point):
    """As UTF-8 encodes it, surrogates and what lies beyond Unicode too."""
    if code_point < 0x110000:
        return chr(code_point).encode("utf-8", "surrogatepass")
    width = 4 if code_point < 0x200000 else 5 if code_point < 0x4000000 else 6
    tail = [0x80 | code_point >> 6 * shift & 0x3F for shift in range(width - 1)]
    return bytes([(0xFF00 >> width & 0xFF) | code_point >> 6 * (width - 1), *reversed(tail)])


def framing_cases():
    middle = "Hello-µ".encode()
    yield Case("6.1.1", "an empty text", (frame(TEXT),), ((TEXT, b""),))
    yield Case("6.1.2", "three empty fragments", (b"".join(fragments(b"", b"", b"")),), ((TEXT, b""),))
    yield Case("6.1.3", "the middle one is not empty", (b"".join(fragments(b"", middle, b"")),),
               ((TEXT, middle),))
    echoed = ((TEXT, GREETING),)
    yield Case("6.2.1", "one frame", (frame(TEXT, GREETING),), echoed)
    yield Case("6.2.2", "cut between characters", (b"".join(fragments(GREETING[:8], GREETING[8:])),), echoed)
    yield Case("6.2.3", "a fragment an octet", (octets(GREETING),), echoed)
    yield Case("6.2.4", "a fragment an octet of another script", (octets(KOSME),), ((TEXT, KOSME),))
    bad = KOSME + b"\xed\xa0\x80" + b"edited"
    yield invalid("6.3.1", bad)
    yield Case("6.3.2", "invalid, a fragment an octet", (octets(bad),), end="failed",
               codes=(NOT_UTF8, PROTOCOL_ERROR))


def fail_fast_cases():
    """What can be valid no more fails the connection before the message ends."""
    beyond = b"\xf4\x90"
    ways = [(frame(TEXT, KOSME, fin=False), frame(CONTINUATION, beyond + b"\x80\x80", fin=False),
             frame(CONTINUATION, b"edited")),
            (frame(TEXT, KOSME + b"\xf4", fin=False), frame(CONTINUATION, b"\x90", fin=False),
             frame(CONTINUATION, b"\x80\x80edited"))]
    whole = frame(TEXT, KOSME + beyond + b"\x80\x80edited")
    after = whole.index(beyond) + len(beyond)
    ways += [(whole[:after - 2], whole[after - 2:after + 2], whole[after + 2:]),
             (whole[:after - 1], whole[after - 1:after], whole[after:])]
    for number, sends in enumerate(ways, 1):
        yield Case(f"6.4.{number}", "fails as soon as it is seen", sends, end="failed",
                   codes=(NOT_UTF8, PROTOCOL_ERROR), too_late=2)


def series(group, texts, make):
    return [make(f"6.{group}.{number}", text) for number, text in enumerate(texts, 1)]


def sequence_cases():
    yield from series(5, [GREETING, KOSME, "\U0001f600 \u20ac".encode(), "日本語".encode(), b"\x7f\x00"], valid)
    # All beginnings of a word: valid where a character ends.
    for size in range(1, len(KOSME) + 1):
        whole = len(KOSME[:size].decode(errors="ignore").encode()) == size
        yield (valid if whole else invalid)(f"6.6.{size}", KOSME[:size])
    yield from series(7, [encode(0), encode(0x80), encode(0x800), encode(0x10000)], valid)
    yield from series(8, [encode(0x200000), encode(0x4000000)], invalid)
    yield from series(9, [encode(0x7F), encode(0x7FF), encode(0xFFFF), encode(0x10FFFF)], valid)
    yield from series(10, [encode(0x1FFFFF), encode(0x3FFFFFF), encode(0x7FFFFFFF)], invalid)
    yield from series(11, [encode(0xD7FF), encode(0xE000), encode(0xFFFD), encode(0x10FFFF)], valid)
    yield invalid("6.11.5", encode(0x110000))
    yield from series(12, [b"\x80", b"\xbf", *[(b"\x80\xbf" * 3)[:size] for size in range(2, 7)],
                           bytes(range(0x80, 0xC0))], invalid)
    starts = (0xC0, 0xE0), (0xE0, 0xF0), (0xF0, 0xF8), (0xF8, 0xFC), (0xFC, 0xFE)
    yield from series(13, [b"".join(bytes([byte]) + b" " for byte in range(*ends)) for ends in starts],
                      invalid)
    cut = [encode(point)[:-1] for point in (0x80, 0x800, 0x10000, 0x200000, 0x4000000, 0x7FF, 0xFFFF,
                                            0x1FFFFF, 0x3FFFFFF, 0x7FFFFFFF)]
    yield from series(14, cut, invalid)
    yield from series(15, [b"".join(cut)], invalid)
    yield from series(16, [b"\xfe", b"\xff", b"\xfe\xfe\xff\xff"], invalid)
    # Longer than they need to be: '/', the last of each length, NUL.
    slash = [b"\xc0\xaf", b"\xe0\x80\xaf", b"\xf0\x80\x80\xaf", b"\xf8\x80\x80\x80\xaf",
             b"\xfc\x80\x80\x80\x80\xaf"]
    last = [b"\xc1\xbf", b"\xe0\x9f\xbf", b"\xf0\x8f\xbf\xbf", b"\xf8\x87\xbf\xbf\xbf",
            b"\xfc\x83\xbf\xbf\xbf\xbf"]
    for group, texts in ((17, slash), (18, last), (19, [text.replace(b"\xaf", b"\x80") for text in slash])):
        yield from series(group, texts, invalid)
    high, low = (0xD800, 0xDB7F, 0xDB80, 0xDBFF), (0xDC00, 0xDF80, 0xDFFF)
    yield from series(20, [encode(point) for point in high + low], invalid)
    pairs = [encode(one) + encode(other) for one in high for other in (0xDC00, 0xDFFF)]
    yield from series(21, pairs, invalid)
    ends = [encode(plane << 16 | end) for plane in range(17) for end in (0xFFFE, 0xFFFF)]
    yield from series(22, ends, valid)
    yield from series(23, [encode(point) for point in range(0xFFF9, 0x10000)], valid)


def cases():
    return [*framing_cases(), *fail_fast_cases(), *sequence_cases()]
