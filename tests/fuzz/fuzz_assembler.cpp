// Any bytes on a connection of a session, in pieces, while there is sometimes no room to send: messages are
// put together as they were sent, the newest ping is answered, and nothing is kept of what has ended.
#include <string>
#include <vector>

#include "proto/message_reader.hpp"
#include "session/wire.hpp"
#include "tests/fuzz/fuzz_entry.hpp"
#include "tests/support/every_split.hpp"
#include "tests/support/frames.hpp"

namespace {

using namespace wsblast;
using proto::Flow;
using proto::Opcode;

// As much of a transport as a wire sends through: what was committed is kept, and there is room or none.
class Line {
  public:
    enum class Room : std::uint8_t { none, enough };

    ByteSpan reserve(transport::ConnectionId, std::size_t size) {
        if (room == Room::none) return {};
        reserved_.resize(size);
        return reserved_;
    }
    void commit(transport::ConnectionId, std::size_t size) {
        sent.insert(sent.end(), reserved_.begin(), reserved_.begin() + static_cast<std::ptrdiff_t>(size));
    }

    Room room = Room::enough;
    test::Bytes sent;

  private:
    test::Bytes reserved_;
};

using ClientWire = session::Wire<proto::Role::client, Line>;
constexpr transport::ConnectionId kCid = 0;

// What a session does with what a wire reads.
struct Session {
    ClientWire& wire;
    test::LogSink log{};
    std::string newest_ping{};
    std::size_t pings = 0;

    Flow on_message(Opcode opcode, ByteView payload) { return log.on_message(opcode, payload); }
    Flow on_fragment(Opcode opcode, ByteView piece, proto::FragmentEnd end) {
        const auto whole = wire.assemble(kCid, piece, end);
        fuzz::require(whole.has_value() == (end == proto::FragmentEnd::last), "the last piece completes");
        return whole ? log.on_message(opcode, *whole) : Flow::go_on;
    }
    Flow on_ping(ByteView payload) {
        ++pings;
        newest_ping = as_text(payload);
        wire.send_pong(kCid, payload);
        return log.on_ping(payload);
    }
    Flow on_pong(ByteView payload) { return log.on_pong(payload); }
    void on_close(const proto::CloseFrame& close) { log.on_close(close); }
};

test::LogSink read_at_once(ByteView bytes) {
    test::LogSink log;
    proto::MessageReader<proto::Role::client> reader;
    static_cast<void>(reader.consume(bytes, log, {}));
    return log;
}

void require_pongs(const Session& session, const test::Bytes& sent) {
    test::LogSink answers;
    proto::MessageReader<proto::Role::server> reader;
    std::vector<std::uint8_t> scratch(limits::kSendBytesMax);
    const auto read = reader.consume(sent, answers, {.scratch = scratch});
    fuzz::require(read.violation == proto::Violation::none && reader.idle(), "what is sent is whole frames");
    fuzz::require(answers.events.size() <= session.pings, "no pong without its ping");
    if (session.pings == 0) return;
    fuzz::require(!answers.events.empty() && answers.events.back() == "pong:" + session.newest_ping,
                  "the newest ping is answered");
}

std::string sample(const std::vector<test::FrameSpec>& specs) {
    const test::Bytes bytes = test::frames(specs, proto::Role::server);
    return {bytes.begin(), bytes.end()};
}

}  // namespace

std::span<const std::string> wsblast::fuzz::samples() {
    static const std::vector<std::string> all{
        sample({{Opcode::text, "Hello"}, {Opcode::ping, "1"}, {Opcode::ping, std::string(125, '2')}}),
        sample({{Opcode::text, "\xf0\x9f", false}, {Opcode::ping, "3"}, {Opcode::continuation, "\x98\x80"}}),
        sample({{Opcode::binary, std::string(300, 'x'), false}, {Opcode::continuation, "", false}}),
        sample({{Opcode::binary, "", false}, {Opcode::continuation, ""}, {Opcode::close, "\x03\xe8 bye"}}),
    };
    return all;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // One for all inputs: what an input left behind would be found by the next ones.
    static Line line;
    static ClientWire wire(line, 1, 0);
    const ByteView bytes(data, size);
    Prng prng = fuzz::chance_of(bytes);
    line.sent.clear();
    Session session{wire};
    test::GuardedMemory memory(size);
    test::SplitInput input(bytes, fuzz::cuts_of(bytes, prng, 8), memory);
    proto::ReadResult result;
    while (!input.done() && result.status == proto::ReadStatus::need_more) {
        line.room = prng.chance(1, 2) ? Line::Room::none : Line::Room::enough;
        result = wire.read(kCid, input.next(), session);
    }
    line.room = Line::Room::enough;
    wire.on_room(kCid);
    require_pongs(session, line.sent);
    wire.drop(kCid);
    fuzz::require(session.log.events == read_at_once(bytes).events, "messages come as they were sent");
    return 0;
}
