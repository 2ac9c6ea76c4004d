#include "report/text_sections.hpp"

#include <cmath>
#include <optional>
#include <string_view>

#include "base/units.hpp"
#include "report/text_values.hpp"
#include "text/format.hpp"

namespace wsblast::report {

namespace {

using stats::Summary;
using text::format;

std::string coloured(stats::VerdictStatus status, Colour colour) {
    const std::string_view word = stats::to_text(status);
    if (colour == Colour::off) return std::string(word);
    std::string_view code;
    switch (status) {
        case stats::VerdictStatus::healthy: code = "32"; break;
        case stats::VerdictStatus::warning: code = "33"; break;
        case stats::VerdictStatus::critical: code = "31"; break;
    }
    return format("\033[{}m{}\033[0m", code, word);
}

std::string value_text(const stats::Check& check) {
    if (!check.value) return "n/a";
    const std::string_view space = check.unit == "/s" ? "" : " ";
    return format("{:.2f}{}{}", *check.value, space, check.unit);
}

std::string core_text(const stats::CoreUse& core) {
    std::string shown = format("cpu {} {:.0f} %", core.cpu, 100 * core.busy);
    if (core.waiting) shown += format(" (waiting for it {:.0f} %)", 100 * *core.waiting);
    return shown;
}

// "P50 0.12ms, P99 0.34ms, max 1.20ms".
std::string spread_text(const std::optional<Summary>& summary) {
    return format("P50 {}, P99 {}, max {}", ms(summary, &Summary::p50), ms(summary, &Summary::p99),
                  ms(summary, &Summary::max));
}

// Why the two truths differ, where they differ by much.
std::string difference_text(const stats::RunResult& result) {
    constexpr double kFactor = 1.5;
    constexpr TimeNs kLeastNs = 1 * kMillisecond;
    if (!result.latency || !result.service_time) return "";
    const TimeNs latency = result.latency->p99;
    const TimeNs service = result.service_time->p99;
    const bool much = latency > service + kLeastNs &&
                      static_cast<double>(latency) > kFactor * static_cast<double>(service);
    if (!much) return "";
    constexpr std::uint64_t kShare = 200;  // half of those beyond the p99
    const std::uint64_t waited = result.totals.blocked_lag.count();
    const bool generator_was_late = result.generator.status == stats::GeneratorStatus::saturated;
    if (waited > result.counters.sent / kShare && !generator_was_late) {
        return format(
            "  Latency is far above service time: {} of {} messages found no free place, or no room, when\n"
            "  their turn came, and waited for the target; the service time alone does not show that "
            "wait.\n",
            waited, result.counters.sent);
    }
    return "  Latency is far above service time: messages left after they were due, because the generator\n"
           "  came late (see Generator); the service time alone does not show that wait.\n";
}

// RFC 6455 7.4.1, as far as a server's codes need words.
std::string_view close_meaning(std::uint16_t code) {
    if (code == 1000) return "a normal end";
    if (code == 1001) return "going away";
    if (code == 1005) return "a close frame without a code";
    if (code == 1006) return "no close frame, only the end of TCP";
    if (code == 1011) return "an error in the server";
    if (code == 1013) return "try again later";
    return "its close code";
}

std::string_view phase_words(stats::ClosePhase phase) {
    switch (phase) {
        case stats::ClosePhase::setup: return "before the first message";
        case stats::ClosePhase::open: return "in the run";
        case stats::ClosePhase::hold: return "while held";
    }
    return "";
}

}  // namespace

std::string targets_section(const stats::Verdict& verdict, Colour colour) {
    if (!verdict.status) return "\nVerdict: none, no connection succeeded\n";
    std::string table = "\nPerformance targets:\n";
    for (const stats::Check& check : verdict.checks) {
        const std::string judged =
            check.status ? coloured(*check.status, colour) : format("not counted: {}", check.why_not);
        table += format("  {:<24}{:>14}   target {:<9}   {}\n", check.label, value_text(check),
                        check.target, judged);
    }
    return table + format("Verdict: {}\n", coloured(*verdict.status, colour));
}

std::string slo_section(const stats::RunResult& result) {
    if (result.slos.empty()) return "";
    std::string shown = "\nChecks:\n";
    for (const stats::SloResult& slo : result.slos) {
        std::string value = "no samples";
        if (slo.value) value = stats::value_text(slo.rule, *slo.value);
        if (slo.worst_at_s) value += format(", the worst window at {:.0f} s", *slo.worst_at_s);
        shown += format("  {:<24} {:<5} {}\n", slo.rule.text, stats::to_text(slo.status), value);
    }
    if (result.aborted) shown += format("  The run was ended early: {}\n", *result.aborted);
    return shown;
}

std::string generator_section(const stats::GeneratorHealth& generator) {
    std::string shown = format("\nGenerator: {}", stats::to_text(generator.status));
    for (std::size_t i = 0; i < generator.reasons.size(); ++i)
        shown += (i == 0 ? ": " : "; ") + generator.reasons[i];
    shown += "\n";
    std::string cores;
    for (const stats::CoreUse& core : generator.cores)
        cores += (cores.empty() ? "" : ", ") + core_text(core);
    if (!cores.empty()) shown += format("  Cores busy: {}\n", cores);
    shown += format("  Send lag P99: {} (of messages that were not blocked: {})\n",
                    ms(generator.send_lag, &Summary::p99), ms(generator.own_lag, &Summary::p99));
    shown += format("  Loop lag P99: {}\n", ms(generator.loop_lag, &Summary::p99));
    shown += format("  Longest batch wait: {}\n", ms(static_cast<double>(generator.wait_max_ns)));
    if (generator.cq_overflow > 0)
        shown += format("  Completion queue overflows: {}\n", generator.cq_overflow);
    if (generator.buffers_exhausted > 0)
        shown += format("  Receive buffers exhausted: {} times\n", generator.buffers_exhausted);
    if (generator.steal && *generator.steal > 0.001)
        shown += format("  CPU time stolen by the hypervisor: {:.1f} %\n", 100 * *generator.steal);
    shown += format("  CPU: {:.2f}s user, {:.2f}s system, {} times preempted\n", generator.cpu_user_s,
                    generator.cpu_system_s, generator.involuntary_switches);
    constexpr double kBytesPerMiB = kMiB;
    return shown +
           format("  Memory: {:.1f} MiB\n", static_cast<double>(generator.rss_bytes) / kBytesPerMiB);
}

std::string latency_section(const stats::RunResult& result) {
    if (!result.latency) return "";
    std::string shown = "\nLatency, the slow end:\n";
    shown += format("  P99.9: {}\n", ms(result.latency, &Summary::p99_9));
    shown += format("  Max: {}\n", ms(result.latency, &Summary::max));
    shown += format("Service time (without the wait to be sent):\n");
    shown += format("  P50: {}\n", ms(result.service_time, &Summary::p50));
    shown += format("  P99: {}\n", ms(result.service_time, &Summary::p99));
    shown += format("  Max: {}\n", ms(result.service_time, &Summary::max));
    shown += difference_text(result);
    if (result.stamps) {
        shown += format("Kernel timestamps: answers reached user space later by {}\n",
                        spread_text(result.stamps->receive_delay));
        shown += format("  {} answers shared a receive with a later one and keep the time of user space\n",
                        result.stamps->shared);
    }
    return shown;
}

std::string warm_up_section(const std::optional<stats::WarmUp>& warm_up) {
    if (!warm_up) return "";
    return format(
        "\nWarm-up: the first {:g} s are in none of these figures ({} sent, {} received, {} lost)\n",
        warm_up->duration_s, warm_up->sent, warm_up->received, warm_up->lost);
}

std::string fan_out_section(const std::optional<stats::FanOut>& fan_out) {
    if (!fan_out) return "";
    std::string reach = "n/a";
    if (fan_out->expected > 0) {
        reach = format("{:.4f}%", 100.0 * static_cast<double>(fan_out->delivered) /
                                      static_cast<double>(fan_out->expected));
    }
    std::string shown = format("\nFan-out to {} listeners:\n", fan_out->listeners);
    shown += format("  Published: {}, expected deliveries: {}, delivered: {}, reach: {}\n",
                    fan_out->published, fan_out->expected, fan_out->delivered, reach);
    shown += format("  Duplicates: {}, out of order: {}, messages that did not come to all: {}\n",
                    fan_out->duplicates, fan_out->out_of_order, fan_out->incomplete);
    shown += format("  One-way latency: {}\n", spread_text(fan_out->latency));
    if (fan_out->untimed > 0) {
        shown += format(
            "  {} deliveries are not in it: so much was under way that their due times were\n"
            "  forgotten; offer less\n",
            fan_out->untimed);
    }
    return shown + format("  First to last delivery of a message: {}\n", spread_text(fan_out->spread));
}

// "  Subprotocols: chat 998, none 2".
std::string subprotocols_line(const std::vector<stats::SubprotocolCount>& counts) {
    std::string shown;
    for (const stats::SubprotocolCount& one : counts) {
        shown += format("{}{} {}", shown.empty() ? "" : ", ", one.name.empty() ? "none" : one.name,
                        with_thousands(one.count));
    }
    return shown.empty() ? "" : "  Subprotocols: " + shown + "\n";
}

std::string connection_section(const stats::RunResult& result) {
    std::string shown;
    const auto line = [&shown](std::string_view label, const std::optional<Summary>& summary) {
        if (summary) shown += format("  {:<12} {}\n", label, spread_text(summary));
    };
    line("Name lookup:", result.connect.name_lookup);
    line("TCP:", result.connect.tcp);
    line("Proxy:", result.connect.proxy);
    line("TLS:", result.connect.tls);
    line("Upgrade:", result.connect.upgrade);
    line("Total:", result.connect.total);
    if (result.subprotocols) shown += subprotocols_line(*result.subprotocols);
    if (result.tcp) {
        shown += format(
            "  TCP's own view of {} of them: {} segments sent again, {} of them SYNs, round trip {}\n",
            result.tcp->sampled, result.tcp->retransmits, result.tcp->syn_retransmits,
            spread_text(result.tcp->rtt));
    }
    return shown.empty() ? "" : "\nConnecting:\n" + shown;
}

std::string ramp_section(const std::optional<stats::Ramp>& ramp) {
    if (!ramp) return "";
    std::string shown = format("\nRamp: {:.0f} connections/s\n", ramp->connections_per_s);
    if (!ramp->cpu_us_first || !ramp->cpu_us_last) return shown;
    return shown + format("  CPU a connection: {:.1f}us in the first {}, {:.1f}us in the last\n",
                          *ramp->cpu_us_first, ramp->window, *ramp->cpu_us_last);
}

std::string leftovers_section(const stats::RunResult& result) {
    const stats::CounterValues& counters = result.counters;
    std::string shown;
    const auto add = [&shown](std::string_view label, std::uint64_t count, std::string_view meaning) {
        if (count > 0) shown += format("  {}: {} ({})\n", label, count, meaning);
    };
    add("Unsent", counters.unsent,
        format("of {} due: their connection was lost, or the time was over", counters.due));
    add("Blocked", counters.blocked, "no free place or no room when their turn came");
    if (result.workload.match == "none") {
        add("Not awaited", stats::in_flight(counters), "sent, and whatever comes answers none of them");
    } else {
        add("In flight", stats::in_flight(counters), "sent, and neither answered nor lost");
    }
    add("Censored", counters.censored, "lost at their timeout, and in the latencies with that time");
    add("Late", counters.late, "answers after their timeout; the messages count as lost");
    add("Duplicates", counters.duplicates, "answers to messages that were answered before");
    add("Out of order", counters.out_of_order, "answers after that to a later message");
    add("Unexpected", counters.unexpected, "messages of the server that answer nothing");
    add("Redirects", counters.redirects, "followed before the upgrade");
    for (const auto& [key, count] : result.closes) {
        const stats::CloseKey close = stats::CloseKey::unpack(key);
        if (close.by == stats::CloseBy::us && close.code == 1000) continue;
        const std::string_view who = close.by == stats::CloseBy::peer ? "the server" : "us";
        // 1005 and 1006 were on no wire (RFC 6455 7.4.1): their meaning says what was.
        const bool sent = close.code != 1005 && close.code != 1006;
        add(format("Closed by {}{}, {}", who, sent ? format(" with {}", close.code) : std::string(),
                   phase_words(close.phase)),
            count, close_meaning(close.code));
    }
    return shown.empty() ? "" : "\nBesides:\n" + shown;
}

std::string proxy_section(const std::vector<stats::ProxyAnswer>& answers) {
    if (answers.empty()) return "";
    std::string shown = "\nRefused by the proxy:\n";
    for (const stats::ProxyAnswer& answer : answers)
        shown += format("  {}: {}\n", answer.what, answer.count);
    return shown;
}

std::string refusals_section(const std::vector<stats::Excerpt>& excerpts) {
    if (excerpts.empty()) return "";
    std::string shown = "\nRefused upgrades, the first words of each kind:\n";
    for (const stats::Excerpt& excerpt : excerpts) {
        const std::string kind = excerpt.status == 0 ? "not HTTP" : format("HTTP {}", excerpt.status);
        shown += format("  {}: {}\n", kind, printable(excerpt.text));
    }
    return shown;
}

std::string warnings_section(const std::vector<std::string>& warnings) {
    std::string shown = warnings.empty() ? "" : "\n";
    for (const std::string& warning : warnings) shown += format("Warning: {}\n", warning);
    return shown;
}

}  // namespace wsblast::report
