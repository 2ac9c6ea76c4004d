// The steps of one flow, compiled to actions.
#pragma once

#include <cstdint>
#include <string>

#include "base/node.hpp"
#include "base/result.hpp"
#include "script/flow_context.hpp"

namespace wsblast::script {

// Appends to the actions of one Scenario; used once a flow.
class StepCompiler {
  public:
    explicit StepCompiler(FlowContext& into) : into_(into) {}

    // The list `flow`, its nested lists flattened, and the end behind it. Where no step connects, a user
    // connects to config.target first; where the first message stands before the first connect, there.
    // Errors: "FILE:LINE: KEY[3].send: what is wrong, what is allowed".
    [[nodiscard]] Result<void> compile(const Node& flow, const std::string& key);

  private:
    enum class Link : std::uint8_t { none, there };

    [[nodiscard]] Result<void> compile_list(const Node& list, const std::string& key);
    [[nodiscard]] Result<void> compile_step(const Node& step, const std::string& key);
    [[nodiscard]] Result<void> compile_known(const Node& step, const Member& member,
                                             const std::string& key);
    [[nodiscard]] Result<void> compile_exchange(const Node& step, const Member& member,
                                                const std::string& key);
    [[nodiscard]] Result<void> compile_think(const Node& node, const std::string& key);
    [[nodiscard]] Result<void> compile_function(const Node& node, const std::string& key);
    [[nodiscard]] Result<void> compile_log(const Node& node, const std::string& key);
    [[nodiscard]] Result<void> compile_extension(const Node& node, const std::string& key);
    [[nodiscard]] Result<void> compile_loop(const Node& step, const std::string& key);
    [[nodiscard]] Result<plan::LoopPlan> read_loop(const Node& step, const std::string& key);
    [[nodiscard]] Result<void> read_count(const Node& count, const std::string& key, plan::LoopPlan& loop);
    [[nodiscard]] Result<void> read_over(const Node& over, const std::string& key, plan::LoopPlan& loop);

    // Connects to config.target where nothing has connected yet.
    [[nodiscard]] Result<void> need_link(const Place& place, const std::string& key);
    [[nodiscard]] Result<std::string> function_name(const Node& node, const std::string& key) const;
    void add(plan::ActionKind kind, std::size_t index, const Place& place);

    FlowContext& into_;
    Link link_ = Link::none;
    std::uint8_t depth_ = 0;
};

}  // namespace wsblast::script
