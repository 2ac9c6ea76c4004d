#include "report/plan_text.hpp"

#include <cmath>

#include "base/units.hpp"
#include "report/artillery_text.hpp"
#include "report/text_values.hpp"
#include "text/format.hpp"

namespace wsblast::report {

namespace {

using plan::Bound;
using plan::PhaseKind;
using text::format;

std::string figure(double value) {
    const double whole = std::round(value);
    if (std::abs(value - whole) < 0.005)
        return with_thousands(static_cast<std::uint64_t>(std::fmax(0, whole)));
    return format("{:.2f}", value);
}

// "7,200", "7,200 +- 255".
std::string drawn_text(std::uint64_t users, std::uint64_t spread) {
    return with_thousands(users) + (spread > 0 ? " +- " + with_thousands(spread) : "");
}

bool may_leave_out(const plan::ScenarioEstimate& all, const plan::PhaseEstimate& phase) {
    const bool arriving = phase.kind != PhaseKind::hold && phase.users > 0;
    return arriving && phase.users_max > 0 && all.users + all.users_spread > phase.users_max;
}

bool may_leave_out(const plan::ScenarioEstimate& all) {
    for (const plan::PhaseEstimate& phase : all.phases) {
        if (may_leave_out(all, phase)) return true;
    }
    return false;
}

// Of a phase: "7,200 +- 255", "at most 300, maxVusers 10 at a time", "20 at a time".
std::string phase_users(const plan::ScenarioEstimate& all, const plan::PhaseEstimate& phase) {
    const std::string users = drawn_text(phase.users, phase.users_spread);
    if (phase.kind == PhaseKind::hold) return users + " at a time";
    if (!may_leave_out(all, phase)) return users;
    return format("at most {}, maxVusers {} at a time", users, with_thousands(phase.users_max));
}

// Of all: "300 users", "at most 300 users (maxVusers)", "20 users at a time", "300 users, and 20 held".
std::string all_users(const plan::ScenarioEstimate& all) {
    const std::uint64_t arriving = all.users - all.held;
    if (arriving == 0 && all.held > 0) return text::counted(all.held, "user") + " at a time";
    const std::string users = all.users_spread > 0 ? drawn_text(arriving, all.users_spread) + " users"
                                                   : text::counted(arriving, "user");
    const std::string bound = may_leave_out(all) ? "at most " + users + " (maxVusers)" : users;
    return all.held == 0 ? bound : bound + ", and " + with_thousands(all.held) + " at a time";
}

// "160 s", "at least 160 s", "no end".
std::string bounded(const std::string& text, Bound bound) {
    switch (bound) {
        case Bound::exact: return text;
        case Bound::at_least:
        case Bound::endless: return "at least " + text;
    }
    return text;
}

std::string session_length(double length_s, Bound bound) {
    return bound == Bound::endless ? "no end" : bounded(figure(length_s) + " s", bound);
}

std::string rate_text(const plan::PhaseEstimate& phase) {
    switch (phase.kind) {
        case PhaseKind::pause: return "-";
        case PhaseKind::hold: return "held";
        case PhaseKind::ramp: return format("{} to {}", figure(phase.from_per_s), figure(phase.to_per_s));
        case PhaseKind::count:
        case PhaseKind::constant: return figure(phase.from_per_s);
    }
    return "";
}

std::string phase_name(const plan::PhaseEstimate& phase, std::size_t index) {
    if (!phase.name.empty()) return phase.name;
    return phase.kind == PhaseKind::pause ? "pause" : format("phase {}", index + 1);
}

std::string phase_table(const plan::ScenarioEstimate& estimate) {
    std::string table = format("{:<28}{:>10}  {:<20}{:>14}\n", "phase", "duration", "users/s", "users");
    for (std::size_t i = 0; i < estimate.phases.size(); ++i) {
        const plan::PhaseEstimate& phase = estimate.phases[i];
        table += format("{:<28}{:>10}  {:<20}{:>14}\n", phase_name(phase, i),
                        figure(phase.duration_s) + " s", rate_text(phase), phase_users(estimate, phase));
    }
    return table;
}

std::string flow_table(const plan::ScenarioEstimate& estimate) {
    std::string table =
        format("{:<28}{:>10}  {:<20}{:>14}{:>10}\n", "scenario", "share", "session", "sent", "awaited");
    for (const plan::FlowEstimate& flow : estimate.flows) {
        table += format("{:<28}{:>10}  {:<20}{:>14}{:>10}\n", flow.name,
                        format("{:.1f} %", 100 * flow.share), session_length(flow.length_s, flow.bound),
                        (flow.calls > 0 ? "at least " : "") + figure(flow.messages_sent),
                        figure(flow.messages_awaited));
    }
    return table;
}

// Why a count of messages is no more than a bound.
struct Doubts {
    bool more = false;  // there may be more
    bool fewer = false;
    std::string why{};

    void add(std::string_view reason) {
        why += why.empty() ? "" : "; ";
        why += reason;
    }
};

Doubts of_a_user(const plan::ScenarioEstimate& all) {
    Doubts doubts{.more = all.bound != Bound::exact || all.calls_per_user > 0};
    if (all.calls_per_user > 0) doubts.add("what JavaScript sends is not known");
    return doubts;
}

Doubts of_all(const plan::ScenarioEstimate& all) {
    Doubts doubts = of_a_user(all);
    doubts.fewer = may_leave_out(all);
    if (all.held > 0) {
        doubts.more = true;
        doubts.add("who is held is followed by others");
    }
    if (doubts.fewer) doubts.add("maxVusers leaves users out");
    return doubts;
}

// "24", "at least 24 (what JavaScript sends is not known)", "at most 300 (maxVusers leaves users out)".
std::string messages_text(double messages, const Doubts& doubts) {
    std::string text = figure(messages);
    if (doubts.more && doubts.fewer) text = "some " + text;
    if (doubts.more && !doubts.fewer) text = "at least " + text;
    if (!doubts.more && doubts.fewer) text = "at most " + text;
    return doubts.why.empty() ? text : text + " (" + doubts.why + ")";
}

std::string row(std::string_view name, const std::string& value) {
    return format("{:<28}{}\n", name, value);
}

std::string size_text(std::uint64_t bytes) {
    const double mib = static_cast<double>(bytes) / static_cast<double>(kMiB);
    if (bytes < kMiB) return format("{} KiB", (bytes + kKiB - 1) / kKiB);
    return mib < 1024 ? format("{:.1f} MiB", mib) : format("{:.1f} GiB", mib / 1024);
}

}  // namespace

std::string plan_text(const plan::ScenarioEstimate& estimate, const PlanNotes& notes) {
    std::string text = format("{}: {} to {}\n\n", notes.file, all_users(estimate), joined(notes.targets));
    text += phase_table(estimate) + "\n" + flow_table(estimate) + "\n";
    if (estimate.users_spread > 0)
        text +=
            row("+-", "three standard deviations: who begins is drawn; --seed S says how many, exactly");
    text += row("arrivals", long_duration(estimate.arrivals_s));
    text += row("session, the shortest", session_length(estimate.session_s, estimate.bound));
    text += row("messages of a user", messages_text(estimate.messages_per_user, of_a_user(estimate)));
    text += row("messages of all", messages_text(estimate.messages_sent, of_all(estimate)));
    text += row("users at the same time",
                format("{} with sessions at their shortest; be ready for {}", with_thousands(estimate.peak),
                       with_thousands(estimate.peak_bound)));
    if (!notes.processor.empty()) {
        text +=
            row("processor", format("{}: {}", notes.processor,
                                    notes.functions.empty() ? "no functions" : joined(notes.functions)));
    }
    for (const std::string& warning : notes.warnings) text += "warning: " + warning + "\n";
    return text;
}

std::string needs_text(const plan::ScenarioEstimate& estimate, const PlanNotes& notes) {
    const std::uint64_t users = estimate.peak_bound;
    std::string text =
        format("{} at the same time {}\n", text::counted(users, "user"), users == 1 ? "needs" : "need");
    text += row("  connections",
                with_thousands(users) + ", direct descriptors of io_uring: no file of the process each");
    text += row("  source ports",
                text::counted(users, "pair") + " of local address and port for each address of the target");
    text += row("  memory", format("{}: a connection takes {}", size_text(users * notes.connection_bytes),
                                   notes.connection_text));
    return text;
}

}  // namespace wsblast::report
