#include "archive/payment_reading.hpp"

#include <algorithm>
#include <chrono>

#include "crypto/digest.hpp"
#include "crypto/hex.hpp"

namespace tollgate::archive {

namespace {

constexpr std::size_t id_bytes_max = 256;
// Those that `encode` accepts: what is beyond cannot be reckoned with either.
constexpr auto first_second =
    std::chrono::sys_seconds{std::chrono::sys_days{std::chrono::year{1} / 1 / 1}}.time_since_epoch().count();
constexpr auto end_second = std::chrono::sys_seconds{std::chrono::sys_days{std::chrono::year{10'000} / 1 / 1}}
                                .time_since_epoch()
                                .count();
constexpr std::int32_t nanos_per_second = 1'000'000'000;

}  // namespace

std::string without_zeros(std::string text) {
    std::erase(text, '\0');
    return text;
}

std::string indexed(std::string_view id) {
    if (id.size() > id_bytes_max) return "sha256:" + crypto::hex_encode(crypto::sha256(id));
    return without_zeros(std::string{id});
}

std::optional<Timestamp> time_of(const google::protobuf::Timestamp& time) {
    const bool is_unset = time.seconds() == 0 && time.nanos() == 0;
    if (is_unset || time.seconds() < first_second || time.seconds() >= end_second || time.nanos() < 0 ||
        time.nanos() >= nanos_per_second)
        return std::nullopt;
    return Timestamp{std::chrono::seconds{time.seconds()} +
                     std::chrono::floor<std::chrono::microseconds>(std::chrono::nanoseconds{time.nanos()})};
}

std::optional<Timestamp> provider_time(const events::PaymentEvent& payment) {
    return time_of(payment.provider_time());
}

std::optional<Amount> amount_of(const v1::Money& money) {
    if (money.currency().empty()) return std::nullopt;
    return Amount{.minor = money.minor(), .currency = without_zeros(money.currency())};
}

}  // namespace tollgate::archive
