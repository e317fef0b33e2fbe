#include "providers/basic_trust.hpp"

#include "providers/settings_reader.hpp"
#include "providers/signing.hpp"

namespace tollgate::providers {

Result<std::shared_ptr<const Trust>> make_basic_trust(std::string_view settings,
                                                      std::span<const SourceSecret> secrets) {
    auto reader = SettingsReader::parse(settings);
    if (!reader) return std::unexpected{reader.error()};
    auto trust = std::make_shared<BasicTrust>();
    trust->user = reader->text("user").value_or("tollgate");
    if (!is_basic_user(trust->user)) reader->wrong("user", "must be the user's name, without a colon");
    if (const auto read = reader->finish(); !read) return std::unexpected{read.error()};
    auto passwords = SentSecrets::make(secrets);
    if (!passwords) return std::unexpected{passwords.error()};
    trust->passwords = *std::move(passwords);
    return trust;
}

Verdict verify_basic(const Trust& trust, const Received& received, Timestamp now,
                     const Documents& /*documents*/) {
    const auto& basic = static_cast<const BasicTrust&>(trust);
    return basic.passwords.verify_basic(received.headers, basic.user, now);
}

Result<Delivery> deliver_basic(std::string_view settings, const Secret& secret, const Sample& sample,
                               Timestamp /*now*/) {
    const SourceSecret one{.id = {}, .value = secret};
    const auto trust = make_basic_trust(settings, {&one, 1});
    if (!trust) return std::unexpected{trust.error()};
    Delivery delivery = delivery_of(sample, "application/json");
    delivery.headers.set("Authorization",
                         basic_credentials(static_cast<const BasicTrust&>(**trust).user, secret));
    return delivery;
}

}  // namespace tollgate::providers
