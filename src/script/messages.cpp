#include "script/messages.hpp"

#include <array>

#include "base/limits.hpp"
#include "script/durations.hpp"
#include "script/errors.hpp"
#include "script/extracts.hpp"
#include "script/payloads.hpp"
#include "script/user_text.hpp"

namespace wsblast::script {

namespace {

constexpr std::array<std::string_view, 4> kSendKeys{"payload", "capture", "match", "wsblast"};
constexpr std::array<std::string_view, 3> kWaitKeys{"capture", "match", "wsblast"};
constexpr std::array<std::string_view, 6> kSendExtensionKeys{"expect", "timeout", "label",
                                                             "base64", "hex",     "file"};

Result<plan::TableIndex> add_send(plan::SendPlan send, FlowContext& into) {
    into.scenario.sends.push_back(std::move(send));
    return static_cast<plan::TableIndex>(into.scenario.sends.size() - 1);
}

// {payload}, with or without the rest, and not just an object that has such a member among others.
bool is_exchange(const Node& send) {
    if (send.find("capture") != nullptr || send.find("match") != nullptr) return true;
    for (const Member& member : send.members) {
        if (member.key != "payload" && member.key != "wsblast") return false;
    }
    return !send.members.empty();
}

// The parts of one step.
struct ExchangeNodes {
    const Node& node;
    const Node* capture = nullptr;
    const Node* match = nullptr;
    const Node* extension = nullptr;
    std::string extension_key{};

    const Node* extended(std::string_view key) const {
        return extension == nullptr ? nullptr : extension->find(key);
    }
};

Result<ExchangeNodes> nodes_of(const Node& node, const Node* beside, const std::string& key,
                               FlowContext& into) {
    ExchangeNodes nodes{.node = node, .extension = beside, .extension_key = key_path(key, "wsblast")};
    if (node.is_map()) {
        nodes.capture = node.find("capture");
        nodes.match = node.find("match");
        if (const Node* inside = node.find("wsblast")) {
            if (beside != nullptr)
                return error_at(inside->place, nodes.extension_key,
                                "stands in the step and beside it; keep one of them");
            nodes.extension = inside;
        }
    }
    if (nodes.extension == nullptr) return nodes;
    if (!nodes.extension->is_map())
        return error_at(nodes.extension->place, nodes.extension_key,
                        not_a("a map of keys", *nodes.extension));
    warn_of_others(*nodes.extension, nodes.extension_key, {kSendExtensionKeys, "is not known here"},
                   into.warnings);
    return nodes;
}

// What follows a message: nothing where nothing is awaited.
Result<std::optional<plan::TableIndex>> compile_await(const ExchangeNodes& nodes, const std::string& key,
                                                      FlowContext& into) {
    plan::AwaitPlan await{.timeout_ns = into.answer_timeout_ns};
    const Node* expect = nodes.extended("expect");
    const bool awaits = expect != nullptr || nodes.capture != nullptr || nodes.match != nullptr;
    if (expect != nullptr) {
        auto expected = compile_matches(*expect, key_path(nodes.extension_key, "expect"), into);
        if (!expected) return expected.error();
        await.expect = std::move(*expected);
    }
    if (nodes.capture != nullptr) {
        auto captures = compile_captures(*nodes.capture, key_path(key, "capture"), into);
        if (!captures) return captures.error();
        await.captures = std::move(*captures);
    }
    if (nodes.match != nullptr) {
        auto matches = compile_matches(*nodes.match, key_path(key, "match"), into);
        if (!matches) return matches.error();
        await.matches = std::move(*matches);
    }
    if (const Node* timeout = nodes.extended("timeout")) {
        const auto duration = duration_of(*timeout, key_path(nodes.extension_key, "timeout"));
        if (!duration) return duration.error();
        if (*duration == 0)
            return error_at(timeout->place, key_path(nodes.extension_key, "timeout"), "must be above 0");
        await.timeout_ns = *duration;
    }
    if (const Node* label = nodes.extended("label")) {
        const auto name = text_of(*label, key_path(nodes.extension_key, "label"));
        if (!name) return name.error();
        await.label = into.label(*name);
    }
    if (!awaits) return std::optional<plan::TableIndex>();
    into.scenario.awaits.push_back(std::move(await));
    return std::optional(static_cast<plan::TableIndex>(into.scenario.awaits.size() - 1));
}

// What stands under payload, or under wsblast; nothing where there is neither.
Result<std::optional<plan::TableIndex>> compile_sent(const ExchangeNodes& nodes, const std::string& key,
                                                     FlowContext& into) {
    const Member* binary = nodes.extension == nullptr ? nullptr : find_binary(*nodes.extension);
    const Node* payload = nodes.node.find("payload");
    if (binary != nullptr && payload != nullptr) {
        return error_at(binary->place, key_path(nodes.extension_key, binary->key),
                        "and payload are both there: one message has one payload");
    }
    if (payload != nullptr) {
        const auto sent = compile_payload(*payload, key_path(key, "payload"), into);
        if (!sent) return sent.error();
        return std::optional(*sent);
    }
    if (binary == nullptr) return std::optional<plan::TableIndex>();
    auto bytes = read_binary(*binary, nodes.extension_key, into.folder);
    if (!bytes) return bytes.error();
    plan::SendPlan send{.opcode = proto::Opcode::binary};
    send.text.parts.push_back({.literal = std::move(*bytes)});
    const auto sent = add_send(std::move(send), into);
    return std::optional(*sent);
}

Result<Exchange> with_await(std::optional<plan::TableIndex> send, const ExchangeNodes& nodes,
                            const std::string& key, FlowContext& into) {
    const auto await = compile_await(nodes, key, into);
    if (!await) return await.error();
    if (send && *await) into.scenario.sends[*send].label = into.scenario.awaits[**await].label;
    return Exchange{send, *await};
}

// The object itself is the message; wsblast is no part of it.
Result<Exchange> compile_object(const ExchangeNodes& nodes, const std::string& key, FlowContext& into) {
    Node object = nodes.node;
    object.erase("wsblast");
    for (const Member& member : object.members) {
        const std::string near = did_you_mean(member.key, kSendKeys);
        if (object.find("payload") == nullptr || member.key == "payload" || near.empty()) continue;
        into.warnings.push_back(words_at(member.place, key_path(key, member.key),
                                         "is sent as a part of the object, as Artillery sends it" + near));
    }
    const auto sent = compile_payload(object, key, into);
    if (!sent) return sent.error();
    return with_await(*sent, nodes, key, into);
}

}  // namespace

Result<plan::TableIndex> compile_payload(const Node& payload, const std::string& key, FlowContext& into) {
    plan::SendPlan send;
    if (payload.is_null()) return error_at(payload.place, key, not_a("a text or an object", payload));
    if (payload.is_scalar()) {
        auto text = read_user_text(payload.scalar_text(), {payload.place, key}, into.slots);
        if (!text) return text.error();
        send.text = std::move(*text);
        // Artillery sends nothing for it.
        if (send.text.one_value()) send.text.undefined_text.clear();
    } else {
        auto json = parse_user_json(payload, key, into.slots);
        if (!json) return json.error();
        send.text = std::move(*json);
    }
    std::size_t literals = 0;
    for (const plan::TextPart& part : send.text.parts) literals += part.literal.size();
    if (literals > limits::kSentMessageMax) {
        return error_at(
            payload.place, key,
            "is larger than a message may be: " + with_thousands(limits::kSentMessageMax) + " bytes");
    }
    return add_send(std::move(send), into);
}

Result<Exchange> compile_send(const Node& send, const Node* beside, const std::string& key,
                              FlowContext& into) {
    const auto nodes = nodes_of(send, beside, key, into);
    if (!nodes) return nodes.error();
    if (!send.is_map() || !is_exchange(send)) return compile_object(*nodes, key, into);
    warn_of_others(send, key, {kSendKeys, "has no meaning beside capture and match"}, into.warnings);
    const auto sent = compile_sent(*nodes, key, into);
    if (!sent) return sent.error();
    auto exchange = with_await(*sent, *nodes, key, into);
    if (exchange && !exchange->send && !exchange->await)
        return error_at(send.place, key,
                        "sends nothing and awaits nothing; payload, capture or match is missing");
    return exchange;
}

Result<Exchange> compile_wait(const Node& wait, const Node* beside, const std::string& key,
                              FlowContext& into) {
    if (!wait.is_map()) return error_at(wait.place, key, not_a("a map with capture or match", wait));
    const auto nodes = nodes_of(wait, beside, key, into);
    if (!nodes) return nodes.error();
    warn_of_others(wait, key, {kWaitKeys, "has no meaning here"}, into.warnings);
    auto exchange = with_await(std::nullopt, *nodes, key, into);
    if (exchange && !exchange->await)
        return error_at(wait.place, key, "awaits nothing: capture, match or wsblast.expect is missing");
    return exchange;
}

}  // namespace wsblast::script
