// The answers of a YMERA server, byte for byte in the order of the protocol's table. What comes from the
// request is pasted as the JSON text that it was.
//
// Pure functions, for any thread.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/units.hpp"
#include "json/ymera.hpp"

namespace wsblast::target {

// Adds up what ReplyWriter would write.
struct ReplySizer {
    std::size_t size = 0;

    void put(std::string_view text) { size += text.size(); }
};

struct ReplyWriter {
    std::uint8_t* at;

    // Inlined: the size of a literal is then known, and its copy is a few moves.
    [[gnu::always_inline]] void put(std::string_view text) {
        std::memcpy(at, text.data(), text.size());
        at += text.size();
    }
};

// Calls out.put() with the pieces of the answer to `request`, which was read from `message`. A field that
// the request lacks is left out.
template <class Out>
void compose_reply(Out& out, const json::YmeraRequest& request, std::string_view message) {
    const auto field = [&out](std::string_view key, std::string_view value) {
        if (value.empty()) return;
        out.put(key);
        out.put(value);
    };
    switch (request.type) {
        case json::RequestType::agent_message:
            out.put(R"({"type":"agent_response")");
            field(R"(,"from":)", request.to);
            field(R"(,"to":)", request.from);
            out.put(R"(,"payload":{"status":"processed")");
            field(R"(,"action":)", request.action);
            field(R"(,"data":)", request.data);
            out.put("}");
            field(R"(,"timestamp":)", request.timestamp);
            return out.put("}");
        case json::RequestType::ping: return out.put(R"({"type":"pong"})");
        case json::RequestType::subscribe:
            out.put(R"({"type":"subscribed")");
            field(R"(,"channel":)", request.channel);
            return out.put("}");
        case json::RequestType::unsubscribe:
            out.put(R"({"type":"unsubscribed")");
            field(R"(,"channel":)", request.channel);
            return out.put("}");
        case json::RequestType::disconnect: return out.put(R"({"type":"disconnect_ack"})");
        case json::RequestType::unknown:
            out.put(R"({"type":"message","data":)");
            out.put(message);
            return out.put("}");
        case json::RequestType::invalid:
            return out.put(R"({"type":"error","message":"not a text message of JSON with a type"})");
    }
}

[[nodiscard]] inline std::size_t reply_size(const json::YmeraRequest& request, std::string_view message) {
    ReplySizer sizer;
    compose_reply(sizer, request, message);
    return sizer.size;
}

// Writes reply_size() bytes.
inline void write_reply(std::uint8_t* out, const json::YmeraRequest& request, std::string_view message) {
    ReplyWriter writer{out};
    compose_reply(writer, request, message);
}

}  // namespace wsblast::target
