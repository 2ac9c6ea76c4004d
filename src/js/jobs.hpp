// What promises have made ready: run in order, after each piece of work of a script, until nothing is left.
#pragma once

#include <memory>

#include <js/TypeDecls.h>

#include "js/machine.hpp"

namespace wsblast::js {

class Jobs {
  public:
    // `current` is the user for whom the script runs: a job belongs to the one for whom it was made.
    Jobs(JSContext* cx, UserId& current);
    ~Jobs();
    Jobs(const Jobs&) = delete;
    Jobs& operator=(const Jobs&) = delete;

    // Runs all, and what they make ready. False: one has thrown, or was stopped; `current` is its user.
    // With an exception pending the rest may be run by another call; without one, clear() is due.
    [[nodiscard]] bool run();
    void clear();
    [[nodiscard]] bool empty() const;

    // Promises that were rejected and have no handler by the time that all jobs are done: takes one of
    // them, or null.
    [[nodiscard]] JSObject* take_unhandled();

  private:
    class Queue;
    std::unique_ptr<Queue> queue_;
};

}  // namespace wsblast::js
