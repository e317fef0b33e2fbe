#include "relay/payment_records.hpp"

#include <utility>

#include "archive/bus_records.hpp"

namespace tollgate::relay {

Outgoing payment_record(const journal::Entry& entry, std::optional<archive::BusPayment> payment,
                        const archive::BusLimits& limits) {
    return outgoing(entry, archive::to_record(std::move(payment), entry.tenant, limits));
}

Unmade read_payments(postgres::Connection& connection, std::span<const journal::Entry> entries,
                     const archive::BusLimits& limits) {
    auto payments = archive::read_payments_for_bus(connection, ids_of(entries), limits);
    std::vector<Outgoing> records;
    records.reserve(payments.size());
    for (std::size_t i = 0; i < payments.size(); ++i)
        records.push_back(payment_record(entries[i], std::move(payments[i]), limits));
    return made_already(std::move(records));
}

}  // namespace tollgate::relay
