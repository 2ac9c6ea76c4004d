// Two ends of a TLS connection in memory, for tests: what one of them writes is fed to the other.
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

#include "crypto/self_signed.hpp"
#include "crypto/tls_context.hpp"
#include "crypto/tls_session.hpp"

namespace wsblast::test {

// A text in a file that goes with the object.
class TextFile {
  public:
    explicit TextFile(std::string_view text) {
        std::string path = std::filesystem::temp_directory_path() / "wsblast-XXXXXX";
        const int descriptor = mkstemp(path.data());
        if (descriptor >= 0) close(descriptor);
        path_ = path;
        std::ofstream(path_, std::ios::binary) << text;
    }
    ~TextFile() { unlink(path_.c_str()); }
    TextFile(const TextFile&) = delete;
    TextFile& operator=(const TextFile&) = delete;

    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    std::string path_;
};

// A certificate for localhost and its addresses, made once.
inline const crypto::SelfSigned& localhost_identity() {
    static const crypto::SelfSigned kMade = *crypto::make_self_signed({"localhost", "127.0.0.1", "::1"});
    return kMade;
}

inline crypto::TlsServerOptions localhost_server() {
    crypto::TlsServerOptions options;
    options.certificate = localhost_identity().certificate;
    options.key = localhost_identity().key;
    return options;
}

// Whom localhost_server() is trusted by.
inline crypto::TlsClientOptions localhost_client() {
    static const TextFile kCa(localhost_identity().certificate);
    crypto::TlsClientOptions options;
    options.ca_file = kCa.path();
    return options;
}

// One end: its session, and what it has come to.
struct TlsEnd {
    crypto::TlsContext& context;
    crypto::TlsSession session;
    crypto::TlsStatus shaken = crypto::TlsStatus::need_more;     // the handshake
    crypto::TlsStatus last_read = crypto::TlsStatus::need_more;  // after it
    std::string heard{};

    ~TlsEnd() { session.end(); }

    [[nodiscard]] std::vector<std::uint8_t> take_output() {
        const ByteView output = context.output();
        std::vector<std::uint8_t> bytes(output.begin(), output.end());
        context.clear_output();
        return bytes;
    }
    // What the end answers to these bytes.
    std::vector<std::uint8_t> hear(ByteView bytes) {
        context.feed(bytes);
        if (shaken == crypto::TlsStatus::need_more) shaken = session.shake_hands();
        if (shaken == crypto::TlsStatus::done) read_all();
        return take_output();
    }

  private:
    void read_all() {
        std::vector<std::uint8_t> out(limits::kTlsRecordBytes);
        for (;;) {
            const crypto::TlsRead read = session.read(out);
            last_read = read.status;
            if (read.status != crypto::TlsStatus::done) return;
            heard.append(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(read.size));
        }
    }
};

struct TlsEnds {
    TlsEnds(crypto::TlsContext& client_context, crypto::TlsContext& server_context,
            const std::string& name = "localhost")
        : client{client_context, crypto::TlsSession::connect(client_context, 0, name)},
          server{server_context, crypto::TlsSession::accept(server_context)} {}

    // Until nobody has anything to say.
    void shake_hands() {
        for (auto bytes = client.hear({}); !bytes.empty();) {
            const auto answer = server.hear(bytes);
            bytes = client.hear(answer);
        }
    }

    TlsEnd client;
    TlsEnd server;
};

}  // namespace wsblast::test
