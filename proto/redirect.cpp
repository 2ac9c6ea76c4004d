#include "proto/redirect.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "proto/http_head.hpp"
#include "text/format.hpp"

namespace wsblast::proto {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kLocationSchemes{
    {{"ws://", "ws://"}, {"wss://", "wss://"}, {"http://", "ws://"}, {"https://", "wss://"}}};

// RFC 3986 5.2.4; the path begins with '/'.
std::string without_dots(std::string_view path) {
    const std::size_t query = std::min(path.find('?'), path.size());
    std::vector<std::string_view> segments;
    std::string_view left = path.substr(0, query);
    while (!left.empty()) {
        left.remove_prefix(1);
        const std::size_t end = std::min(left.find('/'), left.size());
        const std::string_view segment = left.substr(0, end);
        left.remove_prefix(end);
        const bool up = segment == "..";
        if (up && !segments.empty()) segments.pop_back();
        if (!up && segment != ".") segments.push_back(segment);
        if ((up || segment == ".") && left.empty()) segments.emplace_back();  // a folder
    }
    std::string clean;
    for (const std::string_view segment : segments) clean += "/" + std::string(segment);
    return (clean.empty() ? "/" : clean) + std::string(path.substr(query));
}

// What a path or query of the same host stands for.
std::string path_of(const Url& asked, std::string_view location) {
    const std::string_view path = std::string_view(asked.path).substr(0, asked.path.find('?'));
    if (location.starts_with('/')) return std::string(location);
    if (location.starts_with('?')) return std::string(path) + std::string(location);
    return std::string(path.substr(0, path.rfind('/') + 1)) + std::string(location);
}

}  // namespace

std::string to_text(const Url& url) {
    if (!url.socket_path.empty())
        return text::format("{}+unix:{}:{}", url.secure ? "wss" : "ws", url.socket_path, url.path);
    return text::format("{}://{}{}", url.secure ? "wss" : "ws", url.host_header, url.path);
}

Result<Url> resolve_location(const Url& asked, std::string_view location) {
    location = trim_http_space(location.substr(0, location.find('#')));
    if (location.empty()) return usage_error("the redirect names no place");
    for (const auto& [scheme, ours] : kLocationSchemes) {
        if (equals_ignoring_case(location.substr(0, scheme.size()), scheme))
            return parse_url(std::string(ours) + std::string(location.substr(scheme.size())));
    }
    if (location.starts_with("//"))
        return parse_url((asked.secure ? "wss:" : "ws:") + std::string(location));
    const std::size_t colon = location.find(':');
    if (colon < location.find_first_of("/?"))
        return usage_error("the redirect leads to what neither ws:// nor http:// is");
    Url there = asked;
    there.path = without_dots(path_of(asked, location));
    return parse_url(to_text(there));
}

}  // namespace wsblast::proto
