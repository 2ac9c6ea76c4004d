#include "report/misbehaving_report.hpp"

#include "text/format.hpp"

namespace wsblast::report {

using text::format;

std::string misbehaving_section(const std::vector<stats::Misbehaving>& kinds) {
    if (kinds.empty()) return "";
    std::string shown = "\nMisbehaving on purpose, in no figure above:\n";
    for (const stats::Misbehaving& one : kinds) {
        std::string ends;
        const auto add = [&ends](std::uint64_t count, const std::string& what) {
            if (count > 0) ends += format("{}{} {}", ends.empty() ? "" : ", ", count, what);
        };
        for (const auto& [code, count] : one.close_codes) add(count, format("closed with {}", code));
        add(one.dropped, "closed without a close frame");
        add(one.reset, "reset");
        add(one.open, "still open at the end");
        add(one.failed, "not opened");
        shown +=
            format("  {}: {} connections{}{}\n", one.kind, one.connections, ends.empty() ? "" : ": ", ends);
    }
    return shown;
}

Json misbehaving_json(const std::vector<stats::Misbehaving>& kinds) {
    Json list = Json::array();
    for (const stats::Misbehaving& one : kinds) {
        Json codes = Json::object();
        for (const auto& [code, count] : one.close_codes) codes[std::to_string(code)] = count;
        list.push_back({{"kind", one.kind},
                        {"connections", one.connections},
                        {"failed", one.failed},
                        {"close_codes", codes},
                        {"dropped", one.dropped},
                        {"reset", one.reset},
                        {"open", one.open}});
    }
    return list;
}

}  // namespace wsblast::report
