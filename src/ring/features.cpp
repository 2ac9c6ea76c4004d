#include "ring/features.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <string>

#include <liburing.h>
#include <sys/resource.h>

#include "base/limits.hpp"
#include "ring/abi.hpp"

namespace wsblast::ring {

namespace {

constexpr std::uint32_t kTableSizeUseful = 16;

// The file limit bounds a ring's table: the soft one is raised to the hard one, for this process only.
std::uint32_t raise_file_limit() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    return static_cast<std::uint32_t>(std::min<rlim_t>(limit.rlim_cur, limits::kTableSizeMax));
}

Result<void> override_one(Features& features, std::string_view setting) {
    if (setting == "without=bind") {
        features.connect_path = ConnectPath::descriptor;
        return {};
    }
    if (setting == "without=inspect") {
        features.inspection = Inspection::none;
        return {};
    }
    constexpr std::string_view kTable = "table=";
    std::uint32_t size = 0;
    if (setting.starts_with(kTable)) {
        const char* end = setting.data() + setting.size();
        const auto [rest, error] = std::from_chars(setting.data() + kTable.size(), end, size);
        if (error == std::errc{} && rest == end && size > 0) {
            features.table_size_max = std::min(features.table_size_max, size);
            return {};
        }
    }
    return usage_error("WSBLAST_RING: '" + std::string(setting) +
                       "' is not known; allowed are without=bind, without=inspect and table=N");
}

}  // namespace

Error explain_setup_failure(int error) {
    switch (error) {
        case ENOSYS:
            return environment_error(
                "this kernel has no io_uring; wsblast needs Linux 6.1 or newer with CONFIG_IO_URING");
        case EPERM:
            return environment_error(
                "io_uring is not permitted (kernel.io_uring_disabled, or a container's seccomp profile): "
                "try 'sysctl -w kernel.io_uring_disabled=0', or allow io_uring_setup in the profile");
        case EINVAL:
            return environment_error(
                "this kernel's io_uring is too old; wsblast needs Linux 6.1 or newer (see 'uname -r')");
        case ENOMEM:
            return environment_error(
                "too little memory for a ring: free some, or raise the memory limit (cgroup memory.max, "
                "'ulimit -l')");
        case EMFILE:
        case ENFILE:
            return environment_error(
                "no file descriptor is left for a ring: raise 'ulimit -n' to 64 or more");
        default:  // tidy: an error number is not an enum
            return environment_error(std::string("a ring could not be set up: ") + std::strerror(error));
    }
}

Result<Features> probe_features(std::string_view override_text) {
    Features features;
    features.table_size_max = raise_file_limit();
    if (features.table_size_max < kTableSizeUseful) {
        return environment_error(
            "the file limit is " + std::to_string(features.table_size_max) +
            ", and a ring's table may not be larger: raise 'ulimit -n' to 1024 or more");
    }
    io_uring ring{};
    io_uring_params params{};
    params.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
    if (const int error = io_uring_queue_init_params(8, &ring, &params); error < 0) {
        return explain_setup_failure(-error);
    }
    io_uring_probe* probe = io_uring_get_probe_ring(&ring);
    // IORING_OP_BIND came with Linux 6.11, setting options through the ring with 6.7.
    features.connect_path = abi::knows(probe, abi::kOpBind) ? ConnectPath::chain : ConnectPath::descriptor;
    features.inspection = abi::knows(probe, abi::kOpInstall) ? Inspection::descriptor : Inspection::none;
    io_uring_free_probe(probe);
    io_uring_queue_exit(&ring);
    while (!override_text.empty()) {
        const std::size_t comma = std::min(override_text.find(','), override_text.size());
        if (const auto done = override_one(features, override_text.substr(0, comma)); !done)
            return done.error();
        override_text.remove_prefix(std::min(comma + 1, override_text.size()));
    }
    return features;
}

Result<Features> probe_features() {
    const char* override_text = std::getenv("WSBLAST_RING");
    return probe_features(override_text != nullptr ? override_text : "");
}

}  // namespace wsblast::ring
