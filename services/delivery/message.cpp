#include "delivery/message.hpp"

namespace tollgate::delivery {

std::string Text::words() const {
    std::string all;
    for (const Piece& piece : pieces) all += piece.words;
    return all;
}

void Text::append(const Text& more) {
    for (const Piece& piece : more.pieces) {
        if (!pieces.empty() && !pieces.back().moment && !piece.moment) {
            pieces.back().words += piece.words;
        } else {
            pieces.push_back(piece);
        }
    }
}

std::string first_line(const Message& message) {
    std::string line = message.emoji;
    if (!line.empty()) line += ' ';
    if (message.test) line += "[TEST] ";
    return line + message.headline;
}

std::string summary(const Message& message) {
    std::string line = first_line(message);
    const auto add = [&](std::string_view sentence) {
        if (sentence.empty()) return;
        // A headline ends without a full stop.
        const bool ended = line.ends_with('.') || line.ends_with('!') || line.ends_with('?');
        line += ended ? " " : ". ";
        line += sentence;
    };
    add(message.meaning.words());
    add(message.advice);
    for (const std::string& mark : message.marks) add(mark);
    return line;
}

}  // namespace tollgate::delivery
