#include "plan/program.hpp"

#include <cstring>
#include <utility>

#include "base/prng.hpp"
#include "json/ymera.hpp"

namespace wsblast::plan {

namespace {

constexpr std::string_view kYmeraSubscription = R"({"type":"subscribe","channel":"agents"})";

proto::MaskKey make_mask_key(std::uint64_t seed, std::uint64_t index) {
    const std::uint64_t random = draw(seed, Stream::mask_key, index);
    proto::MaskKey key{};
    std::memcpy(key.data(), &random, key.size());
    return key;
}

// The type of a message of the YMERA protocol; none when it is no such message.
YmeraType ymera_type_of(std::string_view text) {
    json::YmeraReader reader;
    switch (reader.read_request(as_bytes(text)).type) {
        case json::RequestType::agent_message: return YmeraType::agent_message;
        case json::RequestType::ping: return YmeraType::ping;
        case json::RequestType::subscribe: return YmeraType::subscribe;
        case json::RequestType::unsubscribe: return YmeraType::unsubscribe;
        case json::RequestType::disconnect: return YmeraType::disconnect;
        case json::RequestType::unknown:
        case json::RequestType::invalid: return YmeraType::none;
    }
    return YmeraType::none;
}

OutgoingMessage make_message(const RunOptions& options, proto::MaskKey key) {
    switch (options.message_kind) {
        case MessageKind::ymera: return OutgoingMessage::ymera_agent_message(key);
        case MessageKind::text:
            return OutgoingMessage::constant(proto::Opcode::text, options.message_text, key);
        case MessageKind::padding:
            return OutgoingMessage::constant(proto::Opcode::binary, std::string(options.message_size, 'x'),
                                             key);
    }
    return {};
}

YmeraType message_type(const RunOptions& options) {
    switch (options.message_kind) {
        case MessageKind::ymera: return YmeraType::agent_message;
        case MessageKind::text: return ymera_type_of(options.message_text);
        case MessageKind::padding: return YmeraType::none;
    }
    return YmeraType::none;
}

Matching choose_matching(const RunOptions& options, YmeraType type) {
    const bool numbered = options.message_kind == MessageKind::ymera;
    switch (options.match) {
        case MatchRule::by_message:
            if (type == YmeraType::none) return Matching::fifo;
            break;
        case MatchRule::ymera: break;
        case MatchRule::fifo: return Matching::fifo;
        case MatchRule::none: return Matching::none;
    }
    return numbered ? Matching::ymera_number : Matching::ymera_type;
}

std::optional<std::string> choose_setup(const RunOptions& options, YmeraType type) {
    if (options.setup) return options.setup->empty() ? std::nullopt : options.setup;
    if (type == YmeraType::none) return std::nullopt;
    return std::string(kYmeraSubscription);
}

std::vector<Step> make_steps(const RunOptions& options, const Program& program) {
    std::vector<Step> steps{{StepKind::connect, options.connect_timeout_ns}};
    if (program.setup) {
        steps.push_back({StepKind::send_setup, 0});
        if (program.matching != Matching::none)
            steps.push_back({StepKind::await_setup, options.answer_timeout_ns});
    }
    if (options.pacing == Pacing::rate) steps.push_back({StepKind::gate_opened, 0});
    steps.push_back({StepKind::messages, 0});
    steps.push_back({StepKind::settle, 0});
    steps.push_back({StepKind::gate_settled, 0});
    if (options.hold_ns > 0) steps.push_back({StepKind::hold, options.hold_ns});
    steps.push_back({StepKind::close, limits::kCloseTimeoutNs});
    return steps;
}

}  // namespace

Result<Program> compile(const RunOptions& options, std::uint64_t seed) {
    Program program;
    program.seed = seed;
    program.connections = options.connections;
    program.message = make_message(options, make_mask_key(seed, 0));
    program.message_type = message_type(options);
    if (options.match == MatchRule::ymera && program.message_type == YmeraType::none) {
        return usage_error(
            "--match ymera needs a message with a YMERA type (ping, subscribe, unsubscribe, agent_message, "
            "disconnect); give such a --message, or use --match fifo");
    }
    program.matching = choose_matching(options, program.message_type);
    if (const auto setup = choose_setup(options, program.message_type)) {
        program.setup = OutgoingMessage::constant(proto::Opcode::text, *setup, make_mask_key(seed, 1));
        const bool by_type = program.matching != Matching::fifo;
        program.setup_type = by_type ? ymera_type_of(*setup) : YmeraType::none;
    }
    program.schedule = {
        .pacing = options.pacing,
        .interval_ns = options.interval_ns,
        .rate_per_s = options.rate_per_s,
        .messages = options.duration_ns ? kUnlimited : options.messages.value_or(kUnlimited),
        .duration_ns = options.duration_ns.value_or(kNever)};
    const std::uint32_t pipeline_default = options.pacing == Pacing::closed ? 1 : kPipelineUnlimited;
    program.pipeline = options.pipeline.value_or(pipeline_default);
    if (program.matching == Matching::none && !options.pipeline) program.pipeline = kPipelineUnlimited;
    program.answer_timeout_ns = options.answer_timeout_ns;
    program.steps = make_steps(options, program);
    return program;
}

}  // namespace wsblast::plan
