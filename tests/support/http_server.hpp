// An HTTP server on the loopback interface that answers every request with the same words: for the tests of
// what asks one.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/endpoint.hpp"
#include "tests/support/sockets.hpp"

namespace wsblast::test {

// A whole answer, head and body.
[[nodiscard]] inline std::string http_answer(std::string_view body, std::string_view status = "200 OK") {
    return "HTTP/1.1 " + std::string(status) + "\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\nContent-Type: text/plain; version=0.0.4\r\n\r\n" + std::string(body);
}

class HttpServer {
  public:
    // An empty answer is silence.
    explicit HttpServer(std::string answer) : listener_(make_listener()), answer_(std::move(answer)) {
        thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
    }

    void answer_with(std::string answer) {
        const std::lock_guard lock(mutex_);
        answer_ = std::move(answer);
    }

    [[nodiscard]] std::uint16_t port() const { return local_address(listener_).port(); }
    [[nodiscard]] std::string url() const {
        return "http://127.0.0.1:" + std::to_string(port()) + "/metrics";
    }
    [[nodiscard]] int connections() const { return connections_; }
    [[nodiscard]] int requests() const { return requests_; }
    [[nodiscard]] std::string last_request() const {
        const std::lock_guard lock(mutex_);
        return last_request_;
    }

  private:
    struct Peer {
        Descriptor socket;
        std::string request;
    };

    void serve(const std::stop_token& stop) {
        std::vector<Peer> peers;
        while (!stop.stop_requested()) {
            if (Descriptor socket = accept_one(listener_); socket >= 0) {
                peers.push_back({std::move(socket), {}});
                ++connections_;
            }
            std::erase_if(peers, [&](Peer& peer) { return !keeps(peer); });
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }

    bool keeps(Peer& peer) {
        const bool open = read_into(peer.request, peer.socket) == ReadEnd::open;
        if (!peer.request.ends_with("\r\n\r\n")) return open;
        const std::lock_guard lock(mutex_);
        ++requests_;
        last_request_ = std::exchange(peer.request, {});
        for (std::string_view rest = answer_; !rest.empty();)
            rest.remove_prefix(write_some(peer.socket, rest));
        return open;
    }

    Descriptor listener_;
    mutable std::mutex mutex_;
    std::string answer_;
    std::string last_request_;
    std::atomic<int> connections_ = 0;
    std::atomic<int> requests_ = 0;
    std::jthread thread_;
};

}  // namespace wsblast::test
