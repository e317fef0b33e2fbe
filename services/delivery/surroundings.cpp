#include "delivery/surroundings.hpp"

#include <algorithm>

#include "delivery/compose.hpp"
#include "delivery/provider_name.hpp"
#include "delivery/readable.hpp"

namespace tollgate::delivery {

namespace {

struct LinkName {
    v1::LinkKind kind;
    std::string_view id;
    std::string_view label;
};

constexpr auto link_names = std::to_array<LinkName>({
    {v1::LINK_KIND_SUBJECT, "open_subject", ""},  // after the kind of subject
    {v1::LINK_KIND_CUSTOMER, "open_customer", "View customer"},
    {v1::LINK_KIND_SUBSCRIPTION, "open_subscription", "Open subscription"},
    {v1::LINK_KIND_INVOICE, "open_invoice", "Open invoice"},
    {v1::LINK_KIND_RECEIPT, "open_receipt", "Receipt"},
    {v1::LINK_KIND_UPDATE_CARD, "update_card", "Link to change the card"},
});

struct SubjectName {
    v1::SubjectKind kind;
    std::string_view label;
};

constexpr auto subject_names = std::to_array<SubjectName>({
    {v1::SUBJECT_KIND_PAYMENT, "Open payment"},
    {v1::SUBJECT_KIND_CHARGE, "Open charge"},
    {v1::SUBJECT_KIND_INVOICE, "Open invoice"},
    {v1::SUBJECT_KIND_REFUND, "Open refund"},
    {v1::SUBJECT_KIND_DISPUTE, "Open dispute"},
    {v1::SUBJECT_KIND_PAYOUT, "Open payout"},
    {v1::SUBJECT_KIND_SUBSCRIPTION, "Open subscription"},
    {v1::SUBJECT_KIND_CUSTOMER, "View customer"},
    {v1::SUBJECT_KIND_ORDER, "Open order"},
    {v1::SUBJECT_KIND_CHECKOUT, "Open checkout"},
    {v1::SUBJECT_KIND_MESSAGE, "Open e-mail"},
});

std::string label_of(const LinkName& link, const v1::PaymentEvent& event) {
    if (!link.label.empty()) return std::string{link.label};
    const auto* const subject = std::ranges::find(subject_names, event.subject().kind(), &SubjectName::kind);
    if (subject != subject_names.end()) return std::string{subject->label};
    const std::string provider = provider_name(event);
    return provider.empty() ? "Open" : "Open in " + provider;
}

bool is_host_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == ':';
}

// What ends a link in some markup, or makes a terminal act.
bool may_stand_in_url(char c) {
    return c > ' ' && c < '\x7f' && std::string_view{"<>|\"'`\\^{}"}.find(c) == std::string_view::npos;
}

}  // namespace

std::string safe_url(std::string_view url) {
    constexpr std::string_view scheme = "https://";
    constexpr std::size_t length_max = 1'000;
    if (!url.starts_with(scheme) || url.size() > length_max) return {};
    const std::string_view rest = url.substr(scheme.size());
    // No "user@": it makes readers take the user for the host.
    const std::string_view host = rest.substr(0, rest.find_first_of("/?#"));
    const bool named = host.find('.') != std::string_view::npos && host.front() != '.' &&
                       std::ranges::all_of(host, is_host_character);
    return named && std::ranges::all_of(url, may_stand_in_url) ? std::string{url} : std::string{};
}

std::vector<Button> buttons_of(const v1::PaymentEvent& event, const Layout& layout,
                               const Circumstances& circumstances) {
    std::vector<Button> buttons;
    for (const v1::LinkKind kind : layout.links) {
        const auto* const named = std::ranges::find(link_names, kind, &LinkName::kind);
        for (const v1::Link& link : event.links()) {
            if (link.kind() != kind || named == link_names.end()) continue;
            std::string url = safe_url(link.url());
            const std::string label = label_of(*named, event);
            const bool repeats = std::ranges::any_of(buttons, [&](const Button& b) {
                return b.id == named->id || b.url == url || b.label == label;
            });
            if (url.empty() || repeats) continue;
            buttons.push_back({.id = std::string{named->id}, .label = label, .url = std::move(url)});
        }
    }
    if (std::string url = safe_url(circumstances.event_url); !url.empty() && buttons.size() < buttons_max) {
        buttons.push_back({.id = "open_event", .label = "Event details", .url = std::move(url)});
    }
    return buttons;
}

std::optional<Logo> logo_of(const v1::PaymentEvent& event) {
    const std::string url = safe_url(event.company().logo_url());
    const std::string name = quoted(event.company().name(), 60);
    if (url.empty() || name.empty()) return std::nullopt;
    return Logo{.url = url, .company = name};
}

Text footer_of(const v1::PaymentEvent& event, const Circumstances& circumstances) {
    Text footer;
    const auto add = [&](const Text& part) {
        if (part.empty()) return;
        if (!footer.empty()) footer.append(Text{" · "});
        footer.append(part);
    };
    add(Text{provider_name(event)});
    if (const auto at = happened_at(event)) {
        Text moment;
        moment.pieces.push_back({.words = moment_text(*at, circumstances.clock), .moment = at});
        add(moment);
    }
    // As much of it as `tollgate event show` finds it by: the millisecond, which of it, and 14 random bits
    // for what another process has received in the same one.
    constexpr std::size_t short_id = 23;
    const std::string id = one_line(circumstances.event_id).substr(0, short_id);
    if (!id.empty()) add(Text{"event " + id});
    if (circumstances.nth > 1) add(Text{fmt::format("message {} of this story", circumstances.nth)});
    add(Text{quoted(circumstances.why, 80)});
    return footer;
}

}  // namespace tollgate::delivery
