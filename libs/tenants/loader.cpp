#include "tenants/loader.hpp"

#include <algorithm>
#include <ranges>

#include "telemetry/log.hpp"
#include "tenants/secret_rows.hpp"

namespace tollgate::tenants {

namespace log = telemetry::log;
using postgres::Row;
using postgres::Transaction;

namespace {

constexpr std::string_view newest_revision = "select number from tenants.revision";

// Nothing is ever deleted, so whatever changed is there with a newer revision.
constexpr std::string_view changed_since = R"sql(
    with changed as (
        select s.tenant, s.source from tenants.source s where s.revision > $1
        union select s.tenant, s.source from tenants.tenant t join tenants.source s using (tenant) where t.revision > $1
        union select a.tenant, a.source from tenants.alias a where a.revision > $1
        union select c.tenant, c.source from tenants.school_code c where c.revision > $1
        union select x.tenant, x.source from tenants.secret x where x.revision > $1
    )
)sql";

// Neither paths nor codes have blanks in them.
constexpr std::string_view sources = R"sql(
    select s.source, s.tenant, t.slug, s.slug, s.provider, s.settings, s.disabled_at is null and t.disabled_at is null,
            coalesce((select string_agg(a.path, ' ') from tenants.alias a
                      where a.tenant = s.tenant and a.source = s.source), ''),
            coalesce((select string_agg(c.code, ' ') from tenants.school_code c
                      where c.tenant = s.tenant and c.source = s.source), '')
        from changed join tenants.source s using (tenant, source) join tenants.tenant t using (tenant)
)sql";

constexpr std::string_view secrets = R"sql(
    select x.source, x.secret, x.sealed, x.valid_from, x.valid_until
        from changed join tenants.secret x using (tenant, source) where x.retired_at is null order by x.secret
)sql";

std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> words;
    for (const auto part : std::views::split(text, ' ')) {
        if (!std::ranges::empty(part)) words.emplace_back(std::string_view{part});
    }
    return words;
}

bool same_secret(const OpenSecret& a, const OpenSecret& b) {
    return a.id == b.id && a.value.reveal() == b.value.reveal() && a.valid_from == b.valid_from &&
           a.valid_until == b.valid_until;
}

bool same(const Source& a, const Source& b) {
    return a.tenant == b.tenant && a.tenant_slug == b.tenant_slug && a.slug == b.slug &&
           a.provider == b.provider && a.settings == b.settings && a.enabled == b.enabled &&
           a.unopened_secrets == b.unopened_secrets && std::ranges::equal(a.secrets, b.secrets, same_secret);
}

}  // namespace

std::shared_ptr<const Directory> Loader::load(postgres::Connection& connection) {
    const auto newest = connection.execute(newest_revision).only().get<std::int64_t>(0);
    if (newest == revision_) return nullptr;
    if (newest < revision_) distrust();
    const Snapshot snapshot = read_changed(connection);
    Entries changed = build(snapshot);
    if (revision_ == 0) entries_.clear();
    for (auto& [id, loaded] : changed) entries_.insert_or_assign(id, std::move(loaded));
    revision_ = snapshot.revision;
    std::vector<const Directory::Entry*> all;
    all.reserve(entries_.size());
    for (const auto& [id, loaded] : entries_) all.push_back(&loaded.entry);
    return std::make_shared<const Directory>(all);
}

Loader::Snapshot Loader::read_changed(postgres::Connection& connection) const {
    Transaction tx{connection};
    tx.execute("set transaction isolation level repeatable read, read only");
    Snapshot snapshot{.revision = tx.execute(newest_revision).only().get<std::int64_t>(0),
                      .sources = tx.execute(std::string{changed_since}.append(sources), revision_),
                      .secrets = tx.execute(std::string{changed_since}.append(secrets), revision_)};
    tx.commit();
    return snapshot;
}

Loader::Entries Loader::build(const Snapshot& snapshot) const {
    Entries changed;
    std::unordered_map<Uuid, std::shared_ptr<Source>> open;
    for (const Row row : snapshot.sources) {
        const auto id = row.get<Uuid>(0);
        auto source = std::make_shared<Source>(Source{.id = id,
                                                      .tenant = row.get<Uuid>(1),
                                                      .tenant_slug = row.get<std::string>(2),
                                                      .slug = row.get<std::string>(3),
                                                      .provider = row.get<std::string>(4),
                                                      .settings = row.get<std::string>(5),
                                                      .enabled = row.get<bool>(6),
                                                      .secrets = {},
                                                      .prepared = nullptr});
        open.emplace(id, source);
        changed.emplace(id, Loaded{.entry = {.source = std::move(source),
                                             .aliases = split(row.get<std::string_view>(7)),
                                             .school_codes = split(row.get<std::string_view>(8))}});
    }
    for (const Row row : snapshot.secrets) {
        const auto id = row.get<Uuid>(0);
        add_secret(*open.at(id), changed.at(id).unopened, row);
    }
    // Only now, when each has all of its secrets.
    for (auto& [id, source] : open) {
        const auto known = entries_.find(id);
        if (known != entries_.end() && same(*known->second.entry.source, *source)) {
            changed.at(id).entry.source = known->second.entry.source;
        } else {
            source->prepared = prepare(*source);
        }
    }
    return changed;
}

void Loader::add_secret(Source& source, std::size_t& unopened, const Row& row) const {
    const auto id = row.get<Uuid>(1);
    auto value = keyring_.open(row.get<std::string_view>(2), seal_context(source.tenant, source.id, id));
    if (!value) {
        ++unopened;
        ++source.unopened_secrets;
        log::error(
            "a secret cannot be opened: its source does without it",
            {{"tenant", source.tenant}, {"source", source.slug}, {"row", id}, {"error", value.error()}});
        return;
    }
    source.secrets.push_back(open_secret(id, std::move(*value), row.get<std::optional<Timestamp>>(3),
                                         row.get<std::optional<Timestamp>>(4)));
}

std::shared_ptr<const void> Loader::prepare(const Source& source) const {
    if (!prepare_) return nullptr;
    try {
        return prepare_(source);
    } catch (const std::exception& error) {
        log::error("a source cannot be prepared: what it sends is not verified",
                   {{"tenant", source.tenant}, {"source", source.slug}, {"error", error.what()}});
        return nullptr;
    }
}

std::optional<Timestamp> Loader::first_end_of_secrets() const {
    std::optional<Timestamp> first;
    for (const auto& [id, loaded] : entries_) {
        const Source& source = *loaded.entry.source;
        if (!source.enabled || source.secrets.empty() || source.unopened_secrets > 0) continue;
        const Timestamp last = std::ranges::max(source.secrets, {}, &OpenSecret::valid_until).valid_until;
        if (last != Timestamp::max() && (!first || last < *first)) first = last;
    }
    return first;
}

std::size_t Loader::unopened() const {
    std::size_t count = 0;
    for (const auto& [id, loaded] : entries_) count += loaded.unopened;
    return count;
}

}  // namespace tollgate::tenants
