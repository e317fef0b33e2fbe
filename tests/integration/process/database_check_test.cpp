#include "process/database_check.hpp"

#include <catch2/catch.hpp>

#include "support/database.hpp"

using namespace tollgate;

namespace {

class ShiftedClock final : public Clock {
public:
    explicit ShiftedClock(std::chrono::seconds shift) : shift_{shift} {}
    Timestamp now() const override { return SystemClock{}.now() + shift_; }

private:
    std::chrono::seconds shift_;
};

}  // namespace

TEST_CASE("a clock more than five seconds from the database's makes the process not ready") {
    const postgres::Schema* const schemas[] = {&postgres::schema()};
    const test::Database database{schemas};
    postgres::Pool pool{{.connection = database.service("ingress")}};
    CHECK(process::check_writable(pool, ShiftedClock{std::chrono::seconds{0}}).has_value());
    CHECK(process::check_writable(pool, ShiftedClock{std::chrono::seconds{-3}}).has_value());
    const auto ahead = process::check_writable(pool, ShiftedClock{std::chrono::seconds{60}});
    REQUIRE_FALSE(ahead.has_value());
    CHECK_THAT(ahead.error().detail, Catch::Contains("ahead of the database's"));
    const auto behind = process::check_writable(pool, ShiftedClock{std::chrono::seconds{-60}});
    REQUIRE_FALSE(behind.has_value());
    CHECK_THAT(behind.error().detail, Catch::Contains("behind the database's"));
}

TEST_CASE("a read-only database makes the process not ready") {
    const postgres::Schema* const schemas[] = {&postgres::schema()};
    const test::Database database{schemas};
    auto owner = postgres::Connection::open(database.owner());
    REQUIRE(owner.has_value());
    owner->execute_script("alter database " + database.name() + " set default_transaction_read_only = on");
    postgres::Pool pool{{.connection = database.service("ingress")}};
    const auto checked = process::check_writable(pool, SystemClock{});
    REQUIRE_FALSE(checked.has_value());
    CHECK_THAT(checked.error().detail, Catch::Contains("read-only"));
}
