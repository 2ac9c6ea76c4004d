// What the parts of the hot path cost, one by one: micro [--smoke] [TEXT].
#include <string>
#include <vector>

#include "base/prng.hpp"
#include "base/timer_wheel.hpp"
#include "bench/micro/bench.hpp"
#include "deflate/stream.hpp"
#include "json/ymera.hpp"
#include "plan/outgoing_message.hpp"
#include "proto/mask.hpp"
#include "proto/message_reader.hpp"
#include "session/deflations.hpp"
#include "session/reply_book.hpp"
#include "stats/histogram.hpp"

using namespace wsblast;
using namespace wsblast::bench;

namespace {

constexpr std::uint64_t kOperations = 1'000;
constexpr proto::MaskKey kKey{0x37, 0xfa, 0x21, 0x3d};
constexpr TimeNs kStart = 1'000 * kSecond;

constexpr std::string_view kAnswer =
    R"({"type":"agent_response","from":"agent_17","to":"user_0f3c55aa","payload":{"status":"processed",)"
    R"("action":"execute","data":{"test":true}},"timestamp":1234567})";
// The same as a Python server writes it.
constexpr std::string_view kSpacedAnswer =
    R"({"type": "agent_response", "from": "agent_17", "to": "user_0f3c55aa", "payload": {"status": )"
    R"("processed", "action": "execute", "data": {"test": true}}, "timestamp": 1234567})";
constexpr std::string_view kRequest =
    R"({"type":"agent_message","from":"user_0f3c55aa","to":"agent_17","payload":{"action":"execute",)"
    R"("timestamp":1234567,"data":{"test":true}}})";

void mask(Bench& bench) {
    for (const std::size_t size : {20u, 200u, 4'096u}) {
        std::vector<std::uint8_t> from(size, 'x');
        std::vector<std::uint8_t> to(size);
        bench.measure("mask: " + std::to_string(size) + " bytes", kOperations, [&] {
            for (std::uint64_t i = 0; i < kOperations; ++i) {
                proto::mask_copy(to, from, kKey, i & 3);
                keep(to[0]);
            }
        });
    }
}

// Only counts, as a fifo session does.
struct CountingSink {
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;

    proto::Flow on_message(proto::Opcode, ByteView payload) {
        ++messages;
        bytes += payload.size();
        return proto::Flow::go_on;
    }
    proto::Flow on_fragment(proto::Opcode, ByteView, proto::FragmentEnd) { return proto::Flow::go_on; }
    proto::Flow on_ping(ByteView) { return proto::Flow::go_on; }
    proto::Flow on_pong(ByteView) { return proto::Flow::go_on; }
    void on_close(const proto::CloseFrame&) {}
};

// Frames of the role's peer, one read of all of them, or one read each.
template <proto::Role kRole>
void read_frames(Bench& bench, const std::string& role, std::size_t size) {
    constexpr bool kMasked = kRole == proto::Role::server;
    std::vector<std::uint8_t> frame(proto::kFrameHeaderMax + size);
    const std::vector<std::uint8_t> payload(size, 'x');
    frame.resize(proto::encode_frame(frame, proto::Opcode::text, payload,
                                     kMasked ? std::optional(kKey) : std::nullopt));
    std::vector<std::uint8_t> many;
    for (std::uint64_t i = 0; i < kOperations; ++i) many.insert(many.end(), frame.begin(), frame.end());
    std::vector<std::uint8_t> scratch(64 * kKiB);
    CountingSink sink;
    const std::string of = role + ", text of " + std::to_string(size) + " bytes";
    bench.measure("frame parser: " + of + ", one a read", kOperations, [&] {
        for (std::uint64_t i = 0; i < kOperations; ++i) {
            proto::MessageReader<kRole> reader;
            keep(reader.consume(frame, sink, {.scratch = scratch}));
        }
    });
    bench.measure("frame parser: " + of + ", many", kOperations, [&] {
        proto::MessageReader<kRole> reader;
        keep(reader.consume(many, sink, {.scratch = scratch}));
    });
    keep(sink);
}

void frame_parser(Bench& bench) {
    for (const std::size_t size : {20u, 150u}) {
        read_frames<proto::Role::client>(bench, "client", size);
        read_frames<proto::Role::server>(bench, "server", size);
    }
}

void write_messages(Bench& bench, const std::string& name, const plan::OutgoingMessage& message) {
    std::vector<std::uint8_t> out(message.frame_size_max());
    std::uint64_t number = 1;
    bench.measure("template: " + name, kOperations, [&] {
        for (std::uint64_t i = 0; i < kOperations; ++i) {
            message.write(out.data(), {{0x0f3c55aa, 17}, {0, number++, 0}});
            keep(out[0]);
        }
    });
}

plan::MessageText order_text() {
    return *plan::MessageText::parse(
        R"({"seq":{{$seq}},"type":"order","side":"buy","symbol":"EURUSD","quantity":1000000,)"
        R"("price":1.0834,"time_in_force":"good till cancelled","account":"0f3c55aa"})",
        1);
}

// Each as the next one of its connection, of which there are many.
void write_remembered(Bench& bench, const std::string& name, const plan::OutgoingMessage& message) {
    constexpr std::uint32_t kOfThem = 64;
    session::MemoryBudget budget(1'024 * kMiB);
    session::Deflations deflations(kOfThem, budget);
    for (std::uint32_t cid = 0; cid < kOfThem; ++cid) keep(deflations.agree(cid, {}));
    std::vector<std::uint8_t> out(message.frame_size_max());
    std::uint64_t number = 1;
    bench.measure("template: " + name + ", compressed with those before it", kOperations, [&] {
        for (std::uint64_t i = 0; i < kOperations; ++i) {
            const plan::MessageInstance instance{{0x0f3c55aa, 17}, {0, number++, 0}};
            const ByteView payload = message.write_payload(deflations.scratch(), instance);
            const ByteView deflated = deflations.compress(static_cast<std::uint32_t>(i % kOfThem), payload);
            keep(message.write_deflated(out.data(), deflated));
        }
    });
}

void remembered_templates(Bench& bench) {
    const plan::MessageForm form{.mask_key = kKey, .deflated_as_sent = true};
    write_remembered(bench, "agent_message", plan::OutgoingMessage::ymera_agent_message(form));
    write_remembered(bench, "text of 170 bytes with a hole",
                     plan::OutgoingMessage::from_text(order_text(), form));
}

// As they are, and compressed before.
void template_patch(Bench& bench) {
    const auto order = order_text();
    for (const int bits : {0, deflate::kWindowBitsMax}) {
        const plan::MessageForm form{.mask_key = kKey, .deflate_bits = static_cast<std::uint8_t>(bits)};
        const std::string how = bits == 0 ? "" : ", compressed once";
        write_messages(bench, "agent_message, copied and patched" + how,
                       plan::OutgoingMessage::ymera_agent_message(form));
        write_messages(bench, "text of 170 bytes with a hole, written and masked" + how,
                       plan::OutgoingMessage::from_text(order, form));
    }
}

void histogram(Bench& bench) {
    stats::Histogram histogram;
    Prng random(1);
    std::vector<TimeNs> values(kOperations);
    for (TimeNs& value : values) value = 50 * kMicrosecond + random.next_below(2 * kMillisecond);
    bench.measure("histogram: record", kOperations, [&] {
        for (const TimeNs value : values) histogram.record(value);
        keep(histogram);
    });
}

void timer_wheel(Bench& bench) {
    constexpr std::uint32_t kIds = 100'000;
    TimerWheel wheel(kIds, kStart);
    TimeNs now_ns = kStart;
    std::uint32_t id = 0;
    bench.measure("timer wheel: arm, 5 s ahead", kOperations, [&] {
        for (std::uint64_t i = 0; i < kOperations; ++i) {
            wheel.arm(id, now_ns + 5 * kSecond);
            id = (id + 7'919) % kIds;
        }
        now_ns += kMicrosecond;
    });
    TimerWheel firing(kIds, kStart);
    TimeNs fire_ns = kStart;
    for (std::uint32_t i = 0; i < kIds; ++i) firing.arm(i, kStart + i * 100);
    bench.measure("timer wheel: fire and arm again, 10 ms ahead", kOperations, [&] {
        fire_ns += kOperations * 100;
        firing.expire(fire_ns, [&](std::uint32_t due) { firing.arm(due, fire_ns + 10 * kMillisecond); });
    });
}

void json_match(Bench& bench) {
    json::YmeraReader reader;
    const auto answers = [&](std::string_view name, std::string_view text) {
        bench.measure(name, kOperations, [&] {
            for (std::uint64_t i = 0; i < kOperations; ++i) keep(reader.read_answer(as_bytes(text)));
        });
    };
    answers("JSON: agent_response, known shape", kAnswer);
    answers("JSON: agent_response, parsed", kSpacedAnswer);
    bench.measure("JSON: agent_message, known shape", kOperations, [&] {
        for (std::uint64_t i = 0; i < kOperations; ++i) keep(reader.read_request(as_bytes(kRequest)));
    });
}

void reply_book(Bench& bench) {
    session::RunPool pool(1'024);
    session::ReplyBook book{};
    std::uint64_t number = 0;
    bench.measure("reply book: push and pop, one open", kOperations, [&] {
        for (std::uint64_t i = 0; i < kOperations; ++i, ++number) {
            static_cast<void>(book.push({kStart + number, kStart + number, number, 1, 0}, 0, pool));
            keep(book);
            book.pop(1, 0, pool);
        }
    });
    constexpr std::uint64_t kOpen = 16;
    for (std::uint64_t i = 0; i < kOpen; ++i, ++number) {
        static_cast<void>(book.push({kStart + number, kStart + number, number, 1, 0}, 0, pool));
    }
    bench.measure("reply book: push and take by number, 16 open", kOperations, [&] {
        for (std::uint64_t i = 0; i < kOperations; ++i, ++number) {
            static_cast<void>(book.push({kStart + number, kStart + number, number, 1, 0}, 0, pool));
            keep(book.take(number - kOpen, 0, pool));
        }
    });
}

}  // namespace

int main(int argc, char** argv) {
    Bench bench(argc, argv);
    mask(bench);
    frame_parser(bench);
    template_patch(bench);
    remembered_templates(bench);
    histogram(bench);
    timer_wheel(bench);
    json_match(bench);
    reply_book(bench);
    return 0;
}
