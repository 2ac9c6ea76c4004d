// The options of `serve`.
#include <limits>

#include "app/option_setters.hpp"
#include "app/option_table.hpp"
#include "app/option_values.hpp"
#include "base/limits.hpp"

namespace wsblast::app {

namespace {

using plan::ServeOptions;

constexpr std::uint32_t kAny = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint32_t kPortMax = 65'535;

constexpr ServeOption kServeOptions[] = {
    {"host", "ADDRESS", "127.0.0.1 and ::1", "address to listen on", Arity::repeated,
     [](ServeOptions& o, const std::string& v) { return append(Result<std::string>(v), o.hosts); }},
    {"port", "N", "8000", "port to listen on; 0 picks one", Arity::once,
     [](ServeOptions& o, const std::string& v) {
         return store(parse_bounded(v, {0, kPortMax}), o.port);
     }},
    {"cores", "N", "all", "threads, one per core, pinned", Arity::once,
     [](ServeOptions& o, const std::string& v) {
         return store(parse_bounded(v, {1, kAny}), o.cores);
     }},
    {"max-connections", "N", "1000000", "connections held at the same time", Arity::once,
     [](ServeOptions& o, const std::string& v) {
         return store(parse_bounded(v, {1, limits::kConnectionsMax}), o.connections_max);
     }},
    {"help", "", "off", "print this", Arity::flag,
     [](ServeOptions&, const std::string&) { return Result<void>{}; }},
};

}  // namespace

std::span<const ServeOption> serve_options() {
    return kServeOptions;
}

}  // namespace wsblast::app
