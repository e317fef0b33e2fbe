// Sealed secrets: AES-256-GCM under keys from a file, bound to the place where they are stored. The first key
// seals, all of them open; so a new key stands below until every process has it, and only then at the top.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/secret.hpp"

namespace tollgate::crypto {

// Only reads after it is made: safe from any thread.
class Keyring {
public:
    // Lines "<key id> <base64 of 32 bytes>"; blank lines and lines that begin with '#' are skipped. An id is
    // 1 to 64 of A-Z a-z 0-9 . _ - and occurs once. `name` is what errors call the text; they never repeat a
    // key.
    static Result<Keyring> parse(std::string_view text, std::string_view name);

    // Refuses a file that others may read, or that others or the group may write. The group may read it,
    // because that is how Kubernetes shows a secret to a process that is not root (fsGroup).
    static Result<Keyring> load(const std::filesystem::path& file);

    // `context` says where the value is kept, for example "tenants.secret/<tenant id>/<row id>"; opening it
    // needs the same context, so nobody can move it to another row. It is not stored. Random nonces allow
    // 2^32 seals per key.
    std::string seal(const Secret& plain, std::string_view context) const;

    // A failure is never the fault of who sent a webhook: all of them are ErrorCode::misconfigured, each with
    // a sentence of its own (no sealed value, unknown key, another context, tampered with).
    Result<Secret> open(std::string_view sealed, std::string_view context) const;

    // True unless the key that seals now has sealed it in the format of now; also for what is no sealed
    // value.
    bool needs_reseal(std::string_view sealed) const;

    const std::string& sealing_key_id() const { return keys_.front().id; }

private:
    struct Key {
        std::string id;
        Secret bytes;
    };

    explicit Keyring(std::vector<Key> keys) : keys_{std::move(keys)} {}

    static Result<Key> parse_line(std::string_view line);
    const Key* find(std::string_view id) const;

    std::vector<Key> keys_;  // never empty; the first seals
};

// A line for a key file with a new random key, line feed included. It is also how a key for one tenant is
// made: the line, itself sealed, is parsed again when it is needed.
Result<Secret> make_key_line(std::string_view key_id);

}  // namespace tollgate::crypto
