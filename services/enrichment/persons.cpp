#include "enrichment/persons.hpp"

#include "archive/payment_reading.hpp"
#include "postgres/columns.hpp"

namespace tollgate::enrichment {

namespace {

using postgres::column;

// Nobody is called more.
constexpr std::size_t length_max = 500;

// Of two in one moment the later name in the alphabet, so that the order in which they come does not matter.
constexpr std::string_view update_persons =
    "update enrichment.customer c set name = nullif(e.name, ''), email = nullif(e.email, ''), "
    "    person_at = e.at "
    "from (select distinct on (tenant, provider, realm, customer, is_test) * "
    "        from unnest($1, $2, $3, $4, $5, $6, $7, $8) "
    "          e(tenant, provider, realm, customer, is_test, name, email, at) "
    "        order by tenant, provider, realm, customer, is_test, at desc, name desc, email desc) e "
    "where c.tenant = e.tenant and c.provider = e.provider and c.realm = e.realm "
    "  and c.customer = e.customer and c.is_test = e.is_test "
    "  and (c.person_at is null or (c.person_at, coalesce(c.name, ''), coalesce(c.email, '')) "
    "       < (e.at, e.name, e.email))";

constexpr std::string_view select_persons =
    "select w.place, c.name, c.email from unnest($1, $2, $3, $4, $5) with ordinality "
    "  w(tenant, provider, realm, customer, is_test, place) "
    "join enrichment.customer c on c.tenant = w.tenant and c.provider = w.provider and c.realm = w.realm "
    "  and c.customer = w.customer and c.is_test = w.is_test where c.person_at is not null";

std::string fit(std::string text) {
    return text.size() > length_max ? std::string{} : archive::without_zeros(std::move(text));
}

struct Columns {
    std::vector<Uuid> tenants;
    std::vector<std::string_view> providers;
    std::vector<std::string_view> realms;
    std::vector<std::string_view> customers;
    std::vector<bool> are_tests;

    void add(const CustomerKey& key) {
        tenants.push_back(key.tenant);
        providers.push_back(key.provider);
        realms.push_back(key.realm);
        customers.push_back(key.customer);
        are_tests.push_back(key.is_test);
    }
};

}  // namespace

std::optional<Person> person_of(const events::PaymentEvent& payment) {
    const bool is_about_them =
        payment.fact() == v1::FACT_CUSTOMER_CREATED || payment.fact() == v1::FACT_CUSTOMER_UPDATED;
    // With a card it is about how they pay, and names whose card it is.
    if (!is_about_them || payment.has_card() || payment.customer().id().empty()) return std::nullopt;
    Person person{.name = fit(payment.customer().name()), .email = fit(payment.customer().email())};
    if (person.name.empty() && person.email.empty()) return std::nullopt;
    return person;
}

void keep_persons(postgres::Transaction& tx, std::span<const ToldPerson> told) {
    if (told.empty()) return;
    Columns keys;
    for (const ToldPerson& each : told) keys.add(each.customer);
    tx.execute(update_persons, keys.tenants, keys.providers, keys.realms, keys.customers, keys.are_tests,
               column(told, [](const ToldPerson& each) -> std::string_view { return each.person.name; }),
               column(told, [](const ToldPerson& each) -> std::string_view { return each.person.email; }),
               column(told, [](const ToldPerson& each) { return each.at; }));
}

std::vector<std::optional<Person>> read_persons(postgres::Transaction& tx,
                                                std::span<const CustomerKey> customers) {
    std::vector<std::optional<Person>> persons(customers.size());
    if (customers.empty()) return persons;
    Columns keys;
    for (const CustomerKey& key : customers) keys.add(key);
    for (const postgres::Row row : tx.execute(select_persons, keys.tenants, keys.providers, keys.realms,
                                              keys.customers, keys.are_tests)) {
        persons.at(static_cast<std::size_t>(row.get<std::int64_t>(0) - 1)) =
            Person{.name = row.get<std::optional<std::string>>(1).value_or(""),
                   .email = row.get<std::optional<std::string>>(2).value_or("")};
    }
    return persons;
}

void complete(const Person& person, v1::Customer& customer) {
    if (customer.name().empty()) customer.set_name(person.name);
    if (customer.email().empty()) customer.set_email(person.email);
}

}  // namespace tollgate::enrichment
