#include "proto/proxy.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <type_traits>

#include <arpa/inet.h>

#include "base/limits.hpp"
#include "crypto/base64.hpp"
#include "proto/upgrade.hpp"
#include "text/format.hpp"

namespace wsblast::proto {

namespace {

static_assert(std::is_trivially_copyable_v<ProxyHandshake> && sizeof(ProxyHandshake) <= 64);

constexpr std::string_view kStatusLine = "HTTP/1.# ###";  // #: a digit
constexpr std::size_t kCodeBegin = 9;                     // in the status line

constexpr std::uint8_t kSocksVersion = 5;
constexpr std::uint8_t kLoginVersion = 1;  // RFC 1929
constexpr std::uint8_t kMethodNone = 0;
constexpr std::uint8_t kMethodPassword = 2;
constexpr std::uint8_t kCommandConnect = 1;
constexpr std::uint8_t kAddressIpv4 = 1;
constexpr std::uint8_t kAddressName = 3;
constexpr std::uint8_t kAddressIpv6 = 4;
constexpr std::size_t kAnswerSize = 2;  // of the choice of a method, and of a login
constexpr std::size_t kReplySize = 4;   // up to the type of the address
constexpr std::size_t kPortSize = 2;

bool has_credentials(const ProxyRequest& request) {
    return !request.user.empty() || !request.password.empty();
}

bool is_ipv6(const ProxyRequest& request) {
    return request.host.find(':') != std::string::npos;
}

// Puts bytes one after the other.
class Writer {
  public:
    explicit Writer(ByteSpan out) : out_(out) {}

    Writer& put(std::uint8_t byte) {
        assert(size_ < out_.size());
        out_[size_++] = byte;
        return *this;
    }
    Writer& put(ByteView bytes) {
        assert(bytes.size() <= out_.size() - size_);
        std::ranges::copy(bytes, out_.begin() + static_cast<std::ptrdiff_t>(size_));
        size_ += bytes.size();
        return *this;
    }
    // With its length before it, in one byte.
    Writer& put_counted(std::string_view text) {
        assert(text.size() <= kProxyCredentialMax);
        return put(static_cast<std::uint8_t>(text.size())).put(as_bytes(text));
    }
    [[nodiscard]] std::size_t size() const { return size_; }

  private:
    ByteSpan out_;
    std::size_t size_ = 0;
};

std::size_t write_connect(const ProxyRequest& request, ByteSpan out) {
    const std::string authority = is_ipv6(request) ? text::format("[{}]:{}", request.host, request.port)
                                                   : text::format("{}:{}", request.host, request.port);
    std::string text = text::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n", authority);
    if (has_credentials(request)) {
        const std::string login = request.user + ":" + request.password;
        text += "Proxy-Authorization: Basic " + crypto::to_base64(as_bytes(login)) + "\r\n";
    }
    return Writer(out).put(as_bytes(text + "\r\n")).size();
}

// RFC 1928 3: the ways to log in that we know.
std::size_t write_greeting(const ProxyRequest& request, ByteSpan out) {
    Writer writer(out);
    if (!has_credentials(request)) return writer.put(kSocksVersion).put(1).put(kMethodNone).size();
    return writer.put(kSocksVersion).put(2).put(kMethodNone).put(kMethodPassword).size();
}

// RFC 1929 2
std::size_t write_credentials(const ProxyRequest& request, ByteSpan out) {
    return Writer(out).put(kLoginVersion).put_counted(request.user).put_counted(request.password).size();
}

// RFC 1928 4
std::size_t write_socks_request(const ProxyRequest& request, ByteSpan out) {
    Writer writer(out);
    writer.put(kSocksVersion).put(kCommandConnect).put(0);
    std::array<std::uint8_t, sizeof(in6_addr)> address{};
    if (inet_pton(AF_INET, request.host.c_str(), address.data()) == 1) {
        writer.put(kAddressIpv4).put(ByteView(address).first(sizeof(in_addr)));
    } else if (inet_pton(AF_INET6, request.host.c_str(), address.data()) == 1) {
        writer.put(kAddressIpv6).put(ByteView(address));
    } else {
        writer.put(kAddressName).put_counted(request.host);
    }
    return writer.put(static_cast<std::uint8_t>(request.port >> 8))
        .put(static_cast<std::uint8_t>(request.port))
        .size();
}

}  // namespace

std::string_view to_text(ProxyFailure failure) {
    switch (failure) {
        case ProxyFailure::none: return "none";
        case ProxyFailure::not_http: return "its answer is not HTTP/1.x";
        case ProxyFailure::status: return "it answered with another status than 2xx";
        case ProxyFailure::not_socks: return "its answer is not SOCKS5";
        case ProxyFailure::no_method: return "it takes no login that was offered";
        case ProxyFailure::auth_refused: return "it refused user or password";
        case ProxyFailure::refused: return "it did not connect to the server";
        case ProxyFailure::oversized: return "the head of its answer is too large";
    }
    return "unknown";
}

std::string_view socks_reply_text(std::uint16_t code) {
    constexpr std::array<std::string_view, 9> kTexts{
        "succeeded",           "general failure",       "not allowed by its rules",
        "network unreachable", "host unreachable",      "connection refused",
        "TTL expired",         "command not supported", "address type not supported"};
    return code < kTexts.size() ? kTexts[code] : "unassigned";
}

std::size_t ProxyHandshake::write(const ProxyRequest& request, ByteSpan out) {
    switch (stage_) {
        case Stage::greeting_due:
            if (request.kind == ProxyKind::http_connect) {
                stage_ = Stage::head;
                return write_connect(request, out);
            }
            await(Stage::method, kAnswerSize);
            return write_greeting(request, out);
        case Stage::credentials_due:
            await(Stage::credentials_reply, kAnswerSize);
            return write_credentials(request, out);
        case Stage::request_due: await(Stage::reply, kReplySize); return write_socks_request(request, out);
        case Stage::head:
        case Stage::method:
        case Stage::credentials_reply:
        case Stage::reply:
        case Stage::name_length:
        case Stage::address:
        case Stage::done:
        case Stage::failed: return 0;
    }
    return 0;
}

ProxyStep ProxyHandshake::read(const ProxyRequest& request, ByteView in) {
    switch (stage_) {
        case Stage::head: return read_head(in);
        case Stage::method:
        case Stage::credentials_reply:
        case Stage::reply:
        case Stage::name_length:
        case Stage::address: return read_socks(request, in);
        case Stage::greeting_due:
        case Stage::credentials_due:
        case Stage::request_due:
        case Stage::done:
        case Stage::failed: return step(0, ProxyFailure::none);
    }
    return step(0, ProxyFailure::none);
}

// What the stage says to the caller.
ProxyStep ProxyHandshake::step(std::size_t consumed, ProxyFailure failure) {
    if (failure != ProxyFailure::none) stage_ = Stage::failed;
    ProxyStep result{.consumed = consumed, .failure = failure, .code = code_};
    switch (stage_) {
        case Stage::greeting_due:
        case Stage::credentials_due:
        case Stage::request_due: result.status = ProxyStatus::send; break;
        case Stage::head:
        case Stage::method:
        case Stage::credentials_reply:
        case Stage::reply:
        case Stage::name_length:
        case Stage::address: result.status = ProxyStatus::need_more; break;
        case Stage::done: result.status = ProxyStatus::done; break;
        case Stage::failed: result.status = ProxyStatus::failed; break;
    }
    return result;
}

// Up to the empty line, and not a byte further: what follows is from the server. A 2xx to CONNECT has no
// body, whatever its headers say (RFC 9110 9.3.6).
ProxyStep ProxyHandshake::read_head(ByteView in) {
    for (std::size_t i = 0; i < in.size(); ++i) {
        const ProxyFailure failure = take_head_byte(static_cast<char>(in[i]));
        if (failure != ProxyFailure::none || stage_ == Stage::done) return step(i + 1, failure);
    }
    return step(in.size(), ProxyFailure::none);
}

ProxyFailure ProxyHandshake::take_head_byte(char byte) {
    const std::size_t at = taken_++;
    if (earlier_ + taken_ > limits::kHttpHeadMax) return ProxyFailure::oversized;
    if (at < kStatusLine.size()) {
        const bool digit = byte >= '0' && byte <= '9';
        if (kStatusLine[at] == '#' ? !digit : byte != kStatusLine[at]) return ProxyFailure::not_http;
        if (at >= kCodeBegin) code_ = static_cast<std::uint16_t>(code_ * 10 + (byte - '0'));
        return ProxyFailure::none;
    }
    if (at == kStatusLine.size() && byte != ' ' && byte != '\r') return ProxyFailure::not_http;
    if (at == kStatusLine.size()) {
        if (const ProxyFailure failure = end_status(); failure != ProxyFailure::none) return failure;
    }
    if (byte != kHeadEnd[end_matched_]) {
        end_matched_ = byte == kHeadEnd.front() ? 1 : 0;
        return ProxyFailure::none;
    }
    if (++end_matched_ < kHeadEnd.size()) return ProxyFailure::none;
    if (code_ >= 200) {
        stage_ = Stage::done;
        return ProxyFailure::none;
    }
    earlier_ += taken_;  // 1xx: another head follows
    taken_ = end_matched_ = 0;
    code_ = 0;
    return ProxyFailure::none;
}

ProxyFailure ProxyHandshake::end_status() {
    return code_ >= 100 && code_ < 300 ? ProxyFailure::none : ProxyFailure::status;
}

// SOCKS5: a part of so many bytes comes next.
void ProxyHandshake::await(Stage stage, std::size_t size) {
    stage_ = stage;
    part_size_ = static_cast<std::uint32_t>(size);
    taken_ = 0;
}

ProxyStep ProxyHandshake::read_socks(const ProxyRequest& request, ByteView in) {
    for (std::size_t i = 0; i < in.size();) {
        if (taken_ < part_.size()) part_[taken_] = in[i];
        ++taken_;
        ++i;
        // Another protocol need not send as much as a whole part.
        const bool versioned = stage_ == Stage::method || stage_ == Stage::reply;
        if (versioned && part_[0] != kSocksVersion) return step(i, ProxyFailure::not_socks);
        if (taken_ < part_size_) continue;
        const ProxyFailure failure = take_socks_part(request);
        const ProxyStep now = step(i, failure);
        if (now.status != ProxyStatus::need_more) return now;
    }
    return step(in.size(), ProxyFailure::none);
}

// The present part is whole.
ProxyFailure ProxyHandshake::take_socks_part(const ProxyRequest& request) {
    switch (stage_) {
        case Stage::method:
            if (part_[1] == kMethodNone) {
                stage_ = Stage::request_due;
            } else if (part_[1] == kMethodPassword && has_credentials(request)) {
                stage_ = Stage::credentials_due;
            } else {
                return ProxyFailure::no_method;
            }
            return ProxyFailure::none;
        case Stage::credentials_reply:
            stage_ = Stage::request_due;
            return part_[1] == 0 ? ProxyFailure::none : ProxyFailure::auth_refused;
        case Stage::reply: return take_reply();
        case Stage::name_length: await(Stage::address, part_[0] + kPortSize); return ProxyFailure::none;
        case Stage::address: stage_ = Stage::done; return ProxyFailure::none;
        case Stage::greeting_due:
        case Stage::head:
        case Stage::credentials_due:
        case Stage::request_due:
        case Stage::done:
        case Stage::failed: return ProxyFailure::none;
    }
    return ProxyFailure::none;
}

// RFC 1928 6: version, reply, reserved, type of the address that follows with its port.
ProxyFailure ProxyHandshake::take_reply() {
    code_ = part_[1];
    if (code_ != 0) return ProxyFailure::refused;
    const std::uint8_t type = part_[3];
    if (type == kAddressIpv4) {
        await(Stage::address, sizeof(in_addr) + kPortSize);
    } else if (type == kAddressIpv6) {
        await(Stage::address, sizeof(in6_addr) + kPortSize);
    } else if (type == kAddressName) {
        await(Stage::name_length, 1);
    } else {
        return ProxyFailure::not_socks;
    }
    return ProxyFailure::none;
}

}  // namespace wsblast::proto
