// Any text as a text with holes: what is taken comes out again from its parts, within the quotes of JSON
// too; what is refused is refused with a usage error.
#include <string>

#include "base/limits.hpp"
#include "base/node.hpp"
#include "script/user_text.hpp"
#include "tests/fuzz/fuzz_entry.hpp"

namespace {

using namespace wsblast;
using plan::PartForm;
using plan::PartKind;

void check_parts(const plan::UserText& text, const std::vector<plan::Slot>& slots) {
    for (std::size_t i = 0; i < text.parts.size(); ++i) {
        const plan::TextPart& part = text.parts[i];
        const bool last = i + 1 == text.parts.size();
        const bool literal = part.kind == PartKind::literal;
        fuzz::require(!literal || (!part.literal.empty() && last), "a literal alone is the end");
        fuzz::require(part.kind != PartKind::variable || part.slot < slots.size(), "variables have slots");
        fuzz::require(part.path.size() <= limits::kPathStepsMax, "paths are bounded");
        fuzz::require(part.kind != PartKind::random_number || part.low <= part.high, "ranges are ranges");
        fuzz::require(part.kind != PartKind::random_string || part.low <= limits::kRandomStringMax,
                      "random strings are bounded");
    }
}

// The literals of a text within quotes, and a letter for each hole, are a JSON string.
void check_json(const Node& list, script::SlotTable& slots) {
    const auto json = script::parse_user_json(list, "send", slots);
    fuzz::require(json.ok(), "what is a text is one in JSON, too");
    std::string written;
    for (const plan::TextPart& part : json->parts) {
        written += part.literal;
        if (part.form == PartForm::json_value) written += "null";
        if (part.form == PartForm::json_escaped) written += 'x';
    }
    fuzz::require(written.starts_with('[') && written.ends_with(']'), "brackets are where they were");
    for (const char letter : written)
        fuzz::require(static_cast<unsigned char>(letter) >= ' ', "what JSON must escape is escaped");
}

}  // namespace

std::span<const std::string> wsblast::fuzz::samples() {
    static const std::vector<std::string> all{
        "{{ name }} {{{ user.items[0]['id'] }}} {{ $randomNumber(1, 10) }}",
        "{\"a\":{{{x}},\"b\":\"{{ $randomString(8) }}\\n\"}",
        "{{$timestamp}}{{ $uuid }}{{ a b.c-d[\"e\"] }}}}",
        "plain \" \\ \x01",
    };
    return all;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string source(as_text({data, size}));
    std::vector<plan::Slot> slots;
    script::SlotTable table(slots);
    const auto text = script::parse_user_text(source, table);
    if (!text) {
        fuzz::require(text.error().fault == Fault::usage, "a bad text is a usage error");
        return 0;
    }
    check_parts(*text, slots);
    const bool holes = source.find("{{") != std::string::npos;
    fuzz::require(text->constant() == !holes, "what has no {{ is constant");
    fuzz::require(holes || text->text() == source, "a text without holes is itself");
    Node list = Node::of_list({});
    list.items.push_back(Node::of_text(source, {}));
    check_json(list, table);
    return 0;
}
