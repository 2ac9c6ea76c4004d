#include "watch/scraper.hpp"

#include <utility>

#include "base/clock.hpp"
#include "base/limits.hpp"
#include "text/format.hpp"

namespace wsblast::watch {

namespace {

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

}  // namespace

Scraper::Scraper(std::string url, std::vector<MetricQuery> queries)
    : url_(std::move(url)), queries_(std::move(queries)) {}

Scraper::~Scraper() {
    thread_.request_stop();
    wake_.notify_all();
}

Result<std::unique_ptr<Scraper>> Scraper::start(const std::string& url, std::vector<MetricQuery> queries) {
    std::unique_ptr<Scraper> scraper(new Scraper(url, std::move(queries)));
    const auto exposition = scraper->ask();
    if (!exposition) {
        return usage_error(
            text::format("--watch-prometheus: {}; it takes the URL that Prometheus itself would "
                         "scrape, as in http://127.0.0.1:9100/metrics",
                         exposition.error().what));
    }
    scraper->warn_of_missing(*exposition);
    scraper->last_ = scraper->values_of(*exposition);
    scraper->thread_ = std::jthread([raw = scraper.get()](const std::stop_token& stop) { raw->run(stop); });
    return scraper;
}

Scrape Scraper::last() const {
    const std::lock_guard lock(mutex_);
    return last_;
}

Result<Exposition> Scraper::ask() {
    asked_at_ns_ = monotonic_now();
    const auto body = client_.get({.url = url_,
                                   .accept = "text/plain;version=0.0.4",
                                   .timeout_ns = limits::kScrapeTimeoutNs,
                                   .bytes_max = limits::kScrapeBytesMax});
    if (!body) return body.error();
    auto exposition = parse_exposition(*body);
    if (!exposition) return environment_error(text::format("{}: {}", url_, exposition.error().what));
    return exposition;
}

Scrape Scraper::values_of(const Exposition& exposition) const {
    Scrape scrape{.at_ns = asked_at_ns_, .values = {}, .gap = {}};
    for (const MetricQuery& query : queries_) scrape.values.push_back(value_of(query, exposition));
    return scrape;
}

void Scraper::warn_of_missing(const Exposition& exposition) {
    for (const MetricQuery& query : queries_) {
        if (value_of(query, exposition).value) continue;
        const std::vector<std::string> near = names_like(query.name, exposition);
        const std::string remedy = near.empty() ? "" : text::format("; it has {}", joined(near));
        warnings_.push_back(text::format("{} has no {} yet{}", url_, query.text, remedy));
    }
}

void Scraper::run(const std::stop_token& stop) {
    const auto interval = std::chrono::nanoseconds(limits::kScrapeIntervalNs);
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, stop, interval, [&] { return stop.stop_requested(); })) {
        lock.unlock();
        const auto exposition = ask();
        Scrape scrape =
            exposition ? values_of(*exposition) : Scrape{asked_at_ns_, {}, exposition.error().what};
        lock.lock();
        last_ = std::move(scrape);
    }
}

}  // namespace wsblast::watch
