#include "transport/memory_faults.hpp"

#include <algorithm>
#include <utility>

namespace wsblast::transport {

namespace {

std::uint64_t key_of(EndName name) {
    return std::uint64_t{name.generation} << 32 | name.cid;
}

}  // namespace

void FaultyLine::take(Wire& wire, Wire& back, TimeNs now_ns) {
    for (const Packet& packet : wire.packets()) {
        Flow& flow = flows_[key_of(packet.from)];
        if (flow.state == FlowState::lost) continue;
        if (happens(faults_.silence)) {
            flow.state = FlowState::lost;
        } else if (packet.kind == PacketKind::open && happens(faults_.refuse)) {
            back.signal(PacketKind::refused, packet.from, packet.to);
        } else if (packet.kind == PacketKind::bytes && happens(faults_.reset)) {
            back.signal(PacketKind::reset, packet.from, packet.to);
            schedule({nullptr, 0, PacketKind::reset, packet.to, packet.from}, {}, flow, now_ns);
            flow.state = FlowState::lost;
        } else {
            pass(packet, flow, now_ns);
        }
    }
    wire.clear();
}

// Schedules the packet whole or in pieces.
void FaultyLine::pass(const Packet& packet, Flow& flow, TimeNs now_ns) {
    if (packet.kind != PacketKind::bytes) return schedule(packet, {}, flow, now_ns);
    ByteView rest{packet.data, packet.size};
    while (rest.size() > 1 && happens(faults_.split)) {
        const std::size_t first = 1 + random_.next_below(rest.size() - 1);
        schedule(packet, rest.first(first), flow, now_ns);
        rest = rest.subspan(first);
    }
    schedule(packet, rest, flow, now_ns);
    if (happens(faults_.fin)) {
        schedule({nullptr, 0, PacketKind::fin, packet.to, packet.from}, {}, flow, now_ns);
        flow.state = FlowState::lost;
    }
}

void FaultyLine::schedule(const Packet& packet, ByteView bytes, Flow& flow, TimeNs now_ns) {
    const TimeNs delay_ns = happens(faults_.delay) ? random_.next_below(faults_.delay_ns_max + 1) : 0;
    flow.last_arrival_ns = std::max(flow.last_arrival_ns, now_ns + delay_ns);
    pending_.emplace(flow.last_arrival_ns, DelayedPacket{packet, {bytes.begin(), bytes.end()}});
}

std::optional<DelayedPacket> FaultyLine::next(TimeNs now_ns) {
    if (next_arrival_ns() > now_ns) return std::nullopt;
    return std::move(pending_.extract(pending_.begin()).mapped());
}

}  // namespace wsblast::transport
