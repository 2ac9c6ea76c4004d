#include "script/extracts.hpp"

#include <array>
#include <cmath>
#include <optional>

#include "script/errors.hpp"
#include "script/user_text.hpp"

namespace wsblast::script {

namespace {

constexpr std::array<std::string_view, 8> kCaptureKeys{"json",  "regexp", "as",       "strict",
                                                       "group", "flags",  "multiple", "wsblast"};
constexpr std::array<std::string_view, 8> kMatchKeys{"json",  "regexp", "value",    "strict",
                                                     "group", "flags",  "multiple", "wsblast"};
constexpr std::array<std::string_view, 3> kElsewhere{"xpath", "selector", "header"};

// Reads the specs of one `capture` or `match`.
class SpecReader {
  public:
    SpecReader(const Node& spec, std::string key, FlowContext& into)
        : spec_(spec), key_(std::move(key)), into_(into) {}

    Result<plan::Capture> capture() {
        auto extract = read_extract(kCaptureKeys);
        if (!extract) return extract.error();
        const Node* as = spec_.find("as");
        if (as == nullptr) return fault(spec_, {}, "as, the variable that is captured, is missing");
        auto name = text_of(*as, path("as"));
        if (!name) return name.error();
        if (name->empty()) return fault(*as, "as", "is empty");
        const auto strictness = read_strictness(into_.captures);
        if (!strictness) return strictness.error();
        return plan::Capture{std::move(*extract), into_.slots.written(*name), *strictness};
    }

    Result<plan::Match> match() {
        auto extract = read_extract(kMatchKeys);
        if (!extract) return extract.error();
        plan::Match made{.extract = std::move(*extract)};
        const auto strictness = read_strictness(plan::Strictness::strict);
        if (!strictness) return strictness.error();
        made.strictness = *strictness;
        const Node* value = spec_.find("value");
        if (value == nullptr) return fault(spec_, {}, "value, what has to be found, is missing");
        return with_value(std::move(made), *value);
    }

  private:
    std::string path(std::string_view key) const { return key_path(key_, key); }
    Error fault(const Node& node, std::string_view key, std::string_view what) const {
        return error_at(node.place, path(key), what);
    }

    Result<plan::Extract> read_extract(std::span<const std::string_view> known) {
        if (!spec_.is_map()) return fault(spec_, {}, not_a("a map like {json: \"$.id\", ...}", spec_));
        for (const std::string_view other : kElsewhere) {
            if (const Member* member = spec_.find_member(other)) {
                return error_at(member->place, path(other),
                                "does not work on WebSocket messages; json or regexp do");
            }
        }
        const Node* json = spec_.find("json");
        const Node* regexp = spec_.find("regexp");
        if (json == nullptr && regexp == nullptr) {
            std::string near;
            for (const Member& member : spec_.members)
                near = near.empty() ? did_you_mean(member.key, known.first(2)) : near;
            return fault(spec_, {}, "json or regexp is missing" + near);
        }
        if (json != nullptr && regexp != nullptr) return fault(spec_, {}, "has both json and regexp");
        warn_of_others(spec_, key_, {known, "has no meaning here"}, into_.warnings);
        return json != nullptr ? read_json(*json) : read_regexp(*regexp);
    }

    Result<plan::Extract> read_json(const Node& json) {
        auto text = text_of(json, path("json"));
        if (!text) return text.error();
        auto parsed = json::Path::parse(*text);
        if (!parsed) return fault(json, "json", parsed.error().what);
        plan::Extract extract{.kind = plan::ExtractKind::json, .text = std::move(*text)};
        extract.path = std::make_shared<const json::Path>(std::move(*parsed));
        if (const Node* multiple = spec_.find("multiple")) {
            const auto several = boolean_of(*multiple, path("multiple"));
            if (!several) return several.error();
            extract.one_of_several = *several;
        }
        return extract;
    }

    Result<plan::Extract> read_regexp(const Node& regexp) {
        auto text = text_of(regexp, path("regexp"));
        if (!text) return text.error();
        std::string flags;
        if (const Node* given = spec_.find("flags")) {
            auto read = text_of(*given, path("flags"));
            if (!read) return read.error();
            flags = std::move(*read);
        }
        auto pattern = regexp::Pattern::compile(*text, flags);
        if (!pattern) return fault(regexp, "regexp", pattern.error().what);
        plan::Extract extract{.kind = plan::ExtractKind::regexp, .text = std::move(*text)};
        if (const Node* group = spec_.find("group")) {
            const auto number = group_of(*group, *pattern);
            if (!number) return number.error();
            extract.group = *number;
        }
        extract.pattern = std::make_shared<const regexp::Pattern>(std::move(*pattern));
        return extract;
    }

    // A number, or a name.
    Result<std::uint32_t> group_of(const Node& node, const regexp::Pattern& pattern) const {
        const auto number = node.as_numeric();
        if (number && std::floor(*number) == *number && *number >= 0 && *number <= pattern.groups())
            return static_cast<std::uint32_t>(*number);
        if (number) {
            return fault(
                node, "group",
                not_a("0 to " + std::to_string(pattern.groups()) + ", the groups that there are", node));
        }
        const auto name = node.as_text();
        if (!name) return fault(node, "group", not_a("a number or a name", node));
        const auto named = pattern.group(*name);
        if (!named) return fault(node, "group", "the regular expression has no group '" + node.text + "'");
        return *named;
    }

    Result<plan::Strictness> read_strictness(plan::Strictness otherwise) const {
        const Node* node = spec_.find("strict");
        if (node == nullptr) return otherwise;
        const auto strict = boolean_of(*node, path("strict"));
        if (!strict) return strict.error();
        return *strict ? plan::Strictness::strict : plan::Strictness::lax;
    }

    Result<plan::Match> with_value(plan::Match made, const Node& value) {
        switch (value.kind) {
            case NodeKind::null: made.fixed = OwnedValue(Value::of_null()); return made;
            case NodeKind::boolean: made.fixed = OwnedValue(Value::of_boolean(value.number)); return made;
            case NodeKind::number: made.fixed = OwnedValue(Value::of_number(value.number)); return made;
            case NodeKind::list:
            case NodeKind::map:
                return fault(value, "value", not_a("a text, a number, true, false or null", value));
            case NodeKind::text: break;
        }
        auto text = read_user_text(value.text, {value.place, key_path(key_, "value")}, into_.slots);
        if (!text) return text.error();
        if (text->constant()) {
            made.fixed = OwnedValue(Value::of_text(text->text()));
        } else {
            made.value = std::move(*text);
        }
        return made;
    }

    const Node& spec_;
    std::string key_;
    FlowContext& into_;
};

// fn(reader) for one spec, or for each of a list.
template <class Made, class Fn>
Result<std::vector<Made>> read_specs(const Node& node, const std::string& key, FlowContext& into, Fn fn) {
    std::vector<Made> all;
    const auto add = [&](const Node& spec, const std::string& path) -> Result<void> {
        SpecReader reader(spec, path, into);
        auto made = fn(reader);
        if (!made) return made.error();
        all.push_back(std::move(*made));
        return {};
    };
    if (!node.is_list()) {
        if (const auto added = add(node, key); !added) return added.error();
        return all;
    }
    if (node.items.empty()) return error_at(node.place, key, "is an empty list");
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        if (const auto added = add(node.items[i], item_path(key, i)); !added) return added.error();
    }
    return all;
}

}  // namespace

Result<std::vector<plan::Capture>> compile_captures(const Node& node, const std::string& key,
                                                    FlowContext& into) {
    return read_specs<plan::Capture>(node, key, into, [](SpecReader& reader) { return reader.capture(); });
}

Result<std::vector<plan::Match>> compile_matches(const Node& node, const std::string& key,
                                                 FlowContext& into) {
    return read_specs<plan::Match>(node, key, into, [](SpecReader& reader) { return reader.match(); });
}

}  // namespace wsblast::script
