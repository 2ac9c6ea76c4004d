#include "http/client.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <mutex>
#include <string_view>
#include <utility>

#include <curl/curl.h>

namespace wsblast::http {

namespace {

struct Body {
    std::string bytes;
    std::size_t bytes_max = 0;
    bool too_long = false;
};

// CURLOPT_WRITEFUNCTION: anything but the size ends the transfer.
std::size_t take(const char* part, std::size_t size, std::size_t count, void* user) {
    Body& body = *static_cast<Body*>(user);
    const std::size_t bytes = size * count;
    body.too_long = body.bytes.size() + bytes > body.bytes_max;
    if (body.too_long) return 0;
    body.bytes.append(part, bytes);
    return bytes;
}

struct ListDeleter {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// Once a process, before the first handle (curl_global_init(3)).
void* make_handle() {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
    return curl_easy_init();
}

Error failure(const Client::Request& request, CURLcode code, const Body& body, const char* detail) {
    if (body.too_long) {
        return environment_error(request.url + " answers with more than " +
                                 std::to_string(request.bytes_max) + " bytes");
    }
    const std::string words = detail[0] != '\0' ? detail : curl_easy_strerror(code);
    return environment_error(request.url + ": " + words);
}

struct Head {
    long status = 0;
    std::string location{};
    bool whole = false;
};

// CURLOPT_HEADERFUNCTION, a line each time. After the last one nothing more is wanted: what follows a 101
// is no HTTP.
std::size_t take_header(const char* line, std::size_t size, std::size_t count, void* user) {
    constexpr std::string_view kLocation = "location:";
    Head& head = *static_cast<Head*>(user);
    const std::size_t bytes = size * count;
    std::string text(line, bytes);
    while (!text.empty() && (text.back() == '\r' || text.back() == '\n')) text.pop_back();
    head.whole = text.empty();
    if (head.whole) return 0;
    if (text.starts_with("HTTP/") && text.find(' ') != std::string::npos)
        head.status = std::strtol(text.c_str() + text.find(' '), nullptr, 10);
    std::string name = text.substr(0, kLocation.size());
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    if (name == kLocation) head.location = text.substr(kLocation.size());
    return bytes;
}

// CURLOPT_XFERINFOFUNCTION: anything but 0 ends the transfer.
int ask_whether_to_stop(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<const Client::Look*>(user)->stop_requested() ? 1 : 0;
}

long version_number(Client::Look::TlsVersion version, long for_1_2, long for_1_3) {
    switch (version) {
        case Client::Look::TlsVersion::tls_1_2: return for_1_2;
        case Client::Look::TlsVersion::tls_1_3: return for_1_3;
    }
    return for_1_2;
}

void set_tls(CURL* handle, const Client::Look& look) {
    if (!look.ca_file.empty()) curl_easy_setopt(handle, CURLOPT_CAINFO, look.ca_file.c_str());
    if (!look.certificate_file.empty()) {
        curl_easy_setopt(handle, CURLOPT_SSLCERT, look.certificate_file.c_str());
        curl_easy_setopt(handle, CURLOPT_SSLKEY, look.key_file.c_str());
    }
    curl_easy_setopt(
        handle, CURLOPT_SSLVERSION,
        version_number(look.version_min, CURL_SSLVERSION_TLSv1_2, CURL_SSLVERSION_TLSv1_3) |
            version_number(look.version_max, CURL_SSLVERSION_MAX_TLSv1_2, CURL_SSLVERSION_MAX_TLSv1_3));
    const bool checks = look.check == Client::Look::Check::full;
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, checks ? 1L : 0L);
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, checks ? 2L : 0L);
}

}  // namespace

void Client::Closer::operator()(void* handle) const {
    curl_easy_cleanup(handle);
}

Client::Client() : handle_(make_handle()) {}

Result<std::string> Client::get(const Request& request) {
    CURL* handle = handle_.get();
    if (handle == nullptr) return environment_error(request.url + ": libcurl has no memory");
    const std::unique_ptr<curl_slist, ListDeleter> headers(
        curl_slist_append(nullptr, ("Accept: " + request.accept).c_str()));
    Body body{.bytes = {}, .bytes_max = request.bytes_max};
    char detail[CURL_ERROR_SIZE] = "";
    curl_easy_reset(handle);  // keeps its connections
    curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(handle, CURLOPT_USERAGENT, "wsblast/" WSBLAST_VERSION);
    curl_easy_setopt(handle, CURLOPT_ACCEPT_ENCODING, "");  // what libcurl can decode
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS,
                     std::max<long>(1, static_cast<long>(request.timeout_ns / kMillisecond)));
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);  // threads
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, detail);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &body);
    const CURLcode code = curl_easy_perform(handle);
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, nullptr);  // which ends with this function
    if (code != CURLE_OK) return failure(request, code, body, detail);
    if (status != 200)
        return environment_error(request.url + " answers with HTTP status " + std::to_string(status));
    return std::move(body.bytes);
}

Result<Client::Seen> Client::look(const Look& look) {
    CURL* handle = handle_.get();
    if (handle == nullptr) return environment_error(look.url + ": libcurl has no memory");
    curl_slist* lines = curl_slist_append(nullptr, "Accept:");
    for (const std::string& header : look.headers) lines = curl_slist_append(lines, header.c_str());
    const std::unique_ptr<curl_slist, ListDeleter> headers(lines);
    const std::string to =
        look.connect_to.empty() ? "" : "::" + look.connect_to;  // for every host and port
    const std::unique_ptr<curl_slist, ListDeleter> places(
        to.empty() ? nullptr : curl_slist_append(nullptr, to.c_str()));
    Head head;
    curl_easy_reset(handle);
    curl_easy_setopt(handle, CURLOPT_URL, look.url.c_str());
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(handle, CURLOPT_PROXY, look.proxy.c_str());
    curl_easy_setopt(handle, CURLOPT_HTTPPROXYTUNNEL, 1L);
    curl_easy_setopt(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    if (places) curl_easy_setopt(handle, CURLOPT_CONNECT_TO, places.get());
    if (!look.socket_path.empty())
        curl_easy_setopt(handle, CURLOPT_UNIX_SOCKET_PATH, look.socket_path.c_str());
    set_tls(handle, look);
    if (look.stop_requested) {
        curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
        curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, ask_whether_to_stop);
        curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &look);
    }
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS,
                     std::max<long>(1, static_cast<long>(look.timeout_ns / kMillisecond)));
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(handle, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, &head);
    const CURLcode code = curl_easy_perform(handle);
    if (head.whole) return Seen{head.status, std::move(head.location)};
    return environment_error(look.url + ": " + curl_easy_strerror(code));
}

}  // namespace wsblast::http
