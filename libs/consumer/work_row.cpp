#include "consumer/work_row.hpp"

#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "crypto/base64.hpp"
#include "telemetry/text.hpp"

namespace tollgate::consumer {

namespace {

constexpr std::string_view base64 = "base64";

// jsonb has neither bytes that are no UTF-8 nor zeros.
bool is_text(std::string_view bytes) {
    return !bytes.contains('\0') && telemetry::valid_utf8(bytes) == bytes;
}

Result<std::string> element(const boost::json::array& header, std::size_t place) {
    const auto* text = header.at(place).if_string();
    if (text == nullptr) return fail(ErrorCode::invalid, "a header is no text");
    const std::string_view view{text->data(), text->size()};
    if (header.size() == 2) return std::string{view};
    return crypto::base64_decode(view);
}

}  // namespace

std::string headers_to_json(const events::Headers& headers) {
    boost::json::array all;
    for (const auto& [name, value] : headers) {
        if (is_text(name) && is_text(value)) {
            all.push_back(boost::json::array{name, value});
        } else {
            all.push_back(
                boost::json::array{crypto::base64_encode(name), crypto::base64_encode(value), base64});
        }
    }
    return boost::json::serialize(all);
}

Result<events::Headers> headers_from_json(std::string_view json) {
    boost::system::error_code error;
    const auto parsed = boost::json::parse(json, error);
    const auto* all = error ? nullptr : parsed.if_array();
    if (all == nullptr) return fail(ErrorCode::invalid, "the headers are no JSON array");
    events::Headers headers;
    for (const auto& each : *all) {
        const auto* header = each.if_array();
        if (header == nullptr || (header->size() != 2 && header->size() != 3))
            return fail(ErrorCode::invalid, "a header is no pair");
        auto name = element(*header, 0);
        auto value = element(*header, 1);
        if (!name) return std::unexpected{name.error()};
        if (!value) return std::unexpected{value.error()};
        headers.emplace_back(std::move(*name), std::move(*value));
    }
    return headers;
}

Message message_of(const postgres::Row& row, std::size_t first_column) {
    const auto at = [&](std::size_t column) { return first_column + column; };
    const auto bytes = [&](std::size_t column) {
        const auto found = row.get<std::optional<std::string_view>>(at(column));
        return found ? std::optional<std::string>{*found} : std::nullopt;
    };
    Message message{.topic = row.get<std::string>(at(0)), .key = bytes(4), .value = bytes(5)};
    if (const auto topic = row.get<std::optional<std::string>>(at(1))) {
        message.place = LogPlace{.partition = {*topic, row.get<std::int32_t>(at(2))},
                                 .offset = row.get<std::int64_t>(at(3))};
    }
    if (const auto stored = row.get<std::optional<std::string_view>>(at(6))) {
        if (auto headers = headers_from_json(*stored)) {
            message.headers = std::move(*headers);
            read_headers(message);
        } else {
            message.flaw = headers.error();
        }
    }
    message.id = row.get<Uuid>(at(7));
    message.tenant = row.get<Uuid>(at(8));
    if (message.tenant == Uuid{}) message.tenant.reset();
    return message;
}

}  // namespace tollgate::consumer
