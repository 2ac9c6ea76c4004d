#include "script/files.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "base/ascii.hpp"
#include "base/limits.hpp"
#include "json/tree.hpp"
#include "script/errors.hpp"
#include "text/format.hpp"
#include "yaml/document.hpp"

namespace wsblast::script {

namespace fs = std::filesystem;

namespace {

// With those that JavaScript's trim() knows besides.
std::string_view trim_all(std::string_view text) {
    return trim(text, " \t\r\n\v\f");
}

std::string ending_of(const std::string& path) {
    std::string ending = fs::path(path).extension().string();
    for (char& c : ending) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    return ending;
}

bool is_name(std::string_view text) {
    constexpr std::string_view kAllowed =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    return !text.empty() && text.find_first_not_of(kAllowed) == std::string_view::npos;
}

// The text of a value in double quotes: \n is a line break, \r a return.
std::string unescape(std::string_view text) {
    std::string value;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool escape = text[i] == '\\' && i + 1 < text.size();
        if (escape && text[i + 1] == 'n') {
            value += '\n';
            ++i;
        } else if (escape && text[i + 1] == 'r') {
            value += '\r';
            ++i;
        } else {
            value += text[i];
        }
    }
    return value;
}

class DotenvReader {
  public:
    explicit DotenvReader(std::string_view text) : rest_(text) {}

    [[nodiscard]] bool at_end() const { return rest_.empty(); }
    [[nodiscard]] std::uint32_t line() const { return line_; }

    // False: the line is no NAME=VALUE. An empty name: nothing stands on the line.
    [[nodiscard]] bool read(std::string& name, std::string& value) {
        name.clear();
        value.clear();
        const std::size_t line_end = std::min(rest_.find('\n'), rest_.size());
        const std::string_view line = trim_all(rest_.substr(0, line_end));
        if (line.empty() || line.front() == '#') return skip(line_end), true;
        const std::size_t equals = rest_.find('=');
        if (equals >= line_end) return false;
        std::string_view words = trim_all(rest_.substr(0, equals));
        if (words.starts_with("export ")) words = trim_all(words.substr(7));
        if (!is_name(words)) return false;
        name = words;
        rest_.remove_prefix(equals + 1);
        return read_value(value);
    }

  private:
    void skip(std::size_t bytes) {
        for (const char c : rest_.substr(0, bytes)) line_ += c == '\n' ? 1 : 0;
        rest_.remove_prefix(bytes);
        if (!rest_.empty() && rest_.front() == '\n') {
            rest_.remove_prefix(1);
            ++line_;
        }
    }

    [[nodiscard]] bool read_value(std::string& value) {
        const std::size_t line_end = std::min(rest_.find('\n'), rest_.size());
        const std::size_t begin = std::min(rest_.find_first_not_of(" \t"), rest_.size());
        const char quote = begin < line_end ? rest_[begin] : '\0';
        if (quote == '"' || quote == '\'' || quote == '`') {
            const std::size_t end = rest_.find(quote, begin + 1);
            if (end == std::string_view::npos) return false;
            const std::string_view inner = rest_.substr(begin + 1, end - begin - 1);
            value = quote == '"' ? unescape(inner) : std::string(inner);
            skip(std::min(rest_.find('\n', end), rest_.size()));
            return true;
        }
        std::string_view plain = rest_.substr(0, line_end);
        value = trim_all(plain.substr(0, plain.find('#')));
        skip(line_end);
        return true;
    }

    std::string_view rest_;
    std::uint32_t line_ = 1;
};

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t bytes_max) {
    std::error_code fault;
    const fs::file_status status = fs::status(path, fault);
    if (fs::is_directory(status)) return usage_error(text::format("'{}' is a folder, not a file", path));
    // A pipe or a device might never end.
    if (fs::exists(status) && !fs::is_regular_file(status) && !fs::is_fifo(status))
        return usage_error(text::format("'{}' is no regular file", path));
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (!file) return usage_error(text::format("'{}' cannot be read: {}", path, std::strerror(errno)));
    std::string content;
    std::array<char, 64 * kKiB> piece;
    while (file && content.size() <= bytes_max) {
        file.read(piece.data(), piece.size());
        content.append(piece.data(), static_cast<std::size_t>(file.gcount()));
    }
    if (file.bad()) return usage_error(text::format("'{}' cannot be read: {}", path, std::strerror(errno)));
    if (content.size() <= bytes_max) return content;
    return usage_error(
        text::format("'{}' is longer than the {} MiB that are allowed", path, bytes_max / kMiB));
}

std::string beside(const std::string& script, const std::string& path) {
    if (path.empty() || fs::path(path).is_absolute()) return path;
    return (fs::path(script).parent_path() / path).lexically_normal().string();
}

Result<Node> read_script_file(const std::string& path) {
    const std::string ending = ending_of(path);
    if (ending == ".js" || ending == ".ts")
        return usage_error(path +
                           ": a script that is a program cannot be read; "
                           "write what it exports to a .yml or .json file");
    if (ending != ".yml" && ending != ".yaml" && ending != ".json")
        return usage_error(path + ": a script's name must end with .yml, .yaml or .json");
    const auto content = read_file(path, limits::kScriptBytesMax);
    if (!content) return content.error();
    const auto name = std::make_shared<const std::string>(path);
    Result<Node> tree = ending == ".json" ? json::read_tree(*content, name) : yaml::read(*content, name);
    if (!tree || tree->is_map()) return tree;
    return error_at({name, tree->place.line}, {}, not_a("a map with config and scenarios", *tree));
}

Result<Node> read_option_json(std::string_view option, std::string_view text) {
    const auto name = std::make_shared<const std::string>(option);
    if (text.size() > limits::kScriptBytesMax) return error_at({name, 0}, {}, "is too long");
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos || (text[first] != '{' && text[first] != '['))
        return error_at({name, 0}, {}, "must be a JSON object, {...}");
    Result<Node> tree = json::read_tree(text, name, json::Lines::none);
    if (!tree || tree->is_map()) return tree;
    return error_at({name, 0}, {}, not_a("a JSON object, {...}", *tree));
}

Result<Variables> read_dotenv(const std::string& path) {
    const auto content = read_file(path, limits::kScriptBytesMax);
    if (!content) return content.error();
    Variables variables;
    DotenvReader reader(*content);
    std::string name;
    std::string value;
    while (!reader.at_end()) {
        const std::uint32_t line = reader.line();
        if (!reader.read(name, value))
            return usage_error(
                text::format("{}:{}: must be NAME=VALUE, with its quotes closed", path, line));
        if (!name.empty()) variables[name] = value;
    }
    return variables;
}

Result<Variables> read_environment(const std::string& dotenv_path) {
    if (!dotenv_path.empty()) {
        auto file = read_dotenv(dotenv_path);
        if (!file) return file.error();
        // For JavaScript's process.env, too. What is set already wins.
        for (const auto& [name, value] : *file) ::setenv(name.c_str(), value.c_str(), 0);
    }
    Variables variables;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const std::size_t equals = text.find('=');
        if (equals == std::string_view::npos) continue;
        variables.insert_or_assign(std::string(text.substr(0, equals)),
                                   std::string(text.substr(equals + 1)));
    }
    return variables;
}

}  // namespace wsblast::script
