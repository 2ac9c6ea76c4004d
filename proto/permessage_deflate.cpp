#include "proto/permessage_deflate.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "text/format.hpp"

namespace wsblast::proto {

namespace {

constexpr std::string_view kName = "permessage-deflate";
constexpr std::string_view kServerAlone = "server_no_context_takeover";
constexpr std::string_view kClientAlone = "client_no_context_takeover";
constexpr std::string_view kServerBits = "server_max_window_bits";
constexpr std::string_view kClientBits = "client_max_window_bits";

struct Parameter {
    std::string_view name;
    std::optional<std::string_view> value;
};

// A cursor over the grammar of RFC 6455 9.1:
//     extension *( "," extension )      extension = token *( ";" token [ "=" ( token | quoted-string ) ] )
class ExtensionReader {
  public:
    explicit ExtensionReader(std::string_view text) : rest_(text) {}

    [[nodiscard]] bool done() {
        skip_blanks();
        return rest_.empty();
    }
    [[nodiscard]] bool broken() const { return broken_; }

    [[nodiscard]] std::string_view token() {
        skip_blanks();
        std::size_t size = 0;
        while (size < rest_.size() && is_http_token(rest_.substr(size, 1))) ++size;
        if (size == 0) return fail();
        return take(size);
    }

    // Whether the next thing is that separator, which is taken then.
    [[nodiscard]] bool next_is(char separator) {
        skip_blanks();
        if (broken_ || rest_.empty() || rest_.front() != separator) return false;
        rest_.remove_prefix(1);
        return true;
    }

    [[nodiscard]] Parameter parameter() {
        Parameter read{token(), std::nullopt};
        if (next_is('=')) read.value = next_is('"') ? quoted() : token();
        return read;
    }

    // What cannot be read on.
    std::string_view fail() {
        broken_ = true;
        rest_ = {};
        return {};
    }

  private:
    // A quoted value has to be a token without its quotes: an escape in it is of no use, and refused.
    [[nodiscard]] std::string_view quoted() {
        const std::string_view inside = token();
        return next_is('"') ? inside : fail();
    }
    std::string_view take(std::size_t size) {
        const std::string_view taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }
    void skip_blanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size())); }

    std::string_view rest_;
    bool broken_ = false;
};

// Decimal, without leading zeros (7.1.2).
std::optional<std::uint8_t> read_bits(std::string_view text) {
    constexpr std::array<std::string_view, 8> kBits{"8", "9", "10", "11", "12", "13", "14", "15"};
    const auto found = std::find(kBits.begin(), kBits.end(), text);
    if (found == kBits.end()) return std::nullopt;
    return static_cast<std::uint8_t>(kDeflateBitsMin + (found - kBits.begin()));
}

enum class Speaker : std::uint8_t { client, server };

// Adds one parameter; false: it is unknown, there already, or its value is wrong.
bool add(DeflateParameters& to, const Parameter& one, Speaker speaker) {
    const auto set_flag = [&one](bool& flag) { return !one.value && !std::exchange(flag, true); };
    if (equals_ignoring_case(one.name, kServerAlone)) return set_flag(to.server_no_context_takeover);
    if (equals_ignoring_case(one.name, kClientAlone)) return set_flag(to.client_no_context_takeover);
    const bool of_client = equals_ignoring_case(one.name, kClientBits);
    if (!of_client && !equals_ignoring_case(one.name, kServerBits)) return false;
    std::optional<std::uint8_t>& place = of_client ? to.client_max_window_bits : to.server_max_window_bits;
    if (place) return false;
    const bool may_be_bare = of_client && speaker == Speaker::client;
    place =
        one.value ? read_bits(*one.value) : (may_be_bare ? std::optional(kDeflateBitsMax) : std::nullopt);
    return place.has_value();
}

// One extension of a list, permessage-deflate or another.
struct Extension {
    bool is_deflate = false;
    bool sound = true;  // of permessage-deflate: its parameters
    DeflateParameters parameters{};
};

Extension read_extension(ExtensionReader& reader, Speaker speaker) {
    Extension read{.is_deflate = equals_ignoring_case(reader.token(), kName)};
    while (reader.next_is(';')) {
        const Parameter one = reader.parameter();
        if (!read.is_deflate || reader.broken()) continue;
        read.sound = add(read.parameters, one, speaker) && read.sound;
    }
    return read;
}

// Calls each(extension) for all of all headers until it says false; false: a header is no list.
template <class Each>
bool for_each_extension(const HttpHeaders& headers, Speaker speaker, Each&& each) {
    for (std::size_t i = 0; i < headers.size(); ++i) {
        if (!equals_ignoring_case(headers[i].name, kExtensionsHeader)) continue;
        ExtensionReader reader(headers[i].value);
        while (!reader.done()) {
            if (reader.next_is(',')) continue;  // an empty element (RFC 9110 5.6.1)
            const Extension read = read_extension(reader, speaker);
            if (!reader.broken() && !reader.done() && !reader.next_is(',')) reader.fail();
            if (reader.broken()) return false;
            if (!each(read)) return true;
        }
    }
    return true;
}

// Whether a server may answer the offer so (7.1.1, 7.1.2).
bool allows(const DeflateParameters& offer, const DeflateParameters& answer) {
    if (offer.server_no_context_takeover && !answer.server_no_context_takeover) return false;
    if (offer.server_max_window_bits &&
        answer.server_max_window_bits.value_or(kDeflateBitsMax + 1) > *offer.server_max_window_bits) {
        return false;
    }
    if (!answer.client_max_window_bits) return true;
    return offer.client_max_window_bits && *answer.client_max_window_bits <= *offer.client_max_window_bits;
}

std::uint8_t least(const std::optional<std::uint8_t>& one, const std::optional<std::uint8_t>& other) {
    return std::min(one.value_or(kDeflateBitsMax), other.value_or(kDeflateBitsMax));
}

DeflateAcceptance accept(const DeflateParameters& offer, const DeflateParameters& wanted) {
    DeflateAcceptance made;
    DeflateTerms& terms = made.terms;
    DeflateParameters& answer = made.answer;
    terms.server_no_context_takeover =
        offer.server_no_context_takeover || wanted.server_no_context_takeover;
    terms.client_no_context_takeover =
        offer.client_no_context_takeover || wanted.client_no_context_takeover;
    terms.server_window_bits = least(offer.server_max_window_bits, wanted.server_max_window_bits);
    answer.server_no_context_takeover = terms.server_no_context_takeover;
    answer.client_no_context_takeover = terms.client_no_context_takeover;
    const bool narrow = terms.server_window_bits < kDeflateBitsMax;
    if (narrow || offer.server_max_window_bits) answer.server_max_window_bits = terms.server_window_bits;
    // Only to a client that understands it may the other one be said.
    if (!offer.client_max_window_bits) return made;
    terms.client_window_bits = least(offer.client_max_window_bits, wanted.client_max_window_bits);
    if (terms.client_window_bits < kDeflateBitsMax)
        answer.client_max_window_bits = terms.client_window_bits;
    return made;
}

}  // namespace

Result<DeflateParameters> parse_deflate_parameters(std::string_view text) {
    DeflateParameters parameters;
    ExtensionReader reader(text);
    while (!reader.done()) {
        const Parameter one = reader.parameter();
        const bool ended = reader.done() || reader.next_is(';');
        if (!reader.broken() && ended && add(parameters, one, Speaker::client)) continue;
        return usage_error(text::format(
            "'{}' are no parameters of permessage-deflate: once each and separated by ';', {} and {} "
            "stand alone, {} and {} have '=8' to '=15'",
            text, kServerAlone, kClientAlone, kServerBits, kClientBits));
    }
    return parameters;
}

std::string to_offer(const DeflateParameters& parameters) {
    if (parameters.client_max_window_bits != kDeflateBitsMax) return to_answer(parameters);
    DeflateParameters others = parameters;
    others.client_max_window_bits.reset();
    return text::format("{}; {}", to_answer(others), kClientBits);
}

std::string to_answer(const DeflateParameters& parameters) {
    std::string text(kName);
    if (parameters.server_no_context_takeover) text += text::format("; {}", kServerAlone);
    if (parameters.client_no_context_takeover) text += text::format("; {}", kClientAlone);
    if (const auto& bits = parameters.server_max_window_bits)
        text += text::format("; {}={}", kServerBits, *bits);
    if (const auto& bits = parameters.client_max_window_bits)
        text += text::format("; {}={}", kClientBits, *bits);
    return text;
}

DeflateAnswer read_deflate_answer(const HttpHeaders& headers, const DeflateParameters* offer) {
    DeflateAnswer read;
    const bool is_list = for_each_extension(headers, Speaker::server, [&](const Extension& one) {
        if (!one.is_deflate || offer == nullptr) {
            read.answer = ExtensionAnswer::unrequested;
            return false;
        }
        // Twice is once too often: one offer is answered once.
        const bool sound = one.sound && allows(*offer, one.parameters);
        const bool first = read.answer == ExtensionAnswer::none;
        read.answer = first && sound ? ExtensionAnswer::deflate : ExtensionAnswer::unsound;
        const DeflateParameters& said = one.parameters;
        read.terms = {
            .server_no_context_takeover = said.server_no_context_takeover,
            .client_no_context_takeover =
                said.client_no_context_takeover || offer->client_no_context_takeover,
            .server_window_bits = said.server_max_window_bits.value_or(kDeflateBitsMax),
            .client_window_bits = least(said.client_max_window_bits, offer->client_max_window_bits)};
        return read.answer == ExtensionAnswer::deflate;
    });
    if (!is_list) read.answer = offer == nullptr ? ExtensionAnswer::unrequested : ExtensionAnswer::unsound;
    return read;
}

std::optional<DeflateAcceptance> accept_deflate(const HttpHeaders& headers,
                                                const DeflateParameters& wanted) {
    std::optional<DeflateAcceptance> accepted;
    const bool is_list = for_each_extension(headers, Speaker::client, [&](const Extension& one) {
        if (one.is_deflate && one.sound) accepted = accept(one.parameters, wanted);
        return !accepted;
    });
    return is_list ? accepted : std::nullopt;
}

}  // namespace wsblast::proto
