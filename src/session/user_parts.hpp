// What a worker's virtual users have in common. Made once; their links (user_links.hpp) and their actions
// (users.hpp) work on the same parts.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/units.hpp"
#include "js/machine.hpp"
#include "plan/arrival_phases.hpp"
#include "plan/scenario.hpp"
#include "session/user_extracts.hpp"
#include "session/user_log.hpp"
#include "session/user_table.hpp"
#include "session/user_texts.hpp"
#include "session/user_variables.hpp"
#include "stats/user_shard.hpp"

namespace wsblast::session {

// The variables of a user that has completed.
struct KeptVariables {
    std::vector<OwnedValue> slots{};  // by slot
    std::string script_json = "{}";   // all that its JavaScript has, where there is some
};

// Everything lives longer than the users.
struct UsersInput {
    const plan::ArrivalPlan& arrivals;
    stats::UserShard& shard;
    std::span<const std::unique_ptr<stats::UserShard>> all;  // of all workers: for maxVusers
    UserLog& log;
    KeptVariables* kept = nullptr;      // null, or where they go: of a run with one user
    std::uint32_t users_max = 0;        // of this worker, at the same time
    std::uint32_t connections_max = 0;  // of its users, and of those whose connections are closing
    std::uint32_t worker = 0;
    std::uint32_t workers = 1;
};

// Of users that live as long as their connections: none arrives, and nobody reads what is counted of them.
class SilentUsers {
  public:
    SilentUsers(const plan::Scenario& scenario, std::uint32_t connections_max)
        : input_{.arrivals = arrivals_,
                 .shard = *shards_.emplace_back(
                     std::make_unique<stats::UserShard>(scenario.flows.size(), scenario.labels.size())),
                 .all = shards_,
                 .log = log_,
                 .users_max = connections_max,
                 .connections_max = connections_max} {}
    SilentUsers(const SilentUsers&) = delete;
    SilentUsers& operator=(const SilentUsers&) = delete;

    [[nodiscard]] bool ok() const { return shards_.front()->ok() && log_.ok(); }
    [[nodiscard]] const UsersInput& input() const { return input_; }

  private:
    plan::ArrivalPlan arrivals_;
    std::vector<std::unique_ptr<stats::UserShard>> shards_;
    UserLog log_;
    UsersInput input_;
};

struct UserParts {
    UserParts(const plan::Scenario& of_scenario, const UsersInput& input, js::Machine* of_machine,
              TimeNs now_ns)
        : scenario(of_scenario),
          shard(input.shard),
          log(input.log),
          kept(input.kept),
          machine(of_machine),
          table(input.users_max, now_ns),
          variables(of_scenario, of_machine),
          texts(variables, of_scenario.seed),
          extracts(variables, texts, of_scenario.seed) {}
    UserParts(const UserParts&) = delete;
    UserParts& operator=(const UserParts&) = delete;

    [[nodiscard]] bool ok() const { return table.ok(); }
    [[nodiscard]] const plan::Action& action_of(const UserState& state) const {
        return scenario.actions[state.action];
    }

    const plan::Scenario& scenario;
    stats::UserShard& shard;
    UserLog& log;
    KeptVariables* kept;
    js::Machine* machine;  // null without JavaScript
    UserTable table;
    UserVariables variables;
    UserTexts texts;
    UserExtracts extracts;
};

}  // namespace wsblast::session
