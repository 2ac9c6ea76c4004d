// Regular expressions of scenario files: JavaScript's, as far as PCRE2 knows them, compiled before the run.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace wsblast::regexp {

// Immutable once compiled, for any thread; only find() needs a Matcher of the thread's own.
class Pattern {
  public:
    // `flags`: JavaScript's g, i, m, s, u, y (g and y change nothing here). Usage error: what is wrong, and
    // where in the text.
    [[nodiscard]] static Result<Pattern> compile(std::string_view text, std::string_view flags);

    // The number of a named group.
    [[nodiscard]] std::optional<std::uint32_t> group(std::string_view name) const;
    [[nodiscard]] std::uint32_t groups() const;

  private:
    friend class Matcher;
    struct Code;
    std::shared_ptr<const Code> code_;
};

// One thread. Allocates nothing once made. Bounded work: a pattern that needs too many steps finds nothing.
class Matcher {
  public:
    Matcher();
    ~Matcher();
    Matcher(const Matcher&) = delete;
    Matcher& operator=(const Matcher&) = delete;

    // The first match, or one of its groups (0: all of it); none where nothing matches, or the group took
    // no part. Part of `subject`.
    [[nodiscard]] std::optional<std::string_view> find(const Pattern& pattern, std::string_view subject,
                                                       std::uint32_t group);

  private:
    struct Data;
    std::unique_ptr<Data> data_;
};

}  // namespace wsblast::regexp
