#include "script/payload.hpp"

#include <catch2/catch.hpp>

#include "tests/script/config_tree.hpp"
#include "tests/support/test_folder.hpp"

using namespace wsblast;
using plan::SlotKind;

namespace {

// A script with one payload file, users.csv.
struct ReadPayload {
    test::TestFolder folder;
    script::FlowContext context;
    std::string error;

    ReadPayload(const std::string& payload, const std::string& csv, std::vector<std::string> paths = {}) {
        folder.write("users.csv", csv);
        const std::string config = "payload: {path: users.csv, " + payload + "}";
        for (std::string& path : paths) path = folder.path(path);
        const auto read =
            script::read_payloads(test::tree_of(config), {folder.path("s.yml"), paths}, context);
        if (!read) error = folder.without_folder(read.error().what);
    }
    [[nodiscard]] const plan::Slot& slot(const char* name) const {
        return context.scenario.slots[context.slots.find(name).value()];
    }
    [[nodiscard]] const plan::PayloadTable& table() const { return context.scenario.payloads.at(0); }
};

std::string payload_fault(const std::string& payload, const std::string& csv = "a,1\n") {
    return ReadPayload(payload, csv).error;
}

}  // namespace

TEST_CASE("payload: each field is a column of the user's row, numbers are cast", "[script][payload]") {
    const ReadPayload made("fields: [name, n]", "ann,007\nbob, 1.5\n\ncid,0x10\n");
    CHECK(made.error.empty());
    CHECK(made.slot("n").kind == SlotKind::column);
    CHECK(made.slot("n").column == 1);
    REQUIRE(made.table().rows() == 3);
    CHECK(made.table().order == plan::RowOrder::random);
    CHECK(made.table().cell(0, 0) == Value::of_text("ann"));
    CHECK(made.table().cell(0, 1) == Value::of_number(7));
    CHECK(made.table().cell(1, 1) == Value::of_number(1.5));
    CHECK(made.table().cell(2, 1) == Value::of_text("0x10"));
}

TEST_CASE("payload: order, skipHeader, delimiter, cast", "[script][payload]") {
    const ReadPayload made("fields: [a, b], order: sequence, skipHeader: true, delimiter: ';', cast: false",
                           "a;b\n1;2\n");
    CHECK(made.table().order == plan::RowOrder::sequence);
    REQUIRE(made.table().rows() == 1);
    CHECK(made.table().cell(0, 1) == Value::of_text("2"));
    CHECK(ReadPayload("fields: [a], skipHeader: 'true'", "a\n1\n").table().rows() == 2);
}

TEST_CASE("payload: more fields than columns are undefined, fewer leave columns out", "[script][payload]") {
    const ReadPayload made("fields: [a, b, c], options: {relax_column_count: true}", "1,2\n3\n");
    CHECK(made.table().cell(0, 2) == Value{});
    CHECK(made.table().cell(1, 1) == Value{});
    CHECK(ReadPayload("fields: [a]", "1,2\n").table().cell(0, 0) == Value::of_number(1));
}

TEST_CASE("payload: options of csv-parse", "[script][payload]") {
    const ReadPayload made("fields: [a, b], options: {quote: \"'\", comment: '#', trim: true, to_line: 2}",
                           "# x\n 'a,1' , b\n3,4\n");
    REQUIRE(made.table().rows() == 1);
    CHECK(made.table().cell(0, 0) == Value::of_text("a,1"));
    CHECK(made.table().cell(0, 1) == Value::of_text("b"));
    CHECK(ReadPayload("fields: [a], options: {columns: true}", "1\n")
              .context.warnings.at(0)
              .find("config.payload.options.columns: is no option") != std::string::npos);
}

TEST_CASE("payload: loadAll makes one variable of all rows", "[script][payload]") {
    const ReadPayload made("fields: [id, name], loadAll: true, name: users", "1,ann\n2,\"b\"\"\"\n");
    CHECK(made.context.scenario.payloads.empty());
    CHECK(made.slot("users").values.at(0).view() ==
          Value::of_json(R"([{"id":1,"name":"ann"},{"id":2,"name":"b\""}])"));
}

TEST_CASE("payload: a file without rows leaves its fields undefined, with a warning", "[script][payload]") {
    const ReadPayload made("fields: [a]", "");
    CHECK(made.slot("a").kind == SlotKind::stored);
    CHECK(made.context.scenario.payloads.empty());
    CHECK(made.context.warnings.at(0) == "s.yml:1: config.payload: the file has no rows");
}

TEST_CASE("payload: -p wins over the path", "[script][payload]") {
    CHECK(ReadPayload("fields: [a]", "1\n", {"none.csv"}).error.find("'none.csv' cannot be read") !=
          std::string::npos);
    CHECK(ReadPayload("fields: [a]", "1\n", {"a.csv", "b.csv"}).error.find("-p: 2 files") == 0);
}

TEST_CASE("payload: each fault names its key, and never a value", "[script][payload]") {
    CHECK(payload_fault("path2: x").find("s.yml:1: config.payload.fields: must be a list of names") == 0);
    CHECK(payload_fault("fields: []").find("config.payload.fields") != std::string::npos);
    CHECK(
        payload_fault("fields: [a, a]").find("config.payload.fields[1]: a: this name stands here twice") !=
        std::string::npos);
    CHECK(
        payload_fault("fields: [a], order: rnd").find("config.payload.order: must be random or sequence") !=
        std::string::npos);
    CHECK(payload_fault("fields: [a], loadAll: true").find("needs name") != std::string::npos);
    CHECK(payload_fault("fields: [a], loadAll: true, name: x, order: random")
              .find("cannot stand beside loadAll") != std::string::npos);
    CHECK(payload_fault("fields: [a], delimiter: ''").find("config.payload.delimiter") !=
          std::string::npos);
    CHECK(payload_fault("fields: [a], cast: maybe").find("config.payload.cast: must be true or false") !=
          std::string::npos);
    CHECK(payload_fault("fields: [a], options: 5").find("config.payload.options: must be a map") !=
          std::string::npos);
    CHECK(payload_fault("fields: [a]", "1,2\n3\n").find("'users.csv', line 2: 1 values, and 2") !=
          std::string::npos);
    CHECK(payload_fault("fields: [a]", "1\n\"secret").find("'users.csv', line 2: a quote is not closed") !=
          std::string::npos);
    CHECK(payload_fault("fields: [a]", "1\n\"secret").find("secret") == std::string::npos);
}

TEST_CASE("payload: the whole must be a map or a list of them", "[script][payload]") {
    script::FlowContext context;
    const auto refuse = [&](const char* text) {
        const Node tree = yaml::read(text, std::make_shared<const std::string>("s.yml")).value();
        return script::read_payloads(tree, {"s.yml", {}}, context).error().what;
    };
    CHECK(refuse("payload: users.csv").find("s.yml:1: config.payload: must be a map of keys, or a list") ==
          0);
    CHECK(refuse("payload: [5]").find("config.payload[0]: must be a map") != std::string::npos);
    CHECK(refuse("payload: {fields: [a]}").find("path is missing") != std::string::npos);
    CHECK(refuse("payload: {path: none.csv, fields: [a]}").find("'none.csv' cannot be read") !=
          std::string::npos);
}
