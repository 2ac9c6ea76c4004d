// The secrets that we sent, to be hidden where a server says them back.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace wsblast::proto {

// What nobody else should know of a request whose head that is: the values of headers and of parameters of
// the query that are secret by their names (proto/secrets.hpp), those of cookies one by one, and what
// stands in a login (RFC 7617), each as it was sent and as it reads when it is decoded. None is shorter
// than kSentSecretMin.
[[nodiscard]] std::vector<std::string> sent_secrets(std::string_view head);

// Shorter ones would be found in the middle of words.
inline constexpr std::size_t kSentSecretMin = 4;

// The text with kHidden in the place of each of them, and of one that is cut off at its end.
[[nodiscard]] std::string hide_sent(std::string_view text, std::vector<std::string> secrets);

}  // namespace wsblast::proto
