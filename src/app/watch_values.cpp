#include "app/watch_values.hpp"

#include <charconv>

#include "app/option_values.hpp"
#include "text/format.hpp"
#include "watch/metric_query.hpp"

namespace wsblast::app {

namespace {

// PID_MAX_LIMIT of include/linux/threads.h, on 64 bits.
constexpr std::uint32_t kPidMax = 4'194'304;

// The whole text as a number from 1 to `max`, digits only; 0 when it is none.
std::uint32_t number_up_to(std::string_view text, std::uint32_t max) {
    std::uint32_t number = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc{} && rest == text.data() + text.size();
    return whole && number <= max ? number : 0;
}

}  // namespace

Result<pid_t> parse_watch_pid(std::string_view text) {
    if (const std::uint32_t pid = number_up_to(text, kPidMax)) return static_cast<pid_t>(pid);
    return usage_error(text::format("'{}' is no number of a process; `pgrep -af NAME` finds it", text));
}

Result<std::uint16_t> parse_watch_port(std::string_view text) {
    if (const std::uint32_t port = number_up_to(text, kPortMax)) return static_cast<std::uint16_t>(port);
    return usage_error(text::format("'{}' is no port from 1 to 65535, as in 8080", text));
}

Result<std::string> parse_watch_cgroup(std::string_view text) {
    const bool climbs = text == ".." || text.starts_with("../") || text.ends_with("/..") ||
                        text.find("/../") != std::string_view::npos;
    if (!text.empty() && !climbs) return std::string(text);
    return usage_error(
        text::format("'{}' is no control group; name its path, as in system.slice/chat.service", text));
}

Result<std::string> parse_watch_prometheus(std::string_view text) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!text.starts_with(scheme)) continue;
        const std::string_view rest = text.substr(scheme.size());
        const std::string_view host = rest.substr(0, rest.find_first_of("/?#"));
        if (!host.empty() && host.front() != ':' && text.find_first_of(" \t\n") == std::string_view::npos)
            return std::string(text);
    }
    return usage_error(
        text::format("'{}' is no http:// or https:// URL, as in http://127.0.0.1:9100/metrics", text));
}

Result<std::string> parse_watch_metric(std::string_view text) {
    const auto query = watch::parse_metric_query(text);
    if (!query) return query.error();
    return std::string(text);
}

}  // namespace wsblast::app
