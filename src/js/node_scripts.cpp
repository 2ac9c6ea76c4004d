#include "js/node_scripts.hpp"

#include <algorithm>
#include <array>

namespace wsblast::js {

namespace {

struct NodeScript {
    std::string_view name;
    const char* source;
};

}  // namespace

const char* node_script(std::string_view name) {
    static const std::array kScripts = {
        NodeScript{"#errors", kNodeErrorsScript},
        NodeScript{"buffer", kBufferScript},
        NodeScript{"#numbers", kBufferNumbersScript},
        NodeScript{"#search", kBufferSearchScript},
        NodeScript{"#text", kTextScript},
        NodeScript{"#parser", kUrlParserScript},
        NodeScript{"#query", kUrlSearchScript},
        NodeScript{"crypto", kCryptoScript},
        NodeScript{"events", kEventsScript},
        NodeScript{"path", kPathScript},
        NodeScript{"querystring", kQuerystringScript},
        NodeScript{"url", kUrlScript},
        NodeScript{"util", kUtilScript},
    };
    const auto found = std::ranges::find(kScripts, name, &NodeScript::name);
    return found == kScripts.end() ? nullptr : found->source;
}

}  // namespace wsblast::js
