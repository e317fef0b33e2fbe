// What a statement returned. Views taken from it live as long as it does.
#pragma once

#include <iterator>
#include <memory>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>

#include "postgres/wire.hpp"

struct pg_result;

namespace tollgate::postgres {

class Row {
public:
    Row(const pg_result* result, std::size_t row) : result_{result}, row_{row} {}

    // By position from 0. std::optional<T> for a column that may be null; a null elsewhere throws.
    template <typename T>
    T get(std::size_t column) const {
        if constexpr (is_optional<T>) {
            if (is_null(column)) return std::nullopt;
            return read_value<typename T::value_type>(type(column), bytes(column));
        } else {
            require_value(column);
            return read_value<T>(type(column), bytes(column));
        }
    }

    // const auto [id, name] = row.as<Uuid, std::string>();
    template <typename... Ts>
    std::tuple<Ts...> as() const {
        return [this]<std::size_t... I>(std::index_sequence<I...>) {
            return std::tuple<Ts...>{this->get<Ts>(I)...};
        }(std::index_sequence_for<Ts...>{});
    }

    bool is_null(std::size_t column) const;

private:
    TypeId type(std::size_t column) const;
    std::string_view bytes(std::size_t column) const;
    void require_value(std::size_t column) const;

    const pg_result* result_;
    std::size_t row_;
};

class Rows {
public:
    class Iterator {
    public:
        using value_type = Row;
        using difference_type = std::ptrdiff_t;

        Iterator() = default;
        Iterator(const pg_result* result, std::size_t row) : result_{result}, row_{row} {}
        Row operator*() const { return Row{result_, row_}; }
        Iterator& operator++() {
            ++row_;
            return *this;
        }
        Iterator operator++(int) { return Iterator{result_, row_++}; }
        bool operator==(const Iterator&) const = default;

    private:
        const pg_result* result_ = nullptr;
        std::size_t row_ = 0;
    };

    explicit Rows(pg_result* result);

    std::size_t size() const;
    bool empty() const { return size() == 0; }
    // Rows that an insert, update or delete touched.
    std::size_t affected() const;
    // "COMMIT", "INSERT 0 1"
    std::string_view command() const;

    Row operator[](std::size_t row) const { return Row{result_.get(), row}; }
    // For a statement that gives exactly one row; anything else is a bug and throws.
    Row only() const;

    Iterator begin() const { return {result_.get(), 0}; }
    Iterator end() const { return {result_.get(), size()}; }

private:
    struct Clear {
        void operator()(pg_result* result) const;
    };

    std::unique_ptr<pg_result, Clear> result_;
};

}  // namespace tollgate::postgres
