#include "enrichment/domains.hpp"

#include <algorithm>
#include <array>

#include "enrichment/public_suffixes.hpp"

namespace tollgate::enrichment {

namespace {

constexpr std::size_t domain_length_max = 253;
constexpr std::size_t label_length_max = 63;

// Where anybody gets an address, also one for ten minutes. In the order of the alphabet.
constexpr auto free_mail = std::to_array<std::string_view>({
    "10minutemail.com",
    "126.com",
    "163.com",
    "alice.it",
    "aol.com",
    "arcor.de",
    "att.net",
    "bellsouth.net",
    "bigpond.com",
    "bk.ru",
    "bluewin.ch",
    "bol.com.br",
    "btinternet.com",
    "charter.net",
    "comcast.net",
    "cox.net",
    "daum.net",
    "dispostable.com",
    "duck.com",
    "earthlink.net",
    "email.com",
    "fastmail.com",
    "fastmail.fm",
    "foxmail.com",
    "free.fr",
    "freenet.de",
    "getnada.com",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "guerrillamail.com",
    "hanmail.net",
    "hey.com",
    "hotmail.be",
    "hotmail.co.uk",
    "hotmail.com",
    "hotmail.de",
    "hotmail.es",
    "hotmail.fr",
    "hotmail.it",
    "hushmail.com",
    "icloud.com",
    "inbox.com",
    "inbox.ru",
    "interia.pl",
    "laposte.net",
    "libero.it",
    "list.ru",
    "live.co.uk",
    "live.com",
    "live.fr",
    "live.nl",
    "mac.com",
    "mail.com",
    "mail.ru",
    "mailbox.org",
    "maildrop.cc",
    "mailinator.com",
    "me.com",
    "msn.com",
    "naver.com",
    "ntlworld.com",
    "o2.pl",
    "onet.pl",
    "online.de",
    "orange.fr",
    "outlook.com",
    "outlook.de",
    "outlook.es",
    "outlook.fr",
    "pm.me",
    "posteo.de",
    "privaterelay.appleid.com",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "rambler.ru",
    "rediffmail.com",
    "rocketmail.com",
    "rogers.com",
    "sbcglobal.net",
    "seznam.cz",
    "sfr.fr",
    "sharklasers.com",
    "shaw.ca",
    "sina.com",
    "sky.com",
    "sympatico.ca",
    "t-online.de",
    "talktalk.net",
    "telenet.be",
    "temp-mail.org",
    "tempmail.com",
    "terra.com.br",
    "tiscali.it",
    "trashmail.com",
    "tuta.io",
    "tutanota.com",
    "uol.com.br",
    "verizon.net",
    "videotron.ca",
    "virgilio.it",
    "virginmedia.com",
    "wanadoo.fr",
    "web.de",
    "wp.pl",
    "yahoo.ca",
    "yahoo.co.in",
    "yahoo.co.jp",
    "yahoo.co.uk",
    "yahoo.com",
    "yahoo.com.au",
    "yahoo.com.br",
    "yahoo.de",
    "yahoo.es",
    "yahoo.fr",
    "yahoo.it",
    "yandex.com",
    "yandex.ru",
    "ymail.com",
    "yopmail.com",
    "zoho.com",
});
static_assert(std::ranges::is_sorted(free_mail));

// RFC 2606, RFC 6761 and RFC 9476, and what networks call themselves.
constexpr auto reserved = std::to_array<std::string_view>({
    "alt",
    "arpa",
    "corp",
    "example",
    "home",
    "internal",
    "intranet",
    "invalid",
    "lan",
    "local",
    "localdomain",
    "localhost",
    "onion",
    "private",
    "test",
});
static_assert(std::ranges::is_sorted(reserved));

constexpr auto examples = std::to_array<std::string_view>({"example.com", "example.net", "example.org"});

bool is_letter(char c) {
    return c >= 'a' && c <= 'z';
}

bool is_label(std::string_view label) {
    const auto fits = [](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-'; };
    return !label.empty() && label.size() <= label_length_max && label.front() != '-' &&
           label.back() != '-' && std::ranges::all_of(label, fits);
}

// Of two labels or more, the last of which is no number.
bool is_name(std::string_view domain) {
    if (domain.size() > domain_length_max || !domain.contains('.')) return false;
    for (std::string_view rest = domain;;) {
        const std::size_t dot = rest.find('.');
        const std::string_view label = rest.substr(0, dot);
        if (!is_label(label)) return false;
        if (dot == std::string_view::npos) return label.size() >= 2 && is_letter(label.front());
        rest.remove_prefix(dot + 1);
    }
}

// Some of these are subdomains of a company's.
bool is_free_mail(std::string_view domain, std::string_view registered) {
    while (!std::ranges::binary_search(free_mail, domain)) {
        if (domain.size() <= registered.size()) return false;
        domain.remove_prefix(domain.find('.') + 1);
    }
    return true;
}

bool is_within(std::string_view domain, std::string_view of) {
    return domain == of || (domain.ends_with(of) && domain[domain.size() - of.size() - 1] == '.');
}

}  // namespace

std::optional<std::string> company_domain(std::string_view email) {
    const std::size_t at = email.rfind('@');
    if (at == std::string_view::npos || at == 0) return std::nullopt;
    std::string domain{email.substr(at + 1)};
    std::ranges::transform(domain, domain.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    if (domain.ends_with('.')) domain.pop_back();
    if (!is_name(domain)) return std::nullopt;
    const std::string_view last = std::string_view{domain}.substr(domain.rfind('.') + 1);
    if (std::ranges::binary_search(reserved, last) ||
        std::ranges::any_of(examples, [&](auto of) { return is_within(domain, of); }))
        return std::nullopt;
    auto registered = registered_domain(domain);
    if (registered && is_free_mail(domain, *registered)) return std::nullopt;
    return registered;
}

}  // namespace tollgate::enrichment
