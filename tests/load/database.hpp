// The benchmark's own database, whose login may do all that migrate may.
#pragma once

#include <stdexcept>
#include <type_traits>
#include <utility>

#include "load/benchmarks.hpp"
#include "postgres/connection.hpp"

namespace tollgate::load {

// The value, or the benchmark ends with the error's words.
template <typename T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error{result.error().text()};
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

postgres::Connection open_database(const Surroundings& surroundings, const char* application);

}  // namespace tollgate::load
