// One small document over HTTP, with libcurl: for what a backend says of itself. Not for the load.
//
// http and https, redirects not followed, no cookies. One thread at a time.
#pragma once

#include <cstdint>
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
        std::string proxy{};        // as libcurl has it: "http://...", "socks5h://..."; empty: none
        std::string connect_to{};   // "HOST:PORT" in place of the URL's; empty: that
        std::string socket_path{};  // a Unix socket; empty: none
        std::string ca_file{};      // empty: the system's store
        enum class Check : std::uint8_t { full, none } check = Check::full;  // of certificates
        TimeNs timeout_ns = kSecond;
    };
    struct Seen {
        long status = 0;
        std::string location{};  // of a redirect: the Location header as it came
    };
    // The head of the answer; then the connection is closed. Environment error: there was none.
    [[nodiscard]] Result<Seen> look(const Look& look);

  private:
    struct Closer {
        void operator()(void* handle) const;
    };
    std::unique_ptr<void, Closer> handle_;
};

}  // namespace wsblast::http
