#include "session/user_loops.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/prng.hpp"

namespace wsblast::session {

namespace {

constexpr std::uint64_t kEndless = ~std::uint64_t{0};
constexpr double kPassesMax = 1e15;
constexpr TimeNs kYear = 365 * 24 * 3600 * kSecond;  // of thinking: longer than any run

std::uint64_t passes_below(double number) {
    return number >= 1 ? static_cast<std::uint64_t>(std::min(number, kPassesMax)) : kEndless;
}

double number_in(std::string_view text) {
    double number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

}  // namespace

void UserLoops::enter(UserRef user, const plan::LoopPlan& loop) {
    const Passes passes = passes_of(user, loop);
    if (passes.first >= passes.end) {
        user.state.action = loop.end;
        return;
    }
    begin_pass(user, loop, passes.first);
}

void UserLoops::repeat(UserRef user, const plan::LoopPlan& loop) {
    const std::uint64_t pass = std::uint64_t{user.state.passes[loop.depth]} + 1;
    if (pass < passes_of(user, loop).end) return begin_pass(user, loop, pass);
    user.state.action = loop.end;
}

void UserLoops::repeat_while(UserRef user, const plan::LoopPlan& loop, Again again) {
    if (again == Again::yes)
        return begin_pass(user, loop, std::uint64_t{user.state.passes[loop.depth]} + 1);
    user.state.action = loop.end;
}

void UserLoops::begin_pass(UserRef user, const plan::LoopPlan& loop, std::uint64_t pass) {
    user.state.passes[loop.depth] = static_cast<std::uint32_t>(pass);
    user.state.action = loop.body;
    const Value count = Value::of_number(static_cast<double>(pass));
    (void)users_.variables.set(user, loop.count_slot, count);
    const bool has_elements = loop.kind == plan::LoopKind::elements || loop.kind == plan::LoopKind::over;
    if (!has_elements) return;
    const Value found = element(user, loop, pass);
    element_.assign(found.text);
    (void)users_.variables.set(user, loop.element_slot, {found.type, found.number, element_});
}

UserLoops::Passes UserLoops::passes_of(UserRef user, const plan::LoopPlan& loop) {
    switch (loop.kind) {
        case plan::LoopKind::count: return {loop.first, loop.last};
        case plan::LoopKind::elements: return {0, loop.elements.size()};
        case plan::LoopKind::text: return passes_in(users_.texts.value(user, loop.count));
        case plan::LoopKind::over: {
            if (const auto* elements = shared_elements(user, loop)) return {0, elements->size()};
            path_ = loop.path;
            path_.emplace_back("length");
            const Value length = users_.texts.look_up(user, loop.slot, path_);
            const bool is_list = length.type == ValueType::number;
            return {0, is_list ? static_cast<std::uint64_t>(length.number) : 0};
        }
        case plan::LoopKind::while_true: return {0, kEndless};
    }
    return {};
}

// "5", "2-5"; nothing and 0 are for ever, as in Artillery.
UserLoops::Passes UserLoops::passes_in(const Value& count) {
    if (count.type != ValueType::text) return {0, passes_below(count.number)};
    const std::size_t dash = count.text.find('-', 1);
    if (dash == std::string_view::npos) return {0, passes_below(number_in(count.text))};
    const double first = std::min(std::max(0.0, number_in(count.text)), kPassesMax);  // NaN: 0
    return {static_cast<std::uint64_t>(first), passes_below(number_in(count.text.substr(dash + 1)))};
}

Value UserLoops::element(UserRef user, const plan::LoopPlan& loop, std::uint64_t pass) {
    if (loop.kind == plan::LoopKind::elements) return loop.elements[pass].view();
    if (const auto* elements = shared_elements(user, loop)) return (*elements)[pass].view();
    path_ = loop.path;
    path_.push_back(std::to_string(pass));
    return users_.texts.look_up(user, loop.slot, path_);
}

const std::vector<OwnedValue>* UserLoops::shared_elements(UserRef user, const plan::LoopPlan& loop) {
    const plan::Slot& slot = users_.scenario.slots[loop.slot];
    if (slot.kind != plan::SlotKind::constant || !loop.path.empty()) return nullptr;
    const std::string_view text = slot.values.front().view().text;
    // A user may have another value there.
    if (users_.variables.get(user, loop.slot).text.data() != text.data()) return nullptr;
    const auto [found, fresh] = shared_.try_emplace(loop.slot);
    if (fresh) found->second = reader_.elements(text);
    return &found->second;
}

TimeNs UserLoops::think_ns(UserRef user, const plan::ThinkPlan& think) {
    const bool fixed = think.text.parts.empty();
    const TimeNs base_ns = fixed ? think.duration_ns : think_time_ns(users_.texts.write(user, think.text));
    const double width = think.jitter_share > 0 ? think.jitter_share * static_cast<double>(base_ns)
                                                : static_cast<double>(think.jitter_ns);
    if (width <= 0) return base_ns;
    std::uint64_t place = std::uint64_t{user.state.number} << 32 | user.state.action;
    for (const std::uint32_t passes : user.state.passes) place = mix(place ^ passes);
    const std::uint64_t random = draw(users_.scenario.seed, Stream::user_think, place);
    const double shift = (static_cast<double>(random >> 11) * 0x1p-52 - 1) * width;
    return static_cast<TimeNs>(std::max(0.0, static_cast<double>(base_ns) + shift));
}

TimeNs think_time_ns(std::string_view text) {
    double number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc{} || !(number >= 0)) return 0;
    std::string_view unit(read.ptr, static_cast<std::size_t>(text.data() + text.size() - read.ptr));
    while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
    double factor = 0;
    if (unit.empty() || unit == "s" || unit == "sec" || unit == "seconds") factor = 1e9;
    if (unit == "ms") factor = 1e6;
    if (unit == "m" || unit == "min") factor = 60e9;
    if (unit == "h") factor = 3600e9;
    if (factor == 0) return 0;
    return static_cast<TimeNs>(std::min(number * factor, static_cast<double>(kYear)));
}

}  // namespace wsblast::session
