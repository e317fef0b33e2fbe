#include "enrichment/companies.hpp"

#include <ranges>

#include "postgres/columns.hpp"

namespace tollgate::enrichment {

namespace {

using postgres::column;
using postgres::unless_empty;

// In the order of the keys, as all that several members write.
constexpr std::string_view insert_companies =
    "insert into enrichment.company as c (domain, found, until, name, description, logo_url, industry, size, "
    "location, colours) "
    "select distinct on (domain) domain, found, clock_timestamp() + good_for * interval '1 second', name, "
    "description, logo_url, industry, size, location, string_to_array(colours, ',') "
    "from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) "
    "e(domain, found, good_for, name, description, logo_url, industry, size, location, colours) "
    "order by domain on conflict (domain) do update set found = excluded.found, until = excluded.until, "
    "name = excluded.name, description = excluded.description, logo_url = excluded.logo_url, "
    "industry = excluded.industry, size = excluded.size, location = excluded.location, "
    "colours = excluded.colours, looked_up_at = clock_timestamp()";

v1::Company company_in(const postgres::Row& row) {
    const auto text = [&](std::size_t column) {
        return row.get<std::optional<std::string>>(column).value_or("");
    };
    v1::Company company;
    company.set_domain(text(0));
    company.set_name(text(1));
    company.set_description(text(2));
    company.set_logo_url(text(3));
    company.set_industry(text(4));
    company.set_size(text(5));
    company.set_location(text(6));
    for (const auto colour : std::views::split(text(7), ','))
        if (!colour.empty()) company.add_colours(std::string{std::string_view{colour}});
    return company;
}

std::string colours_of(const v1::Company& company) {
    return fmt::format("{}", fmt::join(company.colours(), ","));
}

}  // namespace

std::unordered_map<std::string, v1::Company> read_companies(postgres::Transaction& tx,
                                                            const std::vector<std::string>& domains) {
    std::unordered_map<std::string, v1::Company> companies;
    if (domains.empty()) return companies;
    for (const auto row : tx.execute("select domain, name, description, logo_url, industry, size, location, "
                                     "array_to_string(colours, ',') from enrichment.company "
                                     "where domain = any ($1) and found and until > clock_timestamp()",
                                     domains))
        companies.emplace(row.get<std::string>(0), company_in(row));
    return companies;
}

std::vector<std::string> unknown_domains(postgres::Transaction& tx, const std::vector<std::string>& domains) {
    std::vector<std::string> unknown;
    if (domains.empty()) return unknown;
    for (const auto row :
         tx.execute("select distinct w.domain from unnest($1::text[]) w(domain) where not exists "
                    "(select from enrichment.company c where c.domain = w.domain and c.until > "
                    "clock_timestamp())",
                    domains))
        unknown.push_back(row.get<std::string>(0));
    return unknown;
}

void keep_companies(postgres::Transaction& tx, std::span<const DomainAnswer> answers) {
    std::vector<DomainAnswer> kept;
    for (const DomainAnswer& answer : answers)
        if (answer.looked_up.good_for.count() > 0) kept.push_back(answer);
    if (kept.empty()) return;
    const auto text = [&](const std::string& (v1::Company::*field)() const) {
        return column(
            kept, [&](const DomainAnswer& each) { return unless_empty((each.looked_up.company.*field)()); });
    };
    tx.execute(
        insert_companies, column(kept, [](const DomainAnswer& each) { return each.domain; }),
        column(kept, [](const DomainAnswer& each) { return each.looked_up.found; }),
        column(kept, [](const DomainAnswer& each) { return std::int64_t{each.looked_up.good_for.count()}; }),
        text(&v1::Company::name), text(&v1::Company::description), text(&v1::Company::logo_url),
        text(&v1::Company::industry), text(&v1::Company::size), text(&v1::Company::location),
        column(kept, [](const DomainAnswer& each) { return colours_of(each.looked_up.company); }));
}

std::int64_t purge_companies(postgres::Transaction& tx, std::int64_t limit) {
    const auto purged = tx.execute(
        "delete from enrichment.company where domain in (select domain from enrichment.company "
        "where until < clock_timestamp() order by until limit $1 for update skip locked)",
        limit);
    return static_cast<std::int64_t>(purged.affected());
}

}  // namespace tollgate::enrichment
