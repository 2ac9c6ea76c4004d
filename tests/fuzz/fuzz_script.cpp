// Any text as a scenario file, with its overrides, its variables and its CSV data: it is loaded, or refused
// with a sentence; and nothing stays open.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <unistd.h>

#include "script/script.hpp"
#include "tests/fuzz/fuzz_entry.hpp"

namespace {

using namespace wsblast;

constexpr std::string_view kSeparator = "\n%%\n";

// The script, --overrides, -v and data.csv; what is left out is empty.
std::vector<std::string> parts_of(std::string_view text) {
    std::vector<std::string> parts;
    while (parts.size() < 4) {
        const std::size_t end = std::min(text.find(kSeparator), text.size());
        parts.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + kSeparator.size(), text.size()));
    }
    return parts;
}

int lowest_free() {
    const int file = dup(STDERR_FILENO);
    close(file);
    return file;
}

// Removed at the end of the process.
class Folder {
  public:
    Folder() {
        path_ = (std::filesystem::temp_directory_path() / "wsblast-fuzz-XXXXXX").string();
        fuzz::require(mkdtemp(path_.data()) != nullptr, "a folder of its own");
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] std::string write(const std::string& name, const std::string& text) const {
        const std::string path = path_ + "/" + name;
        std::ofstream(path, std::ios::binary) << text;
        return path;
    }

  private:
    std::string path_;
};

}  // namespace

std::span<const std::string> wsblast::fuzz::samples() {
    static const std::vector<std::string> all{
        "config:\n  target: ws://a\n  phases:\n    - {duration: 5m, arrivalRate: 1, rampTo: 9}\n"
        "    - {pause: 1}\n    - {duration: 1, arrivalCount: 3, maxVusers: 2, mode: poisson}\n"
        "scenarios:\n  - weight: 2\n    flow:\n      - connect: '{{ target }}/ws'\n      - think: 1\n"
        "      - send: {payload: 'x{{ n }}', capture: {json: $.id, as: id}, match: {json: $.t, value: 1}}\n"
        "      - loop: [{send: '{{ $loopCount }}'}]\n        count: 3\n"
        "\n%%\n{\"config\": {\"phases\": [{\"duration\": 1, \"arrivalRate\": 2}]}}\n%%\n{\"n\": [1, 2]}",
        "{\"config\": {\"target\": \"wss://a/{{ $randomString(3) }}\", \"ws\": {\"subprotocols\": [\"x\"], "
        "\"headers\": {\"A\": \"{{ $env.HOME }}\"}, \"perMessageDeflate\": true, \"timeout\": 3}},\n"
        "\"scenarios\": [{\"flow\": [{\"send\": {\"a\": [1, null, \"{{ b }}\"]}}]}]}",
        "config:\n  target: ws://a\n  payload: {path: data.csv, fields: [a, b], order: sequence, options: "
        "{quote: \"'\", comment: '#'}}\n  ensure: {thresholds: [{vusers.failed: 1}], conditions: "
        "[{expression: 'a.b > 1 and c < 2', strict: false}], maxErrorRate: 1}\n  variables: &v {x: [1, 2], "
        "y: *v}\nbefore: {flow: [{log: hi}]}\nscenarios: [{flow: [{log: '{{ a }}'}]}]"
        "\n%%\n\n%%\n\n%%\na,1\n'b,c',2\n# x\n",
        "a: &a [x, x]\nb: &b [*a, *a]\nconfig: {<<: [*b], defaults: {think: {jitter: 20%}}, timeout: 1}",
    };
    return all;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Folder folder;
    static const int free_before = lowest_free();
    const std::vector<std::string> parts = parts_of(as_text({data, size}));
    (void)folder.write("data.csv", parts[3]);
    script::ScriptOptions options;
    options.file = folder.write(parts[0].starts_with('{') ? "s.json" : "s.yml", parts[0]);
    options.overrides_json = parts[1];
    options.variables_json = parts[2];
    options.seed = 1;
    const auto script = script::load(options);
    if (!script) fuzz::require(!script.error().what.empty(), "a refusal is a sentence");
    if (script) {
        fuzz::require(!script->scenario.flows.empty(), "a script has a scenario");
        for (const std::string& warning : script->warnings)
            fuzz::require(!warning.empty(), "a warning is a sentence");
    }
    fuzz::require(lowest_free() == free_before, "nothing stays open");
    return 0;
}
