// A build without SpiderMonkey (meson -Djavascript=disabled): no machine can be made, so nothing but
// create() and available() is ever called.
#include "js/machine.hpp"

namespace wsblast::js {

struct Machine::Parts {};

Result<std::unique_ptr<Machine>> Machine::create(const MachineOptions& options, Host&) {
    return usage_error(options.file +
                       ": this build has no JavaScript: meson configure -Djavascript=enabled");
}

bool Machine::available() {
    return false;
}

Machine::Machine(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Machine::~Machine() = default;

std::optional<FunctionId> Machine::function(std::string_view) const {
    return std::nullopt;
}
std::vector<std::string> Machine::names() const {
    return {};
}

void Machine::begin_user(UserId, std::uint32_t) {}
void Machine::end_user(UserId) {}
void Machine::set(UserId, std::uint16_t, const Value&) {}
Value Machine::get(UserId, std::uint16_t) {
    return {};
}

bool Machine::owns(UserId, std::uint16_t) {
    return false;
}
std::string_view Machine::vars_json(UserId) {
    return {};
}

CallState Machine::call(UserId, FunctionId) {
    return CallState::failed;
}
CallState Machine::call_test(UserId, FunctionId) {
    return CallState::failed;
}
CallState Machine::call_connect(UserId, FunctionId, std::string_view) {
    return CallState::failed;
}
bool Machine::truth() const {
    return false;
}
std::string_view Machine::connect_params() {
    return {};
}
std::string_view Machine::error() const {
    return {};
}

bool Machine::listens(UserId) const {
    return false;
}
void Machine::message(UserId, std::string_view) {}
std::uint64_t Machine::late_dones() const {
    return 0;
}

void Machine::run_due(TimeNs) {}
TimeNs Machine::next_due_ns() const {
    return kNever;
}
void Machine::collect_some() {}
std::size_t Machine::heap_bytes() const {
    return 0;
}

}  // namespace wsblast::js
