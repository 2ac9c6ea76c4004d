// Reads one value of a JSON message, where a JSON pointer says (RFC 6901).
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string_view>

#include "base/units.hpp"

namespace wsblast::json {

class DocumentParser;

// One worker thread owns a reader. Nothing throws; a message of up to 64 KiB allocates nothing.
class FieldReader {
  public:
    FieldReader();
    FieldReader(FieldReader&&) noexcept;
    FieldReader& operator=(FieldReader&&) noexcept;
    ~FieldReader();

    // The value at `pointer`: of a string its content, of a number its shortest text, "true", "false" or
    // "null". Nothing when it is an object or an array, when nothing is there, or the message is no JSON.
    // It lives until the next call.
    [[nodiscard]] std::optional<std::string_view> read(ByteView message, std::string_view pointer);

  private:
    std::unique_ptr<DocumentParser> parser_;
    std::array<char, 32> number_{};
};

}  // namespace wsblast::json
