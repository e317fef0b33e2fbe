#include "http/request_parser.hpp"

#include <catch2/catch.hpp>

using tollgate::http::RequestParser;

namespace {

// 200 for a head that is taken, 0 for one that is not whole; given in two pieces.
int status_of(std::string_view head, std::size_t cut) {
    RequestParser parser{8192};
    std::string buffer{head.substr(0, cut)};
    for (const std::string_view more : {head.substr(cut), std::string_view{}}) {
        std::size_t taken = 0;
        if (!buffer.empty()) {
            const auto done = parser.take_head(buffer, taken);
            if (!done) return done.error().status;
            if (*done) return 200;
        }
        buffer.erase(0, taken);
        buffer += more;
    }
    return 0;
}

}  // namespace

TEST_CASE("a folded header is refused and not joined, wherever the bytes are cut") {
    const std::string begin = "POST / HTTP/1.1\r\nHost: x\r\n";
    for (const std::string_view folded :
         {"A: b\r\n c\r\n", "A: b\r\n\tc\r\n", "A:\r\n b\r\n", "A: b\r\n \r\n", "A: b\r\n c\r\nD: e\r\n"}) {
        const std::string head = begin + std::string{folded} + "\r\n";
        for (std::size_t cut = 0; cut < head.size(); ++cut) {
            CAPTURE(folded, cut);
            CHECK(status_of(head, cut) == 400);
        }
    }
    const std::string plain = begin + "A:  b \t \r\nC: \r\n\r\n";
    for (std::size_t cut = 0; cut < plain.size(); ++cut) {
        CAPTURE(cut);
        CHECK(status_of(plain, cut) == 200);
    }
}

TEST_CASE("a body that begins with a blank is no folded header") {
    CHECK(status_of("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n \t", 0) == 200);
}
