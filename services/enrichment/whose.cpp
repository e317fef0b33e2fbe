#include "enrichment/whose.hpp"

#include <unordered_map>
#include <utility>

#include "archive/payment_reading.hpp"
#include "consumer/erased.hpp"
#include "enrichment/customer_fact.hpp"
#include "enrichment/reading.hpp"
#include "postgres/columns.hpp"
#include "providers/realm.hpp"
#include "tenants/source_settings.hpp"

namespace tollgate::enrichment {

namespace {

using events::PaymentEvent;
using postgres::column;
using postgres::Transaction;

constexpr std::string_view raw_topic = "raw";

Known known_of(Transaction& tx, const Uuid& tenant, std::span<const Uuid> events) {
    auto facts = consumer::read_seen_facts(tx, tenant, events);
    const auto sources = column(facts, [](const archive::EventFacts& each) {
        return tenants::TenantSource{.tenant = each.tenant, .slug = each.source};
    });
    const auto settings = tenants::read_source_settings(tx, sources);
    Known known;
    for (std::size_t i = 0; i < facts.size(); ++i) {
        const auto found = settings.find(sources[i]);
        const Uuid id = facts[i].id;
        known.emplace(id, KnownEvent{.facts = std::move(facts[i]),
                                     .settings = found == settings.end() ? "" : found->second});
    }
    return known;
}

// As the service reads it.
ReadMessage read_raw(const consumer::OpenMessage& open, const Uuid& tenant, const Known& known) {
    const auto stored = known.find(open.place.id);
    UnreadMessage unread{.provider = stored == known.end() ? "" : stored->second.facts.provider};
    if (!open.value) return std::unexpected{std::move(unread)};
    consumer::Message message{.topic = open.topic, .value = open.value};
    message.id = open.place.id;
    message.tenant = tenant;
    auto event = read_event({.message = &message, .id = open.place.id}, known);
    if (!event) return std::unexpected{std::move(unread)};
    return std::move(event->payment);
}

ReadMessage decoded(std::string_view bytes) {
    auto event = events::decode_payment_event(bytes);
    if (!event) return std::unexpected{UnreadMessage{}};
    return std::move(*event);
}

// Of each event the only customer that the facts of its payment name; nothing where they name none or
// several.
struct OfPayment {
    bool is_known = false;
    bool is_theirs = false;
};

std::vector<OfPayment> customers_of_payments(Transaction& tx, const SoughtCustomer& sought,
                                             std::span<const PaymentEvent* const> events) {
    std::vector<std::string> payments;
    std::vector<std::string> realms;
    std::vector<bool> tests;
    for (const PaymentEvent* const event : events) {
        const auto fact = fact_of(*event);
        payments.push_back(fact && event->customer().id().empty() ? fact->payment : std::string{});
        realms.push_back(realm_of_event(*event));
        tests.push_back(event->mode() == v1::MODE_TEST);
    }
    std::vector<std::string> theirs{sought.pseudonyms.begin(), sought.pseudonyms.end()};
    theirs.push_back(archive::indexed(sought.customer));
    std::vector<OfPayment> found(events.size());
    for (const auto row :
         tx.execute("select w.place, bool_and(f.customer = any ($6)) "
                    "from unnest($3, $4, $5) with ordinality w(payment, realm, is_test, place) "
                    "join enrichment.fact f on f.tenant = $1 and f.provider = $2 and f.payment = w.payment "
                    "  and f.realm = w.realm and f.is_test = w.is_test and f.customer is not null "
                    "where w.payment <> '' group by w.place",
                    sought.tenant, sought.provider, payments, realms, tests, theirs))
        found.at(static_cast<std::size_t>(row.get<std::int64_t>(0) - 1)) = {.is_known = true,
                                                                            .is_theirs = row.get<bool>(1)};
    return found;
}

bool is_theirs(const SoughtCustomer& sought, const PaymentEvent& event, const OfPayment& of_payment) {
    if (event.provider() != sought.provider || (sought.realm && realm_of_event(event) != *sought.realm))
        return false;
    const auto& customer = event.customer();
    if (!customer.id().empty()) return archive::indexed(customer.id()) == archive::indexed(sought.customer);
    if (of_payment.is_known) return of_payment.is_theirs;
    return sought.emails.contains({realm_of_event(event), consumer::in_small_letters(customer.email())});
}

}  // namespace

std::string realm_of_event(const PaymentEvent& event) {
    return archive::indexed(providers::realm_of(event));
}

std::set<std::pair<std::string, std::string>> own_emails(Transaction& tx, const SoughtCustomer& sought) {
    std::set<std::pair<std::string, std::string>> emails;
    for (const auto row : tx.execute(
             "select c.realm, c.email from enrichment.customer c where c.tenant = $1 and c.provider = $2 "
             "and c.customer = $3 and ($4::text is null or c.realm = $4) and c.email <> '' "
             "and not exists (select from enrichment.customer o where o.tenant = c.tenant "
             "  and o.provider = c.provider and o.realm = c.realm and o.customer <> c.customer "
             "  and lower(o.email) = lower(c.email))",
             sought.tenant, sought.provider, archive::indexed(sought.customer), sought.realm))
        emails.emplace(row.get<std::string>(0), consumer::in_small_letters(row.get<std::string>(1)));
    return emails;
}

std::vector<ReadMessage> read_messages(Transaction& tx, const Uuid& tenant,
                                       std::span<const consumer::OpenMessage> messages) {
    const auto is_to_be_read = [](const consumer::OpenMessage& each) {
        return each.topic == raw_topic && !each.payment;
    };
    std::vector<Uuid> unread;
    for (const auto& each : messages) {
        if (is_to_be_read(each)) unread.push_back(each.place.id);
    }
    const Known known = unread.empty() ? Known{} : known_of(tx, tenant, unread);
    std::vector<ReadMessage> all;
    all.reserve(messages.size());
    for (const auto& each : messages) {
        if (is_to_be_read(each)) {
            all.push_back(read_raw(each, tenant, known));
        } else if (each.topic != raw_topic && each.value) {
            all.push_back(decoded(*each.value));
        } else if (each.payment) {
            all.push_back(decoded(*each.payment));
        } else {
            all.emplace_back(std::unexpected{UnreadMessage{}});
        }
    }
    return all;
}

std::vector<bool> which_are_theirs(Transaction& tx, const SoughtCustomer& sought,
                                   std::span<const PaymentEvent* const> events) {
    if (events.empty()) return {};
    const auto of_payments = customers_of_payments(tx, sought, events);
    std::vector<bool> theirs;
    theirs.reserve(events.size());
    for (std::size_t i = 0; i < events.size(); ++i)
        theirs.push_back(is_theirs(sought, *events[i], of_payments[i]));
    return theirs;
}

}  // namespace tollgate::enrichment
