#include "app/option_table.hpp"

#include <vector>

namespace wsblast::app {

namespace {

constexpr RunOption kHelp{
    "help",       "",          "off",
    "print this", Arity::flag, [](plan::RunOptions&, const std::string&) { return Result<void>{}; }};

std::vector<RunOption> all_of_run() {
    std::vector<RunOption> all;
    for (const std::span<const RunOption> table :
         {workload_options(), access_options(), tls_options(), message_options(), misbehave_options()})
        all.insert(all.end(), table.begin(), table.end());
    all.push_back(kHelp);
    return all;
}

}  // namespace

std::span<const RunOption> run_options() {
    static const std::vector<RunOption> kAll = all_of_run();
    return kAll;
}

std::vector<std::string_view> with_ways(std::span<const std::string_view> names) {
    std::vector<std::string_view> all(names.begin(), names.end());
    for (const std::span<const RunOption> table : {access_options(), tls_options()}) {
        for (const RunOption& entry : table) all.push_back(entry.name);
    }
    return all;
}

}  // namespace wsblast::app
