#include "load/stripe_body.hpp"

#include <algorithm>
#include <array>
#include <ranges>
#include <stdexcept>
#include <string_view>

#include <fmt/format.h>

namespace tollgate::load {

namespace {

// What marks in the texts below stand for. Of each kind 64 characters, so that six random bits choose one.
struct Kind {
    char mark;
    std::string_view characters;
};
constexpr std::array kinds{
    Kind{'?', "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz29"},
    Kind{'#', "0123456789012345678901234567890123456789012345678901234567890123"},
    Kind{'*', "aaaaaabbccdddeeeeeeeeffgghhhiiiiijkkllllmmnnnnnooooprrrrsssttttu"},
};

constexpr std::string_view small_head =
    R"({"id":"evt_????????????????????????","object":"event","type":"charge.succeeded","livemode":true,)"
    R"("data":{"object":{"id":"ch_????????????????????????","amount":1####,)";

constexpr std::string_view head =
    R"({"id":"evt_????????????????????????","object":"event","api_version":"2024-06-20","livemode":true,)"
    R"("pending_webhooks":1,"request":{"id":"req_??????????????","idempotency_key":null},)"
    R"("type":"invoice.payment_succeeded","data":{"object":{"id":"in_????????????????????????","object":"invoice",)"
    R"("amount_due":2####,"amount_paid":2####,"attempt_count":1,"billing_reason":"subscription_cycle",)"
    R"("charge":"ch_????????????????????????","currency":"eur","customer":"cus_??????????????",)"
    R"("customer_email":"********.*********@example.com","customer_name":"M****** S*********",)"
    R"("customer_phone":null,"number":"????????-####","paid":true,"status":"paid",)"
    R"("subscription":"sub_????????????????????????","lines":{"object":"list","has_more":false,"data":[)";

constexpr std::string_view line =
    R"({"id":"il_????????????????????????","object":"line_item","amount":1####,"currency":"eur",)"
    R"("description":"1# x Plan ****** at €1##.00 a month","discountable":true,"discounts":[],"invoice_item":null,)"
    R"("livemode":true,"metadata":{"order":"########","seat":"*******"},"period":{"end":179#######,)"
    R"("start":178#######},"price":{"id":"price_????????????????????????","active":true,"nickname":null,)"
    R"("product":"prod_??????????????","recurring":{"interval":"month","interval_count":1},"type":"recurring",)"
    R"("unit_amount":1####},"proration":false,"quantity":#,"tax_amounts":[],"type":"subscription"})";

constexpr std::string_view lines_end = "]},";

constexpr std::size_t choices_per_state = 10;  // six of 64 bits each
constexpr std::size_t pool_bytes = 16'384;
constexpr std::size_t place_bytes_max = 1'024;

// A bijection whose results look random: different numbers stay different.
std::uint64_t mixed(std::uint64_t value) {
    value += 0x9e3779b97f4a7c15U;
    value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
    value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
    return value ^ (value >> 31U);
}

// As many random characters.
void append_random(std::size_t count, std::string_view characters, std::uint64_t state, std::string& out) {
    for (std::uint64_t bits = state; count > 0; --count, bits >>= 6U) {
        out += characters[bits & 63U];
        if (count % choices_per_state == 0) bits = state = mixed(state);
    }
}

std::string text_of(std::size_t bytes, std::chrono::sys_seconds created) {
    const std::string tail_begin =
        fmt::format(R"("created":{},"token":")", created.time_since_epoch().count());
    constexpr std::string_view tail_end = "\"}}}";
    const std::size_t tail_bytes = tail_begin.size() + tail_end.size();
    std::string text;
    if (bytes < head.size() + lines_end.size() + tail_bytes) {
        text = small_head;
    } else {
        text = head;
        const std::size_t begin = text.size();
        while (text.size() + 1 + line.size() + lines_end.size() + tail_bytes <= bytes) {
            if (text.size() > begin) text += ',';
            text += line;
        }
        text += lines_end;
    }
    text += tail_begin;
    if (text.size() + tail_end.size() > bytes)
        throw std::invalid_argument{fmt::format("no body has only {} bytes", bytes)};
    text.append(bytes - text.size() - tail_end.size(), '?');
    text += tail_end;
    return text;
}

}  // namespace

StripeBody::StripeBody(std::size_t bytes, std::uint64_t seed, std::chrono::sys_seconds created)
    : text_{text_of(bytes, created)}, seed_{mixed(seed)} {
    for (const Kind& kind : kinds)
        append_random(pool_bytes + place_bytes_max, kind.characters, mixed(seed_), pools_.emplace_back());
    for (std::size_t i = 0; i < text_.size();) {
        const auto kind = std::ranges::find(kinds, text_[i], &Kind::mark);
        const std::size_t end = std::min(text_.find_first_not_of(text_[i], i), text_.size());
        if (kind != kinds.end()) {
            places_.push_back({.begin = i,
                               .length = std::min(end - i, place_bytes_max),
                               .pool = static_cast<std::size_t>(kind - kinds.begin()),
                               .is_id = text_[i - 1] == '_' && kind == kinds.begin()});
        }
        i = end;
    }
}

void StripeBody::append(std::uint64_t number, std::string& out) const {
    const std::size_t begin = out.size();
    std::uint64_t state = mixed(number ^ seed_);
    const Place& id = places_.front();
    out.append(text_, 0, id.begin);
    append_random(id.length, kinds.front().characters, state, out);
    out.append(text_, id.begin + id.length);
    for (const Place& place : places_ | std::views::drop(1)) {
        state = mixed(state);
        // Two events that name one invoice would be told as one.
        if (place.is_id) {
            std::string own;
            append_random(place.length, kinds.front().characters, state, own);
            own.copy(out.data() + begin + place.begin, own.size());
            continue;
        }
        pools_[place.pool].copy(out.data() + begin + place.begin, place.length, state % pool_bytes);
    }
}

}  // namespace tollgate::load
