// Secrets, and what else is longer than an argument, from files and stdin. A secret is never an argument:
// every user of the machine can read those.
#pragma once

#include <string>

#include "core/result.hpp"
#include "core/secret.hpp"
#include "process/settings.hpp"
#include "tenants/secrets.hpp"

namespace tollgate {

// "-" is stdin. Line feeds at the end are cut: an editor put them there.
Result<Secret> read_secret_file(const std::string& file);

// "@FILE" or "@-" stands for what is in it; else the text itself.
Result<std::string> read_text(const std::string& text_or_file);

// What --secret-file, --generate, --valid-from and --valid-until say.
struct SecretFlags {
    std::string file;
    bool generate = false;
    std::string valid_from;
    std::string valid_until;

    void declare(process::Settings& settings);
    bool any() const { return generate || !file.empty(); }
    Result<tenants::NewSecret> read() const;
};

// Empty: none. RFC 3339.
Result<std::optional<Timestamp>> read_time(const std::string& flag, const std::string& text);

}  // namespace tollgate
