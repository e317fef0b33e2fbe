#include "tollgate/secret_input.hpp"

#include <fstream>
#include <iostream>

namespace tollgate {

namespace {

// Longer, and it is another file by mistake, perhaps one without an end.
constexpr std::size_t bytes_max = 128UZ * 1024;

Result<Secret> read_all(std::istream& stream, const std::string& name) {
    // One buffer from the start: a string that grows leaves copies of the secret behind in freed memory.
    std::string buffer(bytes_max + 1, '\0');
    stream.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    const auto size = static_cast<std::size_t>(stream.gcount());
    const bool failed = stream.bad() || (!stream && !stream.eof());
    const Secret whole{std::move(buffer)};
    if (failed) return fail(ErrorCode::invalid, "cannot read {}", name);
    if (size > bytes_max) return fail(ErrorCode::invalid, "{} is longer than {} bytes", name, bytes_max);
    return Secret{whole.reveal().substr(0, size)};
}

Result<Secret> read_file(const std::string& file) {
    if (file == "-") return read_all(std::cin, "stdin");
    std::ifstream stream{file, std::ios::binary};
    if (!stream) return fail(ErrorCode::invalid, "cannot open {}", file);
    return read_all(stream, file);
}

}  // namespace

Result<Secret> read_secret_file(const std::string& file) {
    const auto whole = read_file(file);
    if (!whole) return whole;
    const std::string& text = whole->reveal();
    const std::size_t end = text.find_last_not_of("\r\n");
    Secret secret{end == std::string::npos ? std::string{} : text.substr(0, end + 1)};
    if (secret.empty()) return fail(ErrorCode::invalid, "{} is empty", file == "-" ? "stdin" : file);
    return secret;
}

Result<std::string> read_text(const std::string& text_or_file) {
    if (!text_or_file.starts_with('@')) return text_or_file;
    const auto whole = read_file(text_or_file.substr(1));
    if (!whole) return std::unexpected{whole.error()};
    return whole->reveal();
}

void SecretFlags::declare(process::Settings& settings) {
    settings.add_option("secret-file", file, "a file with the secret; - is stdin");
    settings.add_flag("generate", generate, "make a secret, and show it this once");
    settings.add_option("valid-from", valid_from,
                        "since when the secret vouches, as 2026-01-31T00:00:00Z; else ever");
    settings.add_option("valid-until", valid_until, "until when; else for ever");
}

Result<std::optional<Timestamp>> read_time(const std::string& flag, const std::string& text) {
    if (text.empty()) return std::nullopt;
    const auto time = parse_rfc3339(text);
    if (!time) return std::unexpected{time.error().within(flag)};
    return *time;
}

Result<tenants::NewSecret> SecretFlags::read() const {
    if (generate && !file.empty())
        return fail(ErrorCode::invalid, "--secret-file and --generate exclude each other");
    tenants::NewSecret secret;
    const auto from = read_time("--valid-from", valid_from);
    if (!from) return std::unexpected{from.error()};
    const auto until = read_time("--valid-until", valid_until);
    if (!until) return std::unexpected{until.error()};
    secret.valid_from = *from;
    secret.valid_until = *until;
    if (!any()) {
        return fail(ErrorCode::invalid,
                    "no secret is given: --secret-file FILE has it, or --generate makes one");
    }
    if (generate) return secret;
    auto value = read_secret_file(file);
    if (!value) return std::unexpected{value.error()};
    secret.value = std::move(*value);
    return secret;
}

}  // namespace tollgate
