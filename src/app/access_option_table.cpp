// The options of `run` and its presets that say how targets are reached, and who asks.
#include "app/access_values.hpp"
#include "app/option_setters.hpp"
#include "app/option_table.hpp"
#include "proto/proxy_url.hpp"

namespace wsblast::app {

namespace {

using plan::RunOptions;

constexpr RunOption kAccessOptions[] = {
    {"connect-to", "HOST:PORT", "the URL's", "connect there, and ask for the URL all the same", Arity::once,
     [](RunOptions& o, const std::string& v) { return store(parse_host_port(v), o.access.connect_to); }},
    {"proxy", "URL", "none", "http://[USER:PASSWORD@]HOST:PORT (CONNECT), or socks5://...", Arity::once,
     [](RunOptions& o, const std::string& v) { return store(proto::parse_proxy_url(v), o.access.proxy); },
     shown_proxy},
    {"auth", "USER:PASSWORD", "none", "log in with an Authorization header (basic)", Arity::once,
     [](RunOptions& o, const std::string& v) { return store(parse_auth(v), o.access.authorization); },
     shown_auth},
    {"bearer-file", "F", "none", "log in with the token in a file (Authorization: Bearer)", Arity::once,
     [](RunOptions& o, const std::string& v) {
         return store(read_bearer_file(v), o.access.authorization);
     }},
    {"cookie", "NAME=VALUE", "none", "cookie to send", Arity::repeated,
     [](RunOptions& o, const std::string& v) { return append(parse_cookie(v), o.access.cookies); },
     shown_cookie},
    {"header-csv", "F", "none", "values for {{column}} in --header and --cookie, a row a connection",
     Arity::once,
     [](RunOptions& o, const std::string& v) { return store(read_values(v), o.access.values); }},
    {"follow-redirects", "", "off", "open a connection that is redirected where it is sent to", Arity::flag,
     [](RunOptions& o, const std::string&) {
         if (o.access.redirects == plan::Redirects::refuse) o.access.redirects = plan::Redirects::follow;
         return Result<void>{};
     }},
    {"allow-downgrade", "", "off", "follow redirects from wss:// to ws:// as well", Arity::flag,
     [](RunOptions& o, const std::string&) {
         o.access.redirects = plan::Redirects::follow_anywhere;
         return Result<void>{};
     }},
};

}  // namespace

std::span<const RunOption> access_options() {
    return kAccessOptions;
}

}  // namespace wsblast::app
