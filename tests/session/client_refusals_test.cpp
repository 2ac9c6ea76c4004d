#include "session/client_refusals.hpp"

#include <catch2/catch.hpp>

#include "tests/support/client_run.hpp"

using namespace wsblast;
using namespace wsblast::test;
using stats::ErrorKind;
using Upgrade = ScriptedServer::Upgrade;

namespace {

// Of the only refusal of which an excerpt was kept.
std::string words_of(const ClientRun& run) {
    std::vector<stats::Excerpt> excerpts;
    run.shard.excerpts.add_to(excerpts);
    REQUIRE(excerpts.size() == 1);
    return excerpts[0].text;
}

}  // namespace

TEST_CASE("client refusals: the words of a refusal may come behind its head",
          "[session][client_refusals]") {
    const auto [head, rest, words, waits] = GENERATE(table<std::string, std::string, std::string, bool>(
        {{"Content-Length: 11\r\n\r\n", "access lost", "access lost", false},
         {"Content-Length: 11\r\n\r\nacc", "ess lost", "access lost", false},
         {"Content-Length: 99\r\n\r\n", "access lost", "access lost", true},
         {"\r\n", "access lost", "access lost", true},
         {"Transfer-Encoding: chunked\r\n\r\n", "4\r\nlost\r\n0\r\n\r\n", "4\r\nlost\r\n0\r\n\r\n", false},
         {"\r\n", std::string(300, 'x'), std::string(limits::kBodyExcerptMax, 'x'), false}}));
    ClientRun run(echo_options());
    run.server.script.upgrade = Upgrade::answer_text;
    run.server.script.upgrade_text = "HTTP/1.1 403 X\r\n" + head;
    run.server.script.on_refused = [&run, rest = rest](ConnectionId cid) {
        run.server.later(20 * kMillisecond, cid, [&run, rest, cid] {
            run.server.send_bytes(cid, {rest.begin(), rest.end()});
        });
    };
    run.finish();
    CHECK(run.counters().failed == 4);
    CHECK(run.error(ErrorKind::upgrade_status) == 4);
    CHECK(words_of(run) == words);
    CHECK(run.elapsed_ns() >= (waits ? limits::kBodyExcerptWaitNs : 20 * kMillisecond));
    CHECK(run.elapsed_ns() < (waits ? kSecond : 100 * kMillisecond));
}

TEST_CASE("client refusals: what was sent and is secret is hidden in the words of a refusal",
          "[session][client_refusals]") {
    plan::RunOptions options = echo_options();
    options.headers = {{"Authorization", "Bearer abc.def"}, {"X-Team", "blue"}};
    ClientRun run(options);
    run.server.script.upgrade = Upgrade::answer_text;
    run.server.script.upgrade_text =
        "HTTP/1.1 302 Found\r\nLocation: /login?from=abc.def&token=1\r\nContent-Length: 28\r\n\r\n"
        "blue, abc.def is no password";
    run.finish();
    CHECK(run.counters().failed == 4);
    CHECK(words_of(run) == "Location: /login?from=***&token=***; blue, *** is no password");
}
