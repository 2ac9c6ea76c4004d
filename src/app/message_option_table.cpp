// The options of `run` and its presets that say how messages travel.
#include "app/option_setters.hpp"
#include "app/option_table.hpp"
#include "app/option_values.hpp"
#include "base/limits.hpp"
#include "proto/close_code.hpp"
#include "proto/permessage_deflate.hpp"
#include "proto/utf8.hpp"
#include "text/format.hpp"

namespace wsblast::app {

namespace {

using plan::RunOptions;

// Each message stands alone, so that it is compressed once for all connections; the window is the server's
// to narrow. Who leaves that out has a deflater a connection.
constexpr proto::DeflateParameters kUsualOffer{.client_no_context_takeover = true,
                                               .client_max_window_bits = proto::kDeflateBitsMax};

Result<void> set_close_code(RunOptions& options, const std::string& value) {
    constexpr std::uint64_t kCodeMax = 4'999;
    const Result<std::uint64_t> code = parse_bounded(value, {0, kCodeMax});
    if (code && proto::is_wire_close_code(static_cast<proto::CloseCode>(*code)))
        return store(code, options.message.close_code);
    return usage_error(text::format(
        "'{}' may not stand in a close frame; 1000 to 1003, 1007 to 1014 and 3000 to 4999 may", value));
}

Result<void> set_close_reason(RunOptions& options, const std::string& value) {
    if (!proto::is_valid_utf8(as_bytes(value)))
        return usage_error("the reason is not valid UTF-8, as it must be (RFC 6455 5.5.1)");
    if (value.size() > proto::kCloseReasonMax) {
        return usage_error(text::format("a close reason has at most {} bytes, and this has {}",
                                        proto::kCloseReasonMax, value.size()));
    }
    options.message.close_reason = value;
    return {};
}

constexpr RunOption kMessageOptions[] = {
    {"binary", "", "off", "send binary messages, whatever is sent", Arity::flag,
     [](RunOptions& o, const std::string&) {
         o.message.opcode = plan::MessageOpcode::binary;
         return Result<void>{};
     }},
    {"fragment", "BYTES", "none", "send each message in frames of that many bytes", Arity::once,
     [](RunOptions& o, const std::string& v) {
         return store(parse_bounded(v, {1, limits::kSentMessageMax}), o.message.fragment_bytes);
     }},
    {"compress", "", "off", "offer permessage-deflate, and compress messages once", Arity::flag,
     [](RunOptions& o, const std::string&) {
         if (!o.message.deflate) o.message.deflate = kUsualOffer;
         return Result<void>{};
     }},
    {"compress-parameters", "LIST", "client_no_context_takeover; client_max_window_bits",
     "offer these; without the first, messages refer to earlier ones", Arity::once,
     [](RunOptions& o, const std::string& v) {
         return store(proto::parse_deflate_parameters(v), o.message.deflate);
     }},
    {"max-message", "BYTES", "67108864", "largest message to take, once inflated too", Arity::once,
     [](RunOptions& o, const std::string& v) {
         return store(parse_bounded(v, {1, limits::kMessageBytesAllowed}), o.message.size_max);
     }},
    {"ping-interval", "D", "none", "ping each open connection that often", Arity::once,
     [](RunOptions& o, const std::string& v) {
         return store(parse_positive_duration(v), o.message.ping_interval_ns);
     }},
    {"pong-timeout", "D", "5s", "from a ping to its pong", Arity::once,
     [](RunOptions& o, const std::string& v) {
         return store(parse_positive_duration(v), o.message.pong_timeout_ns);
     }},
    {"close-code", "CODE", "1000", "code to close with at the end", Arity::once, set_close_code},
    {"close-reason", "TEXT", "none", "reason to close with at the end", Arity::once, set_close_reason},
};

}  // namespace

std::span<const RunOption> message_options() {
    return kMessageOptions;
}

}  // namespace wsblast::app
