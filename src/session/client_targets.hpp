// Where a worker's connections go: the run's own targets, and places that redirects have named. A
// connection that is redirected is closed and opened anew there; its attempt goes on.
//
// One worker thread. Only what a redirect names for the first time allocates.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/limits.hpp"
#include "base/mapped_array.hpp"
#include "base/result.hpp"
#include "plan/access_options.hpp"
#include "plan/value_table.hpp"
#include "proto/redirect.hpp"
#include "proto/upgrade.hpp"
#include "proto/url.hpp"
#include "stats/error_kind.hpp"
#include "transport/transport.hpp"

namespace wsblast::session {

// One URL, as a connection needs it. Lives as long as the run.
struct ClientTarget {
    proto::UpgradeRequest request;
    std::vector<std::string> subprotocols;
    std::optional<proto::DeflateParameters> deflate{};  // what the request offers of it
    std::shared_ptr<const plan::ValueTable>
        values{};                        // of the request's headers, by connection; null: none
    std::vector<std::string> secrets{};  // of the way there, not of the request: nobody is to see them
};

// Made before the run, shared by all workers.
struct RedirectRules {
    // A host that connections can be opened to.
    struct Place {
        bool secure = false;
        std::string host{};
        std::uint16_t port = 0;
        std::string socket_path{};
        transport::TargetId target = 0;

        [[nodiscard]] bool is_of(const proto::Url& url) const {
            return secure == url.secure && host == url.host && port == url.port &&
                   socket_path == url.socket_path;
        }
    };

    plan::Redirects policy = plan::Redirects::refuse;
    std::vector<proto::Url> urls{};  // of the targets, by TargetId
    std::vector<Place> places{};     // theirs, and others that redirects name
    std::function<Result<ClientTarget>(const proto::Url&)> make_target{};
};

class Redirects {
  public:
    // A request, and where to: 0 .. targets - 1 are the run's own, what follows was named by redirects.
    using Number = std::uint32_t;

    // `rules`: null, or those of a run that follows redirects; they live longer.
    Redirects(const RedirectRules* rules, std::uint32_t connections_max)
        : rules_(rules), kept_(rules == nullptr ? Kept::no : Kept::yes), moves_(connections_max) {}

    [[nodiscard]] bool ok() const { return moves_.ok(); }
    [[nodiscard]] bool followed() const { return rules_ != nullptr; }

    // Where a connection's attempt has come to so far. All zeros: it goes where its index says.
    struct Move {
        Number number_plus_one = 0;
        std::uint8_t hops = 0;
        // Which of its connection's attempts it is, in any order: each has a key of its own.
        std::uint32_t attempt = 0;
    };
    [[nodiscard]] Move move_of(transport::ConnectionId cid) const {
        return kept_ == Kept::yes ? moves_[cid] : Move{};
    }
    void set(transport::ConnectionId cid, const Move& move) {
        if (kept_ == Kept::yes) moves_[cid] = move;
    }
    // Connections choose their targets themselves: see Move.
    void keep_moves() { kept_ = Kept::yes; }

    // A place that a redirect has named.
    struct There {
        proto::Url url;
        ClientTarget client;
        transport::TargetId target = 0;
    };
    // Not of the run's own.
    [[nodiscard]] const There& there(Number number) const { return *named_[number - rules_->urls.size()]; }

    // "HOST:PORT", or the path of a socket.
    [[nodiscard]] std::string place_of(Number number) const {
        const proto::Url& url = url_of(number);
        if (!url.socket_path.empty()) return url.socket_path;
        const bool ipv6 = url.host.find(':') != std::string::npos;
        return (ipv6 ? "[" + url.host + "]" : url.host) + ":" + std::to_string(url.port);
    }

    // Where a redirect leads from `number`, or what kind of error it is.
    struct Step {
        std::optional<Number> number{};
        stats::ErrorKind error = stats::ErrorKind::redirect_refused;
    };
    [[nodiscard]] Step follow(Number number, std::uint8_t hops, std::string_view location) {
        if (hops >= limits::kRedirectsMax) return {std::nullopt, stats::ErrorKind::redirect_loop};
        const proto::Url& asked = url_of(number);
        const auto url = proto::resolve_location(asked, location);
        if (!url) return {};
        const bool downgrade = asked.secure && !url->secure;
        if (downgrade && rules_->policy != plan::Redirects::follow_anywhere) return {};
        return {number_of(*url)};
    }

  private:
    [[nodiscard]] const proto::Url& url_of(Number number) const {
        return number < rules_->urls.size() ? rules_->urls[number] : there(number).url;
    }

    // None: nobody knows the way there, or its request cannot be made.
    [[nodiscard]] std::optional<Number> number_of(const proto::Url& url) {
        const std::string text = proto::to_text(url);
        if (const auto known = numbers_.find(text); known != numbers_.end()) return known->second;
        if (named_.size() >= limits::kRedirectTargetsMax) return std::nullopt;
        for (const RedirectRules::Place& place : rules_->places) {
            if (!place.is_of(url)) continue;
            auto client = rules_->make_target(url);
            if (!client) return std::nullopt;
            const auto number = static_cast<Number>(rules_->urls.size() + named_.size());
            named_.push_back(std::make_unique<There>(There{url, std::move(*client), place.target}));
            numbers_.emplace(text, number);
            return number;
        }
        return std::nullopt;
    }

    enum class Kept : std::uint8_t { no, yes };

    const RedirectRules* rules_;
    Kept kept_;
    MappedArray<Move> moves_;  // by id; touched where one was redirected, or opened
    std::vector<std::unique_ptr<There>> named_;
    std::unordered_map<std::string, Number> numbers_;  // of `named_`, by URL
};

}  // namespace wsblast::session
