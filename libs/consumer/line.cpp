#include "consumer/line.hpp"

namespace tollgate::consumer {

Result<postgres::Connection*> Line::ready() {
    if (usable()) return &*connection_;
    connection_.reset();
    auto opened = postgres::Connection::open(settings_);
    if (!opened) return std::unexpected{opened.error()};
    return &connection_.emplace(std::move(*opened));
}

}  // namespace tollgate::consumer
