// The result of a search for capacity, as a person reads it and as JSON; and how far it is.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/units.hpp"
#include "report/progress_line.hpp"
#include "stats/capacity_result.hpp"

namespace wsblast::report {

inline constexpr std::string_view kCapacitySchema = "wsblast.capacity/1";

// The figure, the limit with its evidence and remedy, the pace, the plateaus, what a connection costs, and
// what became of them while held and in a storm. Bytes of the server are shown with "." for what is not
// printable ASCII.
[[nodiscard]] std::string capacity_text(const stats::CapacityResult& result);

// One object of kCapacitySchema, with a line feed.
[[nodiscard]] std::string capacity_json(const stats::CapacityResult& result);

// "[12 s] 410,000 of 512,000 open, 31,204 connections/s": printable ASCII without a line feed.
[[nodiscard]] std::string capacity_progress_text(const stats::CapacityProgress& progress);

// As ProgressWriter, for this kind of progress. One thread uses it.
class CapacityProgressWriter {
  public:
    CapacityProgressWriter(int fd, ProgressMode mode) : line_(fd, mode) {}

    // live: shows every call; plain: the first of each phase and plateau, then one every kPlainProgressNs.
    void show(const stats::CapacityProgress& progress);
    // Takes the live line away.
    void clear() { line_.clear(); }

  private:
    void show_plain(const stats::CapacityProgress& progress);

    ProgressLine line_;
    std::optional<stats::CapacityPhase> last_phase_;
    std::uint64_t last_wanted_ = 0;
    TimeNs last_shown_ns_ = 0;
};

}  // namespace wsblast::report
