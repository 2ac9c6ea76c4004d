// Any text as a URL: what is taken can be written down again from its parts and means the same; what is
// refused is refused with a usage error that names it.
#include <string>
#include <vector>

#include "base/units.hpp"
#include "proto/secrets.hpp"
#include "proto/url.hpp"
#include "tests/fuzz/fuzz_entry.hpp"

namespace {

using namespace wsblast;
using namespace wsblast::proto;

std::string write_url(const Url& url) {
    if (!url.socket_path.empty())
        return (url.secure ? "wss+unix://" : "ws+unix://") + url.socket_path + ":" + url.path;
    return (url.secure ? "wss://" : "ws://") + url.host_header + url.path;
}

bool means_the_same(const Url& a, const Url& b) {
    return a.secure == b.secure && a.host == b.host && a.port == b.port && a.path == b.path &&
           a.host_header == b.host_header && a.socket_path == b.socket_path;
}

}  // namespace

std::span<const std::string> wsblast::fuzz::samples() {
    static const std::vector<std::string> all{
        "ws://localhost:8000/ws", "wss://example.com/a?b=c", "ws://[::1]:80",  "ws://127.0.0.1:65535/",
        "WSS://A-b_c.D?x",        "ws://user:secret@host/#", "ws://[fe80::1]", "://?",
    };
    return all;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(as_text({data, size}));
    const auto url = parse_url(text);
    if (!url) {
        fuzz::require(url.error().fault == Fault::usage, "a bad URL is a usage error");
        fuzz::require(url.error().what.find(shown_url(text)) != std::string::npos,
                      "the error names the URL, without its secrets");
        return 0;
    }
    fuzz::require(url->port != 0 && !url->host.empty() && url->path.starts_with('/'),
                  "the parts are there");
    const auto again = parse_url(write_url(*url));
    fuzz::require(again.ok() && means_the_same(*url, *again), "the parts make the same URL");
    return 0;
}
