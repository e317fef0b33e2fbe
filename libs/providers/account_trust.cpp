#include "providers/account_trust.hpp"

#include "providers/settings_reader.hpp"

namespace tollgate::providers {

Result<std::shared_ptr<const Trust>> make_account_trust(std::string_view settings,
                                                        std::span<const SourceSecret> secrets, KeyOf key_of) {
    auto reader = SettingsReader::parse(settings);
    if (!reader) return std::unexpected{reader.error()};
    auto account = reader->text("account");
    if (const auto read = reader->finish(); !read) return std::unexpected{read.error()};
    auto prepared = HmacSecrets::make(crypto::HmacHash::sha256, secrets, key_of);
    if (!prepared) return std::unexpected{prepared.error()};
    return std::make_shared<AccountTrust>(*std::move(prepared), std::move(account));
}

std::optional<Refused> other_account(const std::optional<std::string>& pinned,
                                     const std::optional<std::string>& sent, std::string_view where) {
    if (!pinned || sent == pinned) return std::nullopt;
    return Refused{Reason::wrong_account, fmt::format("{}: the event {}, the source takes {} only", where,
                                                      sent ? "is of another one" : "names none", *pinned)};
}

}  // namespace tollgate::providers
