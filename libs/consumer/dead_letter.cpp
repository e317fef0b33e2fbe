#include "consumer/dead_letter.hpp"

#include <algorithm>
#include <cctype>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "core/clock.hpp"
#include "crypto/digest.hpp"
#include "crypto/hex.hpp"

namespace tollgate::consumer {

namespace {

bool is_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '@' || c == '.' ||
           c == ':' || c == '/';
}

// Ids, numbers, addresses and times have digits or an @ in them; words of a sentence do not.
bool differs_by_message(std::string_view word) {
    for (const char c : word) {
        if (c == '@' || std::isdigit(static_cast<unsigned char>(c)) != 0) return true;
    }
    return false;
}

// As those of constraints, columns and providers are; any other quotation is a value.
bool is_name(std::string_view quoted) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
    };
    return !quoted.empty() && quoted.front() >= 'a' && quoted.front() <= 'z' &&
           std::ranges::all_of(quoted, fits);
}

void append_quoted(std::string& into, std::string_view text, std::size_t& at) {
    const std::size_t begin = at + 1;
    const std::size_t end = text.find(text[at], begin);
    at = end == std::string_view::npos ? text.size() : end + 1;
    into.push_back('\'');
    if (end != std::string_view::npos) {
        const std::string_view quoted = text.substr(begin, end - begin);
        if (is_name(quoted)) into.append(differs_by_message(quoted) ? "#" : quoted);
    }
    into.push_back('\'');
}

// What is the same in all reasons of a kind.
std::string kind_of(std::string_view reason) {
    std::string kind;
    for (std::size_t at = 0; at < reason.size();) {
        if (reason[at] == '"') {
            append_quoted(kind, reason, at);
        } else if (is_word(reason[at])) {
            const std::size_t begin = at;
            while (at < reason.size() && is_word(reason[at])) ++at;
            const std::string_view word = reason.substr(begin, at - begin);
            if (differs_by_message(word)) {
                kind.push_back('#');
            } else {
                kind.append(word);
            }
        } else {
            kind.push_back(reason[at++]);
        }
    }
    return kind;
}

}  // namespace

std::string fingerprint(std::string_view reason) {
    constexpr std::size_t bytes = 8;
    return crypto::hex_encode(crypto::sha256(kind_of(reason)).substr(0, bytes));
}

std::string dead_letter_topic(std::string_view consumer) {
    return fmt::format("{}.dlq", consumer);
}

std::string death_headers(const Message& message, const Death& death) {
    boost::json::object headers{
        {"tollgate_consumer", death.consumer},
        {"tollgate_reason", death.reason},
        {"tollgate_fingerprint", fingerprint(death.reason)},
        {"tollgate_attempts", std::to_string(death.attempts)},
        {"tollgate_build", death.build},
        {"tollgate_died_at", to_rfc3339(SystemClock{}.now())},
        {"tollgate_topic", message.topic},
    };
    if (const auto* place = std::get_if<LogPlace>(&message.place); place != nullptr && place->offset >= 0) {
        headers["tollgate_log_topic"] = place->partition.topic;
        headers["tollgate_log_partition"] = std::to_string(place->partition.partition);
        headers["tollgate_log_offset"] = std::to_string(place->offset);
    }
    return boost::json::serialize(headers);
}

}  // namespace tollgate::consumer
