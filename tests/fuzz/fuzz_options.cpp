// Any words as a command line: it is understood, or refused with a sentence; and nothing stays open.
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <unistd.h>

#include "app/options.hpp"
#include "tests/fuzz/fuzz_entry.hpp"

namespace {

using namespace wsblast;

// A line is a word. A path is the user's to choose: none that leads out of an empty folder is tried.
std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string word(text.substr(0, std::min(end, text.find('\0'))));
        const bool path = word.find('/') != std::string::npos && word.find("://") == std::string::npos;
        if (!path && word.find("..") == std::string::npos) words.push_back(word);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

// The lowest descriptor that is free: the same as before when nothing stayed open.
int lowest_free() {
    const int file = dup(STDERR_FILENO);
    close(file);
    return file;
}

void enter_empty_folder() {
    std::string folder = std::filesystem::temp_directory_path() / "wsblast-fuzz-XXXXXX";
    fuzz::require(mkdtemp(folder.data()) != nullptr && chdir(folder.c_str()) == 0, "a folder of its own");
    std::filesystem::remove(folder);  // nothing can be made in it
}

}  // namespace

std::span<const std::string> wsblast::fuzz::samples() {
    static const std::vector<std::string> all{
        "run\n--url\nws://localhost:1/ws\n--connections=50k\n--messages\n5\n--interval\n10ms\n",
        "quick\n--rate\n1000\n--pipeline\n4\n--hold\n1.5s\n--message\n{{$seq}}\n--match\nfifo\n--seed\n1",
        "serve\n--port\n0\n--host\n::1\n--cores\n1\n--delay\nexp:5ms\n--drop\n0.1%\n--reject\n503:1%",
        "serve\n--service-time\nuniform:1ms..2ms\n--servers\n2\n--burn\n1ms:10\n--close-after\n5s",
        "--duration\n2s\n--source-ip\n127.0.0.2,10.0.0.0/24\n--source-ports\n20000-30000\n--header\nA: b",
        "capacity\n--with-target\n--max\n5k\n--step\n1k\n--storm\n20%\n--reconnect\njittered",
        "saturate\n--with-target\n--slo\np99<10ms\n--over\nrate\n--grid\nsize,connections=1..5",
        "doctor\n--fix\n",
        "--json\nout.json\n--message-file\nmessage\n",
        "--help",
        "serv\n--version",
    };
    return all;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const int free_before = (enter_empty_folder(), lowest_free());
    const std::vector<std::string> words = words_of(as_text({data, size}));
    std::vector<const char*> arguments;
    for (const std::string& word : words) arguments.push_back(word.c_str());
    static const app::Environment environment{{}, "7", {}};
    const auto invocation = app::parse_command_line(arguments, environment);
    if (!invocation) fuzz::require(!invocation.error().what.empty(), "a refusal is a sentence");
    fuzz::require(lowest_free() == free_before, "nothing stays open");
    return 0;
}
