#include "app/option_table.hpp"

#include <vector>

namespace wsblast::app {

namespace {

constexpr RunOption kHelp{
    "help",       "",          "off",
    "print this", Arity::flag, [](plan::RunOptions&, const std::string&) { return Result<void>{}; }};

std::vector<RunOption> all_of_run() {
    std::vector<RunOption> all;
    for (const std::span<const RunOption> table : {workload_options(), access_options(), tls_options(),
                                                   message_options(), misbehave_options()})
        all.insert(all.end(), table.begin(), table.end());
    all.push_back(kHelp);
    return all;
}

}  // namespace

std::span<const RunOption> run_options() {
    static const std::vector<RunOption> kAll = all_of_run();
    return kAll;
}

}  // namespace wsblast::app
