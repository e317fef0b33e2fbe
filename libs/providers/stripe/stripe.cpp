#include "providers/stripe/stripe.hpp"

#include <algorithm>

#include "providers/samples.hpp"
#include "providers/settings_reader.hpp"

namespace tollgate::providers::stripe {

namespace {

// Stripe does not say what its secrets are like. Those seen have 32 letters and digits or more; so only what
// no key would be is refused: a few characters, or the dots and stars of one that is shown masked.
bool is_whole(std::string_view key) {
    constexpr std::size_t shortest = 8;
    constexpr std::string_view of_base64 = "+/=_-";
    return key.size() >= shortest && std::ranges::all_of(key, [&](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      of_base64.contains(c);
           });
}

// The whole text signs, "whsec_" included.
Result<Secret> key_of(const SourceSecret& secret) {
    if (const auto good = check_pasted(secret); !good) return std::unexpected{good.error()};
    const std::string& text = secret.value.reveal();
    if (text.starts_with("sk_") || text.starts_with("rk_") || text.starts_with("pk_")) {
        return not_a_secret(secret,
                            "is an API key; the signing secret of the webhook endpoint begins with whsec_");
    }
    if (!text.starts_with("whsec_") || text == "whsec_") {
        return not_a_secret(secret,
                            "does not begin with whsec_, as every signing secret of a Stripe endpoint does");
    }
    if (!is_whole(std::string_view{text}.substr(6))) {
        return not_a_secret(secret,
                            "is cut off or masked: behind whsec_ there are 32 letters and digits or more; "
                            "reveal it, and copy all of it");
    }
    return secret.value;
}

Result<std::shared_ptr<const Trust>> make_trust(std::string_view settings,
                                                std::span<const SourceSecret> secrets) {
    auto reader = SettingsReader::parse(settings);
    if (!reader) return std::unexpected{reader.error()};
    const auto tolerance = read_tolerance(*reader);
    auto account = reader->text("account");
    if (account && !account->starts_with("acct_"))
        reader->wrong("account", "must be an id such as acct_1Abc...");
    if (const auto read = reader->finish(); !read) return std::unexpected{read.error()};
    auto prepared = HmacSecrets::make(crypto::HmacHash::sha256, secrets, key_of);
    if (!prepared) return std::unexpected{prepared.error()};
    return std::make_shared<StripeTrust>(*std::move(prepared), tolerance, std::move(account));
}

}  // namespace

const Provider& provider() {
    static const std::vector<Sample> samples = samples_of(sample_files());
    // Events can be sent again by hand for 30 days, each time with a fresh time.
    static const Provider row{.name = "stripe",
                              .title = "Stripe",
                              .keys_live = std::chrono::days{35},
                              .unique_ids = UniqueIds::everywhere,
                              .make_trust = make_trust,
                              .verify = verify,
                              .identify = identify,
                              .normalise = normalise,
                              .make_secret = make_secret,
                              .deliver = deliver,
                              .samples = samples};
    return row;
}

}  // namespace tollgate::providers::stripe
