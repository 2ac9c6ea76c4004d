#include "host/process_limits.hpp"

#include <algorithm>
#include <charconv>
#include <string>

#include "host/proc_files.hpp"

namespace wsblast::host {

namespace {

// The next word of the text, which is taken from it.
std::optional<std::uint64_t> limit_value(std::string_view word) {
    return word == "unlimited" ? kUnlimited : leading_number(word);
}

}  // namespace

ProcessLimits read_process_limits(const HostFiles& files) {
    const std::string limits = files.text("/proc/self/limits").value_or("");
    return {.open_files = parse_process_limit(limits, "Max open files"),
            .locked_memory_bytes = parse_process_limit(limits, "Max locked memory"),
            .address_space_bytes = parse_process_limit(limits, "Max address space"),
            .capabilities = parse_capabilities(files.text("/proc/self/status").value_or(""))};
}

std::optional<ProcessLimit> parse_process_limit(std::string_view text, std::string_view name) {
    auto line = line_after(text, name);
    if (!line) return std::nullopt;
    const auto soft = limit_value(take_word(*line));
    const auto hard = limit_value(take_word(*line));
    if (!soft || !hard) return std::nullopt;
    return ProcessLimit{*soft, *hard};
}

std::uint64_t parse_capabilities(std::string_view status) {
    auto line = line_after(status, "CapEff:");
    if (!line) return 0;
    const std::string_view word = take_word(*line);
    std::uint64_t bits = 0;
    std::from_chars(word.data(), word.data() + word.size(), bits, 16);
    return bits;
}

}  // namespace wsblast::host
