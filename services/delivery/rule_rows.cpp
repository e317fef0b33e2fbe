#include "delivery/rule_rows.hpp"

#include <ranges>

#include <fmt/ranges.h>

#include "postgres/columns.hpp"

namespace tollgate::delivery {

namespace {

using postgres::Row;
using postgres::Transaction;
using postgres::unless_empty;

constexpr std::string_view columns =
    "r.rule, r.tenant, r.destination, r.place, r.name, array_to_string(r.categories, ' '), "
    "array_to_string(r.types, ' '), r.minimum_minor, r.currency, r.plan, r.priority, r.mode, r.way, "
    "r.mention, r.quiet = 'hold'";

// Neither categories nor types have blanks in them.
std::vector<std::string> words_in(const std::optional<std::string>& text) {
    std::vector<std::string> words;
    for (const auto word : std::views::split(text.value_or(""), ' ')) {
        if (!std::ranges::empty(word)) words.emplace_back(std::string_view{word});
    }
    return words;
}

Rule rule_in(const Row& row) {
    const auto text = [&](std::size_t column) { return row.get<std::optional<std::string>>(column); };
    Rule rule{.id = row.get<Uuid>(0),
              .tenant = row.get<Uuid>(1),
              .destination = row.get<Uuid>(2),
              .place = row.get<std::int32_t>(3),
              .name = row.get<std::string>(4),
              .categories = words_in(text(5)),
              .types = words_in(text(6)),
              .plan = text(9).value_or(""),
              .priority = row.get<std::optional<std::int32_t>>(10),
              .mode = text(11).value_or(""),
              .way = parse_way(row.get<std::string>(12)).value_or(Way::nothing),
              .mention = text(13).value_or(""),
              .hold_in_quiet = row.get<bool>(14)};
    if (const auto minor = row.get<std::optional<std::int64_t>>(7))
        rule.minimum = archive::Amount{.minor = *minor, .currency = row.get<std::string>(8)};
    return rule;
}

}  // namespace

std::map<DestinationKey, std::vector<Rule>> read_rules(Transaction& tx, std::span<const Uuid> tenants) {
    const auto rows = tx.execute(
        fmt::format("select {} from delivery.rule r join tenants.destination d using (tenant, destination) "
                    "join tenants.tenant t using (tenant) where r.tenant = any ($1) "
                    "and d.disabled_at is null and t.disabled_at is null order by r.place, r.rule",
                    columns),
        tenants);
    std::map<DestinationKey, std::vector<Rule>> rules;
    for (const Row row : rows) {
        Rule rule = rule_in(row);
        rules[{rule.tenant, rule.destination}].push_back(std::move(rule));
    }
    return rules;
}

std::vector<Rule> rules_of(Transaction& tx, const DestinationKey& destination) {
    const auto rows = tx.execute(fmt::format("select {} from delivery.rule r where r.tenant = $1 "
                                             "and r.destination = $2 order by r.place, r.rule",
                                             columns),
                                 destination.first, destination.second);
    std::vector<Rule> rules;
    for (const Row row : rows) rules.push_back(rule_in(row));
    return rules;
}

void insert(Transaction& tx, const Rule& rule) {
    const auto joined = [](const std::vector<std::string>& words) {
        return fmt::format("{}", fmt::join(words, " "));
    };
    tx.execute(
        "insert into delivery.rule (tenant, rule, destination, place, name, categories, types, "
        "minimum_minor, "
        "currency, plan, priority, mode, way, mention, quiet) values ($1, $2, $3, $4, $5, "
        "string_to_array(nullif($6, ''), ' '), string_to_array(nullif($7, ''), ' '), $8, $9, $10, $11, $12, "
        "$13, $14, case when $15 then 'hold' else 'pass' end)",
        rule.tenant, rule.id, rule.destination, rule.place, rule.name, joined(rule.categories),
        joined(rule.types), rule.minimum ? std::optional{rule.minimum->minor} : std::nullopt,
        rule.minimum ? std::optional<std::string_view>{rule.minimum->currency} : std::nullopt,
        unless_empty(rule.plan), rule.priority, unless_empty(rule.mode), name(rule.way),
        unless_empty(rule.mention), rule.hold_in_quiet);
}

}  // namespace tollgate::delivery
