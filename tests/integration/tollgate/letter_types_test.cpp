// By which types a message that is not done is found, and since when.
#include <algorithm>

#include <catch2/catch.hpp>

#include "letters.hpp"

using namespace tollgate;
using namespace tollgate::test;

namespace {

void as_owner(const Shell& shell, const std::string& sql) {
    postgres::Connection owner = open(shell.database().owner());
    owner.execute_script("set tollgate.tenant = '*'");
    owner.execute_script(sql);
}

// The type that a list of those of this type shows; empty: there are none.
std::string found(const Shell& shell, const std::string& type) {
    const Ran ran = shell.run({"dead-letter", "list", "--json", "--all-tenants", "--type", type});
    return ran.code == 0 ? json_text(ran.out, "type") : "";
}

}  // namespace

TEST_CASE("what lay there before types were noted is found by them too, and has them once it changes") {
    const Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_consumer(shell);
    const Uuid event = make_event(shell, acme, "invoice.paid", "{}");
    make_letter(shell, {.tenant = acme, .type = "tollgate.payment.money_in", .id = event});
    as_owner(shell, "update consumer.work set type = null, own_type = null");
    const auto is_found = [&] {
        CHECK(found(shell, "stripe.invoice.paid") == "stripe.invoice.paid");
        CHECK(found(shell, "tollgate.payment.money_in") == "stripe.invoice.paid");
        CHECK(found(shell, "stripe.invoice.failed").empty());
    };
    is_found();
    // As a program of the release before it does when a message has failed again.
    as_owner(shell, "update consumer.work set headers = coalesce(headers, '[]')");
    CHECK(count(shell,
                "consumer.work where type = 'stripe.invoice.paid' and own_type = "
                "'tollgate.payment.money_in'") == 1);
    is_found();
}

TEST_CASE("the type of a letter stays when its event, its headers or its bytes are gone") {
    const Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_consumer(shell);
    const Uuid event = make_event(shell, acme, "invoice.paid", "{}");
    make_letter(shell, {.tenant = acme, .type = "tollgate.payment.money_in", .id = event});
    as_owner(shell,
             "delete from archive.event; update consumer.work set headers = null, key = null, value = null");
    CHECK(found(shell, "stripe.invoice.paid") == "stripe.invoice.paid");
    CHECK(found(shell, "tollgate.payment.money_in") == "stripe.invoice.paid");
}

TEST_CASE("a message is put aside and found whatever it says that it is") {
    const Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_consumer(shell);
    // Longer than an entry of an index may be, also when it is compressed.
    std::string long_type;
    for (int i = 0; i < 1'000; ++i) long_type += make_uuid_v4().text();
    make_letter(shell, {.tenant = acme, .type = long_type});
    CHECK(found(shell, long_type) == long_type.substr(0, 200));
    make_letter(shell, {.tenant = acme, .type = ""});
    CHECK(std::ranges::count(shell("dead-letter list --json --all-tenants").out, '\n') == 2);
}
