// All of ingress, wired: from the listening port to the commit.
#pragma once

#include <memory>

#include "core/uuid.hpp"
#include "crypto/keyring.hpp"
#include "ingress/config.hpp"
#include "journal/watch.hpp"
#include "process/database_check.hpp"
#include "process/process.hpp"

namespace tollgate::ingress {

class Service {
public:
    // Listens when it returns. `watch` outlives it.
    static Result<std::unique_ptr<Service>> start(const Config& config,
                                                  const process::DatabaseConfig& database,
                                                  const crypto::Keyring& keys, const journal::Watch& watch,
                                                  const Uuid& holder, process::Process& process);
    // Takes no more, and answers what was begun.
    ~Service();
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;

    std::uint16_t port() const;

private:
    struct Parts;
    explicit Service(std::unique_ptr<Parts> parts);

    std::unique_ptr<Parts> parts_;
};

}  // namespace tollgate::ingress
