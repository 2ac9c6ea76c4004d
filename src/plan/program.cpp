#include "plan/program.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <utility>

#include "base/prng.hpp"
#include "json/field_reader.hpp"
#include "json/ymera.hpp"
#include "proto/url.hpp"

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

// What is sent, as far as the options say it.
struct Message {
    std::function<OutgoingMessage(const MessageForm&)> frames;
    MessageForm form;                 // not compressed
    std::optional<MessageText> text;  // of a text message
    YmeraType type = YmeraType::none;
    std::string label;
};

// The "type" of a JSON text, else "message".
std::string label_of(std::string_view text) {
    json::FieldReader reader;
    return std::string(reader.read(as_bytes(text), "/type").value_or("message"));
}

// A text, with or without holes.
OutgoingMessage make_frames(const MessageText& text, const MessageForm& form) {
    return text.constant() ? OutgoingMessage::constant(text.tail(), form)
                           : OutgoingMessage::from_text(text, form);
}

Result<void> check_size(std::size_t size_max) {
    if (size_max <= limits::kSentMessageMax) return {};
    return usage_error("the message may become " + std::to_string(size_max) + " bytes long, and at most " +
                       std::to_string(limits::kSentMessageMax) + " can be sent; make its holes smaller");
}

Result<Message> make_text_message(std::string_view words, std::uint64_t seed, const MessageForm& form) {
    auto text = MessageText::parse(words, seed);
    if (!text) return text.error();
    if (const auto fits = check_size(text->size_max()); !fits) return fits.error();
    const std::string sample = text->to_string({0, 1, 0});
    const auto frames = [text = *text](const MessageForm& of) { return make_frames(text, of); };
    return Message{frames, form, std::move(*text), ymera_type_of(sample), label_of(sample)};
}

Result<Message> make_message(const RunOptions& options, std::uint64_t seed) {
    constexpr std::string_view kStampMessage = R"({"connection":{{$connection}},"seq":{{$seq}}})";
    MessageForm form{.mask_key = make_mask_key(seed, 0), .fragment_bytes = options.message.fragment_bytes};
    if (options.message.opcode == MessageOpcode::binary) form.opcode = proto::Opcode::binary;
    switch (options.message_kind) {
        case MessageKind::ymera:
            if (options.listeners > 0) return make_text_message(kStampMessage, seed, form);
            return Message{&OutgoingMessage::ymera_agent_message, form, std::nullopt,
                           YmeraType::agent_message, "agent_message"};
        case MessageKind::text: return make_text_message(options.message_text, seed, form);
        case MessageKind::padding: break;
    }
    form.opcode = proto::Opcode::binary;
    const auto padding = [size = options.message_size](const MessageForm& of) {
        return OutgoingMessage::constant(std::string(size, 'x'), of);
    };
    return Message{padding, form, std::nullopt, YmeraType::none, "binary"};
}

// Each frame has a header of its own, and each hole of what is compressed: a message may outgrow what is
// sent at once.
Result<void> check_frames(const OutgoingMessage& message) {
    const std::size_t size = message.frame_size_max();
    if (size <= limits::kSendBytesMax) return {};
    return usage_error("a message may take " + std::to_string(size) +
                       " bytes with the headers of its frames and holes, and at most " +
                       std::to_string(limits::kSendBytesMax) +
                       " can be sent; give a larger --fragment, or a shorter message");
}

// Plain, and compressed for every window that an answer to the offer may ask for.
Result<void> add_frames(Program& program, const Message& message, const MessageOptions& options) {
    program.message = message.frames(message.form);
    if (const auto fits = check_frames(program.message); !fits) return fits;
    if (!options.deflate) return {};
    const auto& offered = options.deflate->client_max_window_bits;
    const std::uint8_t bits_max = offered.value_or(proto::kDeflateBitsMax);
    program.deflate_bits_min = offered ? proto::kDeflateBitsMin : proto::kDeflateBitsMax;
    MessageForm form = message.form;
    for (form.deflate_bits = program.deflate_bits_min; form.deflate_bits <= bits_max; ++form.deflate_bits) {
        program.deflated.push_back(message.frames(form));
        if (const auto fits = check_frames(program.deflated.back()); !fits) return fits;
    }
    if (options.deflate->client_no_context_takeover) return {};
    form = message.form;
    form.deflated_as_sent = true;
    program.remembered = message.frames(form);
    return check_frames(*program.remembered);
}

bool is_numbered(const RunOptions& options) {
    return options.message_kind == MessageKind::ymera && options.listeners == 0;
}

Matching choose_matching(const RunOptions& options, const Message& message) {
    switch (options.match) {
        case MatchRule::by_message:
            if (options.listeners > 0) return Matching::none;
            if (message.type != YmeraType::none) break;
            return message.text && message.text->has(HoleKind::seq) ? Matching::key : Matching::fifo;
        case MatchRule::ymera: break;
        case MatchRule::fifo: return Matching::fifo;
        case MatchRule::none: return Matching::none;
        case MatchRule::seq:
        case MatchRule::field: return Matching::key;
    }
    return is_numbered(options) ? Matching::ymera_number : Matching::ymera_type;
}

// The answer key of the matching that was asked for, or that the message has chosen.
Result<AnswerKey> make_key(const RunOptions& options, const MessageText& text) {
    if (options.match == MatchRule::field) return AnswerKey::field(text, options.match_field);
    auto key = AnswerKey::sequence(text);
    if (key) return key;
    const Error& error = key.error();
    if (options.match == MatchRule::seq) return Error{error.fault, "--match seq: " + error.what};
    return Error{error.fault, "--message: " + error.what + "; or give --match fifo"};
}

// What tells answers and deliveries apart, where that is read out of them.
Result<void> add_readers(Program& program, const RunOptions& options, const Message& message) {
    if (program.matching == Matching::key) {
        if (!message.text) {
            return usage_error(
                "--match seq and --match-field need a --message or a --message-file of your own");
        }
        auto key = make_key(options, *message.text);
        if (!key) return key.error();
        program.answer_key = std::move(*key);
    }
    if (options.listeners == 0) return {};
    if (!message.text) return usage_error("--listen needs a text message with {{$seq}}, not --size");
    auto stamps = StampReader::make(*message.text, options.connections);
    if (!stamps) return Error{stamps.error().fault, "--listen: " + stamps.error().what};
    program.stamps = std::move(*stamps);
    return {};
}

std::optional<std::string> choose_setup(const RunOptions& options, YmeraType type) {
    if (options.setup) return options.setup->empty() ? std::nullopt : options.setup;
    if (type == YmeraType::none) return std::nullopt;
    return std::string(kYmeraSubscription);
}

Result<void> add_setup(Program& program, const std::string& words, const MessageOptions& options) {
    const auto text = MessageText::parse(words, program.seed);
    if (!text) return Error{text.error().fault, "--setup: " + text.error().what};
    MessageForm form{.mask_key = make_mask_key(program.seed, 1)};
    const auto fits = check_size(text->size_max());
    if (!fits) return Error{fits.error().fault, "--setup: " + fits.error().what};
    program.setup = make_frames(*text, form);
    if (options.deflate && !options.deflate->client_no_context_takeover) {
        form.deflated_as_sent = true;
        program.remembered_setup = make_frames(*text, form);
    }
    const bool by_type =
        program.matching == Matching::ymera_number || program.matching == Matching::ymera_type;
    program.setup_type = by_type ? ymera_type_of(text->to_string({})) : YmeraType::none;
    return {};
}

bool waits_at_start(const RunOptions& options) {
    return options.pacing == Pacing::rate || options.warmup_ns > 0 || options.listeners > 0;
}

// The same for all: up to the start gate, and from the settling on.
void add_opening(std::vector<Action>& actions, const RunOptions& options, const Program& program) {
    actions.push_back({ActionKind::connect});
    if (program.setup) {
        actions.push_back({ActionKind::send_setup});
        if (program.matching != Matching::none) actions.push_back({ActionKind::await_setup});
    }
    if (waits_at_start(options)) actions.push_back({ActionKind::gate_opened});
}

void add_ending(std::vector<Action>& actions, const RunOptions& options) {
    actions.push_back({ActionKind::gate_settled});
    if (options.hold_ns > 0) actions.push_back({ActionKind::hold});
    actions.push_back({ActionKind::end});
}

void add_flows(Program& program, const RunOptions& options) {
    Scenario& scenario = program.scenario;
    std::vector<Action>& actions = scenario.actions;
    scenario.labels.emplace_back();
    if (options.hold_ns > 0) scenario.holds.push_back(options.hold_ns);
    scenario.flows.push_back({.name = "senders"});
    add_opening(actions, options, program);
    actions.push_back({ActionKind::messages});
    actions.push_back({ActionKind::settle});
    add_ending(actions, options);
    if (options.listeners == 0) return;
    scenario.flows.push_back({.name = "listeners", .first = static_cast<std::uint32_t>(actions.size())});
    add_opening(actions, options, program);
    actions.push_back({ActionKind::listen});
    add_ending(actions, options);
}

// What follows the host: servers that stand for one another share their channels.
std::string path_of(std::string_view text) {
    auto url = proto::parse_url(text);
    return url ? std::move(url->path) : std::string();
}

void add_channels(Program& program, const RunOptions& options) {
    if (options.urls.empty()) return;
    std::vector<std::string> paths;
    program.target_channels.clear();
    for (const std::string& url : options.urls) {
        const auto known = std::find(paths.begin(), paths.end(), path_of(url));
        program.target_channels.push_back(static_cast<std::uint32_t>(known - paths.begin()));
        if (known == paths.end()) paths.push_back(path_of(url));
    }
    program.channels = static_cast<std::uint32_t>(paths.size());
}

void add_manners(Program& program, const MessageOptions& options) {
    program.message_size_max = options.size_max;
    program.ping_interval_ns = options.ping_interval_ns;
    program.pong_timeout_ns = options.pong_timeout_ns;
    program.close_code = options.close_code;
    program.close_reason = options.close_reason;
}

// So many of each kind, in an order that the seed draws: which target and which worker each gets.
Result<void> add_offenders(Program& program, const RunOptions& options) {
    for (const MisbehaviourShare& one : options.misbehave) {
        const auto count = std::llround(one.share * static_cast<double>(options.connections));
        program.offenders.insert(program.offenders.end(),
                                 static_cast<std::size_t>(std::max<long long>(count, 1)), one.kind);
    }
    if (program.offenders.size() >= options.connections) {
        return usage_error(
            "--misbehave leaves no connection that behaves: give smaller shares, or more "
            "--connections");
    }
    program.connections -= program.offenders.size();
    for (std::size_t left = program.offenders.size(); left > 1; --left) {
        const std::uint64_t random = draw(program.seed, Stream::offender, left);
        std::swap(program.offenders[left - 1], program.offenders[below(random, left)]);
    }
    return {};
}

Schedule make_schedule(const RunOptions& options, std::uint64_t seed) {
    return {.pacing = options.pacing,
            .interval_ns = options.interval_ns,
            .rate = options.rate,
            .rate_scope = options.rate_scope,
            .arrivals = options.arrivals,
            .messages = options.duration_ns ? kUnlimited : options.messages.value_or(kUnlimited),
            .duration_ns = options.duration_ns.value_or(kNever),
            .warmup_ns = options.warmup_ns,
            .seed = seed};
}

}  // namespace

Result<Program> compile(const RunOptions& options, std::uint64_t seed) {
    Program program;
    program.seed = seed;
    program.connections = options.connections;
    program.listeners = options.listeners;
    if (const auto sound = add_offenders(program, options); !sound) return sound.error();
    add_channels(program, options);
    auto message = make_message(options, seed);
    if (!message) return message.error();
    if (options.match == MatchRule::ymera && message->type == YmeraType::none) {
        return usage_error(
            "--match ymera needs a message with a YMERA type (ping, subscribe, unsubscribe, agent_message, "
            "disconnect); give such a --message, or use --match fifo");
    }
    program.message_type = message->type;
    program.message_label = message->label;
    program.matching = choose_matching(options, *message);
    if (const auto read = add_readers(program, options, *message); !read) return read.error();
    if (const auto added = add_frames(program, *message, options.message); !added) return added.error();
    add_manners(program, options.message);
    if (const auto setup = choose_setup(options, program.message_type)) {
        if (const auto added = add_setup(program, *setup, options.message); !added) return added.error();
    }
    program.schedule = make_schedule(options, seed);
    const std::uint32_t pipeline_default = options.pacing == Pacing::closed ? 1 : kPipelineUnlimited;
    program.pipeline = options.pipeline.value_or(pipeline_default);
    if (program.matching == Matching::none && !options.pipeline) program.pipeline = kPipelineUnlimited;
    program.answer_timeout_ns = options.answer_timeout_ns;
    program.connect_timeout_ns = options.connect_timeout_ns;
    add_flows(program, options);
    return program;
}

// A run by a rate, whose start gate is the place where rounds begin and end.
Result<Program> compile_rounds(const RunOptions& options, std::uint64_t seed) {
    if (options.listeners > 0) return usage_error("connections that listen cannot be measured in rounds");
    RunOptions by_rate = options;
    by_rate.pacing = Pacing::rate;
    by_rate.messages.reset();
    by_rate.duration_ns = 0;
    by_rate.warmup_ns = 0;
    by_rate.hold_ns = 0;
    auto program = compile(by_rate, seed);
    if (!program) return program;
    std::vector<Action>& actions = program->scenario.actions;
    const auto gate = std::ranges::find(actions, ActionKind::gate_opened, &Action::kind);
    gate->kind = ActionKind::next_round;
    program->round_action = static_cast<std::uint32_t>(gate - actions.begin());
    return program;
}

Program program_of(Scenario scenario, std::uint64_t users, TimeNs connect_timeout_ns) {
    Program program;
    program.lead = Lead::users;
    program.scenario = std::move(scenario);
    program.connect_timeout_ns = connect_timeout_ns;
    program.matching = Matching::none;
    program.seed = program.scenario.seed;
    program.connections = std::clamp<std::uint64_t>(users, 1, ~std::uint32_t{0});  // held ones aside
    return program;
}

bool Program::has_start_gate() const {
    return std::ranges::find(scenario.actions, ActionKind::gate_opened, &Action::kind) !=
           scenario.actions.end();
}

}  // namespace wsblast::plan
