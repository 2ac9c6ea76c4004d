#include "json/ymera.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "json/document.hpp"
#include "json/shape.hpp"

namespace wsblast::json {

namespace dom = simdjson::dom;

namespace {

template <class Type>
struct TypeName {
    std::string_view name;
    Type type;
};

constexpr std::array<TypeName<AnswerType>, 7> kAnswerNames{{{"agent_response", AnswerType::agent_response},
                                                            {"pong", AnswerType::pong},
                                                            {"subscribed", AnswerType::subscribed},
                                                            {"unsubscribed", AnswerType::unsubscribed},
                                                            {"disconnect_ack", AnswerType::disconnect_ack},
                                                            {"error", AnswerType::error},
                                                            {"message", AnswerType::message}}};

constexpr std::array<TypeName<RequestType>, 5> kRequestNames{{{"agent_message", RequestType::agent_message},
                                                              {"ping", RequestType::ping},
                                                              {"subscribe", RequestType::subscribe},
                                                              {"unsubscribe", RequestType::unsubscribe},
                                                              {"disconnect", RequestType::disconnect}}};

template <class Type, std::size_t kSize>
Type type_of(const std::array<TypeName<Type>, kSize>& names, std::string_view name, Type otherwise) {
    for (const TypeName<Type>& entry : names) {
        if (entry.name == name) return entry.type;
    }
    return otherwise;
}

std::optional<YmeraAnswer> match_answer(ByteView message) {
    ShapeCursor shape(message);
    YmeraAnswer answer;
    if (shape.optional(R"({"type":"agent_response","from":)")) {
        answer.type = AnswerType::agent_response;
        shape.safe_string();
        shape.literal(R"(,"to":)");
        shape.safe_string();
        shape.literal(R"(,"payload":{"status":"processed","action":)");
        shape.safe_string();
        shape.literal(R"(,"data":{"test":true}})");
        if (shape.optional(R"(,"timestamp":)")) answer.timestamp = shape.integer().value;
        shape.literal("}");
    } else if (shape.optional(R"({"type":"pong"})")) {
        answer.type = AnswerType::pong;
    } else {
        shape.literal(R"({"type":"subscribed","channel":)");
        answer.type = AnswerType::subscribed;
        shape.safe_string();
        shape.literal("}");
    }
    if (!shape.at_end()) return std::nullopt;
    return answer;
}

std::optional<YmeraRequest> match_request(ByteView message) {
    ShapeCursor shape(message);
    YmeraRequest request;
    if (shape.optional(R"({"type":"agent_message","from":)")) {
        request.type = RequestType::agent_message;
        request.from = shape.safe_string();
        shape.literal(R"(,"to":)");
        request.to = shape.safe_string();
        shape.literal(R"(,"payload":{"action":)");
        request.action = shape.safe_string();
        shape.literal(R"(,"timestamp":)");
        request.timestamp = shape.integer().text;
        shape.literal(R"(,"data":)");
        request.data = shape.literal(R"({"test":true})");
        shape.literal("}}");
    } else if (shape.optional(R"({"type":"ping"})")) {
        request.type = RequestType::ping;
    } else {
        shape.literal(R"({"type":"subscribe","channel":)");
        request.type = RequestType::subscribe;
        request.channel = shape.safe_string();
        shape.literal("}");
    }
    if (!shape.at_end()) return std::nullopt;
    return request;
}

// Walks over the fields of an object whose text is known to be valid JSON, and cuts out their values.
class RawFields {
  public:
    // `text` begins with the object, white space before it allowed; what follows it is never looked at.
    explicit RawFields(std::string_view text) : text_(text), at_(text.find('{') + 1) {}

    // The next field's value as it stands. Never more often than the object has fields.
    std::string_view next() {
        at_ = text_.find('"', at_);
        skip_string();
        at_ = text_.find_first_not_of(kBlanks, text_.find(':', at_) + 1);
        const std::size_t start = at_;
        switch (text_[at_]) {
            case '"': skip_string(); break;
            case '{':
            case '[': skip_nested(); break;
            default: at_ = text_.find_first_of(",}] \t\r\n", at_);  // tidy: bytes, no enum
        }
        return text_.substr(start, at_ - start);
    }

  private:
    static constexpr std::string_view kBlanks = " \t\r\n";

    void skip_string() {
        for (++at_; text_[at_] != '"'; ++at_) {
            if (text_[at_] == '\\') ++at_;
        }
        ++at_;
    }

    void skip_nested() {
        std::size_t depth = 0;
        do {
            at_ = text_.find_first_of("\"{}[]", at_);
            const char byte = text_[at_];
            if (byte == '"') {
                skip_string();
                continue;
            }
            if (byte == '{' || byte == '[') ++depth;
            if (byte == '}' || byte == ']') --depth;
            ++at_;
        } while (depth > 0);
    }

    std::string_view text_;
    std::size_t at_;
};

// Calls visit(key, raw text of the value) for each field of the object that `text` begins with.
template <class Visit>
void for_each_field(dom::object object, std::string_view text, Visit&& visit) {
    RawFields raw(text);
    for (const dom::key_value_pair field : object) visit(field.key, raw.next());
}

std::optional<std::uint64_t> to_timestamp(dom::element value) {
    if (value.is_null()) return std::nullopt;
    std::uint64_t whole = 0;
    if (value.get(whole) == simdjson::SUCCESS) return std::min(whole, kForeignTimestamp);
    double number = 0;
    if (value.get(number) != simdjson::SUCCESS) return kForeignTimestamp;
    if (!(number >= 0 && number <= static_cast<double>(kIntegerMax))) return kForeignTimestamp;
    whole = static_cast<std::uint64_t>(number);
    return static_cast<double>(whole) == number ? whole : kForeignTimestamp;
}

void set_first(std::string_view& value, std::string_view raw) {
    if (value.empty()) value = raw;
}

void read_payload(YmeraRequest& request, dom::object payload, std::string_view text) {
    for_each_field(payload, text, [&](std::string_view key, std::string_view raw) {
        if (key == "action") set_first(request.action, raw);
        if (key == "timestamp") set_first(request.timestamp, raw);
        if (key == "data") set_first(request.data, raw);
    });
}

}  // namespace

// The message as an object; nothing when it is none. It lives until the next call.
class YmeraReader::Parser {
  public:
    std::optional<dom::object> parse(ByteView message) {
        const auto document = parser_.parse(message);
        dom::object object;
        if (!document || document->get(object) != simdjson::SUCCESS) return {};
        return object;
    }

  private:
    DocumentParser parser_;
};

YmeraReader::YmeraReader() : parser_(std::make_unique<Parser>()) {}
YmeraReader::YmeraReader(YmeraReader&&) noexcept = default;
YmeraReader& YmeraReader::operator=(YmeraReader&&) noexcept = default;
YmeraReader::~YmeraReader() = default;

YmeraAnswer YmeraReader::read_answer(ByteView message) {
    if (const auto known = match_answer(message)) return *known;
    const auto object = parser_->parse(message);
    std::string_view type;
    if (!object || object->at_key("type").get(type) != simdjson::SUCCESS) return {};
    YmeraAnswer answer{type_of(kAnswerNames, type, AnswerType::other), std::nullopt};
    dom::element timestamp;
    if (object->at_key("timestamp").get(timestamp) == simdjson::SUCCESS) {
        answer.timestamp = to_timestamp(timestamp);
    }
    return answer;
}

YmeraRequest YmeraReader::read_request(ByteView message) {
    if (const auto known = match_request(message)) return *known;
    const auto object = parser_->parse(message);
    std::string_view type;
    if (!object || object->at_key("type").get(type) != simdjson::SUCCESS) return {};
    YmeraRequest request;
    request.type = type_of(kRequestNames, type, RequestType::unknown);
    std::string_view raw_payload;
    for_each_field(*object, as_text(message), [&](std::string_view key, std::string_view raw) {
        if (key == "channel") set_first(request.channel, raw);
        if (key == "from") set_first(request.from, raw);
        if (key == "to") set_first(request.to, raw);
        if (key == "payload") set_first(raw_payload, raw);
    });
    dom::object payload;
    if (object->at_key("payload").get(payload) == simdjson::SUCCESS)
        read_payload(request, payload, raw_payload);
    return request;
}

}  // namespace wsblast::json
