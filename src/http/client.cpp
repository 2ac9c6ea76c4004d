#include "http/client.hpp"

#include <algorithm>
#include <mutex>

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

}  // namespace wsblast::http
