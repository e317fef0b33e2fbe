#include "archive/payment_events.hpp"

#include <catch2/catch.hpp>

#include "archive/bus_records.hpp"
#include "archive/event_facts.hpp"
#include "fixtures.hpp"

using namespace tollgate;
using archive::BusLimits;
using archive::BusPayment;
using archive::StoredPayment;
using postgres::Transaction;
using test::Archive;
using test::id_at;
using test::midnight;
using test::must;

namespace {

const Uuid tenant = make_uuid_v7();

StoredPayment payment(const Uuid& id, const std::string& data = "bytes") {
    return {.id = id,
            .tenant = tenant,
            .source = "shop",
            .provider = "stripe",
            .category = "money_in",
            .type = "charge.succeeded",
            .subject = "ch_1",
            .customer = "cus_1",
            .ordering_key = "cus_1",
            .provider_time = Timestamp{std::chrono::microseconds{1'790'000'000'123'456}},
            .amount = archive::Amount{.minor = 9900, .currency = "USD"},
            .traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            .data = data};
}

Result<void> write(const Archive& archive, const std::vector<StoredPayment>& payments,
                   const std::string& service = "enrichment") {
    postgres::Connection connection = test::open(archive.settings(service));
    return transact(connection, [&](Transaction& tx) { archive::write_payments(tx, payments); });
}

std::vector<std::optional<BusPayment>> read(const Archive& archive, const std::vector<Uuid>& ids,
                                            const BusLimits& limits = {}) {
    postgres::Connection connection = test::open(archive.settings("relay"));
    return archive::read_payments_for_bus(connection, ids, limits);
}

std::vector<std::string> days_of(const Archive& archive, const std::string& table) {
    postgres::Connection connection = test::open(archive.owner());
    std::vector<std::string> days;
    for (const auto row : connection.execute(
             "select right(c.relname, 8) from pg_inherits i join pg_class c on c.oid = i.inhrelid "
             "where i.inhparent = $1::text::regclass order by 1",
             table))
        days.push_back(row.get<std::string>(0));
    return days;
}

}  // namespace

TEST_CASE("a payment event is read for the bus with what it needs there") {
    const Archive archive;
    const Uuid id = make_uuid_v7();
    StoredPayment bare = payment(make_uuid_v7(), "");
    bare.subject.clear();
    bare.customer.clear();
    bare.ordering_key.clear();
    bare.traceparent.clear();
    bare.provider_time.reset();
    bare.amount.reset();
    must(write(archive, {payment(id, std::string{"a\0\xff", 3}), bare}));
    const std::vector<Uuid> ids{bare.id, make_uuid_v7(), id};
    const auto found = test::read_all(
        ids, [&](std::span<const Uuid> left) { return read(archive, {left.begin(), left.end()}); });
    REQUIRE(found.size() == 3);
    CHECK_FALSE(found[1]);
    const BusPayment& full = found[2].value();
    CHECK(full.id == id);
    CHECK(full.tenant == tenant);
    CHECK(full.source == "shop");
    CHECK(full.category == "money_in");
    CHECK(full.provider_time == payment(id).provider_time);
    CHECK(full.subject == "ch_1");
    CHECK(full.ordering_key == "cus_1");
    CHECK(full.traceparent == payment(id).traceparent);
    CHECK(full.length == 3);
    CHECK(full.data == std::string{"a\0\xff", 3});
    CHECK(found[0]->subject.empty());
    CHECK_FALSE(found[0]->provider_time);
    CHECK(found[0]->data == "");
}

TEST_CASE("a payment event that is written again is the newer one alone") {
    const Archive archive;
    const Uuid id = make_uuid_v7();
    must(write(archive, {payment(id, "old")}));
    StoredPayment corrected = payment(id, "newer");
    corrected.category = "other";
    corrected.amount.reset();
    must(write(archive, {corrected}));
    const auto found = read(archive, {id});
    CHECK(found[0]->data == "newer");
    CHECK(found[0]->category == "other");
    CHECK(test::open(archive.owner())
              .execute("select count(*), count(currency), count(amount_minor) from archive.payment_event")
              .only()
              .as<std::int64_t, std::int64_t, std::int64_t>() == std::tuple{1, 0, 0});
}

TEST_CASE("an answer of payment events ends once they are enough, and tells the length of a large one") {
    const Archive archive;
    std::vector<StoredPayment> payments;
    std::vector<Uuid> ids;
    for (int i = 0; i < 5; ++i) {
        payments.push_back(payment(make_uuid_v7(), std::string(100, 'x')));
        ids.push_back(payments.back().id);
    }
    must(write(archive, payments));
    CHECK(read(archive, ids, {.body_max = 1000, .bytes_max = 250}).size() == 3);
    CHECK(read(archive, ids, {.body_max = 1000, .bytes_max = 300}).size() == 3);
    CHECK(read(archive, ids, {.body_max = 1000, .bytes_max = 1}).size() == 1);
    const auto large = read(archive, ids, {.body_max = 99, .bytes_max = 1});
    REQUIRE(large.size() == 5);
    CHECK(large[4]->length == 100);
    CHECK_FALSE(large[4]->data);
}

TEST_CASE("days of payment events are made with those of the events they are of") {
    Archive archive;
    CHECK(days_of(archive, "archive.payment_event") == days_of(archive, "archive.event"));
    const auto before = days_of(archive, "archive.event");
    {
        postgres::Connection connection = test::open(archive.settings());
        must(transact(connection, [](Transaction& tx) {
            CHECK(tx.execute("select archive.make_days(9)").only().get<std::int32_t>(0) == 2);
            CHECK(tx.execute("select archive.make_day_of($1)", id_at(midnight(-20))).only().get<bool>(0));
            CHECK_FALSE(
                tx.execute("select archive.make_day_of($1)", id_at(midnight(-20))).only().get<bool>(0));
        }));
    }
    CHECK(days_of(archive, "archive.event").size() == before.size() + 3);
    CHECK(days_of(archive, "archive.payment_event") == days_of(archive, "archive.event"));
    must(write(archive, {payment(id_at(midnight(-20)))}));
}

TEST_CASE("a day is dropped with its payment events, and what is left is made whole again") {
    Archive archive;
    const std::string today = test::expected_day(0).table;
    postgres::Connection owner = test::open(archive.owner());
    owner.execute("select archive.drop_day((now() at time zone 'UTC')::date)");
    CHECK(days_of(archive, "archive.payment_event") == days_of(archive, "archive.event"));
    CHECK(archive.days().size() == 8);
    owner.execute("select archive.make_days(7)");
    CHECK(days_of(archive, "archive.payment_event").size() == 9);
    // As a program of before left it, that knew no payment events.
    owner.execute_script("drop table archive.payment_" + today);
    owner.execute("select archive.make_days(7)");
    CHECK(days_of(archive, "archive.payment_event").size() == 9);
}

TEST_CASE("enrichment writes payment events, those who need them read them, and nobody does more") {
    const Archive archive;
    const Uuid id = make_uuid_v7();
    must(write(archive, {payment(id)}));
    struct Service {
        const char* name;
        bool writes, reads;
    };
    for (const auto& service :
         {Service{"ingress", false, false}, Service{"relay", false, true}, Service{"enrichment", true, true},
          Service{"billing", false, true}, Service{"delivery", false, true}, Service{"console", false, false},
          Service{"operator", false, false}}) {
        CAPTURE(service.name);
        const auto may = [&](const std::string& sql) {
            postgres::Connection connection = test::open(archive.settings(service.name));
            return transact(connection, [&](Transaction& tx) { tx.execute(sql); }).has_value();
        };
        CHECK(write(archive, {payment(id)}, service.name).has_value() == service.writes);
        CHECK(may("select data from archive.payment_event") == service.reads);
        CHECK(may("select * from archive.read_bus_payments('{}', 1, 1)") == service.reads);
        CHECK_FALSE(may("delete from archive.payment_event"));
        CHECK_FALSE(may("select archive.drop_day(current_date)"));
        CHECK_FALSE(may("select archive.close_payments_of(current_date)"));
    }
}

TEST_CASE("facts of an event are all that is known of it besides its bytes") {
    Archive archive;
    const archive::Event full = test::event(make_uuid_v7());
    archive::Event bare = test::event(make_uuid_v7());
    bare.provider_event_id.reset();
    bare.provider_time.reset();
    bare.account.reset();
    bare.mode.reset();
    must(archive.write({full, bare}));
    postgres::Connection connection = test::open(archive.settings("enrichment"));
    auto facts = must(transact(connection, [&](Transaction& tx) {
        return archive::read_event_facts(tx, std::vector{make_uuid_v7(), full.id, bare.id});
    }));
    REQUIRE(facts.size() == 2);
    if (facts[0].id != full.id) std::swap(facts[0], facts[1]);
    CHECK(facts[0].tenant == full.tenant);
    CHECK(facts[0].source == full.source);
    CHECK(facts[0].provider == full.provider);
    CHECK(facts[0].type == full.type);
    CHECK(facts[0].provider_event_id == full.provider_event_id);
    CHECK(facts[0].provider_time == full.provider_time);
    CHECK(facts[0].subject == full.subject);
    CHECK(facts[0].ordering_key == full.ordering_key);
    CHECK(facts[0].content_type == full.content_type);
    CHECK(facts[0].traceparent == full.traceparent);
    CHECK(facts[0].account == full.account);
    CHECK(facts[0].mode == full.mode);
    CHECK(facts[0].proof == full.proof);
    CHECK(facts[1].id == bare.id);
    CHECK(facts[1].account.empty());
    CHECK_FALSE(facts[1].provider_time);
}
