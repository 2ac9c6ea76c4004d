// Errors as values: every function of the control plane that can fail returns a Result.
//
// The data plane (one message, one connection) does not use it: it counts what happened in stats.
#pragma once

#include <cassert>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace wsblast {

// What kind of failure it is, which decides the exit status (app/exit_status.hpp).
enum class Fault : std::uint8_t {
    usage,        // what the user wrote: an option, a URL, a file
    environment,  // what this machine refuses: kernel, memory, ports, files
};

// A failure that a person will read. `what` names the thing, says what is allowed, and the remedy.
struct Error {
    Fault fault = Fault::environment;
    std::string what;
};

[[nodiscard]] inline Error usage_error(std::string what) {
    return {Fault::usage, std::move(what)};
}
[[nodiscard]] inline Error environment_error(std::string what) {
    return {Fault::environment, std::move(what)};
}

// Either a value or an Error. Reading the wrong half is a programmer's error (assert).
template <class T>
class [[nodiscard]] Result {
  public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    [[nodiscard]] bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }

    [[nodiscard]] T& value() & { return assert(ok()), std::get<0>(state_); }
    [[nodiscard]] const T& value() const& { return assert(ok()), std::get<0>(state_); }
    [[nodiscard]] T&& value() && { return assert(ok()), std::get<0>(std::move(state_)); }
    [[nodiscard]] const Error& error() const { return assert(!ok()), std::get<1>(state_); }

    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

  private:
    std::variant<T, Error> state_;
};

// Success without a value.
template <>
class [[nodiscard]] Result<void> {
  public:
    Result() = default;
    Result(Error error) : error_(std::move(error)) {}

    [[nodiscard]] bool ok() const { return !error_.has_value(); }
    explicit operator bool() const { return ok(); }
    [[nodiscard]] const Error& error() const { return assert(error_), *error_; }

  private:
    std::optional<Error> error_;
};

}  // namespace wsblast
