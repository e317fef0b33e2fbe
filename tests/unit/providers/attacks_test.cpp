// What every provider must refuse, each in its own words.
#include <algorithm>
#include <set>

#include <catch2/catch.hpp>

#include "attack_rows.hpp"
#include "crypto/hmac.hpp"
#include "paypal_sender.hpp"

using namespace tollgate;
using namespace tollgate::providers;
using namespace tollgate::providers::testing;
using Catch::StartsWith;

namespace {

constexpr auto sha1 = crypto::HmacHash::sha1;
constexpr auto sha256 = crypto::HmacHash::sha256;
constexpr auto sha512 = crypto::HmacHash::sha512;

const Paypal& paypal() {
    static const Paypal one;  // keys of RSA take a while
    return one;
}

// A source, and a request that its provider sent to it at noon.
struct Target {
    const Row& row;
    const Provider& provider = testing::provider(row.provider);
    const bool is_paypal = row.provider == "paypal";
    Secret secret = is_paypal ? Secret{std::string{paypal_webhook_id}} : provider.make_secret();
    std::shared_ptr<const Trust> trust =
        is_paypal ? paypal().trust() : testing::trust(provider, "{}", {secret.reveal()});
    Request request = is_paypal ? paypal().request()
                                : delivered(provider, "{}", secret.reveal(),
                                            row.sample.empty() ? provider.samples.front()
                                                               : testing::sample(provider, row.sample));

    std::string said_of(const Request& sent, Timestamp now = noon) const {
        Documents documents;
        if (is_paypal) documents[std::string{paypal_url}] = {.text = paypal().chain};
        return said(provider.verify(*trust, sent.received(), now, documents));
    }
    std::string said_of_value(std::string_view value) const { return said_of(with(value)); }

    std::string value() const {
        if (!row.in_body) return std::string{request.headers.get(row.proof).value()};
        return request.body.substr(begin(), request.body.find(row.in_body->end, begin()) - begin());
    }
    Request with(std::string_view value) const {
        Request changed = request;
        if (row.in_body) {
            changed.body.replace(begin(), this->value().size(), value);
        } else {
            changed.headers.set(row.proof, value);
        }
        return changed;
    }
    Request without() const {
        Request changed = request;
        if (row.in_body) {
            const std::size_t letter = row.in_body->begin.find_first_not_of('"');
            changed.body.insert(begin() - row.in_body->begin.size() + letter, "x");
        } else {
            changed.headers.remove(row.proof);
        }
        return changed;
    }
    Request doubled() const {
        Request changed = request;
        if (row.in_body) {
            const auto& [before, behind, separator] = *row.in_body;
            changed.body.insert(begin() - before.size(),
                                fmt::format("{}{}{}{}", before, value(), behind, separator));
        } else {
            changed.headers.add(row.proof, value());
        }
        return changed;
    }

private:
    std::size_t begin() const {
        const std::size_t at = request.body.find(row.in_body->begin);
        REQUIRE(at != std::string::npos);
        return at + row.in_body->begin.size();
    }
};

void check_refused(std::string_view said, std::initializer_list<std::string_view> reasons) {
    INFO(said);
    CHECK(std::ranges::any_of(reasons, [&](std::string_view reason) { return said.starts_with(reason); }));
}

}  // namespace

TEST_CASE("every provider is attacked") {
    std::set<std::string_view> attacked;
    for (const Row& row : rows()) attacked.insert(row.provider);
    for (const Provider* const provider : all()) {
        INFO(provider->name);
        CHECK(attacked.contains(provider->name));
    }
}

TEST_CASE("a proof that is missing, doubled, oversized or empty is refused") {
    for (const Row& row : rows()) {
        INFO(row.provider << " " << row.proof);
        const Target target{row};
        REQUIRE(target.said_of(target.request) == "verified");
        CHECK_THAT(target.said_of(target.without()), StartsWith("proof_missing: "));
        CHECK_THAT(target.said_of_value(""), StartsWith("proof_missing: "));
        CHECK_THAT(target.said_of(target.doubled()),
                   StartsWith(row.may_come_twice ? "verified" : "proof_malformed: "));
        CHECK_THAT(target.said_of_value(target.value() + std::string(5000, 'a')),
                   StartsWith("proof_malformed: "));
    }
}

TEST_CASE("a request of which one byte was altered is refused, unless nothing covers it") {
    for (const Row& row : rows()) {
        INFO(row.provider << " " << row.proof);
        const Target target{row};
        const std::string& body = target.request.body;
        std::vector<std::size_t> places{0, body.size() / 2, body.size() - 1};
        if (!row.covered.empty()) places = {body.find(row.covered) + row.covered.size()};
        for (const std::size_t place : places) {
            Request altered = target.request;
            altered.body.at(place) ^= 1;
            const std::string said = target.said_of(altered);
            if (sends_its_secret(target.provider)) {
                CHECK(said == "verified");
            } else {
                CHECK_THAT(said, StartsWith("proof_wrong: "));
            }
        }
    }
}

TEST_CASE("a proof of another algorithm is refused, be it right") {
    for (const Row& row : rows()) {
        INFO(row.provider);
        const Target target{row};
        if (!row.named.empty()) {
            std::string value = target.value();
            const std::size_t at = value.find(row.named);
            REQUIRE(at != std::string::npos);
            value.replace(at, row.named.size(), row.other);
            check_refused(target.said_of_value(value), {"proof_unknown: ", "proof_malformed: "});
        }
        if (!row.body_hash) continue;
        for (const crypto::HmacHash hash : {sha1, sha256, sha512}) {
            const auto mac = crypto::hmac(hash, target.secret, target.request.body);
            REQUIRE(mac);
            const std::string said =
                target.said_of_value(std::string{row.named} + encode_signature(*mac, row.encoding));
            if (hash == *row.body_hash) {
                CHECK(said == "verified");
            } else {
                CHECK_THAT(said, StartsWith("proof_malformed: "));
            }
        }
    }
}

TEST_CASE("a request of one provider is no request of another") {
    for (const Row& row : rows()) {
        const Target target{row};
        for (const Row& from : rows()) {
            INFO(from.provider << " to " << row.provider);
            const Target other{from};
            if (target.is_paypal && other.is_paypal) continue;  // there is one webhook of it here
            check_refused(target.said_of(other.request),
                          {"proof_missing: ", "proof_malformed: ", "proof_unknown: ", "proof_wrong: "});
            Request get = target.request;
            get.method = http::Method::get;
            if (target.provider.asks_by_get)
                CHECK_THAT(target.said_of(get), StartsWith("proof_missing: bt_challenge"));
        }
    }
}

TEST_CASE("a request that is sent again later is refused where the time is signed") {
    for (const Row& row : rows()) {
        if (row.time_header.empty()) continue;
        INFO(row.provider);
        const Target target{row};
        constexpr std::chrono::hours far{24 * 30};
        CHECK_THAT(target.said_of(target.request, noon + far), StartsWith("too_old: "));
        CHECK_THAT(target.said_of(target.request, noon - far), StartsWith("too_new: "));
        // With the time of then in place of its own.
        Request later = target.request;
        std::string value{later.headers.get(row.time_header).value()};
        const std::size_t at = value.find(row.noon_text);
        REQUIRE(at != std::string::npos);
        value.replace(at, row.noon_text.size(), row.later_text);
        later.headers.set(row.time_header, value);
        // PayPal's certificate has expired by then.
        check_refused(target.said_of(later, noon + far), {"proof_wrong: ", "document_wrong: "});
    }
}

TEST_CASE("an empty secret is none, and what anybody can sign is not believed") {
    for (const Row& row : rows()) {
        INFO(row.provider);
        const Target target{row};
        CHECK_FALSE(refusal(target.provider, "{}", {""}).empty());
        if (!row.body_hash) continue;
        // Keys are filled up with zeros, so that one zero is the empty key.
        const auto mac = crypto::hmac(*row.body_hash, Secret{std::string(1, '\0')}, target.request.body);
        REQUIRE(mac);
        CHECK_THAT(target.said_of_value(std::string{row.named} + encode_signature(*mac, row.encoding)),
                   StartsWith("proof_wrong: "));
    }
}
