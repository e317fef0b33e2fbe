#include "providers/fresh_sample.hpp"

#include <algorithm>
#include <cctype>
#include <regex>
#include <set>

#include "crypto/random.hpp"
#include "providers/items.hpp"
#include "providers/normalise.hpp"
#include "providers/signing.hpp"

namespace tollgate::providers {

namespace {

// Shorter ones could stand in a body for something else.
constexpr std::size_t id_characters_min = 4;

bool is_of_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
}

// Where it stands as a word, and not as a part of another one.
bool replace_words(std::string& body, std::string_view old_word, std::string_view new_word) {
    bool replaced = false;
    for (std::size_t at = body.find(old_word); at != std::string::npos; at = body.find(old_word, at)) {
        const std::size_t end = at + old_word.size();
        const bool stands_alone =
            (at == 0 || !is_of_word(body[at - 1])) && (end == body.size() || !is_of_word(body[end]));
        if (stands_alone) body.replace(at, old_word.size(), new_word);
        replaced = replaced || stands_alone;
        at += stands_alone ? new_word.size() : 1;
    }
    return replaced;
}

// "subscription/15100141" stands in the body as its end.
bool make_another(std::string& body, std::string_view id) {
    const std::string_view name = id.substr(id.rfind('/') + 1);
    return name.size() >= id_characters_min && replace_words(body, name, another_like(name));
}

// Whoever delivers takes the id that a sample's headers have.
bool make_another(http::Headers& headers, const http::Headers& delivered, const std::string& id) {
    const std::string other = another_like(id);
    bool replaced = false;
    for (const http::HeaderField field : delivered) {
        if (id.empty() || field.value != id) continue;
        headers.set(field.name, other);
        replaced = true;
    }
    return replaced;
}

// What the event says that it is about, but for who pays.
std::set<std::string> objects_in(const Provider& provider, std::string_view settings, const Item& item,
                                 std::string_view body) {
    std::set<std::string> objects;
    if (item.subject) objects.insert(*item.subject);
    const auto event =
        normalise(provider, {.settings = settings, .type = item.type, .body = bytes_of(item, body)});
    if (!event) return objects;
    const v1::References& named = event->references();
    objects.insert({event->subject().id(), named.payment_id(), named.charge_id(), named.invoice_id(),
                    named.subscription_id(), named.refund_id(), named.dispute_id(), named.payout_id(),
                    named.order_id(), named.checkout_id(), named.external_id()});
    return objects;
}

// A character of the same kind. No digit becomes 0, which a number could not begin with.
char another(char c, unsigned char random, bool is_hex) {
    const auto one_of = [&](std::string_view kind) { return kind[random % kind.size()]; };
    if (c >= '0' && c <= '9') return one_of("123456789");
    if (c >= 'a' && c <= 'z') return one_of(is_hex ? "abcdef" : "abcdefghijklmnopqrstuvwxyz");
    if (c >= 'A' && c <= 'Z') return one_of(is_hex ? "ABCDEF" : "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    return c;
}

// What the body has as this moment, in any way of writing it, becomes now.
void replace_time(std::string& body, Timestamp time, Timestamp now) {
    using std::chrono::milliseconds;
    using std::chrono::seconds;
    const auto number_of = [](Timestamp at, auto unit) {
        return std::to_string(std::chrono::floor<decltype(unit)>(at).time_since_epoch().count());
    };
    replace_words(body, number_of(time, seconds{}), number_of(now, seconds{}));
    replace_words(body, number_of(time, milliseconds{}), number_of(now, milliseconds{}));
    // Date, blank, time, zone; in JSON or in a form.
    static const std::regex written{
        R"((\d{4}-\d\d-\d\d)(T| |%20)(\d\d)(:|%3A)(\d\d)(?:\4)(\d\d)(\.\d+)?(?:Z|( |%20)?([+-])(\d\d)(:?)(\d\d)))"};
    std::string made;
    auto rest = body.cbegin();
    for (std::sregex_iterator at{body.begin(), body.end(), written}, end; at != end; ++at) {
        const std::smatch& found = *at;
        const bool has_offset = found[9].matched;
        const std::string zone = has_offset ? found[9].str() + found[10].str() + ":" + found[12].str() : "Z";
        const auto parsed = parse_rfc3339(found[1].str() + "T" + found[3].str() + ":" + found[5].str() + ":" +
                                          found[6].str() + found[7].str() + zone);
        if (!parsed || *parsed != time) continue;
        const std::string utc = to_rfc3339(now);
        made.append(rest, found[0].first);
        made += utc.substr(0, 10) + found[2].str() + utc.substr(11, 2) + found[4].str() + utc.substr(14, 2) +
                found[4].str() + utc.substr(17, 2);
        made += has_offset ? found[8].str() + found[9].str() + "00" + found[11].str() + "00" : "Z";
        rest = found[0].second;
    }
    made.append(rest, body.cend());
    body = std::move(made);
}

}  // namespace

std::string another_like(std::string_view id) {
    const std::size_t prefix = id.rfind('_') + 1;  // 0 if there is none
    const bool is_hex = std::ranges::all_of(id.substr(prefix), [](char c) {
        return c == '-' || std::isxdigit(static_cast<unsigned char>(c)) != 0;
    });
    const std::string random = crypto::random_bytes(id.size());
    std::string made{id};
    for (std::size_t i = prefix; i < made.size(); ++i)
        made[i] = another(made[i], static_cast<unsigned char>(random[i]), is_hex);
    return made;
}

Result<Delivery> deliver_fresh(const Provider& provider, std::string_view settings, const Secret& secret,
                               const Sample& sample, About about, Timestamp now) {
    const auto trust = settings_are_good(provider, settings, secret);
    if (!trust) return std::unexpected{trust.error()};
    auto old = provider.deliver(settings, secret, sample, now);
    if (!old) return old;
    const auto items =
        provider.identify(**trust, {.url = {}, .headers = old->headers, .body = old->body}, {});
    if (!items) return std::unexpected{items.error()};
    std::string body{sample.body};
    Sample fresh = sample;
    bool is_another = true;
    for (const Item& item : *items) {
        const bool has_other_id = make_another(body, item.event_id.value_or("")) ||
                                  make_another(fresh.headers, old->headers, item.event_id.value_or(""));
        bool has_other_subject = false;
        if (about == About::a_new_one || !has_other_id) {
            for (const std::string& object : objects_in(provider, settings, item, old->body))
                has_other_subject = make_another(body, object) || has_other_subject;
        }
        is_another = is_another && (has_other_id || has_other_subject);
        if (item.time) replace_time(body, *item.time, now);
    }
    if (!is_another) {
        return fail(ErrorCode::invalid, "the sample {} of {} names no id that could be another", sample.type,
                    provider.name);
    }
    fresh.body = body;
    return provider.deliver(settings, secret, fresh, now);
}

}  // namespace tollgate::providers
