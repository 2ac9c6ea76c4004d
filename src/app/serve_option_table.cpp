// The options of `serve`.

#include "app/fault_values.hpp"
#include "app/option_setters.hpp"
#include "app/option_table.hpp"
#include "app/option_values.hpp"
#include "app/tls_values.hpp"
#include "base/limits.hpp"
#include "proto/permessage_deflate.hpp"

namespace wsblast::app {

namespace {

using plan::ServeOptions;

constexpr std::array<std::pair<std::string_view, plan::AtLimit>, 3> kAtLimit{
    {{"503", plan::AtLimit::refuse}, {"reset", plan::AtLimit::reset}, {"wait", plan::AtLimit::wait}}};

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
    {"at-limit", "HOW", "503", "what becomes of more upgrades: 503, reset or wait", Arity::once,
     [](ServeOptions& o, const std::string& v) { return choose(v, kAtLimit, o.at_limit); }},
    {"backlog", "N", "4096", "connections that may wait to be accepted, on each listening socket",
     Arity::once,
     [](ServeOptions& o, const std::string& v) {
         return store(parse_bounded(v, {1, limits::kListenBacklogMax}), o.backlog);
     }},
    {"compress", "", "off", "accept permessage-deflate, and compress answers", Arity::flag,
     [](ServeOptions& o, const std::string&) {
         if (!o.message.deflate) o.message.deflate = plan::kUsualDeflateAnswer;
         return Result<void>{};
     }},
    {"compress-parameters", "LIST", "server_no_context_takeover", "accept it, and ask for these parameters",
     Arity::once,
     [](ServeOptions& o, const std::string& v) {
         return store(proto::parse_deflate_parameters(v), o.message.deflate);
     }},
    {"max-message", "BYTES", "67108864", "largest message to take, once inflated too", Arity::once,
     [](ServeOptions& o, const std::string& v) {
         return store(parse_bounded(v, {1, limits::kMessageBytesAllowed}), o.message.size_max);
     }},
    {"subprotocol", "NAME", "any", "subprotocol to agree on; the client's order counts", Arity::repeated,
     [](ServeOptions& o, const std::string& v) {
         return append(parse_subprotocol(v), o.message.subprotocols);
     }},
    {"accept-rate", "R", "none", "connections/s that are accepted; more wait in the backlog", Arity::once,
     [](ServeOptions& o, const std::string& v) {
         return store(parse_accept_rate(v), o.faults.accepts_per_s);
     }},
    {"service-time", "LAW", "none",
     "queue for the answers: each takes a server for a time, as in exp:100us", Arity::once,
     [](ServeOptions& o, const std::string& v) { return store(parse_delay(v), o.faults.service.time); }},
    {"servers", "N", "1", "how many answers the queue works on at the same time", Arity::once,
     [](ServeOptions& o, const std::string& v) {
         return store(parse_bounded(v, {1, limits::kServersMax}), o.faults.service.servers);
     }},
    {"burn", "D:R", "none",
     "CPU time for each answer while a core gets more than R messages/s, as in 30us:5k", Arity::once,
     [](ServeOptions& o, const std::string& v) { return store(parse_burn(v), o.faults.burn); }},
    {"delay", "LAW", "none", "hold answers back: fixed:2ms, exp:5ms, uniform:1ms-3ms, bimodal:1ms,50ms,5%",
     Arity::once,
     [](ServeOptions& o, const std::string& v) { return store(parse_delay(v), o.faults.delay); }},
    {"stall", "L/P", "none", "answer nothing for the last L of every P, as in 1s/10s", Arity::once,
     [](ServeOptions& o, const std::string& v) { return store(parse_stall(v), o.faults.stall); }},
    {"drop", "SHARE", "none", "answers that are never sent, as in 0.1%", Arity::once,
     [](ServeOptions& o, const std::string& v) { return store(parse_share(v), o.faults.drop); }},
    {"duplicate", "SHARE", "none", "answers that are sent twice", Arity::once,
     [](ServeOptions& o, const std::string& v) { return store(parse_share(v), o.faults.duplicate); }},
    {"reorder", "SHARE", "none", "answers that are sent after the next one of their connection",
     Arity::once,
     [](ServeOptions& o, const std::string& v) { return store(parse_share(v), o.faults.reorder); }},
    {"reject", "STATUS:SHARE", "none", "upgrades that are refused with an HTTP status, as in 503:1%",
     Arity::repeated,
     [](ServeOptions& o, const std::string& v) { return append(parse_rejection(v), o.faults.rejections); }},
    {"close-after", "WHEN", "none", "close with 1001 after so many answers, or after a time as in 5s",
     Arity::once, [](ServeOptions& o, const std::string& v) { return set_close_after(v, o.faults); }},
    {"push-rate", "R", "none", "messages/s that nobody asked for, to each connection", Arity::once,
     [](ServeOptions& o, const std::string& v) {
         return store(parse_push_rate(v), o.faults.pushes_per_s);
     }},
    {"tls", "", "off", "speak TLS; without --tls-cert it makes a certificate at the start", Arity::flag,
     [](ServeOptions& o, const std::string&) {
         o.tls.on = true;
         return Result<void>{};
     }},
    {"tls-cert", "FILE", "none", "certificate with its chain (PEM): turns TLS on", Arity::once,
     [](ServeOptions& o, const std::string& v) {
         return store(parse_not_empty(v), o.tls.certificate_file);
     }},
    {"tls-key", "FILE", "none", "private key of --tls-cert (PEM)", Arity::once,
     [](ServeOptions& o, const std::string& v) { return store(parse_not_empty(v), o.tls.key_file); }},
    {"tls-ca", "FILE", "none", "demand certificates of clients, and check them against these CAs",
     Arity::once,
     [](ServeOptions& o, const std::string& v) { return store(parse_not_empty(v), o.tls.client_ca_file); }},
    {"tls-min-version", "V", "1.2", "oldest version of TLS: 1.2 or 1.3", Arity::once,
     [](ServeOptions& o, const std::string& v) {
         return store(parse_tls_version(v), o.tls.terms.version_min);
     }},
    {"tls-max-version", "V", "1.3", "newest version of TLS", Arity::once,
     [](ServeOptions& o, const std::string& v) {
         return store(parse_tls_version(v), o.tls.terms.version_max);
     }},
    {"tls-ciphers", "LIST", "OpenSSL's", "ciphers, ':' between them; TLS_... are those of 1.3", Arity::once,
     [](ServeOptions& o, const std::string& v) { return store(parse_not_empty(v), o.tls.terms.ciphers); }},
    {"seed", "S", "random, printed", "the faults come from it", Arity::once,
     [](ServeOptions& o, const std::string& v) { return store(parse_seed(v), o.seed); }},
    {"help", "", "off", "print this", Arity::flag,
     [](ServeOptions&, const std::string&) { return Result<void>{}; }},
};

}  // namespace

std::span<const ServeOption> serve_options() {
    return kServeOptions;
}

}  // namespace wsblast::app
