#include "app/option_values.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <limits>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.hpp"
#include "proto/http_head.hpp"
#include "proto/upgrade.hpp"
#include "proto/url.hpp"
#include "proto/utf8.hpp"
#include "text/format.hpp"

namespace wsblast::app {

namespace {

// The whole text as a number without sign; false when it is none or does not fit.
template <class Number>
bool read_number(std::string_view text, Number& number) {
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && rest == text.data() + text.size();
}

Error unwritable(const std::string& path, int error) {
    return environment_error(text::format(
        "the result file '{}' cannot be written: {}; give a path in a folder that exists and is "
        "writable",
        path, std::strerror(error)));
}

}  // namespace

Result<std::uint64_t> parse_bounded(std::string_view text, Bounds bounds) {
    const Result<std::uint64_t> count = parse_count(text);
    if (!count) return count.error();
    if (*count >= bounds.min && *count <= bounds.max) return *count;
    return usage_error(text::format("'{}' is not between {} and {}", text, with_thousands(bounds.min),
                                    with_thousands(bounds.max)));
}

Result<TimeNs> parse_positive_duration(std::string_view text) {
    const Result<TimeNs> duration_ns = parse_duration(text);
    if (!duration_ns) return duration_ns.error();
    if (*duration_ns == 0) return usage_error("it must be longer than 0, as in 10s");
    return *duration_ns;
}

Result<plan::RateCurve> parse_ramp_rate(std::string_view text) {
    const auto rate_of = [](std::string_view part) {
        return part == "0" ? Result<double>(0.0) : parse_rate(part);
    };
    const std::size_t dots = text.find("..");
    const std::size_t at = text.find('@');
    if (dots == std::string_view::npos || (at != std::string_view::npos && at < dots)) {
        return usage_error(text::format("'{}' is no ramp; write it as 100..5k@30s", text));
    }
    const std::size_t second = dots + 2;
    const auto from = rate_of(text.substr(0, dots));
    if (!from) return from.error();
    const auto to = rate_of(text.substr(second, std::min(at, text.size()) - second));
    if (!to) return to.error();
    if (*from == 0 && *to == 0) return usage_error("from 0 to 0 nothing would be sent");
    plan::RateCurve curve{*from, *to, 0};
    if (at == std::string_view::npos) return curve;
    const auto ramp_ns = parse_positive_duration(text.substr(at + 1));
    if (!ramp_ns) return ramp_ns.error();
    curve.ramp_ns = *ramp_ns;
    return curve;
}

Result<plan::FieldPointers> parse_pointers(std::string_view text) {
    const std::size_t comma = text.find(',');
    plan::FieldPointers pointers;
    pointers.sent = text.substr(0, comma);
    pointers.answer = comma == std::string_view::npos ? pointers.sent : text.substr(comma + 1);
    for (const std::string& pointer : {pointers.sent, pointers.answer}) {
        if (pointer.size() < 2 || pointer.front() != '/') {
            return usage_error(
                text::format("'{}' is no JSON pointer; it begins with /, as /payload/id", pointer));
        }
    }
    return pointers;
}

Result<std::uint64_t> parse_seed(std::string_view text) {
    std::uint64_t seed = 0;
    if (read_number(text, seed)) return seed;
    return usage_error(text::format("'{}' is no whole number from 0 to {}", text,
                                    std::numeric_limits<std::uint64_t>::max()));
}

Result<PortRange> parse_ports(std::string_view text) {
    const std::size_t dash = text.find('-');
    PortRange range;
    if (dash != std::string_view::npos && read_number(text.substr(0, dash), range.first) &&
        read_number(text.substr(dash + 1), range.last) && range.first > 0 && range.first <= range.last) {
        return range;
    }
    return usage_error(text::format("'{}' is no range of ports from 1 to 65535, as in 20000-60000", text));
}

Result<std::vector<Endpoint>> parse_sources(std::string_view text) {
    std::vector<Endpoint> sources;
    for (std::size_t start = 0; start <= text.size();) {
        const std::size_t comma = std::min(text.find(',', start), text.size());
        const Result<std::vector<Endpoint>> range =
            parse_addresses(proto::trim_http_space(text.substr(start, comma - start)));
        if (!range) return range.error();
        sources.insert(sources.end(), range->begin(), range->end());
        if (sources.size() > limits::kSourceAddressesMax) {
            return usage_error(text::format("'{}' has more than the {} addresses that are allowed", text,
                                            with_thousands(limits::kSourceAddressesMax)));
        }
        start = comma + 1;
    }
    return sources;
}

Result<plan::Header> parse_header(std::string_view text) {
    const std::size_t colon = text.find(':');
    const std::string_view name = proto::trim_http_space(text.substr(0, colon));
    if (colon == std::string_view::npos || name.empty()) {
        return usage_error(
            "it is no header; write \"Name: value\"");  // nor to be shown: a secret it may be
    }
    return plan::Header{std::string(name), std::string(proto::trim_http_space(text.substr(colon + 1)))};
}

Result<std::string> parse_subprotocol(std::string_view text) {
    if (proto::is_http_token(text) && text.size() <= proto::kSubprotocolMax) return std::string(text);
    return usage_error(text::format("'{}' is no token (letters, digits and -._+) of at most {} characters",
                                    text, proto::kSubprotocolMax));
}

Result<std::string> parse_target(std::string_view text) {
    const Result<proto::Url> url = proto::parse_url(text);
    if (!url) return url.error();
    return std::string(text);
}

Result<std::string> parse_message(std::string_view text) {
    if (text.size() > limits::kSentMessageMax) {
        return usage_error(text::format("the message is longer than the {} bytes that are allowed",
                                        with_thousands(limits::kSentMessageMax)));
    }
    if (!proto::is_valid_utf8(as_bytes(text))) {
        return usage_error("the message is not valid UTF-8, as a text message must be (RFC 6455 5.6)");
    }
    return std::string(text);
}

Result<std::string> read_message_file(const std::string& path) {
    struct stat status {};
    if (stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) {
        return usage_error(text::format("'{}' is a folder; give a file with the message", path));
    }
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        return usage_error(text::format("'{}' cannot be read: {}; give a file with the message", path,
                                        std::strerror(errno)));
    }
    std::string content(limits::kSentMessageMax + 1, '\0');
    file.read(content.data(), static_cast<std::streamsize>(content.size()));
    content.resize(static_cast<std::size_t>(file.gcount()));
    return parse_message(content);
}

Result<void> check_result_path(const std::string& path) {
    struct stat status {};
    if (stat(path.c_str(), &status) == 0) {
        if (S_ISDIR(status.st_mode)) return unwritable(path, EISDIR);
        // Not opened: a pipe would block, or tell its reader that the result has ended.
        return access(path.c_str(), W_OK) == 0 ? Result<void>{} : unwritable(path, errno);
    }
    constexpr mode_t kOwnerOnly = 0600;
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kOwnerOnly);
    if (file < 0) return unwritable(path, errno);
    close(file);
    unlink(path.c_str());
    return {};
}

}  // namespace wsblast::app
