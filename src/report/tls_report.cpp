#include "report/tls_report.hpp"

#include <string_view>

#include "text/format.hpp"

namespace wsblast::report {

namespace {

using text::format;

std::string fault_line(const stats::TlsFaultCount& fault) {
    switch (fault.kind) {
        case stats::TlsFaultKind::alert:
            return format("  Ended by the server's alert '{}': {}\n", fault.what, fault.count);
        case stats::TlsFaultKind::certificate:
            return format("  Refused certificate '{}': {}\n", fault.what, fault.count);
        case stats::TlsFaultKind::truncation:
            return format("  Ended by the server with {}: {}\n", fault.what, fault.count);
    }
    return "";
}

std::string_view to_text(stats::TlsFaultKind kind) {
    switch (kind) {
        case stats::TlsFaultKind::alert: return "alert";
        case stats::TlsFaultKind::certificate: return "certificate";
        case stats::TlsFaultKind::truncation: return "truncation";
    }
    return "";
}

}  // namespace

std::string tls_section(const std::optional<stats::TlsResult>& tls) {
    if (!tls) return "";
    std::string shown = format("\nTLS: {} full handshakes, {} resumed{}\n", tls->full(), tls->resumed(),
                               tls->resumption ? "" : " (--tls-resume is off)");
    if (!tls->verified) {
        shown +=
            "  !! CERTIFICATES WERE NOT CHECKED (--tls-insecure): whoever answered may have been\n"
            "  !! anybody\n";
    }
    for (const stats::TlsAgreement& agreed : tls->agreements)
        shown += format("  {} {}: {}\n", agreed.version, agreed.cipher, agreed.full + agreed.resumed);
    for (const stats::TlsFaultCount& fault : tls->faults) shown += fault_line(fault);
    return shown;
}

Json tls_json(const std::optional<stats::TlsResult>& tls) {
    if (!tls) return nullptr;
    Json agreed = Json::array();
    for (const stats::TlsAgreement& agreement : tls->agreements) {
        agreed.push_back({{"version", agreement.version},
                          {"cipher", agreement.cipher},
                          {"full", agreement.full},
                          {"resumed", agreement.resumed}});
    }
    Json faults = Json::array();
    for (const stats::TlsFaultCount& fault : tls->faults)
        faults.push_back({{"kind", to_text(fault.kind)}, {"what", fault.what}, {"count", fault.count}});
    // Of nobody, where no handshake came to an end.
    const bool verified = tls->verified && tls->full() + tls->resumed() > 0;
    return {{"verified", verified}, {"resumption", tls->resumption},
            {"full", tls->full()},  {"resumed", tls->resumed()},
            {"agreed", agreed},     {"faults", faults}};
}

}  // namespace wsblast::report
