// COPY ... TO STDOUT as libpq gives it: rows of text or bytea columns.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace tollgate::load {

// Gives each row of the query, as views that live as long as the call. Throws what goes wrong.
void copy_out(const std::string& url, const std::string& query,
              const std::function<void(std::span<const std::string_view> columns)>& row);

}  // namespace tollgate::load
