// What Beast's parser needs to be kept from in a chunked body. Only sources of this folder include it.
#pragma once

#include <algorithm>
#include <string_view>

namespace tollgate::http {

// The last chunk's head without its end. Beast asserts that it sees at least five bytes when it looks at one
// again, so a peer that sends it byte by byte would end a build with assertions.
inline bool is_cut_last_chunk(std::string_view bytes) {
    return bytes.size() < 5 && bytes.starts_with("0\r\n");
}

// Beast lets anything pass within quotes, a bare line feed too, where another parser may see the chunk's
// head end and so another message.
inline bool is_plain_extension(std::string_view extension) {
    return std::ranges::none_of(extension, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < ' ' && c != '\t') || byte == 0x7F;
    });
}

}  // namespace tollgate::http
