// Asks a Prometheus endpoint once a second, on a thread of its own, and keeps the last answer: whoever
// wants it never waits for the backend.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/result.hpp"
#include "base/units.hpp"
#include "http/client.hpp"
#include "watch/metric_query.hpp"

namespace wsblast::watch {

// One answer of the endpoint: a value for each metric, in the order that they were asked for.
struct Scrape {
    TimeNs at_ns = 0;  // when the answer was asked for
    std::vector<MetricValue> values;
    std::string gap;  // why there are no values
};

class Scraper {
  public:
    // Asks once and waits for it, at most limits::kScrapeTimeoutNs. Usage error when the endpoint cannot be
    // reached or does not answer in the text format, with the remedy; a metric that it does not have is
    // none.
    [[nodiscard]] static Result<std::unique_ptr<Scraper>> start(const std::string& url,
                                                                std::vector<MetricQuery> queries);

    // Waits for a request that is under way.
    ~Scraper();

    // The last answer, or the last failure. Any thread.
    [[nodiscard]] Scrape last() const;

    // The metrics that the first answer did not have, with the names there that come near.
    [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

  private:
    Scraper(std::string url, std::vector<MetricQuery> queries);

    // By the one who started it, then by its thread alone.
    [[nodiscard]] Result<Exposition> ask();
    [[nodiscard]] Scrape values_of(const Exposition& exposition) const;
    void warn_of_missing(const Exposition& exposition);
    void run(const std::stop_token& stop);

    const std::string url_;
    const std::vector<MetricQuery> queries_;
    http::Client client_;
    TimeNs asked_at_ns_ = 0;
    std::vector<std::string> warnings_;
    mutable std::mutex mutex_;
    std::condition_variable_any wake_;
    Scrape last_;
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace wsblast::watch
