#include "script/payload.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/limits.hpp"
#include "script/csv.hpp"
#include "script/errors.hpp"
#include "script/files.hpp"
#include "script/variables.hpp"
#include "text/format.hpp"

namespace wsblast::script {

namespace {

constexpr std::array<std::string_view, 10> kPayloadKeys{
    "path", "fields",         "order",   "skipHeader", "delimiter",
    "cast", "skipEmptyLines", "loadAll", "name",       "options"};
constexpr std::array<std::string_view, 14> kCsvOptions{"delimiter",    "quote",
                                                       "escape",       "comment",
                                                       "trim",         "ltrim",
                                                       "rtrim",        "relax",
                                                       "relax_quotes", "relax_column_count",
                                                       "cast",         "skip_empty_lines",
                                                       "from_line",    "to_line"};

enum class Cast : std::uint8_t { none, numbers };

// What one entry of config.payload says.
struct PayloadSpec {
    std::string path;
    std::vector<std::string> fields;
    plan::RowOrder order = plan::RowOrder::random;
    Cast cast = Cast::numbers;
    std::string table_name{};  // loadAll: the variable that has all rows; empty: one row a user
    CsvOptions csv{};
};

// As csv-parse casts: "7", "-0.5", "1e3", blanks around; never "", "0x10" or "Infinity".
std::optional<double> parse_cell(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    if (text.starts_with('+')) text.remove_prefix(1);
    double value = 0;
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || rest != end || !std::isfinite(value)) return {};
    return value;
}

OwnedValue cell_value(std::string_view text, Cast cast) {
    if (cast == Cast::none) return OwnedValue(Value::of_text(text));
    if (const auto number = parse_cell(text)) return OwnedValue(Value::of_number(*number));
    return OwnedValue(Value::of_text(text));
}

// Reads one entry after the other.
class PayloadReader {
  public:
    PayloadReader(const PayloadSource& source, std::vector<std::string>& warnings)
        : source_(source), warnings_(warnings) {}

    [[nodiscard]] Result<PayloadSpec> read(const Node& node, std::size_t index, std::string key);

  private:
    [[nodiscard]] Result<void> read_path(const Node& node, std::size_t index);
    [[nodiscard]] Result<void> read_fields(const Node& node);
    [[nodiscard]] Result<void> read_order(const Node& node);
    [[nodiscard]] Result<void> read_all(const Node& node);
    [[nodiscard]] Result<void> read_csv_keys(const Node& node);
    [[nodiscard]] Result<void> read_option(const Member& option, const std::string& option_key);
    [[nodiscard]] Result<void> read_word(const Node& value, const std::string& option_key,
                                         std::string& into);
    [[nodiscard]] Result<void> read_switch(const Member& option, const std::string& option_key);
    void set_switch(std::string_view name, bool on);
    [[nodiscard]] std::string key(std::string_view name) const { return key_path(key_, name); }

    const PayloadSource& source_;
    std::vector<std::string>& warnings_;
    std::string key_;
    PayloadSpec spec_;
};

Result<PayloadSpec> PayloadReader::read(const Node& node, std::size_t index, std::string entry_key) {
    key_ = std::move(entry_key);
    spec_ = {};
    if (!node.is_map()) return error_at(node.place, key_, not_a("a map of keys", node));
    warn_of_others(node, key_, {kPayloadKeys, "has no meaning in a payload"}, warnings_);
    if (const auto path = read_path(node, index); !path) return path.error();
    if (const auto fields = read_fields(node); !fields) return fields.error();
    if (const auto order = read_order(node); !order) return order.error();
    if (const auto all = read_all(node); !all) return all.error();
    if (const auto keys = read_csv_keys(node); !keys) return keys.error();
    return spec_;
}

Result<void> PayloadReader::read_path(const Node& node, std::size_t index) {
    if (index < source_.paths.size()) {
        spec_.path = source_.paths[index];
        return {};
    }
    const Node* path = node.find("path");
    if (path == nullptr)
        return error_at(node.place, key_,
                        "path is missing: of the CSV file, relative to the script; or give -p");
    const auto text = text_of(*path, key("path"));
    if (!text) return text.error();
    if (text->empty()) return error_at(path->place, key("path"), "must be a file's path, and is empty");
    spec_.path = beside(source_.script, *text);
    return {};
}

Result<void> PayloadReader::read_fields(const Node& node) {
    const Node* fields = node.find("fields");
    if (fields == nullptr || !fields->is_list() || fields->items.empty()) {
        const Place& place = fields == nullptr ? node.place : fields->place;
        return error_at(place, key("fields"), "must be a list of names, one for each column of the file");
    }
    for (std::size_t i = 0; i < fields->items.size(); ++i) {
        const std::string field_key = item_path(key("fields"), i);
        auto name = scalar_of(fields->items[i], field_key);
        if (!name) return name.error();
        if (std::ranges::find(spec_.fields, *name) != spec_.fields.end())
            return error_at(fields->items[i].place, field_key, *name + ": this name stands here twice");
        spec_.fields.push_back(std::move(*name));
    }
    return {};
}

Result<void> PayloadReader::read_order(const Node& node) {
    const Node* order = node.find("order");
    if (order == nullptr) return {};
    if (order->as_text() == "sequence") spec_.order = plan::RowOrder::sequence;
    if (order->as_text() == "sequence" || order->as_text() == "random") return {};
    return error_at(order->place, key("order"), not_a("random or sequence", *order));
}

Result<void> PayloadReader::read_all(const Node& node) {
    const Node* all = node.find("loadAll");
    if (all == nullptr) return {};
    const auto wanted = boolean_of(*all, key("loadAll"));
    if (!wanted) return wanted.error();
    if (!*wanted) return {};
    if (const Node* order = node.find("order"))
        return error_at(order->place, key("order"), "cannot stand beside loadAll: every user has all rows");
    const Node* name = node.find("name");
    if (name == nullptr)
        return error_at(all->place, key("loadAll"), "needs name: of the variable that has all rows");
    auto text = text_of(*name, key("name"));
    if (!text) return text.error();
    if (text->empty()) return error_at(name->place, key("name"), "must be a variable's name, and is empty");
    spec_.table_name = std::move(*text);
    return {};
}

Result<void> PayloadReader::read_csv_keys(const Node& node) {
    // Artillery takes nothing but a literal true.
    if (const Node* header = node.find("skipHeader"); header != nullptr && header->as_boolean() == true)
        spec_.csv.from_line = 2;
    constexpr std::array<std::array<std::string_view, 2>, 3> kOwn{
        {{"delimiter", "delimiter"}, {"cast", "cast"}, {"skipEmptyLines", "skip_empty_lines"}}};
    for (const auto& [own, option] : kOwn) {
        const Member* member = node.find_member(own);
        if (member == nullptr) continue;
        const auto read = read_option({std::string(option), member->place, member->value}, key(own));
        if (!read) return read;
    }
    const Node* options = node.find("options");
    if (options == nullptr) return {};
    if (!options->is_map())
        return error_at(options->place, key("options"), not_a("a map of keys", *options));
    warn_of_others(*options, key("options"), {kCsvOptions, "is no option that is known here"}, warnings_);
    for (const Member& option : options->members) {
        const auto read = read_option(option, key_path(key("options"), option.key));
        if (!read) return read;
    }
    return {};
}

Result<void> PayloadReader::read_option(const Member& option, const std::string& option_key) {
    CsvOptions& csv = spec_.csv;
    if (option.key == "delimiter") {
        const auto word = read_word(option.value, option_key, csv.delimiter);
        if (!word) return word;
        if (!csv.delimiter.empty()) return {};
        return error_at(option.value.place, option_key, "must be what stands between values, and is empty");
    }
    if (option.key == "quote") return read_word(option.value, option_key, csv.quote);
    if (option.key == "escape") return read_word(option.value, option_key, csv.escape);
    if (option.key == "comment") return read_word(option.value, option_key, csv.comment);
    if (option.key == "from_line" || option.key == "to_line") {
        const auto line = count_of(option.value, option_key);
        if (!line) return line.error();
        (option.key == "from_line" ? csv.from_line : csv.to_line) = *line;
        return {};
    }
    return read_switch(option, option_key);
}

// Nothing, and false, are an empty word: none.
Result<void> PayloadReader::read_word(const Node& value, const std::string& option_key, std::string& into) {
    into.clear();
    if (value.is_null() || value.as_boolean() == false) return {};
    const auto text = text_of(value, option_key);
    if (!text) return text.error();
    into = *text;
    return {};
}

Result<void> PayloadReader::read_switch(const Member& option, const std::string& option_key) {
    if (std::ranges::find(kCsvOptions, std::string_view(option.key)) == kCsvOptions.end()) return {};
    const auto on = boolean_of(option.value, option_key);
    if (!on) return on.error();
    set_switch(option.key, *on);
    return {};
}

void PayloadReader::set_switch(std::string_view name, bool on) {
    CsvOptions& csv = spec_.csv;
    if (name == "cast") spec_.cast = on ? Cast::numbers : Cast::none;
    if (name == "skip_empty_lines")
        csv.empty_lines = on ? CsvOptions::EmptyLines::skipped : CsvOptions::EmptyLines::kept;
    if (name == "relax_column_count")
        csv.lengths = on ? CsvOptions::Lengths::any : CsvOptions::Lengths::equal;
    if (name == "relax" || name == "relax_quotes")
        csv.quotes = on ? CsvOptions::Quotes::relaxed : CsvOptions::Quotes::strict;
    if (!on) return;
    if (name == "trim") csv.trim = CsvTrim::both;
    if (name == "ltrim") csv.trim = csv.trim == CsvTrim::right ? CsvTrim::both : CsvTrim::left;
    if (name == "rtrim") csv.trim = csv.trim == CsvTrim::left ? CsvTrim::both : CsvTrim::right;
}

// --- the files -----------------------------------------------------------------------------------

Result<std::vector<CsvRecord>> read_records(const PayloadSpec& spec, std::size_t cells_max) {
    const auto content = read_file(spec.path, limits::kValueFileMax);
    if (!content) return content.error();
    auto records = read_csv(*content, spec.csv, cells_max);
    if (records) return records;
    return usage_error(text::format("'{}', {}", spec.path, records.error().what));
}

// Of a value that the row does not have: undefined.
OwnedValue cell_of(const CsvRecord& record, std::size_t column, Cast cast) {
    return column < record.size() ? cell_value(record[column], cast) : OwnedValue();
}

// loadAll: [{"field": value, ...}, ...].
std::string all_rows(const std::vector<CsvRecord>& records, const PayloadSpec& spec) {
    std::string json = "[";
    for (const CsvRecord& record : records) {
        json += json.size() > 1 ? ",{" : "{";
        const std::size_t columns = std::min(record.size(), spec.fields.size());
        for (std::size_t i = 0; i < columns; ++i) {
            if (i > 0) json += ',';
            const OwnedValue cell = cell_value(record[i], spec.cast);
            const bool number = cell.view().type == ValueType::number;
            json += to_json_text(spec.fields[i]) + ':';
            json += number ? to_number_text(cell.view().number) : to_json_text(record[i]);
        }
        json += '}';
    }
    return json += ']';
}

Error too_many_variables() {
    return usage_error(text::format("more than {} variables", limits::kSlotsMax));
}

Result<void> add_table(const std::vector<CsvRecord>& records, const PayloadSpec& spec, FlowContext& into) {
    plan::PayloadTable table{.fields = spec.fields, .cells = {}, .order = spec.order};
    table.cells.reserve(records.size() * spec.fields.size());
    for (const CsvRecord& record : records) {
        for (std::size_t i = 0; i < spec.fields.size(); ++i)
            table.cells.push_back(cell_of(record, i, spec.cast));
    }
    for (std::size_t i = 0; i < spec.fields.size(); ++i) {
        if (into.slots.full()) return too_many_variables();
        plan::Slot& made = into.slots[into.slots.of(spec.fields[i])];
        made = {.name = spec.fields[i], .kind = plan::SlotKind::stored};
        if (records.empty()) continue;
        made.kind = plan::SlotKind::column;
        made.payload = static_cast<std::uint32_t>(into.scenario.payloads.size());
        made.column = static_cast<std::uint32_t>(i);
    }
    if (!records.empty()) into.scenario.payloads.push_back(std::move(table));
    return {};
}

Result<void> add_rows(const std::vector<CsvRecord>& records, const PayloadSpec& spec, FlowContext& into) {
    if (spec.table_name.empty()) return add_table(records, spec, into);
    if (into.slots.full()) return too_many_variables();
    plan::Slot& made = into.slots[into.slots.of(spec.table_name)];
    made = {.name = spec.table_name, .kind = plan::SlotKind::constant};
    made.values.emplace_back(Value::of_json(all_rows(records, spec)));
    return {};
}

}  // namespace

Result<void> read_payloads(const Node& config, const PayloadSource& source, FlowContext& into) {
    const Node* payload = config.find("payload");
    if (payload == nullptr || payload->is_null()) {
        if (source.paths.empty()) return {};
        return usage_error("-p: the script has no config.payload that says what the file's columns are");
    }
    if (payload->is_scalar())
        return error_at(payload->place, "config.payload",
                        not_a("a map of keys, or a list of them", *payload));
    const std::size_t entries = payload->is_list() ? payload->items.size() : 1;
    if (source.paths.size() > entries)
        return usage_error(
            text::format("-p: {} files, and config.payload has {} entries", source.paths.size(), entries));
    PayloadReader reader(source, into.warnings);
    std::size_t cells_left = limits::kPayloadCellsMax;
    for (std::size_t i = 0; i < entries; ++i) {
        const Node& entry = payload->is_list() ? payload->items[i] : *payload;
        const std::string key = payload->is_list() ? item_path("config.payload", i) : "config.payload";
        const auto spec = reader.read(entry, i, key);
        if (!spec) return spec.error();
        const auto records = read_records(*spec, cells_left);
        if (!records) return error_at(entry.place, key, records.error().what);
        if (records->empty()) into.warnings.push_back(words_at(entry.place, key, "the file has no rows"));
        const std::size_t cells = records->size() * spec->fields.size();
        if (cells > cells_left)
            return error_at(entry.place, key,
                            text::format("more than {} values", limits::kPayloadCellsMax));
        cells_left -= cells;
        if (const auto added = add_rows(*records, *spec, into); !added)
            return error_at(entry.place, key, added.error().what);
    }
    return {};
}

}  // namespace wsblast::script
