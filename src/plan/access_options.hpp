// How a person said that targets are reached, and who asks: proxies, other addresses, logins, values from a
// file. Plain data, secrets included: nothing of it goes into a report.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plan/value_table.hpp"
#include "proto/proxy_url.hpp"

namespace wsblast::plan {

// A host and its port, as in Url: a name or an address without brackets.
// TCP goes there.
struct HostPort {
    std::string host;
    std::uint16_t port = 0;
};

// What becomes of a redirect that answers an upgrade.
enum class Redirects : std::uint8_t {
    refuse,           // it is a status like any other
    follow,           // but from wss:// to ws://
    follow_anywhere,  // from wss:// to ws:// as well
};

struct AccessOptions {
    std::optional<proto::ProxyUrl> proxy{};
    std::optional<HostPort> connect_to{};  // in place of the URLs' hosts
    std::string authorization{};           // the header's value; empty: none
    std::vector<std::string> cookies{};    // "name=value" each
    // Fills {{column}} in the values of --header and --cookie; null: none.
    std::shared_ptr<const ValueTable> values{};
    std::optional<std::size_t> lines_column{};  // of `values`: whole lines of headers
    Redirects redirects = Redirects::refuse;
};

}  // namespace wsblast::plan
