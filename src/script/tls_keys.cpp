#include "script/tls_keys.hpp"

#include <filesystem>

#include "script/errors.hpp"
#include "script/files.hpp"

namespace wsblast::script {

namespace {

using crypto::TlsVersion;

// Node takes the text of a PEM file; here it is the file's path.
Result<void> read_pem_path(const Node& node, const std::string& key, const std::string& folder,
                           std::string& into) {
    const auto text = text_of(node, key);
    if (!text) return text.error();
    if (text->find("-----BEGIN") != std::string::npos)
        return error_at(node.place, key, "must be the path of a PEM file, and is what is in one");
    const std::string path = beside(folder + "/", *text);
    std::error_code fault;
    if (text->empty() || !std::filesystem::is_regular_file(path, fault))
        return error_at(node.place, key, "must be the path of a PEM file; there is no file '" + path + "'");
    into = path;
    return {};
}

Result<void> read_version(const Node& node, const std::string& key, TlsVersion& into) {
    if (node.as_text() == "TLSv1.2") into = TlsVersion::tls_1_2;
    if (node.as_text() == "TLSv1.3") into = TlsVersion::tls_1_3;
    if (node.as_text() == "TLSv1.2" || node.as_text() == "TLSv1.3") return {};
    return error_at(node.place, key, not_a("TLSv1.2 or TLSv1.3", node));
}

}  // namespace

Result<void> read_tls_key(const Member& member, const TlsPlace& where, crypto::TlsClientOptions& into) {
    const Node& value = member.value;
    const std::string key = key_path(where.key, member.key);
    if (member.key == "rejectUnauthorized") {
        const auto checked = boolean_of(value, key);
        if (!checked) return checked.error();
        into.check = *checked ? crypto::PeerCheck::full : crypto::PeerCheck::none;
    }
    if (member.key == "ca") return read_pem_path(value, key, where.folder, into.ca_file);
    if (member.key == "cert") return read_pem_path(value, key, where.folder, into.certificate_file);
    if (member.key == "key") return read_pem_path(value, key, where.folder, into.key_file);
    if (member.key == "minVersion") return read_version(value, key, into.terms.version_min);
    if (member.key == "maxVersion") return read_version(value, key, into.terms.version_max);
    if (member.key == "servername" || member.key == "ciphers") {
        const auto text = text_of(value, key);
        if (!text) return text.error();
        (member.key == "ciphers" ? into.terms.ciphers : into.server_name) = *text;
    }
    return {};
}

Result<void> check_tls_keys(const crypto::TlsClientOptions& tls, const Place& place,
                            const std::string& key) {
    if (tls.certificate_file.empty() != tls.key_file.empty())
        return error_at(place, key, "cert and key go together: give both, or neither");
    if (tls.terms.version_min > tls.terms.version_max)
        return error_at(place, key, "minVersion is above maxVersion: no version is left");
    return {};
}

}  // namespace wsblast::script
