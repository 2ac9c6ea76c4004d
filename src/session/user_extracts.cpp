#include "session/user_extracts.hpp"

#include "base/prng.hpp"

namespace wsblast::session {

namespace {

bool is_nothing(const Value& value) {
    return value.type == ValueType::undefined || (value.type == ValueType::text && value.text.empty());
}

}  // namespace

void UserExtracts::begin(ByteView message) {
    message_ = message;
    body_ = Body::unread;
    subject_.clear();
}

bool UserExtracts::all_match(UserRef user, const std::vector<plan::Match>& matches) {
    for (const plan::Match& match : matches) {
        if (match.strictness == plan::Strictness::lax) continue;
        const Value found = extract(user, match.extract);
        if (match.fixed) {
            if (!(found == match.fixed->view())) return false;
            continue;
        }
        // The text of what was found does not outlive the look-up of what it is compared with.
        found_.assign(found.text);
        if (!(Value{found.type, found.number, found_} == texts_.value(user, match.value))) return false;
    }
    return true;
}

bool UserExtracts::capture_all(UserRef user, const std::vector<plan::Capture>& captures) {
    for (const plan::Capture& capture : captures) {
        const Value found = extract(user, capture.extract);
        const bool strict = capture.strictness == plan::Strictness::strict;
        if (is_nothing(found) && strict) return false;
        if (!variables_.set(user, capture.slot, found)) return false;
    }
    return true;
}

Value UserExtracts::extract(UserRef user, const plan::Extract& extract) {
    switch (extract.kind) {
        case plan::ExtractKind::json: {
            if (!is_json()) return Value::of_text({});
            const std::size_t hits = reader_.find(*extract.path);
            if (hits == 0) return {};
            if (hits == 1) return reader_.hit(0);
            if (!extract.one_of_several) return reader_.all_hits();
            const std::uint64_t index = std::uint64_t{user.state.number} << 32 | drawn_++;
            return reader_.hit(below(draw(seed_, Stream::user_value, index), hits));
        }
        case plan::ExtractKind::regexp: {
            const auto found = matcher_.find(*extract.pattern, subject(), extract.group);
            return found ? Value::of_text(*found) : Value{};
        }
    }
    return {};
}

bool UserExtracts::is_json() {
    if (body_ == Body::unread) body_ = reader_.read(message_) ? Body::json : Body::other;
    return body_ == Body::json;
}

// JSON as JSON.stringify() writes it, whatever white space the server has put there.
std::string_view UserExtracts::subject() {
    if (!is_json()) return {reinterpret_cast<const char*>(message_.data()), message_.size()};
    if (subject_.empty()) {
        static const json::Path kRoot = *json::Path::parse("$");
        if (reader_.find(kRoot) == 1) subject_ = reader_.hit(0).text;
    }
    return subject_;
}

}  // namespace wsblast::session
