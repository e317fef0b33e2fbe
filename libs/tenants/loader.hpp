// Reads sources and secrets from the tables: at first all of them, then what is newer than the last revision
// seen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "postgres/rows.hpp"
#include "postgres/transaction.hpp"
#include "tenants/registry.hpp"

namespace tollgate::tenants {

// Used by one thread.
class Loader {
public:
    Loader(crypto::Keyring keyring, Registry::Prepare prepare)
        : keyring_{std::move(keyring)}, prepare_{std::move(prepare)} {}

    // The directory if it is another than last time, else null. Throws SqlError, and then everything is as it
    // was.
    std::shared_ptr<const Directory> load(postgres::Connection& connection);

    // The next load reads everything: after a connection was lost, the server may be another, with another
    // past.
    void distrust() { revision_ = 0; }

    // Of the secrets that were read last.
    std::size_t unopened() const;
    // When the first of the sources that are open will have no valid secret any more, or had none: of each
    // what ends last counts. Nothing if there is no such source.
    std::optional<Timestamp> first_end_of_secrets() const;
    std::size_t size() const { return entries_.size(); }

private:
    struct Loaded {
        Directory::Entry entry;
        std::size_t unopened = 0;
    };
    using Entries = std::unordered_map<Uuid, Loaded>;

    // Rows of one moment.
    struct Snapshot {
        std::int64_t revision;
        postgres::Rows sources;
        postgres::Rows secrets;
    };

    Snapshot read_changed(postgres::Connection& connection) const;
    // Of unchanged sources the object stays the one that it was.
    Entries build(const Snapshot& snapshot) const;
    void add_secret(Source& source, std::size_t& unopened, const postgres::Row& row) const;
    std::shared_ptr<const void> prepare(const Source& source) const;

    const crypto::Keyring keyring_;
    const Registry::Prepare prepare_;
    std::int64_t revision_ = 0;
    Entries entries_;  // by source
};

}  // namespace tollgate::tenants
