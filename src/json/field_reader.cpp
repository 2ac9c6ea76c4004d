#include "json/field_reader.hpp"

#include <charconv>

#include "json/document.hpp"

namespace wsblast::json {

namespace dom = simdjson::dom;

FieldReader::FieldReader() : parser_(std::make_unique<DocumentParser>()) {}
FieldReader::FieldReader(FieldReader&&) noexcept = default;
FieldReader& FieldReader::operator=(FieldReader&&) noexcept = default;
FieldReader::~FieldReader() = default;

std::optional<std::string_view> FieldReader::read(ByteView message, std::string_view pointer) {
    const auto document = parser_->parse(message);
    if (!document) return std::nullopt;
    dom::element value;
    if (document->at_pointer(pointer).get(value) != simdjson::SUCCESS) return std::nullopt;
    const auto number = [this](auto plain) {
        const auto [end, error] = std::to_chars(number_.data(), number_.data() + number_.size(), plain);
        return std::string_view(number_.data(), static_cast<std::size_t>(end - number_.data()));
    };
    switch (value.type()) {
        case dom::element_type::STRING: return std::string_view(value.get_string().value_unsafe());
        case dom::element_type::INT64: return number(value.get_int64().value_unsafe());
        case dom::element_type::UINT64: return number(value.get_uint64().value_unsafe());
        case dom::element_type::DOUBLE: return number(value.get_double().value_unsafe());
        case dom::element_type::BOOL: return value.get_bool().value_unsafe() ? "true" : "false";
        case dom::element_type::NULL_VALUE: return "null";
        case dom::element_type::ARRAY:
        case dom::element_type::OBJECT: return std::nullopt;
    }
    return std::nullopt;
}

}  // namespace wsblast::json
