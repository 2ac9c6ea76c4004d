// An expression over a run's metrics, as Artillery's `ensure` has them (the language of filtrex):
//
//     vusers.failed == 0 and websocket.response_time.p99 < 50
//
// Numbers, names, + - * / % ^, and or not, == != < <= > >=, in (a, b), not in (a, b), x ? y : z, and the
// functions abs ceil floor log max min random round sqrt. What is true is 1, what is false 0.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace wsblast::stats {

// Immutable, for any thread.
//
// The names of metrics may have dots, and dashes and blanks too: where a name of `values` stands in the
// text, it is that name, the longest first. Words that follow one another are one name ("errors.Connection
// timeout"). In quotes ' ' everything is a name.
class Expression {
  public:
    // Usage error: what is wrong, and where in the text.
    [[nodiscard]] static Result<Expression> parse(std::string_view text);
    // A name without a value is an error that names it, but for what is counted (vusers., errors.,
    // websocket.): where nothing was counted, it is 0.
    [[nodiscard]] Result<double> evaluate(const std::map<std::string, double>& values) const;

    [[nodiscard]] const std::string& text() const { return text_; }

  private:
    explicit Expression(std::string_view text) : text_(text) {}

    std::string text_;
};

}  // namespace wsblast::stats
