// What is left of the memory that a worker may take for compression. Linux grants more than there is and
// ends the process that uses it: who asks here first is told while there is time.
//
// One worker thread.
#pragma once

#include <cstdint>

namespace wsblast::session {

class MemoryBudget {
  public:
    explicit MemoryBudget(std::uint64_t bytes) : left_bytes_(bytes) {}

    // Takes so many bytes, to give them back never: what was made is used again. False: there are fewer.
    [[nodiscard]] bool take(std::uint64_t bytes) {
        if (bytes > left_bytes_) return false;
        left_bytes_ -= bytes;
        return true;
    }

    [[nodiscard]] std::uint64_t left_bytes() const { return left_bytes_; }

  private:
    std::uint64_t left_bytes_;
};

}  // namespace wsblast::session
