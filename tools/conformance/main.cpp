// The conformance client: echoes through the engine's own code what the fuzzing server of the Autobahn test
// suite sends it. How to run the suite: docs/robustness.md.
//
//     conformance URL [--agent NAME] [--cases A-B] [--offer PARAMETERS]
#include <charconv>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "load/prepare.hpp"
#include "load/targets.hpp"
#include "proto/url.hpp"
#include "ring/features.hpp"
#include "ring/ring.hpp"
#include "text/format.hpp"
#include "tools/conformance/suite_client.hpp"
#include "transport/uring_transport.hpp"
#include "worker/worker.hpp"

using namespace wsblast;

namespace {

using Transport = transport::UringTransport<ring::Ring>;
using Client = conformance::SuiteClient<Transport>;
using Worker = worker::Worker<Transport, Client>;

constexpr std::string_view kUsage =
    "conformance URL [--agent NAME] [--cases A-B] [--offer PARAMETERS]\n"
    "  URL           of the fuzzing server: ws://127.0.0.1:9001\n"
    "  --agent       what the reports call this client (wsblast)\n"
    "  --cases       only these, by their numbers\n"
    "  --offer       parameters of permessage-deflate (client_max_window_bits)\n";

struct Arguments {
    std::string url;
    conformance::Suite suite;
};

Result<void> read_cases(std::string_view value, conformance::Suite& suite) {
    const std::size_t dash = value.find('-');
    const std::string_view last = dash == std::string_view::npos ? value : value.substr(dash + 1);
    std::uint32_t end = 0;
    const auto first_read = std::from_chars(value.data(), value.data() + value.size(), suite.first_case);
    const auto last_read = std::from_chars(last.data(), last.data() + last.size(), end);
    const bool sound = first_read.ec == std::errc{} && last_read.ec == std::errc{} &&
                       suite.first_case > 0 && suite.first_case <= end;
    if (!sound) return usage_error("--cases takes numbers from 1 on, as in 7 or 1-50");
    suite.last_case = end;
    return {};
}

Result<void> read_option(std::string_view name, std::string_view value, Arguments& read) {
    if (name == "--cases") return read_cases(value, read.suite);
    if (name == "--agent") {
        read.suite.agent = value;
        return {};
    }
    if (name != "--offer") return usage_error("unknown option " + std::string(name));
    const auto offer = proto::parse_deflate_parameters(value);
    if (!offer) return offer.error();
    read.suite.offer = *offer;
    return {};
}

Result<Arguments> read_arguments(int argc, char** argv) {
    Arguments read;
    read.suite.agent = "wsblast";
    read.suite.offer.client_max_window_bits = proto::kDeflateBitsMax;
    if (argc < 2 || argc % 2 != 0) return usage_error(std::string(kUsage));
    read.url = argv[1];
    for (int i = 2; i + 1 < argc; i += 2) {
        if (const auto taken = read_option(argv[i], argv[i + 1], read); !taken) return taken.error();
    }
    const auto url = proto::parse_url(read.url);
    if (!url) return url.error();
    if (url->secure) return usage_error("the suite speaks ws://, without TLS");
    read.suite.host_header = url->host_header;
    read.suite.prefix = url->path.ends_with('/') ? url->path.substr(0, url->path.size() - 1) : url->path;
    proto::UpgradeOptions sample{.host = url->host_header, .path = "/?agent=" + read.suite.agent};
    const auto request = proto::UpgradeRequest::build(sample);
    if (!request) return request.error();
    return read;
}

// Runs all cases on one thread, as a run of the generator would with one connection at a time.
Result<conformance::SuiteOutcome> run(const Arguments& arguments) {
    // So many are planned for, so that each case has source ports of its own.
    constexpr std::uint32_t kPlanned = 1'000;
    plan::RunOptions options;
    options.urls = {arguments.url};
    options.connections = kPlanned;
    const auto features = ring::probe_features();
    if (!features) return features.error();
    const auto targets = load::resolve_targets(options);
    if (!targets) return targets.error();
    const auto sources = load::plan_sources(options, *targets, 1, random_seed());
    if (!sources) return sources.error();

    Worker::Parts parts;
    parts.open_transport = [&] {
        return Transport::open({.features = *features, .connections = 1, .sources = sources->slice(0)});
    };
    parts.make_app = [&](Transport& transport) -> Result<std::unique_ptr<Client>> {
        auto client = std::make_unique<Client>(transport, arguments.suite);
        if (!client->ok()) return environment_error("too little address space");
        return client;
    };
    Worker worker(std::move(parts));
    if (const auto ready = worker.wait_ready(); !ready) return ready.error();
    worker.go();
    worker.join();
    return worker.app().outcome();
}

void say(std::FILE* to, const std::string& text) {
    std::fputs(text.c_str(), to);
}

}  // namespace

int main(int argc, char** argv) {
    constexpr int kUsageStatus = 2;
    const auto arguments = read_arguments(argc, argv);
    if (!arguments) {
        say(stderr, arguments.error().what + "\n");
        return kUsageStatus;
    }
    const auto outcome = run(*arguments);
    if (!outcome) {
        say(stderr, outcome.error().what + "\n");
        return 1;
    }
    say(stdout, text::format("{} cases run as {}, {} connections unanswered; the server has the reports\n",
                             outcome->cases, arguments->suite.agent, outcome->unanswered));
    return outcome->cases > 0 && outcome->unanswered == 0 ? 0 : 1;
}
