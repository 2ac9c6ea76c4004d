// What a user sends, and what it waits for: the values of `send` and `wait`.
#pragma once

#include <optional>
#include <string>

#include "base/node.hpp"
#include "base/result.hpp"
#include "script/flow_context.hpp"

namespace wsblast::script {

// A payload: a text is sent as it is once its holes are filled in, any other value as its JSON. Returns the
// number of its SendPlan. Usage error with file and line.
[[nodiscard]] Result<plan::TableIndex> compile_payload(const Node& payload, const std::string& key,
                                                       FlowContext& into);

// A step that sends, waits, or does both: numbers of its SendPlan and its AwaitPlan.
struct Exchange {
    std::optional<plan::TableIndex> send{};
    std::optional<plan::TableIndex> await{};
};
// `send`: a text, any object, or {payload, capture, match, wsblast}; `wait`: {capture, match, wsblast}.
// `beside`: a key wsblast of the step itself; null: none.
[[nodiscard]] Result<Exchange> compile_send(const Node& send, const Node* beside, const std::string& key,
                                            FlowContext& into);
[[nodiscard]] Result<Exchange> compile_wait(const Node& wait, const Node* beside, const std::string& key,
                                            FlowContext& into);

}  // namespace wsblast::script
