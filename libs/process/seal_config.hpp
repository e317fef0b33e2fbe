// The setting [seal] of every process that opens or seals secrets.
#pragma once

#include <string>

#include "crypto/keyring.hpp"
#include "process/settings.hpp"

namespace tollgate::process {

struct SealConfig {
    std::string keys_file;

    void declare(Settings& settings);

    Result<crypto::Keyring> load() const;
};

}  // namespace tollgate::process
