// Where users connect to whose JavaScript says it (connect.function), and with what headers: it may change
// path, query and headers for each user; the host has to be known before the run.
//
// One worker thread; allocates, for such connects alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "json/path.hpp"
#include "plan/scenario.hpp"
#include "session/user_parts.hpp"

namespace wsblast::session {

class UserAddresses {
  public:
    explicit UserAddresses(UserParts& users) : users_(users) {}

    // The argument of the function: {"target": ..., "subprotocols": [...], "options": {"headers": {...}}}.
    [[nodiscard]] std::string params(UserRef user, const plan::ConnectPlan& plan);
    // What a function has made of it.
    enum class Taken : std::uint8_t {
        yes,
        other_host,
        bad_header,  // a name or a value that no header has, or a header of the upgrade itself
    };
    [[nodiscard]] Taken take(UserRef user, const plan::ConnectPlan& plan, std::string_view params_json);

    // What fills the holes of an open target, where a function has said it.
    struct Address {
        std::string path;   // behind the first "/"
        std::string lines;  // of headers
    };
    [[nodiscard]] const Address& address_of(UserId user) { return addresses_[user]; }
    void drop(UserId user) {
        if (!addresses_.empty()) addresses_.erase(user);
    }

    // The target of a connect with a function: its path is {{0}}, and its headers are lines (column 1).
    static constexpr std::size_t kPathColumn = 0;
    static constexpr std::size_t kLinesColumn = 1;
    static constexpr std::size_t kColumns = 2;
    [[nodiscard]] static plan::ScenarioTarget open_target(const plan::ScenarioTarget& target);

  private:
    [[nodiscard]] std::string filled(UserRef user, const plan::ConnectPlan& plan, std::string text);

    UserParts& users_;
    json::PathReader reader_;
    std::unordered_map<UserId, Address> addresses_;
};

}  // namespace wsblast::session
