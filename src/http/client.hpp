// One small document over HTTP, with libcurl: for what a backend says of itself. Not for the load.
//
// http and https, redirects not followed, no cookies. One thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/units.hpp"

namespace wsblast::http {

class Client {
  public:
    Client();

    struct Request {
        std::string url;
        std::string accept;           // the Accept header
        TimeNs timeout_ns = kSecond;  // of everything, name lookup to last byte
        std::size_t bytes_max = 0;
    };
    // The body of a 200. Environment error with what went wrong: no connection, the time ran out, another
    // status, more than `bytes_max`. The connection is kept for the next request.
    [[nodiscard]] Result<std::string> get(const Request& request);

    // How a server answers an upgrade.
    struct Look {
        std::string url;                     // http:// or https://
        std::vector<std::string> headers{};  // "Name: value", all of them but Host
        std::string proxy{};             // as libcurl has it: "http://...", "socks5h://..."; empty: none
        std::string connect_to{};        // "HOST:PORT" in place of the URL's; empty: that
        std::string socket_path{};       // a Unix socket; empty: none
        std::string ca_file{};           // empty: the system's store
        std::string certificate_file{};  // PEM, to show to the server; with `key_file`, or both are empty
        std::string key_file{};
        enum class Check : std::uint8_t { full, none } check = Check::full;  // of certificates
        enum class TlsVersion : std::uint8_t { tls_1_2, tls_1_3 } version_min = TlsVersion::tls_1_2;
        TlsVersion version_max = TlsVersion::tls_1_3;
        TimeNs timeout_ns = kSecond;
        // Asked when a signal has come, and once a second: true ends the look. Empty: nothing does.
        std::function<bool()> stop_requested{};
    };
    struct Seen {
        long status = 0;
        std::string location{};  // of a redirect: the Location header as it came
    };
    // The head of the answer; then the connection is closed. Environment error: there was none, in time.
    [[nodiscard]] Result<Seen> look(const Look& look);

  private:
    struct Closer {
        void operator()(void* handle) const;
    };
    std::unique_ptr<void, Closer> handle_;
};

}  // namespace wsblast::http
