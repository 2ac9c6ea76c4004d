#include "app/fault_values.hpp"

#include <charconv>
#include <optional>
#include <utility>

#include "app/option_values.hpp"
#include "base/limits.hpp"
#include "text/format.hpp"

namespace wsblast::app {

namespace {

constexpr double kPercent = 0.01;
// Of shares that are added up: 33.3% + 33.3% + 33.4% are not more than 100%.
constexpr double kShareRounding = 1e-9;

// What stands before and behind the first `separator`; nothing when there is none.
std::optional<std::pair<std::string_view, std::string_view>> split(std::string_view text, char separator) {
    const std::size_t at = text.find(separator);
    if (at == std::string_view::npos) return std::nullopt;
    return std::pair{text.substr(0, at), text.substr(at + 1)};
}

Error no_delay(std::string_view text) {
    return usage_error(text::format(
        "'{}' is no law; write fixed:2ms, exp:5ms, uniform:1ms-3ms or bimodal:1ms,50ms,5%", text));
}

Result<plan::DelayPlan> parse_single(plan::DelayLaw law, std::string_view value) {
    const auto first_ns = parse_positive_duration(value);
    if (!first_ns) return first_ns.error();
    return plan::DelayPlan{.law = law, .first_ns = *first_ns};
}

Result<plan::DelayPlan> parse_uniform(std::string_view text, std::string_view values) {
    const auto parts = split(values, '-');
    if (!parts) return no_delay(text);
    const auto first_ns = parse_duration(parts->first);
    if (!first_ns) return first_ns.error();
    const auto second_ns = parse_duration(parts->second);
    if (!second_ns) return second_ns.error();
    if (*first_ns >= *second_ns) {
        return usage_error(text::format("'{}': the first must be shorter, as in uniform:1ms-3ms", text));
    }
    return plan::DelayPlan{plan::DelayLaw::uniform, *first_ns, *second_ns, 0};
}

Result<plan::DelayPlan> parse_bimodal(std::string_view text, std::string_view values) {
    const auto first = split(values, ',');
    const auto second = first ? split(first->second, ',') : std::nullopt;
    if (!second) return no_delay(text);
    const auto first_ns = parse_duration(first->first);
    if (!first_ns) return first_ns.error();
    const auto second_ns = parse_positive_duration(second->first);
    if (!second_ns) return second_ns.error();
    const auto share = parse_share(second->second);
    if (!share) return share.error();
    return plan::DelayPlan{plan::DelayLaw::bimodal, *first_ns, *second_ns, *share};
}

std::string share_text(double share) {
    return text::format("{:.10g}%", share / kPercent);
}

std::string delay_text(const plan::DelayPlan& delay) {
    const std::string first = to_duration_text(delay.first_ns);
    const std::string second = to_duration_text(delay.second_ns);
    switch (delay.law) {
        case plan::DelayLaw::none: break;
        case plan::DelayLaw::fixed: return "fixed:" + first;
        case plan::DelayLaw::exponential: return "exp:" + first;
        case plan::DelayLaw::uniform: return text::format("uniform:{}-{}", first, second);
        case plan::DelayLaw::bimodal:
            return text::format("bimodal:{},{},{}", first, second, share_text(delay.share));
    }
    return "none";
}

Result<void> check_sum(double sum, std::string_view options, std::string_view example) {
    if (sum <= 1 + kShareRounding) return {};
    return usage_error(
        text::format("{} {}; at most 100% are possible, as in {}", options, share_text(sum), example));
}

}  // namespace

Result<plan::DelayPlan> parse_delay(std::string_view text) {
    const auto parts = split(text, ':');
    if (!parts) return no_delay(text);
    const auto& [law, values] = *parts;
    if (law == "fixed") return parse_single(plan::DelayLaw::fixed, values);
    if (law == "exp") return parse_single(plan::DelayLaw::exponential, values);
    if (law == "uniform") return parse_uniform(text, values);
    if (law == "bimodal") return parse_bimodal(text, values);
    return no_delay(text);
}

Result<plan::StallPlan> parse_stall(std::string_view text) {
    const auto parts = split(text, '/');
    if (!parts) {
        return usage_error(
            text::format("'{}' is no stall; write its length and its period as 1s/10s", text));
    }
    const auto length_ns = parse_positive_duration(parts->first);
    if (!length_ns) return length_ns.error();
    const auto period_ns = parse_positive_duration(parts->second);
    if (!period_ns) return period_ns.error();
    if (*length_ns < *period_ns) return plan::StallPlan{*length_ns, *period_ns};
    return usage_error(text::format("'{}': a stall must be shorter than its period, as in 1s/10s", text));
}

Result<double> parse_share(std::string_view text) {
    const Error no_share =
        usage_error(text::format("'{}' is no share; write a percentage from 0% to 100%, as in 0.1%", text));
    const bool digit = !text.empty() && text.front() >= '0' && text.front() <= '9';
    if (!digit || !text.ends_with('%')) return no_share;
    double percentage = 0;
    const char* const end = text.data() + text.size() - 1;
    const auto [rest, error] = std::from_chars(text.data(), end, percentage, std::chars_format::fixed);
    if (error != std::errc{} || rest != end || percentage > 100) return no_share;
    return percentage * kPercent;
}

Result<plan::Rejection> parse_rejection(std::string_view text) {
    constexpr std::uint64_t kFirstStatus = 300;
    constexpr std::uint64_t kLastStatus = 599;
    const auto parts = split(text, ':');
    const auto status = parts ? parse_seed(parts->first) : Result<std::uint64_t>(0);  // digits only
    if (!status || *status < kFirstStatus || *status > kLastStatus) {
        return usage_error(
            text::format("'{}' is no rejection; write a status from {} to {} and a share, as in 503:1%",
                         text, kFirstStatus, kLastStatus));
    }
    const auto share = parse_share(parts->second);
    if (!share) return share.error();
    return plan::Rejection{static_cast<std::uint16_t>(*status), *share};
}

Result<void> set_close_after(std::string_view text, plan::FaultPlan& faults) {
    if (const auto answers = parse_count(text); answers && *answers > 0) {
        faults.close_after_answers = *answers;
        return {};
    }
    if (const auto open_ns = parse_duration(text); open_ns && *open_ns > 0) {
        faults.close_after_ns = *open_ns;
        return {};
    }
    return usage_error(
        text::format("'{}' is neither a number of answers, as in 1000, nor a time, as in 5s", text));
}

Result<double> parse_push_rate(std::string_view text) {
    const auto rate = parse_rate(text);
    if (!rate || *rate <= static_cast<double>(limits::kPushesPerSecondMax)) return rate;
    return usage_error(
        text::format("'{}' is more than the {} messages/s to each connection that are possible", text,
                     with_thousands(limits::kPushesPerSecondMax)));
}

Result<double> parse_accept_rate(std::string_view text) {
    const auto rate = parse_rate(text);
    if (!rate || *rate <= limits::kAcceptsPerSecondMax) return rate;
    return usage_error(
        text::format("'{}' is more than the {} connections/s that can be held to; leave the option out",
                     text, with_thousands(static_cast<std::uint64_t>(limits::kAcceptsPerSecondMax))));
}

Result<plan::BurnPlan> parse_burn(std::string_view text) {
    const auto parts = split(text, ':');
    if (!parts) {
        return usage_error(text::format(
            "'{}': write a CPU time and the rate from which on it is burnt, as in 30us:5k", text));
    }
    const auto cpu_ns = parse_positive_duration(parts->first);
    if (!cpu_ns) return cpu_ns.error();
    if (*cpu_ns > limits::kBurnMaxNs) {
        return usage_error(text::format("'{}': at most {} are burnt for an answer", text,
                                        to_duration_text(limits::kBurnMaxNs)));
    }
    const auto rate = parse_rate(parts->second);
    if (!rate) return rate.error();
    return plan::BurnPlan{*cpu_ns, *rate};
}

Result<void> check_service(const plan::ServeOptions& options, Servers servers) {
    if (options.faults.service.any() && options.cores > 1) {
        return usage_error(
            text::format("--cores {} and --service-time exclude each other: one queue for all connections "
                         "is computed by "
                         "one thread; leave --cores out, and give the queue --servers {}",
                         options.cores, options.cores));
    }
    if (!options.faults.service.any() && servers == Servers::given) {
        return usage_error(
            "--servers needs --service-time, as in --service-time fixed:100us; threads are --cores");
    }
    return {};
}

Result<void> check_shares(const plan::FaultPlan& faults) {
    const Result<void> answers =
        check_sum(faults.drop + faults.duplicate + faults.reorder,
                  "--drop, --duplicate and --reorder add up to", "--drop 50% --duplicate 50%");
    if (!answers) return answers;
    double rejected = 0;
    for (const plan::Rejection& rejection : faults.rejections) rejected += rejection.share;
    return check_sum(rejected, "all --reject add up to", "--reject 503:50% --reject 429:50%");
}

std::string to_options_text(const plan::FaultPlan& faults) {
    std::string list;
    const auto add = [&list](std::string_view option, const std::string& value) {
        list += text::format("--{} {} ", option, value);
    };
    const auto add_share = [&add](std::string_view option, double share) {
        if (share > 0) add(option, share_text(share));
    };
    if (faults.service.any()) {
        add("service-time", delay_text(faults.service.time));
        add("servers", std::to_string(faults.service.servers));
    }
    if (faults.burn.cpu_ns > 0) {
        add("burn",
            text::format("{}:{:.10g}", to_duration_text(faults.burn.cpu_ns), faults.burn.above_per_s));
    }
    if (faults.accepts_per_s > 0) add("accept-rate", text::format("{:.10g}", faults.accepts_per_s));
    if (faults.delay.law != plan::DelayLaw::none) add("delay", delay_text(faults.delay));
    if (faults.stall.period_ns > 0) {
        add("stall",
            to_duration_text(faults.stall.length_ns) + "/" + to_duration_text(faults.stall.period_ns));
    }
    add_share("drop", faults.drop);
    add_share("duplicate", faults.duplicate);
    add_share("reorder", faults.reorder);
    for (const plan::Rejection& rejection : faults.rejections) {
        add("reject", text::format("{}:{}", rejection.status, share_text(rejection.share)));
    }
    if (faults.close_after_answers) add("close-after", std::to_string(*faults.close_after_answers));
    if (faults.close_after_ns > 0) add("close-after", to_duration_text(faults.close_after_ns));
    if (faults.pushes_per_s > 0) add("push-rate", text::format("{:.10g}", faults.pushes_per_s));
    return list + text::format("--seed {}", faults.seed);
}

}  // namespace wsblast::app
