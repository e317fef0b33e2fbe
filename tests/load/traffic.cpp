#include "load/traffic.hpp"

#include <algorithm>
#include <random>
#include <stdexcept>

#include <fmt/format.h>

#include "crypto/hex.hpp"
#include "crypto/hmac.hpp"

namespace tollgate::load {

Traffic::Traffic(const TrafficSettings& settings)
    : body_{settings.body_bytes, settings.seed, settings.signed_at},
      before_signature_{fmt::format("POST {} HTTP/1.1\r\n"
                                    "Host: {}\r\n"
                                    "User-Agent: Stripe/1.0 (+https://stripe.com/docs/webhooks)\r\n"
                                    "Accept: */*; q=0.5, application/xml\r\n"
                                    "Cache-Control: no-cache\r\n"
                                    "Content-Type: application/json; charset=utf-8\r\n"
                                    "Stripe-Signature: t={},v1=",
                                    settings.path, settings.host,
                                    settings.signed_at.time_since_epoch().count())},
      after_signature_{fmt::format("\r\nContent-Length: {}\r\n\r\n", settings.body_bytes)} {
    plan(settings);
    sign(settings);
}

void Traffic::plan(const TrafficSettings& settings) {
    std::mt19937_64 random{settings.seed};
    std::bernoulli_distribution repeats{settings.repeats};
    std::uint32_t events = 0;
    event_of_.reserve(settings.requests);
    for (std::size_t request = 0; request < settings.requests; ++request) {
        if (request > settings.repeats_after && repeats(random)) {
            std::uniform_int_distribution<std::size_t> earlier{0, request - settings.repeats_after - 1};
            event_of_.push_back(event_of_[earlier(random)]);
        } else {
            event_of_.push_back(events++);
        }
    }
    signatures_.resize(events);
}

void Traffic::sign(const TrafficSettings& settings) {
    const auto key = crypto::HmacKey::make(crypto::HmacHash::sha256, settings.secret);
    if (!key) throw std::invalid_argument{key.error().text()};
    const std::string time = std::to_string(settings.signed_at.time_since_epoch().count());
    std::string body;
    for (std::size_t event = 0; event < signatures_.size(); ++event) {
        body.clear();
        body_.append(event, body);
        std::ranges::copy(key->sign({time, ".", body}), signatures_[event].begin());
    }
}

void Traffic::append(std::size_t request, std::string& out) const {
    const std::size_t event = event_of_[request];
    out += before_signature_;
    out += crypto::hex_encode({signatures_[event].data(), signatures_[event].size()});
    out += after_signature_;
    body_.append(event, out);
}

}  // namespace tollgate::load
