#include <limits>

#include <catch2/catch.hpp>

#include "delivery/amounts.hpp"
#include "delivery/dates.hpp"

using namespace tollgate::delivery;
using namespace std::chrono_literals;
using tollgate::parse_rfc3339;

namespace {

tollgate::v1::Money money(std::int64_t minor, std::string_view currency) {
    tollgate::v1::Money made;
    made.set_minor(minor);
    made.set_currency(std::string{currency});
    return made;
}

}  // namespace

TEST_CASE("amounts are written as people read them") {
    struct Example {
        std::int64_t minor;
        std::string_view currency;
        std::string_view exact;
        std::string_view brief;
        std::string_view delta;
    };
    constexpr auto least = std::numeric_limits<std::int64_t>::min();
    for (const auto& [minor, currency, exact, brief, delta] : std::initializer_list<Example>{
             {118800, "USD", "$1,188.00", "$1,188", "+$1,188"},
             {118805, "usd", "$1,188.05", "$1,188.05", "+$1,188.05"},
             {-9900, "USD", "−$99.00", "−$99", "−$99"},
             {0, "USD", "$0.00", "$0", "±$0"},
             {5, "USD", "$0.05", "$0.05", "+$0.05"},
             {118800, "JPY", "¥118,800", "¥118,800", "+¥118,800"},
             {1250, "KWD", "KWD\u00a01.250", "KWD\u00a01.250", "+KWD\u00a01.250"},
             {100000, "CHF", "CHF\u00a01,000.00", "CHF\u00a01,000", "+CHF\u00a01,000"},
             {99999, "EUR", "€999.99", "€999.99", "+€999.99"},
             {least, "JPY", "−¥9,223,372,036,854,775,808", "−¥9,223,372,036,854,775,808",
              "−¥9,223,372,036,854,775,808"},
             {1234, "USDC", "1,234 USDC (smallest units)", "1,234 USDC (smallest units)",
              "+1,234 USDC (smallest units)"},
             {1234, "", "", "", ""},
         }) {
        INFO(minor << " " << currency);
        CHECK(amount_text(money(minor, currency)) == exact);
        CHECK(amount_text(money(minor, currency), AmountStyle::brief) == brief);
        CHECK(delta_text(money(minor, currency)) == delta);
    }
}

TEST_CASE("sums never mix currencies, and do not wrap around") {
    Sums sums;
    CHECK(sums.text().empty());
    sums.add(money(100, "USD"));
    sums.add(money(250, "EUR"));
    sums.add(money(50, "USD"));
    sums.add(money(1, ""));
    CHECK(sums.text() == "$1.50 and €2.50");
    sums.add(money(-400, "EUR"));
    CHECK(sums.delta_text() == "+$1.50 and −€1.50");
    sums.add(money(std::numeric_limits<std::int64_t>::max(), "USD"));
    CHECK(sums.all().front().minor() == std::numeric_limits<std::int64_t>::max());
}

TEST_CASE("sums of many currencies end after the fourth") {
    Sums sums;
    for (const std::string_view currency : {"GBP", "JPY", "SEK", "USD", "EUR"})
        sums.add(money(100, currency));
    CHECK(sums.text() == "£1.00, ¥100, SEK\u00a01.00, $1.00 and €1.00");
    sums.add(money(100, "CHF"));
    CHECK(sums.text() == "£1.00, ¥100, SEK\u00a01.00, $1.00 and 2 more currencies");
}

TEST_CASE("times are written in the zone of who reads them") {
    const LocalClock vienna{.now = parse_rfc3339("2026-11-21T03:15:00Z").value(), .utc_offset = 1h};
    const LocalClock india{.now = vienna.now, .utc_offset = 5h + 30min};
    const LocalClock newfoundland{.now = vienna.now, .utc_offset = -(3h + 30min)};
    const LocalClock utc{.now = vienna.now};
    const auto at = [](std::string_view text) { return parse_rfc3339(text).value(); };
    CHECK(moment_text(at("2026-11-26T08:00:00Z"), vienna) == "Thu 26 Nov, 09:00 UTC+1");
    CHECK(moment_text(at("2026-11-26T08:00:00Z"), india) == "Thu 26 Nov, 13:30 UTC+5:30");
    CHECK(moment_text(at("2026-11-26T02:00:00Z"), newfoundland) == "Wed 25 Nov, 22:30 UTC-3:30");
    CHECK(moment_text(at("2026-11-26T23:59:59Z"), utc) == "Thu 26 Nov, 23:59 UTC");
    CHECK(day_text(at("2026-12-31T23:30:00Z"), vienna) == "1 Jan 2027");
    CHECK(day_text(at("2026-12-31T23:30:00Z"), utc) == "Thu 31 Dec");
}

TEST_CASE("a span is told in the unit that people would use") {
    struct Example {
        std::chrono::seconds span;
        std::string_view text;
    };
    for (const auto& [span, text] : std::initializer_list<Example>{{0s, "less than a minute"},
                                                                   {60s, "1 minute"},
                                                                   {59min, "59 minutes"},
                                                                   {1h, "1 hour"},
                                                                   {47h, "47 hours"},
                                                                   {48h, "2 days"},
                                                                   {24h * 45, "45 days"},
                                                                   {24h * 430, "14 months"},
                                                                   {24h * 800, "2 years"}}) {
        CHECK(span_text(span) == text);
    }
}

TEST_CASE("a time that no payment has is not told") {
    google::protobuf::Timestamp time;
    CHECK_FALSE(time_of(true, time));
    time.set_seconds(1795230660);
    CHECK(time_of(true, time));
    CHECK_FALSE(time_of(false, time));
    for (const std::int64_t seconds :
         {std::int64_t{-1}, std::int64_t{100'000'000'000}, std::numeric_limits<std::int64_t>::max(),
          std::numeric_limits<std::int64_t>::min()}) {
        time.set_seconds(seconds);
        CHECK_FALSE(time_of(true, time));
    }
}
