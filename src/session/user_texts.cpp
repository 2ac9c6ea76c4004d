#include "session/user_texts.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "base/limits.hpp"
#include "base/prng.hpp"

namespace wsblast::session {

namespace {

using plan::PartForm;
using plan::PartKind;
using plan::TextPart;

void append_plain(std::string& out, const Value& value, std::string_view undefined) {
    switch (value.type) {
        case ValueType::undefined: out += undefined; return;
        case ValueType::text: out += value.text; return;
        case ValueType::number: append_number(out, value.number); return;
        case ValueType::null:
        case ValueType::boolean:
        case ValueType::json: append_json(out, value); return;
    }
}

void append_in_form(std::string& out, PartForm form, const Value& value, std::string_view undefined) {
    switch (form) {
        case PartForm::plain: append_plain(out, value, undefined); return;
        case PartForm::json_value:
        case PartForm::json_member: append_json(out, value); return;
        case PartForm::json_escaped: {
            std::string plain;
            append_plain(plain, value, undefined);
            append_escaped(out, plain);
            return;
        }
    }
}

bool ends_with_brace(const std::string& text) {
    return !text.empty() && text.back() == '{';
}

constexpr std::string_view kCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

}  // namespace

void append_number(std::string& out, double number) {
    constexpr double kFixedMax = 1e21;  // ECMA-262 6.1.6.1.20
    constexpr double kFixedMin = 1e-6;
    std::array<char, 400> digits{};
    const double size = std::fabs(number);
    const bool fixed = size == 0 || (size < kFixedMax && size >= kFixedMin);
    const auto format = fixed ? std::chars_format::fixed : std::chars_format::scientific;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, format).ptr;
    out.append(digits.data(), end);
}

void append_escaped(std::string& out, std::string_view text) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    constexpr std::string_view kNamed = "\"\\\n\r\t\b\f";  // what has a short form, ...
    constexpr std::string_view kNames = "\"\\nrtbf";       // ... and that form's letter
    for (const char character : text) {
        const auto byte = static_cast<unsigned char>(character);
        const std::size_t named = kNamed.find(character);
        if (named != std::string_view::npos) {
            out += {'\\', kNames[named]};
        } else if (byte >= 0x20) {
            out += character;
        } else {
            out += "\\u00";
            out += {kDigits[byte >> 4], kDigits[byte & 0xf]};
        }
    }
}

void append_json(std::string& out, const Value& value) {
    switch (value.type) {
        case ValueType::undefined:
        case ValueType::null: out += "null"; return;
        case ValueType::boolean: out += value.number != 0 ? "true" : "false"; return;
        case ValueType::number:
            if (std::isfinite(value.number)) return append_number(out, value.number);
            out += "null";
            return;
        case ValueType::json: out += value.text; return;
        case ValueType::text:
            out += '"';
            append_escaped(out, value.text);
            out += '"';
            return;
    }
}

void UserTexts::append(UserRef user, const plan::UserText& text, std::string& out) {
    for (std::size_t i = 0; i < text.parts.size() && out.size() < limits::kUserTextMax; ++i)
        append_part(user, text, i, out);
    if (out.size() > limits::kUserTextMax) out.resize(limits::kUserTextMax);
}

Value UserTexts::value(UserRef user, const plan::UserText& text) {
    if (text.one_value() && text.parts[0].kind == PartKind::variable)
        return look_up(user, text.parts[0].slot, text.parts[0].path);
    return Value::of_text(write(user, text));
}

Value UserTexts::look_up(UserRef user, plan::SlotId slot, const std::vector<std::string>& path) {
    const Value value = variables_.get(user, slot);
    if (path.empty()) return value;
    return value.type == ValueType::json ? reader_.get(value.text, path) : Value{};
}

void UserTexts::append_part(UserRef user, const plan::UserText& text, std::size_t number,
                            std::string& out) {
    const TextPart& part = text.parts[number];
    // A variable that is not there leaves its member out.
    const bool made = part.kind != PartKind::literal && part.kind != PartKind::variable;
    if (made && part.form == PartForm::json_member && !ends_with_brace(out)) out += ',';
    switch (part.kind) {
        case PartKind::literal: return append_literal(text, number, out);
        case PartKind::variable: {
            const Value value = look_up(user, part.slot, part.path);
            const bool member = part.form == PartForm::json_member;
            if (member && value.type == ValueType::undefined) return;
            if (member && !ends_with_brace(out)) out += ',';
            out += part.literal;
            return append_in_form(out, part.form, value, text.undefined_text);
        }
        case PartKind::random_number: {
            out += part.literal;
            const std::uint64_t range = part.high - part.low + 1;
            const std::uint64_t drawn = part.low + below(random_of(user, number, 0), range);
            return append_number(out, static_cast<double>(drawn));
        }
        case PartKind::random_string:
            out += part.literal;
            if (part.form == PartForm::json_value || part.form == PartForm::json_member) out += '"';
            for (std::uint64_t i = 0; i < part.low; ++i)
                out += kCharacters[below(random_of(user, number, i), kCharacters.size())];
            if (part.form == PartForm::json_value || part.form == PartForm::json_member) out += '"';
            return;
        case PartKind::unix_ms:
            out += part.literal;
            return append_number(out, static_cast<double>(wall_clock_.unix_ms(monotonic_now())));
    }
}

// After a member that may have been left out, no comma follows the brace.
void UserTexts::append_literal(const plan::UserText& text, std::size_t number, std::string& out) {
    const std::string& literal = text.parts[number].literal;
    const bool after_member = number > 0 && text.parts[number - 1].form == PartForm::json_member;
    const bool drops = after_member && literal.starts_with(',') && ends_with_brace(out);
    out.append(literal, drops ? 1 : 0, std::string::npos);
}

// Another one for each user, life, action, pass of its loops, and place in the text.
std::uint64_t UserTexts::random_of(UserRef user, std::size_t part, std::uint64_t index) const {
    std::uint64_t place = mix(std::uint64_t{user.state.number} << 32 | user.state.action);
    for (const std::uint32_t passes : user.state.passes) place = mix(place ^ passes);
    if (user.state.lives != 0) place = mix(place ^ user.state.lives);
    return draw(seed_, Stream::user_value, mix(place ^ part) + index);
}

}  // namespace wsblast::session
