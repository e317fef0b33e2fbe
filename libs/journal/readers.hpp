// Who reads the journal: registered and retired by name. What a registered reader has not read is kept for
// it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "journal/reader.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::journal {

// From the newest tick on. False if it is there already, and then it stays where it is.
Result<bool> register_reader(postgres::Connection& connection, const std::string& name);

struct ReaderState {
    std::string name;
    std::optional<Uuid> holder;  // who reads now, or did last
    std::int64_t epoch = 0;
    Position position;
    std::int64_t unread = 0;                // entries that it has not passed, at most
    std::optional<Timestamp> behind_since;  // the time of the first tick that it has not passed
    Timestamp registered_at;
};

Result<std::vector<ReaderState>> list_readers(postgres::Connection& connection);
std::vector<ReaderState> list_readers(postgres::Transaction& tx);

// From here on nothing is kept for it. With entries unread it is an error, unless they are meant too.
Result<ReaderState> retire_reader(postgres::Connection& connection, const std::string& name,
                                  bool with_unread);
// As part of what else the transaction does.
Result<ReaderState> retire_reader(postgres::Transaction& tx, const std::string& name, bool with_unread);

}  // namespace tollgate::journal
