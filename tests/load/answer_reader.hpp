// Cuts what a server sends into answers, however it comes: in pieces, or several at once.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "core/uuid.hpp"

namespace tollgate::load {

// Views into the reader, until it is next called.
struct Answer {
    int status = 0;
    std::string_view body;
    bool closes = false;  // the server closes the connection after it
};

class AnswerReader {
public:
    // Where to put what is received next; then how much that was.
    std::span<char> room();
    void received(std::size_t count) { end_ += count; }

    // Nothing while none is whole. An error is what no client of a server of ours should meet: no HTTP, or a
    // body without Content-Length.
    Result<std::optional<Answer>> next();

    // Whether all that came was taken.
    bool empty() const { return begin_ == end_; }

private:
    std::string buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

// What ingress says of one event. Nothing if the body says something else.
struct Receipt {
    Uuid event_id;
    bool duplicate = false;
};
std::optional<Receipt> parse_receipt(std::string_view body);

}  // namespace tollgate::load
