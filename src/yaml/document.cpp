#include "yaml/document.hpp"

#include <algorithm>
#include <map>
#include <sstream>
#include <unordered_set>
#include <utility>
#include <vector>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "base/limits.hpp"
#include "yaml/scalar.hpp"

namespace wsblast::yaml {

namespace {

// Stops yaml-cpp in the middle of a document: it offers no other way.
struct Refused {
    Error error;
};

// What a tree takes.
struct Weight {
    std::size_t nodes = 0;
    std::size_t bytes = 0;  // of texts and keys
    std::size_t depth = 0;  // of lists and maps in each other
};

Weight weight_of(const Node& node) {
    Weight weight{1, node.text.size(), 0};
    const auto add = [&weight](const Node& part) {
        const Weight inner = weight_of(part);
        weight.nodes += inner.nodes;
        weight.bytes += inner.bytes;
        weight.depth = std::max(weight.depth, inner.depth);
    };
    for (const Node& item : node.items) add(item);
    for (const Member& member : node.members) {
        weight.bytes += member.key.size();
        add(member.value);
    }
    if (!node.is_scalar()) ++weight.depth;
    return weight;
}

// Makes the tree of what the parser sees, from the root down.
class TreeMaker final : public YAML::EventHandler {
  public:
    explicit TreeMaker(std::shared_ptr<const std::string> file) : file_(std::move(file)) {}

    [[nodiscard]] Node take() { return std::exchange(root_, {}); }

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        add({Node::of_null(place_of(mark)), anchor});
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override;
    void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open({Node::of_list(place_of(mark)), anchor});
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open({Node::of_map(place_of(mark)), anchor});
    }
    void OnMapEnd() override {
        if (!open_.back().merged.empty()) merge_in(open_.back());
        close();
    }

  private:
    struct Anchored {
        Node node;
        YAML::anchor_t anchor = 0;  // 0: none
    };
    // A list or a map whose end has not come.
    struct Open {
        Node node;
        YAML::anchor_t anchor = 0;
        bool key_next = true;  // of a map
        std::string key{};
        Place key_place{};
        std::unordered_set<std::string> keys{};
        std::vector<Node> merged{};  // values of <<
    };

    [[nodiscard]] Place place_of(const YAML::Mark& mark) const {
        return {file_, static_cast<std::uint32_t>(mark.line + 1)};
    }
    [[noreturn]] static void refuse(const Place& place, const std::string& what) {
        throw Refused{usage_error(place.text() + ": " + what)};
    }

    void count(const Weight& weight, const Place& place);
    void add(Anchored added);
    void attach(Anchored added);
    void add_key(Open& map, const Node& key);
    void add_value(Open& map, Node value);
    void open(Anchored opened);
    void close();
    static void merge_in(Open& map);

    std::shared_ptr<const std::string> file_;
    Node root_;
    std::vector<Open> open_;
    std::map<YAML::anchor_t, Node> anchors_;
    Weight made_;  // copies for anchors and of aliases included; the depth is that of open_
};

void TreeMaker::count(const Weight& weight, const Place& place) {
    made_.nodes += weight.nodes;
    made_.bytes += weight.bytes;
    if (made_.nodes > limits::kScriptNodesMax)
        refuse(place, "more than " + std::to_string(limits::kScriptNodesMax) + " values, aliases expanded");
    if (made_.bytes > limits::kScriptExpandedMax)
        refuse(place, "more than " + std::to_string(limits::kScriptExpandedMax / kMiB) +
                          " MiB of text, aliases expanded");
    if (open_.size() + weight.depth > limits::kScriptDepthMax)
        refuse(place,
               "lists and maps stand more than " + std::to_string(limits::kScriptDepthMax) + " deep");
}

void TreeMaker::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
    const auto known = anchors_.find(anchor);
    if (known == anchors_.end()) refuse(place_of(mark), "an alias within its own anchor has no end");
    count(weight_of(known->second), place_of(mark));
    // Its places stay those of the anchor: that is where a fault is to be mended.
    attach({known->second, 0});
}

void TreeMaker::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         const std::string& value) {
    constexpr std::string_view kStringTag = "tag:yaml.org,2002:str";
    const Place place = place_of(mark);
    if (tag == "?" || tag.empty()) return add({plain_scalar(value, place), anchor});
    if (tag == "!" || tag == kStringTag) return add({Node::of_text(value, place), anchor});
    if (!tag.starts_with("tag:yaml.org,2002:"))
        refuse(place, "the tag " + tag + " is not known; those of YAML itself are");
    add({plain_scalar(value, place), anchor});
}

void TreeMaker::add(Anchored added) {
    count({1, added.node.text.size(), 0}, added.node.place);
    if (added.anchor != 0) {
        count(weight_of(added.node), added.node.place);
        anchors_[added.anchor] = added.node;
    }
    attach(std::move(added));
}

void TreeMaker::attach(Anchored added) {
    if (open_.empty()) {
        root_ = std::move(added.node);
        return;
    }
    Open& parent = open_.back();
    if (parent.node.is_list()) {
        parent.node.items.push_back(std::move(added.node));
    } else if (std::exchange(parent.key_next, !parent.key_next)) {
        add_key(parent, added.node);
    } else {
        add_value(parent, std::move(added.node));
    }
}

void TreeMaker::add_key(Open& map, const Node& key) {
    if (!key.is_scalar())
        refuse(key.place, "a key must be a text, and is " + std::string(to_text(key.kind)));
    map.key = key.is_null() ? "null" : key.text;
    map.key_place = key.place;
    if (map.key == "<<") return;
    if (!map.keys.insert(map.key).second) refuse(key.place, map.key + ": this key stands here twice");
}

void TreeMaker::add_value(Open& map, Node value) {
    if (map.key != "<<") {
        map.node.members.push_back({map.key, map.key_place, std::move(value)});
        return;
    }
    if (value.is_map()) {
        map.merged.push_back(std::move(value));
        return;
    }
    if (!value.is_list()) refuse(map.key_place, "<<: must be a map, or a list of maps");
    for (Node& item : value.items) {
        if (!item.is_map()) refuse(map.key_place, "<<: must be a map, or a list of maps");
        map.merged.push_back(std::move(item));
    }
}

// Keys of the map itself win, then those of what was merged in first.
void TreeMaker::merge_in(Open& map) {
    for (Node& merged : map.merged) {
        for (Member& member : merged.members) {
            if (map.keys.insert(member.key).second) map.node.members.push_back(std::move(member));
        }
    }
}

void TreeMaker::open(Anchored opened) {
    count({0, 0, 1}, opened.node.place);
    open_.push_back({.node = std::move(opened.node), .anchor = opened.anchor});
}

void TreeMaker::close() {
    Open closed = std::move(open_.back());
    open_.pop_back();
    add({std::move(closed.node), closed.anchor});
}

}  // namespace

Result<Node> read(std::string_view text, std::shared_ptr<const std::string> file) {
    std::istringstream stream{std::string(text)};
    TreeMaker maker(file);
    try {
        YAML::Parser parser(stream);
        if (!parser.HandleNextDocument(maker)) return Node::of_null({file, 1});
        Node root = maker.take();
        if (parser.HandleNextDocument(maker))
            return usage_error(*file + ": there are several documents (---), and only one may be");
        return root;
    } catch (const Refused& refused) {
        return refused.error;
    } catch (const YAML::Exception& fault) {
        const Place place{file, static_cast<std::uint32_t>(fault.mark.line + 1)};
        return usage_error(place.text() + ": this is not YAML: " + fault.msg);
    }
}

}  // namespace wsblast::yaml
