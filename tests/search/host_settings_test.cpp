#include "search/host_settings.hpp"

#include <filesystem>

#include <catch2/catch.hpp>

#include "host/proc_files.hpp"
#include "tests/support/host_tree.hpp"

namespace wsblast::search {

namespace {

using stats::Setting;
using stats::SettingPlace;

const std::string kQueue = "net.core.somaxconn";
const std::string kPorts = "net.ipv4.ip_local_port_range";

// A made-up machine with two sysctls, and a place for the state.
struct Machine {
    test::HostTree tree;
    std::string state = tree.folder() + "/var/lib/wsblast/undo.conf";

    Machine() {
        tree.put_sysctl(kQueue, "128");
        tree.put_sysctl(kPorts, "32768\t60999");
    }
    [[nodiscard]] std::string value(const std::string& key) const {
        return host::read_sysctl(tree.files(), key).value_or("none");
    }
    [[nodiscard]] std::vector<Change> apply(const std::vector<Setting>& settings) const {
        auto changes = apply_settings(settings, tree.files(), state);
        REQUIRE(changes.ok());
        return *changes;
    }
};

const std::vector<Setting> kBoth{{SettingPlace::sysctl, kQueue, "4096"},
                                 {SettingPlace::sysctl, kPorts, "1024 65535"}};

}  // namespace

TEST_CASE("host settings: what is applied is undone exactly, and the state is gone", "[search][settings]") {
    const Machine machine;
    const std::vector<Change> changes = machine.apply(kBoth);
    REQUIRE(changes.size() == 2);
    CHECK(changes[0].before == "128");
    CHECK(changes[0].after == "4096");
    CHECK_FALSE(changes[0].refused.has_value());
    CHECK(machine.value(kPorts) == "1024 65535");
    const std::string state = host::read_file(machine.state).value_or("");
    CHECK(state.find("net.ipv4.ip_local_port_range = 32768 60999\n") != std::string::npos);

    const auto undone = undo_settings(machine.tree.files(), machine.state);
    REQUIRE(undone.ok());
    CHECK(undone->front().key == kPorts);  // the last first
    CHECK(machine.value(kQueue) == "128");
    CHECK(machine.value(kPorts) == "32768 60999");
    CHECK_FALSE(std::filesystem::exists(machine.state));
    CHECK_FALSE(undo_settings(machine.tree.files(), machine.state).ok());
}

TEST_CASE("host settings: a second apply keeps the oldest values", "[search][settings]") {
    const Machine machine;
    REQUIRE(machine.apply({kBoth[0]}).size() == 1);
    REQUIRE(machine.apply({{SettingPlace::sysctl, kQueue, "9000"}, kBoth[1]}).size() == 2);
    CHECK(machine.value(kQueue) == "9000");
    REQUIRE(undo_settings(machine.tree.files(), machine.state).ok());
    CHECK(machine.value(kQueue) == "128");
    CHECK(machine.value(kPorts) == "32768 60999");
}

TEST_CASE("host settings: one that is refused does not stop the others, nor the undoing",
          "[search][settings]") {
    const Machine machine;
    const std::vector<Change> changes =
        machine.apply({{SettingPlace::sysctl, "net.core.none", "1"}, kBoth[0]});
    REQUIRE(changes.size() == 2);
    CHECK(changes[0].refused.has_value());
    CHECK_FALSE(changes[1].refused.has_value());
    CHECK(machine.value(kQueue) == "4096");
    REQUIRE(undo_settings(machine.tree.files(), machine.state).ok());
    CHECK(machine.value(kQueue) == "128");
}

TEST_CASE("host settings: what cannot be put back stays in the state", "[search][settings]") {
    const Machine machine;
    REQUIRE(machine.apply(kBoth).size() == 2);
    std::filesystem::remove(machine.tree.folder() + host::sysctl_path(kQueue));
    const auto undone = undo_settings(machine.tree.files(), machine.state);
    REQUIRE(undone.ok());
    CHECK(undone->back().refused.has_value());
    CHECK(machine.value(kPorts) == "32768 60999");
    const std::string left = host::read_file(machine.state).value_or("");
    CHECK(left.find("net.core.somaxconn = 128\n") != std::string::npos);
    CHECK(left.find(kPorts) == std::string::npos);
}

TEST_CASE("host settings: limits of processes are no sysctls, and nothing leaves no state",
          "[search][settings]") {
    const Machine machine;
    CHECK(machine.apply({{SettingPlace::process_limit, "nofile", "65536"}}).empty());
    CHECK_FALSE(std::filesystem::exists(machine.state));
}

TEST_CASE("host settings: without a place for the state nothing is changed", "[search][settings]") {
    const Machine machine;
    const auto refused = apply_settings(kBoth, machine.tree.files(), "/proc/no-such-folder/undo.conf");
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().what.find("--state /proc/no-such-folder/undo.conf") != std::string::npos);
    CHECK(machine.value(kQueue) == "128");
    CHECK(machine.value(kPorts) == "32768 60999");
}

}  // namespace wsblast::search
