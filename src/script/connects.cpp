#include "script/connects.hpp"

#include <algorithm>
#include <array>

#include "proto/url.hpp"
#include "script/errors.hpp"
#include "script/user_text.hpp"

namespace wsblast::script {

namespace {

constexpr std::array<std::string_view, 6> kConnectKeys{"target",       "url",      "headers",
                                                       "subprotocols", "function", "wsblast"};

bool is_same(const plan::ScenarioTarget& a, const plan::ScenarioTarget& b) {
    const auto same_header = [](const plan::Header& one, const plan::Header& other) {
        return one.name == other.name && one.value == other.value;
    };
    return a.url == b.url && a.subprotocols == b.subprotocols &&
           std::ranges::equal(a.headers, b.headers, same_header);
}

bool is_named(std::string_view name, std::string_view lower_case) {
    return std::ranges::equal(name, lower_case, [](char letter, char wanted) {
        return (letter >= 'A' && letter <= 'Z' ? letter + ('a' - 'A') : letter) == wanted;
    });
}

// One `connect` on its way to a ScenarioTarget and a ConnectPlan.
class ConnectReader {
  public:
    ConnectReader(const Place& place, const std::string& key, FlowContext& into)
        : spot_{place, key}, into_(into) {}

    Result<void> read_map(const Node& node) {
        warn_of_others(node, spot_.key,
                       {kConnectKeys, "is one for all connections of a run, and is only read in config.ws"},
                       into_.warnings);
        const Node* target = node.find("target");
        const Node* url = target != nullptr ? target : node.find("url");
        if (url != nullptr) {
            url_spot_ = {url->place, key_path(spot_.key, target != nullptr ? "target" : "url")};
            auto text = text_of(*url, url_spot_.key);
            if (!text) return text.error();
            url_ = std::move(*text);
        }
        if (const Node* headers = node.find("headers")) {
            const auto read = read_headers(*headers, key_path(spot_.key, "headers"));
            if (!read) return read;
        }
        if (const Node* names = node.find("subprotocols")) {
            const auto read = read_subprotocols(*names, key_path(spot_.key, "subprotocols"));
            if (!read) return read;
        }
        if (const Node* function = node.find("function")) return read_function(*function);
        return {};
    }
    void read_url(const std::string& url) { url_ = url; }

    Result<plan::TableIndex> finish() {
        if (const auto url = finish_url(); !url) return url.error();
        for (const plan::Header& header : headers_) {
            if (const auto added = add_header(header); !added) return added.error();
        }
        for (const std::string& name : subprotocols_) {
            auto text = constant_text(name, {spot_.place, key_path(spot_.key, "subprotocols")});
            if (!text) return text.error();
            target_.subprotocols.push_back(std::move(*text));
        }
        auto& targets = into_.scenario.targets;
        const auto known = std::ranges::find_if(
            targets, [&](const plan::ScenarioTarget& other) { return is_same(other, target_); });
        plan_.target = static_cast<std::uint32_t>(known - targets.begin());
        if (known == targets.end()) targets.push_back(std::move(target_));
        into_.scenario.connects.push_back(std::move(plan_));
        return static_cast<plan::TableIndex>(into_.scenario.connects.size() - 1);
    }

  private:
    Result<void> read_function(const Node& node) {
        const std::string key = key_path(spot_.key, "function");
        auto name = text_of(node, key);
        if (!name) return name.error();
        if (into_.scenario.processor.empty())
            return error_at(node.place, key,
                            "'" + *name + "' is JavaScript, and config.processor is missing");
        plan_.function = std::move(*name);
        return {};
    }

    Result<void> read_headers(const Node& node, const std::string& key) {
        if (!node.is_map()) return error_at(node.place, key, not_a("a map of names and values", node));
        headers_.clear();
        headers_spot_ = {node.place, key};
        for (const Member& member : node.members) {
            auto value = scalar_of(member.value, key_path(key, member.key));
            if (!value) return value.error();
            headers_.push_back({member.key, std::move(*value)});
        }
        return {};
    }

    Result<void> read_subprotocols(const Node& node, const std::string& key) {
        subprotocols_.clear();
        if (node.is(NodeKind::text)) {
            subprotocols_.push_back(node.text);
            return {};
        }
        if (!node.is_list()) return error_at(node.place, key, not_a("a list of names", node));
        for (std::size_t i = 0; i < node.items.size(); ++i) {
            auto name = text_of(node.items[i], item_path(key, i));
            if (!name) return name.error();
            subprotocols_.push_back(std::move(*name));
        }
        return {};
    }

    // The text with {{0}}, {{1}}, ... for what a user fills in.
    Result<std::string> with_holes(std::string_view text, const Spot& spot) {
        const auto parsed = read_user_text(text, spot, into_.slots);
        if (!parsed) return parsed.error();
        std::string made;
        for (plan::TextPart part : with_constants(*parsed, into_.slots).parts) {
            made += std::exchange(part.literal, {});
            if (part.kind == plan::PartKind::literal) continue;
            made += "{{" + std::to_string(plan_.holes.size()) + "}}";
            plan::UserText hole;
            hole.parts.push_back(std::move(part));
            plan_.holes.push_back(std::move(hole));
        }
        return made;
    }
    Result<std::string> constant_text(std::string_view text, const Spot& spot) {
        const std::size_t before = plan_.holes.size();
        auto made = with_holes(text, spot);
        if (!made || plan_.holes.size() == before) return made;
        return spot.fault("'" + std::string(text) +
                          "' differs from user to user; it has to be known before the run");
    }

    Result<void> finish_url() {
        if (url_.empty()) {
            url_ = into_.target;
            url_spot_ = {into_.target_place, "config.target"};
        }
        if (url_.empty())
            return spot_.fault("says no URL, and config.target is missing (target: ws://HOST:PORT, or -t)");
        const bool path_alone = url_.starts_with('/');
        if (path_alone && into_.target.empty())
            return url_spot_.fault("'" + url_ + "' is a path, and config.target is missing");
        std::string whole = url_;
        if (path_alone) {
            const auto sound = check_target();
            if (!sound) return sound;
            whole = into_.target;
            if (whole.ends_with('/')) whole.pop_back();
            whole += url_;
        }
        auto url = with_holes(whole, url_spot_);
        if (!url) return url.error();
        target_.url = std::move(*url);
        return check_url();
    }

    // What is wrong with it alone is its own fault, and that of -t or of a file, not of this line's path.
    Result<void> check_target() const {
        if (into_.target.find("{{") != std::string::npos) return {};
        const auto parsed = proto::parse_url(into_.target);
        return parsed ? Result<void>()
                      : Spot{into_.target_place, "config.target"}.fault(parsed.error().what);
    }

    Result<void> check_url() const {
        const std::string& url = target_.url;
        const std::size_t scheme = url.find("://");
        const std::size_t authority = scheme == std::string::npos ? 0 : scheme + 3;
        const std::size_t path = std::min(url.find_first_of("/?", authority), url.size());
        if (url.find("{{") < path) {
            return url_spot_.fault("the host of '" + url_ +
                                   "' has a hole; it has to be known before the run: the same text, or a "
                                   "variable of one value, for all users");
        }
        std::string filled = url;
        for (std::size_t i = 0; i < plan_.holes.size(); ++i) {
            const std::string hole = "{{" + std::to_string(i) + "}}";
            const std::size_t at = filled.find(hole);
            if (at != std::string::npos) filled.replace(at, hole.size(), "0");
        }
        const auto parsed = proto::parse_url(filled);
        return parsed ? Result<void>() : url_spot_.fault(parsed.error().what);
    }

    Result<void> add_header(const plan::Header& header) {
        const Spot spot{headers_spot_.place, key_path(headers_spot_.key, header.name)};
        const auto of_token = [](char letter) {
            return letter > ' ' && letter < 0x7f &&
                   std::string_view("\"(),/:;<=>?@[\\]{}").find(letter) == std::string_view::npos;
        };
        if (header.name.empty() || !std::ranges::all_of(header.name, of_token))
            return spot.fault("'" + header.name + "' is no name of a header");
        if (header.value.find_first_of("\r\n") != std::string::npos)
            return spot.fault("has a line break in its value");
        if (is_named(header.name, "sec-websocket-protocol")) {
            auto names = constant_text(header.value, spot);
            if (!names) return names.error();
            subprotocols_.push_back(std::move(*names));
            return {};
        }
        auto value = with_holes(header.value, spot);
        if (!value) return value.error();
        target_.headers.push_back({header.name, std::move(*value)});
        return {};
    }

    Spot spot_;
    FlowContext& into_;
    Spot url_spot_ = spot_;
    Spot headers_spot_{into_.headers_place, "config.ws.headers"};
    std::string url_{};
    std::vector<plan::Header> headers_ = into_.headers;
    std::vector<std::string> subprotocols_ = into_.subprotocols;
    plan::ScenarioTarget target_{};
    plan::ConnectPlan plan_{};
};

}  // namespace

Result<plan::TableIndex> compile_connect(const Node& node, const std::string& key, FlowContext& into) {
    ConnectReader reader(node.place, key, into);
    if (node.is(NodeKind::text)) {
        reader.read_url(node.text);
        return reader.finish();
    }
    if (!node.is_map())
        return error_at(node.place, key,
                        not_a("a URL, a path, or a map (target, headers, subprotocols)", node));
    if (const auto read = reader.read_map(node); !read) return read.error();
    return reader.finish();
}

Result<plan::TableIndex> compile_default_connect(const Place& place, const std::string& key,
                                                 FlowContext& into) {
    return ConnectReader(place, key, into).finish();
}

}  // namespace wsblast::script
