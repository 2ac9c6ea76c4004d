// A program for the profiler's test: burns CPU for ever, the share of it that the first argument says (in
// per cent) in hot_function(), the rest in cold_function(). Says "burning" once.
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace {

constexpr long kSliceNs = 1'000'000;

long cpu_ns() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

volatile unsigned state = 1;

// Far longer than the reading of the clock between two calls. Inlined at every optimisation: its time is its
// callers' own.
[[gnu::always_inline]] inline unsigned turn() {
    unsigned value = state;
    for (int i = 0; i < 50'000; ++i) value = value * 1'664'525 + 1'013'904'223;
    return value;
}

}  // namespace

extern "C" {

[[gnu::noinline]] void hot_function() {
    state = turn() ^ 1;
}
[[gnu::noinline]] void cold_function() {
    state = turn() ^ 2;
}
[[gnu::noinline]] void burn(void (*function)(), long for_ns) {
    for (const long end_ns = cpu_ns() + for_ns; cpu_ns() < end_ns;) function();
}

}  // extern "C"

int main(int, char** arguments) {
    const long hot_percent = std::strtol(arguments[1], nullptr, 10);
    std::puts("burning");
    std::fflush(stdout);
    for (;;) {
        burn(hot_function, kSliceNs * hot_percent / 10);
        burn(cold_function, kSliceNs * (100 - hot_percent) / 10);
    }
}
