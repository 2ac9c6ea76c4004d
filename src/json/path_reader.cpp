#include <algorithm>
#include <charconv>
#include <deque>
#include <variant>

#include "base/limits.hpp"
#include "json/document.hpp"
#include "json/path.hpp"
#include "json/path_step.hpp"
#include "json/path_value.hpp"

namespace wsblast::json {

namespace {

namespace dom = simdjson::dom;

// What a step leads to: a value of the document, or the length of an array.
using Hit = std::variant<dom::element, std::size_t>;

Value value_of(const Hit& hit) {
    if (const auto* length = std::get_if<std::size_t>(&hit))
        return Value::of_number(static_cast<double>(*length));
    return scalar_of(std::get<dom::element>(hit));
}

std::size_t size_of(const dom::element& array) {
    // The count that an array carries ends at 2^24 - 1; no message has more.
    return array.get_array().value_unsafe().size();
}

std::optional<dom::element> item_at(const dom::element& array, std::int64_t index) {
    dom::element item;
    if (index < 0) index += static_cast<std::int64_t>(size_of(array));
    if (index < 0) return std::nullopt;
    if (array.at(static_cast<std::size_t>(index)).get(item) != simdjson::SUCCESS) return std::nullopt;
    return item;
}

std::optional<Hit> member_of(const dom::element& element, std::string_view name) {
    dom::element found;
    if (element.is_object()) {
        if (element.at_key(name).get(found) != simdjson::SUCCESS) return std::nullopt;
        return found;
    }
    if (!element.is_array()) return std::nullopt;
    if (name == "length") return size_of(element);
    std::int64_t index = 0;
    const auto [rest, error] = std::from_chars(name.data(), name.data() + name.size(), index);
    if (error != std::errc{} || rest != name.data() + name.size() || index < 0) return std::nullopt;
    const auto item = item_at(element, index);
    return item ? std::optional<Hit>(*item) : std::nullopt;
}

std::optional<Hit> follow(const dom::element& from, const std::vector<std::string>& names) {
    Hit at = from;
    for (const std::string& name : names) {
        const auto* element = std::get_if<dom::element>(&at);
        if (element == nullptr) return std::nullopt;
        const auto next = member_of(*element, name);
        if (!next) return std::nullopt;
        at = *next;
    }
    return at;
}

Value operand_value(const FilterOperand& operand, const dom::element& current) {
    if (operand.kind == FilterOperand::Kind::literal) return operand.literal.view();
    const auto found = follow(current, operand.names);
    return found ? value_of(*found) : Value{};
}

bool holds(const FilterNode& node, const dom::element& current) {
    const auto part_holds = [&](const FilterNode& part) { return holds(part, current); };
    switch (node.kind) {
        case FilterNode::Kind::any_of: return std::ranges::any_of(node.parts, part_holds);
        case FilterNode::Kind::all_of: return std::ranges::all_of(node.parts, part_holds);
        case FilterNode::Kind::negation: return !part_holds(node.parts.front());
        case FilterNode::Kind::truth: return is_true(operand_value(node.left, current));
        case FilterNode::Kind::comparison:
            return compare(operand_value(node.left, current), node.by, operand_value(node.right, current));
    }
    return false;
}

// fn(element) for each value of an array or an object.
template <class Fn>
void for_each_child(const dom::element& parent, Fn fn) {
    if (parent.is_array()) {
        const dom::array items = parent.get_array().value_unsafe();
        for (const dom::element item : items) fn(item);
    } else if (parent.is_object()) {
        const dom::object members = parent.get_object().value_unsafe();
        for (const auto& [key, value] : members) fn(value);
    }
}

// Of a step that leads to one member of that name, as most do: no walk is needed for it.
const std::string* only_name(const Path::Step& step) {
    const bool one = step.reach == Path::Step::Reach::children && step.selectors.size() == 1 &&
                     step.selectors.front().kind == Selector::Kind::name;
    return one ? &step.selectors.front().name : nullptr;
}

// Follows a path's steps, depth first; what is looked at and what is found is bounded.
class Walk {
  public:
    Walk(const Path& path, std::vector<Hit>& hits) : steps_(path.steps()), hits_(hits) {}

    void from(const Hit& hit, std::size_t step) {
        if (++visits_ > limits::kPathVisitsMax || hits_.size() >= limits::kPathHitsMax) return;
        if (step == steps_.size()) {
            hits_.push_back(hit);
            return;
        }
        const auto* element = std::get_if<dom::element>(&hit);
        if (element == nullptr) return;
        for (const Selector& selector : steps_[step]->selectors) select(*element, selector, step);
        if (steps_[step]->reach == Path::Step::Reach::children) return;
        for_each_child(*element, [&](const dom::element& child) {
            if (child.is_array() || child.is_object()) from(child, step);
        });
    }

  private:
    void select(const dom::element& element, const Selector& selector, std::size_t step) {
        switch (selector.kind) {
            case Selector::Kind::name: return select_member(element, selector.name, step);
            case Selector::Kind::index:
                if (!element.is_array()) return select_member(element, selector.name, step);
                if (const auto item = item_at(element, selector.index)) from(*item, step + 1);
                return;
            case Selector::Kind::slice: return select_slice(element, selector, step);
            case Selector::Kind::every:
                return for_each_child(element, [&](const dom::element& child) { from(child, step + 1); });
            case Selector::Kind::filter:
                return for_each_child(element, [&](const dom::element& child) {
                    if (++visits_ <= limits::kPathVisitsMax && holds(selector.filter, child))
                        from(child, step + 1);
                });
        }
    }
    void select_member(const dom::element& element, std::string_view name, std::size_t step) {
        if (const auto member = member_of(element, name)) from(*member, step + 1);
    }
    void select_slice(const dom::element& element, const Selector& slice, std::size_t step) {
        if (!element.is_array()) return;
        const auto size = static_cast<std::int64_t>(size_of(element));
        const auto clamped = [size](std::int64_t place) {
            return std::clamp<std::int64_t>(place < 0 ? place + size : place, 0, size);
        };
        const std::int64_t first = clamped(slice.first.value_or(0));
        const std::int64_t last = clamped(slice.last.value_or(size));
        std::int64_t index = 0;
        for_each_child(element, [&](const dom::element& child) {
            const std::int64_t at = index++;
            if (at >= first && at < last && (at - first) % slice.stride == 0) from(child, step + 1);
        });
    }

    const std::vector<std::shared_ptr<const Path::Step>>& steps_;
    std::vector<Hit>& hits_;
    std::size_t visits_ = 0;
};

}  // namespace

struct PathReader::Parts {
    DocumentParser parser;
    DocumentParser stored_parser;  // of get(): what was read last stays
    std::optional<dom::element> document;
    std::vector<Hit> hits;
    // JSON of hits: kept for the next ones, so that nothing is allocated again.
    std::deque<std::string> texts;
    std::size_t texts_used = 0;
    std::string all;
    std::string got;

    std::string& next_text() {
        if (texts_used == texts.size()) texts.emplace_back();
        std::string& text = texts[texts_used++];
        text.clear();
        return text;
    }
};

PathReader::PathReader() : parts_(std::make_unique<Parts>()) {}
PathReader::~PathReader() = default;

bool PathReader::read(ByteView message) {
    parts_->hits.clear();
    parts_->document = parts_->parser.parse(message);
    if (parts_->document && !parts_->document->is_array() && !parts_->document->is_object())
        parts_->document.reset();
    return parts_->document.has_value();
}

std::size_t PathReader::find(const Path& path) {
    parts_->hits.clear();
    parts_->texts_used = 0;
    if (!parts_->document) return 0;
    dom::element at = *parts_->document;
    std::size_t step = 0;
    for (; at.is_object() && step < path.steps().size(); ++step) {
        const std::string* name = only_name(*path.steps()[step]);
        if (name == nullptr) break;
        if (at.at_key(*name).get(at) != simdjson::SUCCESS) return 0;
    }
    Walk(path, parts_->hits).from(at, step);
    return parts_->hits.size();
}

Value PathReader::hit(std::size_t index) {
    const Hit& hit = parts_->hits[index];
    const Value value = value_of(hit);
    if (value.type != ValueType::json) return value;
    std::string& json = parts_->next_text();
    append_element(json, std::get<dom::element>(hit));
    return Value::of_json(json);
}

Value PathReader::all_hits() {
    std::string& json = parts_->all;
    json = "[";
    for (const Hit& hit : parts_->hits) {
        if (json.size() > 1) json += ',';
        if (const auto* element = std::get_if<dom::element>(&hit)) {
            append_element(json, *element);
        } else {
            append_number(json, value_of(hit).number);
        }
    }
    json += ']';
    return Value::of_json(json);
}

Value PathReader::get(std::string_view json, const std::vector<std::string>& path) {
    const auto document = parts_->stored_parser.parse(as_bytes(json));
    if (!document) return {};
    const auto found = follow(*document, path);
    if (!found) return {};
    const Value value = value_of(*found);
    if (value.type != ValueType::json) return value;
    parts_->got.clear();
    append_element(parts_->got, std::get<dom::element>(*found));
    return Value::of_json(parts_->got);
}

std::vector<OwnedValue> PathReader::elements(std::string_view json) {
    std::vector<OwnedValue> elements;
    const auto document = parts_->stored_parser.parse(as_bytes(json));
    if (!document || !document->is_array()) return elements;
    for_each_child(*document, [&](const dom::element& element) {
        Value value = value_of(element);
        if (value.type == ValueType::json) {
            parts_->got.clear();
            append_element(parts_->got, element);
            value.text = parts_->got;
        }
        elements.emplace_back(value);
    });
    return elements;
}

}  // namespace wsblast::json
