"""permessage-deflate as a server speaks it (RFC 7692), with zlib: what a case asks for, and what a client
offered."""
import re
import zlib
from dataclasses import dataclass

TAIL = b"\x00\x00\xff\xff"


@dataclass(frozen=True)
class Wish:
    """What the server asks of the client; 0: nothing."""
    client_no_context_takeover: bool = False
    client_max_window_bits: int = 0


def offers_of(request):
    """The client's offers of permessage-deflate, in its order: {parameter: value or None}."""
    offers = []
    for line in re.findall(rb"(?im)^sec-websocket-extensions:(.*?)\r$", request):
        for extension in line.decode().split(","):
            name, *parameters = [part.strip() for part in extension.split(";")]
            if name != "permessage-deflate":
                continue
            pairs = [parameter.partition("=") for parameter in parameters]
            offers.append({key.strip(): value.strip().strip('"') or None for key, _, value in pairs})
    return offers


class Deflate:
    def __init__(self, server_bits, server_takeover, client_bits, client_takeover):
        self.server_bits, self.server_takeover = server_bits, server_takeover
        self.client_bits, self.client_takeover = client_bits, client_takeover
        self.deflater = self.inflater = None

    @classmethod
    def negotiate(cls, request, wishes):
        """(the agreement, the header line), or (None, None) where no offer allows any of the wishes."""
        for wish in wishes:
            for offer in offers_of(request):
                if not wish.client_max_window_bits or "client_max_window_bits" in offer:
                    return cls.agree(offer, wish)
        return None, None

    @classmethod
    def agree(cls, offer, wish):
        parts = ["permessage-deflate"]
        server_bits = int(offer.get("server_max_window_bits") or 15)
        if "server_no_context_takeover" in offer:
            parts.append("server_no_context_takeover")
        if "server_max_window_bits" in offer:
            parts.append(f"server_max_window_bits={server_bits}")
        if wish.client_no_context_takeover:
            parts.append("client_no_context_takeover")
        if wish.client_max_window_bits:
            parts.append(f"client_max_window_bits={wish.client_max_window_bits}")
        agreed = cls(max(9, server_bits), "server_no_context_takeover" not in offer,
                     wish.client_max_window_bits or 15, not wish.client_no_context_takeover)
        return agreed, "Sec-WebSocket-Extensions: " + "; ".join(parts)

    def deflate(self, payload):
        if not (self.deflater and self.server_takeover):
            self.deflater = zlib.compressobj(wbits=-self.server_bits)
        compressed = self.deflater.compress(payload) + self.deflater.flush(zlib.Z_SYNC_FLUSH)
        return compressed.removesuffix(TAIL)

    def inflate(self, payload):
        """With no more window than was agreed: who refers further back is found out."""
        if not (self.inflater and self.client_takeover):
            self.inflater = zlib.decompressobj(wbits=-self.client_bits)
        return self.inflater.decompress(payload + TAIL)
