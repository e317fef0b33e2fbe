#include "load/postgres/copy_out.hpp"

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <vector>

#include <libpq-fe.h>

namespace tollgate::load {

namespace {

using Connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;
using Outcome = std::unique_ptr<PGresult, decltype(&PQclear)>;
using Buffer = std::unique_ptr<char, decltype(&PQfreemem)>;

// "PGCOPY\n\377\r\n\0", flags, and the length of an extension that there is none of.
constexpr std::size_t file_header = 19;

std::uint32_t take_number(std::string_view& bytes, std::size_t size) {
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < size; ++i) number = (number << 8U) | static_cast<std::uint8_t>(bytes[i]);
    bytes.remove_prefix(size);
    return number;
}

// False at the end of the data.
bool take_row(std::string_view bytes, std::vector<std::string_view>& columns) {
    const auto count = static_cast<std::int16_t>(take_number(bytes, 2));
    if (count < 0) return false;
    columns.clear();
    for (std::int16_t i = 0; i < count; ++i) {
        const auto length = static_cast<std::int32_t>(take_number(bytes, 4));
        const auto size = static_cast<std::size_t>(length < 0 ? 0 : length);
        columns.push_back(bytes.substr(0, size));
        bytes.remove_prefix(size);
    }
    return true;
}

}  // namespace

void copy_out(const std::string& url, const std::string& query,
              const std::function<void(std::span<const std::string_view> columns)>& row) {
    const Connection connection{PQconnectdb(url.c_str()), &PQfinish};
    const Outcome begun{PQexec(connection.get(), ("copy (" + query + ") to stdout (format binary)").c_str()),
                        &PQclear};
    if (PQresultStatus(begun.get()) != PGRES_COPY_OUT)
        throw std::runtime_error{PQerrorMessage(connection.get())};
    std::vector<std::string_view> columns;
    bool first = true;
    for (;;) {
        char* data = nullptr;
        const int size = PQgetCopyData(connection.get(), &data, 0);
        const Buffer buffer{data, &PQfreemem};
        if (size == -1) return;
        if (size < 0) throw std::runtime_error{PQerrorMessage(connection.get())};
        std::string_view bytes{data, static_cast<std::size_t>(size)};
        if (first) bytes.remove_prefix(file_header);
        first = false;
        if (!bytes.empty() && take_row(bytes, columns)) row(columns);
    }
}

}  // namespace tollgate::load
