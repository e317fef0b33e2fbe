#include "providers/fill.hpp"

#include <algorithm>
#include <utility>

namespace tollgate::providers {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_of_urls(char c) {
    constexpr std::string_view others = "-._~:/?#[]@!$&'()*+,;=%";
    return is_digit(c) || is_letter(c) || others.contains(c);
}

}  // namespace

void write(const Money& from, v1::Money& to) {
    to.set_minor(from.minor);
    to.set_currency(std::string{from.currency.code()});
}

void write(Timestamp from, google::protobuf::Timestamp& to) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(from);
    to.set_seconds(seconds.time_since_epoch().count());
    to.set_nanos(static_cast<std::int32_t>(std::chrono::nanoseconds{from - seconds}.count()));
}

void tell(v1::PaymentEvent& event, v1::Category category, v1::Fact fact) {
    event.set_category(category);
    event.set_fact(fact);
}

void set_subject(v1::PaymentEvent& event, v1::SubjectKind kind, std::string id, std::string description) {
    auto& subject = *event.mutable_subject();
    subject.set_kind(kind);
    subject.set_id(std::move(id));
    subject.set_description(std::move(description));
}

void add_link(v1::PaymentEvent& event, v1::LinkKind kind, std::string_view url) {
    constexpr std::string_view scheme = "https://";
    if (!url.starts_with(scheme) || url.size() == scheme.size() || !std::ranges::all_of(url, is_of_urls)) {
        return;
    }
    auto& link = *event.add_links();
    link.set_kind(kind);
    link.set_url(std::string{url});
}

bool is_plain_id(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return is_digit(c) || is_letter(c) || c == '_' || c == '-';
    });
}

void set_card(v1::PaymentEvent& event, std::string brand, std::string_view last_four, std::uint32_t month,
              std::uint32_t year) {
    auto& card = *event.mutable_card();
    card.set_brand(std::move(brand));
    card.set_last_four(last_four_of(last_four));
    if (month <= 12) card.set_expiry_month(month);
    if (year <= 9999) card.set_expiry_year(year);
}

void add_attribute(v1::PaymentEvent& event, std::string_view name, std::string_view value) {
    if (name.empty() || value.empty() || event.attributes_size() >= attributes_max) return;
    const bool known = std::ranges::any_of(
        event.attributes(), [&](const v1::Attribute& attribute) { return attribute.name() == name; });
    if (known) return;
    auto& attribute = *event.add_attributes();
    attribute.set_name(std::string{name});
    attribute.set_value(std::string{value});
}

std::string full_name(std::string_view first, std::string_view last) {
    return fmt::format("{}{}{}", first, first.empty() || last.empty() ? "" : " ", last);
}

std::string last_four_of(std::string_view masked) {
    constexpr std::size_t shown = 4;
    if (masked.size() < shown) return {};
    const std::string_view last = masked.substr(masked.size() - shown);
    return std::ranges::all_of(last, is_digit) ? std::string{last} : std::string{};
}

std::string_view words_for(std::span<const CodeWords> table, std::string_view code) {
    const auto found = std::ranges::lower_bound(table, code, {}, &CodeWords::code);
    return found != table.end() && found->code == code ? found->words : std::string_view{};
}

}  // namespace tollgate::providers
