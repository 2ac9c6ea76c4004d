#include "watch/profile.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <utility>

#include "base/ascii.hpp"
#include "text/format.hpp"

namespace wsblast::watch {

namespace {

constexpr std::string_view kUnknown = "[unknown]";

bool is_hexadecimal(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// Addresses of the upper half are the kernel's.
bool is_kernel(std::string_view address) {
    constexpr std::size_t kDigits = 16;
    return address.size() == kDigits && address.front() >= '8';
}

// "7f12 epoll_wait+0x4 (/lib/libc.so.6)": names hold blanks and brackets, so both ends are cut off. Empty
// for a line that is no frame.
std::string function_of(std::string_view line) {
    const std::string_view address = line.substr(0, line.find(' '));
    const std::size_t bracket = line.rfind(" (");
    if (!is_hexadecimal(address) || bracket == std::string_view::npos || !line.ends_with(')')) return {};
    if (bracket < address.size() + 1) return {};
    std::string name(trim(line.substr(address.size(), bracket - address.size())));
    std::string_view object = line.substr(bracket + 2);
    object.remove_suffix(1);
    if (name.empty() || name == kUnknown) {
        object.remove_prefix(object.rfind('/') + 1);
        name = object.starts_with('[') ? std::string(object) : text::format("[{}]", object);
    } else if (is_kernel(address)) {
        name.insert(0, "[k] ");
    }
    std::replace(name.begin(), name.end(), ';', ':');  // which divides frames
    return name;
}

double share_of(const std::vector<FunctionShare>& functions, std::string_view name) {
    const auto found = std::find_if(functions.begin(), functions.end(),
                                    [&](const FunctionShare& share) { return share.function == name; });
    return found == functions.end() ? 0 : found->self;
}

// The variance of a share that was counted in so many samples.
double variance(double share, std::uint64_t samples) {
    return share * (1 - share) / static_cast<double>(samples);
}

}  // namespace

void PerfScriptReader::add_line(std::string_view line) {
    if (trim(line).empty()) return end_sample();
    if (line.front() == ' ' || line.front() == '\t') {
        if (thread_name_.empty()) return;
        if (std::string function = function_of(trim(line)); !function.empty())
            frames_.push_back(std::move(function));
        return;
    }
    end_sample();
    const std::string_view head = trim(line);
    const std::size_t blank = head.find_last_of(" \t");
    if (blank == std::string_view::npos) return;
    const std::string_view tid = head.substr(blank + 1);
    if (tid.find_first_not_of("0123456789") != std::string_view::npos) return;
    thread_name_ = trim(head.substr(0, blank));
    std::replace(thread_name_.begin(), thread_name_.end(), ';', ':');
}

void PerfScriptReader::end_sample() {
    if (!thread_name_.empty() && !frames_.empty()) {
        std::string stack = thread_name_;
        for (auto frame = frames_.rbegin(); frame != frames_.rend(); ++frame) stack += ";" + *frame;
        ++profile_.folded[stack];
        ++self_[frames_.front()];
        ++profile_.samples;
    }
    thread_name_.clear();
    frames_.clear();
}

Profile PerfScriptReader::finish() {
    end_sample();
    for (const auto& [function, count] : self_) {
        profile_.functions.push_back(
            {function, static_cast<double>(count) / static_cast<double>(profile_.samples)});
    }
    std::stable_sort(profile_.functions.begin(), profile_.functions.end(),
                     [](const FunctionShare& a, const FunctionShare& b) { return a.self > b.self; });
    return std::move(profile_);
}

Result<void> write_folded(const Profile& profile, const std::string& path) {
    std::ofstream file(path);
    for (const auto& [stack, count] : profile.folded) file << stack << ' ' << count << '\n';
    file.close();
    if (!file)
        return environment_error(text::format("cannot write {}; name a folder that can be written", path));
    return {};
}

std::vector<Growth> compare(const Profile& low, const Profile& high, std::size_t count_max) {
    constexpr double kStandardErrors = 2;
    std::vector<Growth> growths;
    if (low.samples == 0 || high.samples == 0) return growths;
    for (const FunctionShare& share : high.functions) {
        const Growth growth{share.function, share_of(low.functions, share.function), share.self};
        const double chance =
            std::sqrt(variance(growth.low, low.samples) + variance(growth.high, high.samples));
        if (growth.by() > kStandardErrors * chance) growths.push_back(growth);
    }
    std::stable_sort(growths.begin(), growths.end(),
                     [](const Growth& a, const Growth& b) { return a.by() > b.by(); });
    if (growths.size() > count_max) growths.resize(count_max);
    return growths;
}

}  // namespace wsblast::watch
