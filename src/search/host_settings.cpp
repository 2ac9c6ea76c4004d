#include "search/host_settings.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "host/proc_files.hpp"
#include "text/format.hpp"

namespace wsblast::search {

namespace {

// A sysctl and its value.
struct Value {
    std::string key;
    std::string value;
};

constexpr std::string_view kHead =
    "# what wsblast doctor --apply found, for --undo (or 'sysctl -p' with this file)\n";

Error unwritable(const std::string& path, int error) {
    return environment_error(text::format("--state {}: {}; give it a path in a folder that is writable",
                                          path, std::strerror(error)));
}

std::vector<Value> parse_state(std::string_view text) {
    std::vector<Value> values;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        const std::size_t equals = line.find(" = ");
        if (line.starts_with("#") || equals == std::string_view::npos) continue;
        values.push_back({std::string(line.substr(0, equals)), std::string(line.substr(equals + 3))});
    }
    return values;
}

std::string state_text(const std::vector<Value>& values) {
    std::string text(kHead);
    for (const Value& one : values) text += text::format("{} = {}\n", one.key, one.value);
    return text;
}

// All of it is on the disk when this returns; errno otherwise.
int write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = write(descriptor, text.data(), text.size());
        if (written < 0 && errno != EINTR) return errno;
        if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
    }
    return fsync(descriptor) == 0 ? 0 : errno;
}

void sync_folder(const std::filesystem::path& folder) {
    const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return;
    fsync(descriptor);
    close(descriptor);
}

// In place of what is there, as a whole or not at all.
Result<void> write_state(const std::string& path, const std::vector<Value>& values) {
    const std::filesystem::path folder = std::filesystem::absolute(path).parent_path();
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    const std::string beside = path + ".new";
    const int descriptor = open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (descriptor < 0) return unwritable(path, errno);
    const int failed = write_all(descriptor, state_text(values));
    close(descriptor);
    if (failed != 0) return unwritable(path, failed);
    if (rename(beside.c_str(), path.c_str()) != 0) return unwritable(path, errno);
    sync_folder(folder);
    return {};
}

bool has(const std::vector<Value>& values, std::string_view key) {
    return std::any_of(values.begin(), values.end(), [=](const Value& one) { return one.key == key; });
}

// Writes one value and looks whether it holds.
Change set(const host::HostFiles& files, const Value& wanted) {
    Change change{wanted.key, host::read_sysctl(files, wanted.key).value_or(""), "", std::nullopt};
    change.after = change.before;
    if (change.before == wanted.value) return change;
    const auto written = host::write_sysctl(files, wanted.key, wanted.value);
    change.after = host::read_sysctl(files, wanted.key).value_or("");
    if (!written) {
        change.refused = written.error().what;
    } else if (change.after != wanted.value) {
        change.refused =
            text::format("{} = {}: the kernel took {}", wanted.key, wanted.value, change.after);
    }
    return change;
}

Result<std::vector<Value>> read_state(const std::string& path) {
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) return std::vector<Value>{};
    const auto text = host::read_file(path);
    if (!text) return unwritable(path, EACCES);
    return parse_state(*text);
}

}  // namespace

Result<std::vector<Change>> apply_settings(std::span<const stats::Setting> settings,
                                           const host::HostFiles& files, const std::string& state_path) {
    auto state = read_state(state_path);
    if (!state) return state.error();
    std::vector<Value> wanted;
    for (const stats::Setting& setting : settings) {
        if (setting.place != stats::SettingPlace::sysctl) continue;
        const auto before = host::read_sysctl(files, setting.key);
        if (before && !has(*state, setting.key)) state->push_back({setting.key, *before});
        wanted.push_back({setting.key, setting.value});
    }
    std::vector<Change> changes;
    if (wanted.empty()) return changes;
    if (const auto written = write_state(state_path, *state); !written) return written.error();
    for (const Value& one : wanted) changes.push_back(set(files, one));
    return changes;
}

Result<std::vector<Change>> undo_settings(const host::HostFiles& files, const std::string& state_path) {
    const auto state = read_state(state_path);
    if (!state) return state.error();
    if (state->empty()) {
        return environment_error(
            text::format("there is nothing to undo: no values are kept in {}", state_path));
    }
    std::vector<Change> changes;
    std::vector<Value> refused;
    for (auto value = state->rbegin(); value != state->rend(); ++value) {
        changes.push_back(set(files, *value));
        if (changes.back().refused) refused.insert(refused.begin(), *value);
    }
    if (!refused.empty()) {
        if (const auto written = write_state(state_path, refused); !written) return written.error();
        return changes;
    }
    if (unlink(state_path.c_str()) != 0) return unwritable(state_path, errno);
    return changes;
}

}  // namespace wsblast::search
