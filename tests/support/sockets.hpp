// Ordinary sockets on the loopback interface: the other side of tests against the real kernel.
#pragma once

#include <cerrno>
#include <string>
#include <string_view>
#include <utility>

#include <catch2/catch.hpp>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/endpoint.hpp"
#include "base/units.hpp"

namespace wsblast::test {

// Owns a descriptor.
class Descriptor {
  public:
    explicit Descriptor(int value = -1) : value_(value) {}
    Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(value_, other.value_);
        return *this;
    }
    ~Descriptor() {
        if (value_ >= 0) ::close(value_);
    }
    operator int() const { return value_; }

  private:
    int value_;
};

[[nodiscard]] inline Endpoint local_address(int descriptor) {
    sockaddr_storage storage{};
    socklen_t length = sizeof storage;
    REQUIRE(getsockname(descriptor, reinterpret_cast<sockaddr*>(&storage), &length) == 0);
    return from_sockaddr(reinterpret_cast<sockaddr*>(&storage), length);
}

[[nodiscard]] inline Endpoint peer_address(int descriptor) {
    sockaddr_storage storage{};
    socklen_t length = sizeof storage;
    REQUIRE(getpeername(descriptor, reinterpret_cast<sockaddr*>(&storage), &length) == 0);
    return from_sockaddr(reinterpret_cast<sockaddr*>(&storage), length);
}

// Bound, without SO_REUSEADDR: nobody else may bind there.
[[nodiscard]] inline Descriptor bound_socket(const Endpoint& at) {
    Descriptor descriptor(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(bind(descriptor, at.address(), at.length) == 0);
    return descriptor;
}

// Listens on a port of the kernel's choice of 127.0.0.1; accept() on it does not block.
[[nodiscard]] inline Descriptor make_listener(int backlog = 1'024) {
    Descriptor descriptor(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const Endpoint at = make_ipv4(INADDR_LOOPBACK, 0);
    REQUIRE(bind(descriptor, at.address(), at.length) == 0);
    REQUIRE(listen(descriptor, backlog) == 0);
    return descriptor;
}

// The next connection, whose calls do not block; -1 when there is none.
[[nodiscard]] inline Descriptor accept_one(int listener) {
    return Descriptor(accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
}

// Begins to connect; calls do not block. From an address of its own: where the kernel chooses a port, it
// takes none that any address of the machine is bound to, and a load test may have left nothing else.
[[nodiscard]] inline Descriptor begin_connect(const Endpoint& to) {
    Descriptor descriptor(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const Endpoint from = make_ipv4(0x7f4e'0001 + static_cast<std::uint32_t>(descriptor), 0);  // 127.78.0.x
    REQUIRE(bind(descriptor, from.address(), from.length) == 0);
    const int error = connect(descriptor, to.address(), to.length) == 0 ? 0 : errno;
    REQUIRE((error == 0 || error == EINPROGRESS));
    return descriptor;
}

enum class ReadEnd : std::uint8_t { open, finished, reset };

// What has come by now, up to `size_max` bytes, is appended; says whether more may come.
inline ReadEnd read_into(std::string& text, int descriptor, std::size_t size_max = 64 * kKiB) {
    const std::size_t before = text.size();
    text.resize(before + size_max);
    const ssize_t count = recv(descriptor, text.data() + before, size_max, MSG_DONTWAIT);
    const int error = errno;
    text.resize(before + static_cast<std::size_t>(count > 0 ? count : 0));
    if (count > 0) return ReadEnd::open;
    if (count == 0) return ReadEnd::finished;
    return error == EAGAIN ? ReadEnd::open : ReadEnd::reset;
}

// As much of it as the kernel takes; returns how much.
inline std::size_t write_some(int descriptor, std::string_view text) {
    const ssize_t count = send(descriptor, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    return count > 0 ? static_cast<std::size_t>(count) : 0;
}

}  // namespace wsblast::test
