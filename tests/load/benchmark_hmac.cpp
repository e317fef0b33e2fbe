#include <array>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "crypto/hmac.hpp"
#include "crypto/random.hpp"
#include "load/benchmarks.hpp"
#include "load/measure.hpp"

namespace tollgate::load {

namespace {

constexpr std::size_t rounds = 15;
constexpr std::size_t messages_per_round = 20'000;
constexpr std::size_t key_bytes = 38;  // as long as Stripe's

std::string one_shot(const std::string& key, const std::string& message) {
    std::array<char, EVP_MAX_MD_SIZE> mac{};
    unsigned length = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(message.data()), message.size(),
         reinterpret_cast<unsigned char*>(mac.data()), &length);
    return std::string{mac.data(), length};
}

}  // namespace

Result<Figures> hmac(const Surroundings&) {
    const std::string key = crypto::random_bytes(key_bytes);
    const auto prepared = crypto::HmacKey::make(crypto::HmacHash::sha256, Secret{key});
    if (!prepared) return std::unexpected{prepared.error()};

    Figures figures;
    for (const std::size_t kibibytes : {1UZ, 4UZ}) {
        const std::string message = crypto::random_bytes(kibibytes * 1024);
        if (prepared->sign(message) != one_shot(key, message)) {
            return fail(ErrorCode::internal, "the two ways give different signatures");
        }
        const Medians seconds = alternating_medians(
            rounds,
            [&] { return seconds_per_operation(messages_per_round, [&] { prepared->sign(message); }); },
            [&] { return seconds_per_operation(messages_per_round, [&] { one_shot(key, message); }); });
        figures.push_back({.name = fmt::format("hmac of {} KiB", kibibytes),
                           .value = seconds.measured * 1e6,
                           .unit = "us",
                           .better = Better::lower,
                           .baseline = seconds.baseline * 1e6,
                           .goal = std::nullopt});
        // Preparing keys makes the code longer, so it has to pay.
        figures.push_back({.name = fmt::format("hmac of {} KiB, times faster", kibibytes),
                           .value = seconds.baseline / seconds.measured,
                           .unit = "x",
                           .better = Better::higher,
                           .baseline = 1,
                           .goal = 1.1});
    }
    return figures;
}

}  // namespace tollgate::load
