#include "process/seal_config.hpp"

namespace tollgate::process {

void SealConfig::declare(Settings& settings) {
    settings.add("seal.keys_file", keys_file,
                 "lines \"<key id> <base64 of 32 bytes>\", mode 0600: the first seals, all of them open");
}

Result<crypto::Keyring> SealConfig::load() const {
    if (keys_file.empty()) {
        return fail(
            ErrorCode::misconfigured,
            "no file with sealing keys is named: set TOLLGATE_SEAL_KEYS_FILE, or keys_file under [seal]");
    }
    return crypto::Keyring::load(keys_file);
}

}  // namespace tollgate::process
