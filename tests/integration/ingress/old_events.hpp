// Events of a week ago and more, in a database as ingress and a reader of the journal have it.
#pragma once

#include <algorithm>

#include <catch2/catch.hpp>

#include "fixtures.hpp"
#include "ingress/retention.hpp"
#include "journal/readers.hpp"

namespace tollgate::test {

inline constexpr ingress::RetentionSettings a_week{.horizon_days = 7, .blocks_at_once = 1};

struct Old {
    Old() {
        // Of a consumer; the entries go when a keeper has seen that it has read them, and here by hand.
        postgres::Connection relay = open(database.service("relay"));
        REQUIRE(journal::register_reader(relay, "relay").has_value());
        CHECK(write(-8).has_value());
        CHECK(write(-7).has_value());
    }

    // An event of so many days ago.
    Result<ingress::Receipt> write(int days_ago, const std::string& content = "1",
                                   const std::string& id = "") {
        const Timestamp time = SystemClock{}.now() + std::chrono::days{days_ago};
        auto events = request({.id = id.empty() ? std::to_string(days_ago) : id, .content = content});
        const Uuid first = first_uuid_v7_at(time);
        std::copy_n(first.bytes.begin(), 6, events[0].event.id.bytes.begin());
        return ingress.commit(events);
    }

    void owner(const std::string& sql) const { open(database.owner()).execute_script(sql); }
    Result<ingress::Swept> sweep() {
        postgres::Connection connection = open(database.service("ingress"));
        return ingress::sweep(connection, a_week, {});
    }
    std::int64_t prune() {
        postgres::Connection connection = open(database.service("ingress"));
        return ingress::prune_keys(connection, a_week.blocks_at_once, {}).value();
    }
    std::size_t events() const { return stored(database.owner()).events.size(); }

    Database database{ingress_schemas};
    Ingress ingress{database.service("ingress")};
};

}  // namespace tollgate::test
