#include "plan/deflated_text.hpp"

#include "base/limits.hpp"
#include "deflate/stream.hpp"

namespace wsblast::plan {

namespace {

std::string compressed(deflate::Deflater& deflater, const std::string& text, deflate::DeflateEnd end) {
    std::string out(deflate::Deflater::size_max(text.size()), '\0');
    const ByteSpan room(reinterpret_cast<std::uint8_t*>(out.data()), out.size());
    out.resize(deflater.deflate(as_bytes(text), end, room).size);
    return out;
}

}  // namespace

std::vector<std::string> deflate_literals(const std::vector<std::string>& literals, int window_bits) {
    deflate::Deflater deflater(window_bits, limits::kDeflateLevelOnce);
    std::vector<std::string> made;
    for (std::size_t i = 0; i + 1 < literals.size(); ++i) {
        made.push_back(compressed(deflater, literals[i], deflate::DeflateEnd::restart));
        // The flush is an empty stored block: without its length it becomes the hole's.
        made.back().resize(made.back().size() - kStoredHeaderBytes);
        deflater.reset();
    }
    made.push_back(compressed(deflater, literals.back(), deflate::DeflateEnd::message));
    return made;
}

std::uint8_t* write_stored_header(std::uint8_t* out, std::size_t size) {
    const auto length = static_cast<std::uint16_t>(size);
    const auto complement = static_cast<std::uint16_t>(~length);
    for (const std::uint16_t word : {length, complement}) {
        *out++ = static_cast<std::uint8_t>(word);
        *out++ = static_cast<std::uint8_t>(word >> 8);
    }
    return out;
}

}  // namespace wsblast::plan
