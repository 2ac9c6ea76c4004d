#include "js/realm.hpp"

#include <fstream>
#include <thread>

#include <sched.h>

#include "tests/js/support.hpp"

using namespace wsblast;
using namespace wsblast::js;

namespace {

// The CPUs that threads of this process named `name` may run on, as the kernel lists them.
std::vector<std::string> cpus_of_threads(const std::string& name) {
    std::vector<std::string> lists;
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
        std::ifstream status(task.path() / "status");
        std::string line;
        std::getline(status, line);
        if (line.find(name) == std::string::npos) continue;
        while (std::getline(status, line)) {
            if (line.starts_with("Cpus_allowed_list:")) lists.push_back(line);
        }
    }
    return lists;
}

}  // namespace

TEST_CASE("the heap grows with what is kept, and a collection brings it down") {
    auto made = Realm::make(0);
    REQUIRE(made.ok());
    Realm& realm = **made;
    const std::size_t before = realm.heap_bytes();
    {
        JS::RootedObjectVector kept(realm.cx());
        for (int i = 0; i < 50'000; ++i) REQUIRE(kept.append(JS_NewPlainObject(realm.cx())));
        realm.collect_all();
        CHECK(realm.heap_bytes() > before + 50'000 * 16);
    }
    realm.want_collection();
    CHECK(collect_until(realm, [&] { return realm.heap_bytes() < before + 200'000; }));
}

TEST_CASE("helper threads run on other CPUs than that of a pinned worker too") {
    std::thread([] {
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(static_cast<std::size_t>(sched_getcpu()), &one);
        REQUIRE(sched_setaffinity(0, sizeof one, &one) == 0);
        REQUIRE(Realm::make(0).ok());
    }).join();
    const auto lists = cpus_of_threads("JS Helper");
    REQUIRE_FALSE(lists.empty());
    if (std::thread::hardware_concurrency() == 1) return;
    for (const std::string& list : lists) CHECK(list.find_first_of("-,") != std::string::npos);
}
