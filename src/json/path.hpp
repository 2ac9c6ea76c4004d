// JSONPath, as Artillery's scripts use it (jsonpath-plus): what it finds in a message.
//
//     $.a.b   $['a']   $.list[0]   $.list[-1]   $.list[0,2]   $.list[1:3]   $.*   $..id   $.list[?(@.n >
//     3)]
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/units.hpp"
#include "base/value.hpp"

namespace wsblast::json {

// One compiled expression. Immutable, for any thread.
class Path {
  public:
    // Usage error: what is not understood, and where in the text.
    [[nodiscard]] static Result<Path> parse(std::string_view text);

    struct Step;
    [[nodiscard]] const std::vector<std::shared_ptr<const Step>>& steps() const { return steps_; }

  private:
    std::vector<std::shared_ptr<const Step>> steps_;
};

// Looks into one message after the other. One thread; allocates only when a message is larger than all
// before it, or hits are many.
class PathReader {
  public:
    PathReader();
    ~PathReader();
    PathReader(const PathReader&) = delete;
    PathReader& operator=(const PathReader&) = delete;

    // Parses the message. False: it is no JSON object or array: then no path finds anything.
    [[nodiscard]] bool read(ByteView message);

    // How many values `path` finds in the message that was read last, in the order of the document; find()
    // keeps them until the next call of find() or read().
    [[nodiscard]] std::size_t find(const Path& path);
    // Hit `index` of the last find(): text and objects (as JSON) live until the next find() or read().
    [[nodiscard]] Value hit(std::size_t index);
    // All hits as a JSON array.
    [[nodiscard]] Value all_hits();

    // The value at a lodash path ({"items", "0", "id"}) within JSON text; undefined: there is none. Lives
    // until the next call of anything.
    [[nodiscard]] Value get(std::string_view json, const std::vector<std::string>& path);

    // The elements of a JSON array of any length, in their order; none where it is no array.
    [[nodiscard]] std::vector<OwnedValue> elements(std::string_view json);

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace wsblast::json
