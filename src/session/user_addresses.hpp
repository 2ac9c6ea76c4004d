// Where users connect to whose JavaScript says it (connect.function): it may change path and query of the
// address, for each user; the host has to be known before the run.
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
    // Takes what the function has made of it. False: it leads to another host.
    [[nodiscard]] bool take(UserRef user, const plan::ConnectPlan& plan, std::string_view params_json);

    // What follows the address's first "/", where a function has said it.
    [[nodiscard]] std::string_view path_of(UserId user) const {
        const auto found = paths_.find(user);
        return found == paths_.end() ? std::string_view{} : std::string_view(found->second);
    }
    void drop(UserId user) { paths_.erase(user); }

    // The target of a connect with a function: its path is the last of the holes.
    [[nodiscard]] static plan::ScenarioTarget open_path(const plan::ScenarioTarget& target,
                                                        std::size_t hole);

  private:
    [[nodiscard]] std::string filled(UserRef user, const plan::ConnectPlan& plan, std::string text);

    UserParts& users_;
    json::PathReader reader_;
    std::unordered_map<UserId, std::string> paths_;
};

}  // namespace wsblast::session
