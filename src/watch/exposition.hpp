// Prometheus's text exposition format, version 0.0.4
// (https://prometheus.io/docs/instrumenting/exposition_formats/). Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace wsblast::watch {

struct Label {
    std::string name;
    std::string value;  // unescaped
    friend bool operator==(const Label&, const Label&) = default;
};

struct Sample {
    std::string name;
    std::vector<Label> labels;
    double value = 0;                       // NaN and infinities included
    std::optional<std::int64_t> time_ms{};  // where the endpoint gives one
};

// What a "# TYPE" line says; a name without one is untyped.
enum class FamilyType : std::uint8_t { untyped, counter, gauge, histogram, summary };
struct Family {
    std::string name;
    FamilyType type = FamilyType::untyped;
};

struct Exposition {
    std::vector<Sample> samples;
    std::vector<Family> families;  // of the TYPE lines
};

// Strict, as Prometheus is: one wrong line makes the whole answer wrong. Environment error, which names the
// line and what is wrong with it. HELP and other comments are skipped.
[[nodiscard]] Result<Exposition> parse_exposition(std::string_view text);

// [a-zA-Z_:][a-zA-Z0-9_:]*, and the same without colons for labels.
[[nodiscard]] bool is_metric_name(std::string_view text);
[[nodiscard]] bool is_label_name(std::string_view text);

// The labels from behind "{" to the "}", which `text` then begins behind; nothing but blanks may stand
// between them. Environment error.
[[nodiscard]] Result<std::vector<Label>> take_labels(std::string_view& text);

}  // namespace wsblast::watch
