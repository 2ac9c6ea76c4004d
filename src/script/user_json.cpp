#include <utility>

#include "base/limits.hpp"
#include "script/errors.hpp"
#include "script/user_text.hpp"

namespace wsblast::script {

namespace {

using plan::PartForm;
using plan::PartKind;
using plan::TextPart;
using plan::UserText;

// Between the quotes of a JSON string.
std::string escaped(std::string_view text) {
    const std::string quoted = to_json_text(text);
    return quoted.substr(1, quoted.size() - 2);
}

// Writes JSON, and lays down a part wherever a hole is. What has been written since the last one is
// `literal_`.
class JsonText {
  public:
    explicit JsonText(SlotTable& slots) : slots_(slots) {}

    Result<void> write(const Node& node, const std::string& key) {
        if (++depth_ > limits::kNestingMax) return error_at(node.place, key, "is nested too deep");
        const Result<void> written = write_kind(node, key);
        --depth_;
        return written;
    }
    UserText take() {
        flush();
        return std::move(made_);
    }

  private:
    Result<void> write_kind(const Node& node, const std::string& key) {
        switch (node.kind) {
            case NodeKind::null:
            case NodeKind::boolean:
            case NodeKind::number: literal_ += node.scalar_text(); return {};
            case NodeKind::text: return write_text(node, key);
            case NodeKind::list: return write_list(node, key);
            case NodeKind::map: return write_map(node, key);
        }
        return {};
    }

    // A variable and nothing else, which keeps its type. What a function gives is always a text.
    static bool is_variable(const UserText& text) {
        return text.one_value() &&
               (text.parts[0].kind == PartKind::variable || text.parts[0].kind == PartKind::unix_ms);
    }

    void put(TextPart part, PartForm form) {
        part.form = form;
        if (form != PartForm::json_member) part.literal = std::move(literal_) + part.literal;
        literal_.clear();
        made_.parts.push_back(std::move(part));
    }
    void flush() {
        if (!literal_.empty()) made_.parts.push_back({.literal = std::move(literal_)});
        literal_.clear();
    }
    void put_quoted(const UserText& text) {
        literal_ += '"';
        for (TextPart part : text.parts) {
            literal_ += escaped(std::exchange(part.literal, {}));
            if (part.kind != PartKind::literal) put(std::move(part), PartForm::json_escaped);
        }
        literal_ += '"';
    }

    Result<void> write_text(const Node& node, const std::string& key) {
        auto text = read_user_text(node.text, {node.place, key}, slots_);
        if (!text) return text.error();
        if (is_variable(*text)) {
            put(std::move(text->parts[0]), PartForm::json_value);
        } else {
            put_quoted(*text);
        }
        return {};
    }

    Result<void> write_list(const Node& node, const std::string& key) {
        literal_ += '[';
        for (std::size_t i = 0; i < node.items.size(); ++i) {
            if (i > 0) literal_ += ',';
            if (const auto item = write(node.items[i], item_path(key, i)); !item) return item;
        }
        literal_ += ']';
        return {};
    }

    Result<void> write_map(const Node& node, const std::string& key) {
        literal_ += '{';
        for (const Member& member : node.members) {
            const auto written = write_member(member, key, &member != &node.members.front());
            if (!written) return written;
        }
        literal_ += '}';
        return {};
    }

    Result<void> write_member(const Member& member, const std::string& key, int before) {
        const std::string path = key_path(key, member.key);
        auto name = read_user_text(member.key, {member.place, path}, slots_);
        if (!name) return name.error();
        if (member.value.is(NodeKind::text) && name->constant()) {
            auto text = read_user_text(member.value.text, {member.value.place, path}, slots_);
            if (!text) return text.error();
            if (is_variable(*text)) {
                flush();
                text->parts[0].literal = to_json_text(member.key) + ':';
                put(std::move(text->parts[0]), PartForm::json_member);
                return {};
            }
        }
        if (before != 0) put_comma();
        put_quoted(*name);
        literal_ += ':';
        return write(member.value, path);
    }
    // Behind a member that may be left out, it is a literal of its own, which loses it then.
    void put_comma() {
        const bool after_member =
            literal_.empty() && !made_.parts.empty() && made_.parts.back().form == PartForm::json_member;
        literal_ += ',';
        if (after_member) flush();
    }

    SlotTable& slots_;
    UserText made_;
    std::string literal_;
    std::uint32_t depth_ = 0;
};

}  // namespace

Result<UserText> parse_user_json(const Node& node, std::string_view key, SlotTable& slots) {
    JsonText json(slots);
    if (const auto written = json.write(node, std::string(key)); !written) return written.error();
    return json.take();
}

}  // namespace wsblast::script
