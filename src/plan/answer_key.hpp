// How an answer names the message that it answers: by the number that stands where {{$seq}} was, or by the
// value of a JSON field that message and answer have in common.
//
// Made before the run; then any thread, and nothing is allocated.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/units.hpp"
#include "json/field_reader.hpp"
#include "plan/message_text.hpp"
#include "plan/run_options.hpp"

namespace wsblast::plan {

// Finds the number that stands in a hole of a text, in whatever comes back of it: by the words before it.
// White space and a quote between them may differ, since servers write JSON their own way.
class NumberFinder {
  public:
    // Usage error: the text has no such hole, or nothing stands before it that it could be found by.
    [[nodiscard]] static Result<NumberFinder> make(const MessageText& text, HoleKind kind);

    [[nodiscard]] std::optional<std::uint64_t> find(std::string_view text) const;

  private:
    std::string words_;          // empty: the number begins the text
    std::uint32_t skipped_ = 0;  // how often they stand there before
};

class AnswerKey {
  public:
    enum class ReadKind : std::uint8_t {
        absent,  // the answer names no message
        number,  // it carries the message's number
        value,   // it carries a value: see carries()
    };
    struct Read {
        ReadKind kind = ReadKind::absent;
        std::uint64_t number = 0;
        std::string_view value{};  // lives until the reader's next read
    };

    // By {{$seq}} anywhere in the text. Usage error: NumberFinder::make().
    [[nodiscard]] static Result<AnswerKey> sequence(const MessageText& text);
    // By the value at pointers.sent of the message and at pointers.answer of its answer. Usage error: the
    // message is no JSON, has no plain value there, or one that cannot be told again ({{$timestamp}}).
    [[nodiscard]] static Result<AnswerKey> field(const MessageText& text, const FieldPointers& pointers);

    // What an answer says. `reader`: of the calling thread.
    [[nodiscard]] Read read(ByteView answer, json::FieldReader& reader) const;
    // Whether that message carries the value.
    [[nodiscard]] bool carries(const MessageId& id, std::string_view value) const;

  private:
    static constexpr std::size_t kValueMax = 512;

    [[nodiscard]] std::optional<std::uint64_t> number_in(std::string_view value) const;

    std::optional<NumberFinder> finder_;  // else: a field
    std::string pointer_;                 // of the answer
    MessageText value_;                   // of the message
};

// Which message of which connection it is that a listening connection receives.
struct Stamp {
    std::uint32_t connection = 0;
    std::uint64_t number = 0;
};

class StampReader {
  public:
    // `publishers`: connections that send; with one the text needs no {{$connection}}. Usage error: the
    // text lacks a hole that is needed.
    [[nodiscard]] static Result<StampReader> make(const MessageText& text, std::uint64_t publishers);

    // Nothing when the message carries no stamp of this run.
    [[nodiscard]] std::optional<Stamp> read(ByteView message) const;

  private:
    NumberFinder number_;
    std::optional<NumberFinder> connection_;
    std::uint64_t publishers_ = 1;
};

}  // namespace wsblast::plan
