#include "providers/account_trust.hpp"

#include "providers/settings_reader.hpp"

namespace tollgate::providers {

Result<std::shared_ptr<const Trust>> make_account_trust(std::string_view settings,
                                                        std::span<const SourceSecret> secrets, KeyOf key_of,
                                                        const TrustShape& shape) {
    auto reader = SettingsReader::parse(settings);
    if (!reader) return std::unexpected{reader.error()};
    std::optional<std::string> account = shape.account ? reader->text("account") : std::nullopt;
    const auto tolerance = shape.tolerance ? reader->seconds("tolerance", *shape.tolerance,
                                                             std::chrono::seconds{1}, shape.tolerance_limit)
                                           : std::chrono::seconds{};
    std::optional<std::string> url = shape.url ? reader->text("url") : std::nullopt;
    if (url && !url->starts_with("https://") && !url->starts_with("http://"))
        reader->wrong("url", "must be the whole URL as it was told to the provider, with https://");
    if (shape.capture) reader->one_of("capture", {"automatic", "manual"});
    if (const auto read = reader->finish(); !read) return std::unexpected{read.error()};
    auto prepared = HmacSecrets::make(shape.hash, secrets, key_of);
    if (!prepared) return std::unexpected{prepared.error()};
    auto trust = std::make_shared<AccountTrust>(*std::move(prepared));
    trust->account = std::move(account);
    trust->tolerance = tolerance;
    trust->signs_url = shape.url;
    trust->url = std::move(url);
    return trust;
}

std::optional<Refused> other_account(const std::optional<std::string>& pinned,
                                     const std::optional<std::string>& sent, std::string_view where) {
    if (!pinned || sent == pinned) return std::nullopt;
    return Refused{Reason::wrong_account, fmt::format("{}: the event {}, the source takes {} only", where,
                                                      sent ? "is of another one" : "names none", *pinned)};
}

Verdict with_account_in(Verdict verdict, const std::optional<std::string>& pinned, std::string_view body,
                        const Pointers& places) {
    if (!std::holds_alternative<Verified>(verdict) || !pinned) return verdict;
    const std::string_view where = places.front().substr(1);
    const auto json = Json::parse(body);
    if (!json) return Refused{Reason::wrong_account, fmt::format("{}: {}", where, json.error().detail)};
    JsonFields fields{*json};
    const auto sent = first_label(fields, places);
    if (fields.error()) return Refused{Reason::wrong_account, fields.error()->detail};
    if (auto other = other_account(pinned, sent, where)) return *std::move(other);
    return verdict;
}

}  // namespace tollgate::providers
