// One small document over HTTP, with libcurl: for what a backend says of itself. Not for the load.
//
// http and https, redirects not followed, no proxy, no cookies. One thread at a time.
#pragma once

#include <memory>
#include <string>

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

  private:
    struct Closer {
        void operator()(void* handle) const;
    };
    std::unique_ptr<void, Closer> handle_;
};

}  // namespace wsblast::http
