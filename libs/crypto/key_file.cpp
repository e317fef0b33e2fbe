#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/keyring.hpp"

namespace tollgate::crypto {

namespace {

// Hundreds of keys; more is another file given by mistake.
constexpr std::size_t key_file_bytes_max = 64UZ * 1024;

class Descriptor {
public:
    explicit Descriptor(const std::filesystem::path& file)
        : number_{::open(file.c_str(), O_RDONLY | O_CLOEXEC)} {}
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int number() const { return number_; }

private:
    int number_;
};

std::unexpected<Error> cannot_read(const std::filesystem::path& file) {
    const std::string why = std::error_code{errno, std::generic_category()}.message();
    return fail(ErrorCode::misconfigured, "cannot read the key file {}: {}", file.string(), why);
}

// On the open file, so that what was checked is what is read.
Result<void> check_mode(int descriptor, const std::filesystem::path& file) {
    struct stat status{};
    if (::fstat(descriptor, &status) != 0) return cannot_read(file);
    if ((status.st_mode & (S_IRWXO | S_IWGRP)) != 0) {
        return fail(
            ErrorCode::misconfigured,
            "the key file {} has mode {:04o}, so others than its owner can read or change it: chmod 600 it "
            "(440 where Kubernetes mounts it)",
            file.string(), status.st_mode & 07777U);
    }
    return {};
}

}  // namespace

Result<Keyring> Keyring::load(const std::filesystem::path& file) {
    const Descriptor descriptor{file};
    if (descriptor.number() < 0) return cannot_read(file);
    if (const auto safe = check_mode(descriptor.number(), file); !safe) return std::unexpected{safe.error()};

    // One buffer from the start: a string that grows leaves copies of the keys behind in freed memory.
    std::string buffer(key_file_bytes_max + 1, '\0');
    std::size_t size = 0;
    while (size < buffer.size()) {
        const ssize_t count = ::read(descriptor.number(), buffer.data() + size, buffer.size() - size);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return cannot_read(file);
        if (count == 0) break;
        size += static_cast<std::size_t>(count);
    }
    const Secret text{std::move(buffer)};
    if (size > key_file_bytes_max) {
        return fail(ErrorCode::misconfigured, "{} is larger than {} bytes: it is no key file", file.string(),
                    key_file_bytes_max);
    }
    return parse(std::string_view{text.reveal()}.substr(0, size), file.string());
}

}  // namespace tollgate::crypto
