#include "tollgate/erasure.hpp"

#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <fmt/ranges.h>

#include "delivery/erase.hpp"
#include "enrichment/customers.hpp"
#include "tenants/audit.hpp"
#include "tenants/reason.hpp"

namespace tollgate {

namespace {

using enrichment::ErasedCustomer;
using events::PaymentEvent;
using postgres::Transaction;
using tenants::Actor;
using tenants::Role;

// Bodies may be of megabytes, payment events are of a few kilobytes.
constexpr std::int32_t messages_of_page = 50;
constexpr std::int32_t told_of_page = 500;
constexpr std::int32_t facts_of_step = 5'000;

ErasedCustomer customer_of(const Erasing& at) {
    return {.tenant = at.who.tenant,
            .provider = at.who.provider,
            .realm = at.who.realm.value_or(""),
            .customer = at.who.customer};
}

Result<void> admit_again(Transaction& tx, const Actor& actor, const Erasing& at) {
    const auto tenant = tenants::admit_to_tenant(tx, actor, Role::operator_, at.name.tenant);
    if (!tenant) return std::unexpected{tenant.error()};
    return {};
}

// Not under whose name: the log is for ever.
void record_step(Transaction& tx, const Actor& actor, const Erasing& at, boost::json::object result,
                 std::string_view reason) {
    result["pseudonym"] = at.pseudonym;
    tenants::record(tx, actor,
                    {.verb = "customer erase",
                     .tenant = at.who.tenant,
                     .arguments = {{"provider", at.who.provider}},
                     .result = std::move(result),
                     .reason = reason});
}

// Before anything is looked for: what is put behind the place of the pass is put by who knows of it all.
void remember_on(Transaction& tx, Erasing& at) {
    const ErasedCustomer who = customer_of(at);
    switch (at.remembered) {
        case Remembered::id:
            // They are kept under the pseudonym from here on, by which payments are known as well.
            if (enrichment::erase_facts(tx, who, facts_of_step) < facts_of_step)
                at.remembered = Remembered::payments;
            break;
        case Remembered::payments:
            for (std::string& email : enrichment::remember_emails(tx, who))
                at.who.emails.emplace(who.realm, std::move(email));
            at.remembered = Remembered::emails;
            break;
        case Remembered::emails:
            enrichment::wait_for_handlers(tx, who);
            at.remembered = Remembered::by_all;
            break;
        case Remembered::by_all:
            break;
    }
}

void look_at_messages(Transaction& tx, const Actor& actor, Erasing& at, std::string_view reason) {
    const auto page = consumer::read_open_messages(tx, at.who.tenant, at.message, messages_of_page);
    at.are_messages_done = std::cmp_less(page.size(), messages_of_page);
    if (page.empty()) return;
    at.message = page.back().place;
    const auto read = enrichment::read_messages(tx, at.who.tenant, page);
    std::vector<const PaymentEvent*> events;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < page.size(); ++i) {
        if (read[i]) {
            events.push_back(&*read[i]);
            places.push_back(i);
        } else if (read[i].error().provider.empty() || read[i].error().provider == at.who.provider) {
            ++at.counts.unreadable;
        }
    }
    const auto theirs = enrichment::which_are_theirs(tx, at.who, events);
    std::vector<consumer::OpenPlace> erasable;
    for (std::size_t i = 0; i < events.size(); ++i) {
        if (!theirs[i]) continue;
        at.realms.insert(enrichment::realm_of_event(*events[i]));
        if (page[places[i]].is_retrying) {
            ++at.counts.retrying;
        } else {
            erasable.push_back(page[places[i]].place);
        }
    }
    if (at.pseudonym.empty() || erasable.empty()) {
        at.counts.messages += std::ssize(erasable);
        return;
    }
    const auto erased = consumer::erase_messages(tx, at.who.tenant, erasable);
    at.counts.messages += erased;
    // Some began to be tried just now.
    at.counts.retrying += std::ssize(erasable) - erased;
    record_step(tx, actor, at, {{"messages", erased}}, reason);
}

void look_at_deliveries(Transaction& tx, const Actor& actor, Erasing& at, std::string_view reason) {
    auto page = delivery::read_told_events(tx, at.who.tenant, at.told, told_of_page);
    at.is_done = page.are_all;
    at.told = page.last;
    std::vector<const PaymentEvent*> events;
    events.reserve(page.events.size());
    for (const auto& told : page.events) events.push_back(&told.event);
    const auto theirs = enrichment::which_are_theirs(tx, at.who, events);
    std::vector<delivery::ErasableEvent> told;
    for (std::size_t i = 0; i < page.events.size(); ++i) {
        if (!theirs[i]) continue;
        at.realms.insert(enrichment::realm_of_event(page.events[i].event));
        told.push_back(std::move(page.events[i]));
    }
    at.counts.deliveries += std::ssize(told);
    if (at.pseudonym.empty() || told.empty()) return;
    const auto changed = delivery::pseudonymise(tx, at.who.tenant, told, at.pseudonym);
    record_step(tx, actor, at, {{"deliveries", changed}}, reason);
}

}  // namespace

bool Erasing::is_nothing() const {
    return !was_begun && counts.profiles == 0 && counts.references == 0 && counts.messages == 0 &&
           counts.deliveries == 0 && counts.retrying == 0;
}

Result<Erasing> seek_customer(Transaction& tx, const Actor& actor, const CustomerName& name) {
    if (!name.provider)
        return fail(ErrorCode::invalid, "of which provider? An id is one provider's: give --provider");
    // As of a shell's variable that is not set.
    if (name.customer.empty()) return fail(ErrorCode::invalid, "whom? The customer's id is empty");
    const auto tenant = tenants::admit_to_tenant(tx, actor, Role::operator_, name.tenant);
    if (!tenant) return std::unexpected{tenant.error()};
    Erasing at{.name = name,
               .who = {.tenant = tenant->id,
                       .provider = *name.provider,
                       .customer = name.customer,
                       .realm = name.within}};
    at.who.emails = enrichment::own_emails(tx, at.who);
    for (auto& realm : enrichment::realms_of_customer(tx, tenant->id, *name.provider, name.customer)) {
        if (name.within && realm != *name.within) continue;
        const ErasedCustomer who{
            .tenant = tenant->id, .provider = *name.provider, .realm = realm, .customer = name.customer};
        at.counts.profiles += enrichment::count_profiles(tx, who);
        if (auto begun = enrichment::begun_pseudonym(tx, who)) {
            at.was_begun = true;
            at.who.pseudonyms.insert(std::move(*begun));
        }
        at.realms.insert(std::move(realm));
    }
    at.counts.references =
        enrichment::count_references(tx, tenant->id, *name.provider, name.customer, name.within);
    return at;
}

Result<Erasing> begin_erasing(Transaction& tx, const Actor& actor, const Erasing& found,
                              std::string_view reason) {
    if (const auto told = tenants::require_reason(reason); !told) return std::unexpected{told.error()};
    if (found.realms.size() != 1) {
        std::vector<std::string> names;
        names.reserve(found.realms.size());
        for (const std::string& realm : found.realms) names.push_back(within_text(realm));
        return fail(ErrorCode::invalid,
                    "\"{}\" are several payers of {}: whose number it is say with --within ({})",
                    found.name.customer, found.who.provider, fmt::join(names, ", "));
    }
    CustomerName name = found.name;
    name.within = *found.realms.begin();
    auto at = seek_customer(tx, actor, name);
    if (!at) return at;
    at->pseudonym = enrichment::begin_erasure(tx, customer_of(*at));
    at->who.pseudonyms.insert(at->pseudonym);
    record_step(tx, actor, *at, {{"profiles", at->counts.profiles}}, reason);
    return at;
}

Result<Erasing> erase_on(Transaction& tx, const Actor& actor, Erasing at, std::string_view reason) {
    if (const auto admitted = admit_again(tx, actor, at); !admitted) return std::unexpected{admitted.error()};
    if (!at.pseudonym.empty() && at.remembered != Remembered::by_all) {
        remember_on(tx, at);
    } else if (at.are_messages_done) {
        look_at_deliveries(tx, actor, at, reason);
    } else {
        look_at_messages(tx, actor, at, reason);
    }
    return at;
}

Result<ErasedProfile> erase_profile_on(Transaction& tx, const Actor& actor, const Erasing& at,
                                       std::string_view reason) {
    if (const auto admitted = admit_again(tx, actor, at); !admitted) return std::unexpected{admitted.error()};
    const ErasedCustomer who = customer_of(at);
    // Such as a process of an older build has kept meanwhile.
    const auto facts = enrichment::erase_facts(tx, who, facts_of_step);
    if (facts == facts_of_step) return ErasedProfile{};
    const auto profiles = enrichment::end_erasure(tx, who);
    record_step(tx, actor, at, {{"profiles", profiles}, {"ended", true}}, reason);
    return ErasedProfile{.profiles = profiles, .is_done = true};
}

}  // namespace tollgate
