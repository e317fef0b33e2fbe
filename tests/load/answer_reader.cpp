#include "load/answer_reader.hpp"

#include <algorithm>
#include <charconv>

namespace tollgate::load {

namespace {

constexpr std::size_t room_min = 4096;
constexpr std::string_view head_end = "\r\n\r\n";

bool equal_without_case(std::string_view one, std::string_view lower) {
    return std::ranges::equal(one, lower, {}, [](char letter) {
        return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    });
}

template <typename T>
std::optional<T> number(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

struct Head {
    int status = 0;
    std::size_t body_bytes = 0;
    bool closes = false;
};

Result<Head> parse_head(std::string_view head) {
    constexpr std::string_view version = "HTTP/1.1 ";
    const auto status =
        head.size() < version.size() + 3 ? std::nullopt : number<int>(head.substr(version.size(), 3));
    if (!head.starts_with(version) || !status)
        return fail(ErrorCode::invalid, "an answer that is not HTTP/1.1");
    Head parsed{.status = *status};
    std::optional<std::size_t> length;
    for (std::size_t line = head.find("\r\n"); line != std::string_view::npos;) {
        const std::size_t begin = line + 2;
        line = head.find("\r\n", begin);
        const std::string_view field =
            head.substr(begin, line == std::string_view::npos ? line : line - begin);
        const std::size_t colon = field.find(':');
        if (colon == std::string_view::npos) continue;
        const std::string_view name = field.substr(0, colon);
        const std::string_view value =
            field.substr(std::min(field.find_first_not_of(' ', colon + 1), field.size()));
        if (equal_without_case(name, "content-length")) length = number<std::size_t>(value);
        if (equal_without_case(name, "connection")) parsed.closes = equal_without_case(value, "close");
    }
    if (!length && *status != 204) return fail(ErrorCode::invalid, "an answer {} without a length", *status);
    parsed.body_bytes = length.value_or(0);
    return parsed;
}

}  // namespace

std::span<char> AnswerReader::room() {
    if (begin_ == end_) begin_ = end_ = 0;
    if (buffer_.size() - end_ < room_min) {
        buffer_.erase(0, begin_);
        end_ -= begin_;
        begin_ = 0;
        buffer_.resize(std::max(buffer_.size(), end_ + room_min));
    }
    return std::span{buffer_}.subspan(end_);
}

Result<std::optional<Answer>> AnswerReader::next() {
    const std::string_view unread = std::string_view{buffer_}.substr(begin_, end_ - begin_);
    const std::size_t head_bytes = unread.find(head_end);
    if (head_bytes == std::string_view::npos) return std::nullopt;
    const auto head = parse_head(unread.substr(0, head_bytes));
    if (!head) return std::unexpected{head.error()};
    const std::size_t body_begin = head_bytes + head_end.size();
    if (unread.size() - body_begin < head->body_bytes) return std::nullopt;
    begin_ += body_begin + head->body_bytes;
    return Answer{
        .status = head->status, .body = unread.substr(body_begin, head->body_bytes), .closes = head->closes};
}

std::optional<Receipt> parse_receipt(std::string_view body) {
    constexpr std::string_view id_field = R"("event_id":")";
    constexpr std::string_view duplicate_field = R"("duplicate":)";
    const std::size_t id = body.find(id_field);
    const std::size_t duplicate = body.find(duplicate_field);
    if (id == std::string_view::npos || duplicate == std::string_view::npos) return std::nullopt;
    const auto event_id = Uuid::parse(body.substr(id + id_field.size(), 36));
    const std::string_view said = body.substr(duplicate + duplicate_field.size());
    if (!event_id || !(said.starts_with("true") || said.starts_with("false"))) return std::nullopt;
    return Receipt{.event_id = *event_id, .duplicate = said.starts_with("true")};
}

}  // namespace tollgate::load
