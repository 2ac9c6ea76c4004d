#include "script/extensions.hpp"

#include <algorithm>
#include <array>

#include "base/limits.hpp"
#include "proto/utf8.hpp"
#include "script/durations.hpp"
#include "script/errors.hpp"
#include "script/extracts.hpp"
#include "script/messages.hpp"

namespace wsblast::script {

namespace {

constexpr std::array<std::string_view, 3> kExtensionSteps{"hold", "close", "rate"};
constexpr std::array<std::string_view, 7> kRateKeys{"per_second", "duration", "send", "arrivals",
                                                    "expect",     "timeout",  "label"};
constexpr std::array<std::string_view, 2> kCloseKeys{"code", "reason"};
constexpr std::array<std::string_view, 5> kHandlerKeys{"match", "count", "reply", "capture", "close"};
constexpr std::array<std::string_view, 4> kReactions{"count", "reply", "capture", "close"};
constexpr std::array<std::string_view, 1> kScenarioExtensionKeys{"on"};
constexpr std::array<std::string_view, 3> kReconnectKeys{"backoff", "first", "max"};

template <class T>
plan::TableIndex add(std::vector<T>& table, T entry) {
    table.push_back(std::move(entry));
    return static_cast<plan::TableIndex>(table.size() - 1);
}

Result<TimeNs> positive_duration(const Node& node, const std::string& key) {
    const auto duration = duration_of(node, key);
    if (duration && *duration == 0) return error_at(node.place, key, "must be above 0");
    return duration;
}

Result<plan::TableIndex> compile_hold(const Node& node, const std::string& key, FlowContext& into) {
    if (node.as_text() == "forever") return add(into.scenario.holds, TimeNs{kNever});
    const auto duration = duration_of(node, key);
    if (!duration)
        return error_at(node.place, key, not_a(std::string(kDurationAllowed) + "; or forever", node));
    return add(into.scenario.holds, TimeNs{*duration});
}

// CODE, or {code, reason}; null is 1000.
Result<plan::TableIndex> compile_close(const Node& node, const std::string& key, FlowContext& into) {
    plan::ClosePlan close;
    const Node* code = node.is_scalar() && !node.is_null() ? &node : node.find("code");
    if (node.is_list()) return error_at(node.place, key, not_a("a close code, or {code, reason}", node));
    if (node.is_map()) warn_of_others(node, key, {kCloseKeys, "is not known here"}, into.warnings);
    if (code != nullptr) {
        constexpr double kCodeMax = 4999;
        const auto number = code->as_numeric();
        const bool fits = number && *number >= 0 && *number <= kCodeMax &&
                          proto::is_wire_close_code(static_cast<proto::CloseCode>(*number));
        if (!fits || static_cast<proto::CloseCode>(*number) != *number)
            return error_at(code->place, key,
                            not_a("a close code: 1000-1003, 1007-1014 or 3000-4999", *code));
        close.code = static_cast<proto::CloseCode>(*number);
    }
    if (const Node* reason = node.find("reason")) {
        auto words = text_of(*reason, key_path(key, "reason"));
        if (!words) return words.error();
        if (words->size() > proto::kCloseReasonMax || !proto::is_valid_utf8(as_bytes(*words))) {
            return error_at(
                reason->place, key_path(key, "reason"),
                "must be UTF-8 of at most " + std::to_string(proto::kCloseReasonMax) + " bytes");
        }
        close.reason = std::move(*words);
    }
    return add(into.scenario.closes, std::move(close));
}

// {rate: {...}}
class RateReader {
  public:
    RateReader(const Node& node, std::string key, FlowContext& into)
        : node_(node), key_(std::move(key)), into_(into) {}

    Result<plan::TableIndex> read() {
        if (!node_.is_map())
            return error_at(node_.place, key_, not_a("a map: per_second, duration, send", node_));
        warn_of_others(node_, key_, {kRateKeys, "is not known here"}, into_.warnings);
        for (const std::string_view needed : {"per_second", "duration", "send"}) {
            if (node_.find(needed) == nullptr)
                return error_at(node_.place, key_, std::string(needed) + " is missing");
        }
        plan::StreamPlan stream{.timeout_ns = into_.answer_timeout_ns};
        for (const auto part :
             {&RateReader::read_schedule, &RateReader::read_send, &RateReader::read_answers}) {
            if (const auto done = (this->*part)(stream); !done) return done.error();
        }
        return add(into_.scenario.streams, std::move(stream));
    }

  private:
    std::string path(std::string_view key) const { return key_path(key_, key); }

    Result<void> read_schedule(plan::StreamPlan& stream) {
        const Node& rate = *node_.find("per_second");
        const auto per_s = number_of(rate, path("per_second"));
        if (!per_s) return per_s.error();
        if (!(*per_s > 0) || *per_s > limits::kStreamPerSecondMax) {
            return error_at(rate.place, path("per_second"),
                            "must be above 0, and at most " +
                                with_thousands(static_cast<std::uint64_t>(limits::kStreamPerSecondMax)));
        }
        stream.rate_per_s = *per_s;
        const auto duration = positive_duration(*node_.find("duration"), path("duration"));
        if (!duration) return duration.error();
        stream.duration_ns = *duration;
        const Node* arrivals = node_.find("arrivals");
        if (arrivals == nullptr || arrivals->as_text() == "uniform") return {};
        if (arrivals->as_text() != "poisson")
            return error_at(arrivals->place, path("arrivals"), not_a("uniform or poisson", *arrivals));
        stream.arrivals = plan::Arrivals::poisson;
        return {};
    }
    Result<void> read_send(plan::StreamPlan& stream) {
        const Node& send = *node_.find("send");
        const auto sent = compile_send(send, nullptr, path("send"), into_);
        if (!sent) return sent.error();
        if (sent->await)
            return error_at(send.place, path("send"),
                            "awaits nothing here: rate.expect says what an answer is");
        stream.send = *sent->send;
        return {};
    }
    Result<void> read_answers(plan::StreamPlan& stream) {
        if (const Node* expect = node_.find("expect")) {
            auto matches = compile_matches(*expect, path("expect"), into_);
            if (!matches) return matches.error();
            stream.expect = std::move(*matches);
        }
        if (const Node* timeout = node_.find("timeout")) {
            const auto duration = positive_duration(*timeout, path("timeout"));
            if (!duration) return duration.error();
            stream.timeout_ns = *duration;
        }
        if (const Node* label = node_.find("label")) {
            const auto name = text_of(*label, path("label"));
            if (!name) return name.error();
            stream.label = into_.label(*name);
        }
        into_.scenario.sends[stream.send].label = stream.label;
        return {};
    }

    const Node& node_;
    std::string key_;
    FlowContext& into_;
};

// {match, count | reply | capture | close}
Result<plan::Handler> compile_handler(const Node& node, const std::string& key, FlowContext& into) {
    if (!node.is_map())
        return error_at(node.place, key, not_a("a map: match, and " + any_of(kReactions), node));
    warn_of_others(node, key, {kHandlerKeys, "is not known here"}, into.warnings);
    plan::Handler handler;
    if (const Node* match = node.find("match")) {
        auto matches = compile_matches(*match, key_path(key, "match"), into);
        if (!matches) return matches.error();
        handler.matches = std::move(*matches);
    }
    const Member* reaction = nullptr;
    for (const std::string_view name : kReactions) {
        const Member* member = node.find_member(name);
        if (member == nullptr) continue;
        if (reaction != nullptr)
            return error_at(member->place, key,
                            reaction->key + " and " + member->key + ": one of them is allowed");
        reaction = member;
    }
    if (reaction == nullptr) return error_at(node.place, key, any_of(kReactions) + " is missing");
    const std::string path = key_path(key, reaction->key);
    if (reaction->key == "count") {
        auto name = text_of(reaction->value, path);
        if (!name) return name.error();
        handler.counter = std::move(*name);
    } else if (reaction->key == "capture") {
        auto captures = compile_captures(reaction->value, path, into);
        if (!captures) return captures.error();
        handler.reaction = plan::Reaction::capture;
        handler.captures = std::move(*captures);
    } else if (reaction->key == "reply") {
        const auto sent = compile_send(reaction->value, nullptr, path, into);
        if (!sent) return sent.error();
        if (sent->await || !sent->send)
            return error_at(reaction->value.place, path, "is a payload: a handler awaits nothing");
        handler.reaction = plan::Reaction::reply;
        handler.send = *sent->send;
    } else {
        const auto close = compile_close(reaction->value, path, into);
        if (!close) return close.error();
        handler.reaction = plan::Reaction::close;
        handler.close = *close;
    }
    return handler;
}

Result<plan::ReconnectPolicy> compile_reconnect(const Node& node, const std::string& key,
                                                FlowContext& into) {
    plan::ReconnectPolicy policy;
    if (node.as_text() == "immediate") return policy;
    if (!node.is_map())
        return error_at(node.place, key, not_a("immediate, or a map (backoff, first, max)", node));
    warn_of_others(node, key, {kReconnectKeys, "is not known here"}, into.warnings);
    policy = {plan::Reconnect::jittered, 100 * kMillisecond, 10 * kSecond};
    if (const Node* backoff = node.find("backoff")) {
        const auto word = backoff->as_text();
        if (word != "exponential" && word != "jittered")
            return error_at(backoff->place, key_path(key, "backoff"),
                            not_a("exponential or jittered", *backoff));
        if (word == "exponential") policy.kind = plan::Reconnect::exponential;
    }
    if (const Node* first = node.find("first")) {
        const auto duration = positive_duration(*first, key_path(key, "first"));
        if (!duration) return duration.error();
        policy.first_ns = *duration;
        policy.max_ns = std::max(policy.max_ns, policy.first_ns);
    }
    if (const Node* longest = node.find("max")) {
        const auto duration = positive_duration(*longest, key_path(key, "max"));
        if (!duration) return duration.error();
        policy.max_ns = *duration;
    }
    if (policy.max_ns < policy.first_ns) return error_at(node.place, key, "max is shorter than first");
    return policy;
}

}  // namespace

Result<plan::Action> compile_extension_step(const Node& node, const std::string& key, FlowContext& into) {
    if (!node.is_map() || node.members.size() != 1)
        return error_at(node.place, key, not_a("a map of one key: " + any_of(kExtensionSteps), node));
    const Member& step = node.members.front();
    const std::string path = key_path(key, step.key);
    plan::Action action{.line = step.place.line};
    Result<plan::TableIndex> index = error_at(
        step.place, path,
        "is no step; " + any_of(kExtensionSteps) + " are" + did_you_mean(step.key, kExtensionSteps));
    if (step.key == "hold") {
        action.kind = plan::ActionKind::hold;
        index = compile_hold(step.value, path, into);
    } else if (step.key == "close") {
        action.kind = plan::ActionKind::close;
        index = compile_close(step.value, path, into);
    } else if (step.key == "rate") {
        action.kind = plan::ActionKind::stream;
        index = RateReader(step.value, path, into).read();
    }
    if (!index) return index.error();
    action.index = *index;
    return action;
}

Result<std::vector<plan::Handler>> compile_handlers(const Node& extension, const std::string& key,
                                                    FlowContext& into) {
    if (!extension.is_map()) return error_at(extension.place, key, not_a("a map of keys", extension));
    warn_of_others(extension, key, {kScenarioExtensionKeys, "is not known here"}, into.warnings);
    std::vector<plan::Handler> handlers;
    const Node* on = extension.find("on");
    if (on == nullptr) return handlers;
    const std::string path = key_path(key, "on");
    if (!on->is_list()) return error_at(on->place, path, not_a("a list of handlers", *on));
    for (std::size_t i = 0; i < on->items.size(); ++i) {
        auto handler = compile_handler(on->items[i], item_path(path, i), into);
        if (!handler) return handler.error();
        handlers.push_back(std::move(*handler));
    }
    return handlers;
}

Result<void> compile_run_extension(const Node& extension, const std::string& key, FlowContext& into) {
    if (!extension.is_map()) return error_at(extension.place, key, not_a("a map of keys", extension));
    if (const Node* queue = extension.find("queue")) {
        const auto kept = boolean_of(*queue, key_path(key, "queue"));
        if (!kept) return kept.error();
        into.scenario.queue = *kept ? plan::MessageQueue::kept : plan::MessageQueue::none;
    }
    if (const Node* reconnect = extension.find("reconnect")) {
        const auto policy = compile_reconnect(*reconnect, key_path(key, "reconnect"), into);
        if (!policy) return policy.error();
        into.scenario.reconnect = *policy;
    }
    for (const auto& [name, timeout_ns] : {std::pair("callTimeout", &into.scenario.call_timeout_ns),
                                           std::pair("doneTimeout", &into.scenario.done_timeout_ns)}) {
        const Node* timeout = extension.find(name);
        if (timeout == nullptr) continue;
        const auto duration = positive_duration(*timeout, key_path(key, name));
        if (!duration) return duration.error();
        *timeout_ns = *duration;
    }
    return {};
}

}  // namespace wsblast::script
