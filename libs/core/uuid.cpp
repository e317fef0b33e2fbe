#include "core/uuid.hpp"

#include <cstring>
#include <mutex>
#include <stdexcept>

#include <openssl/rand.h>

namespace tollgate {

namespace {

// Bytes of OpenSSL's generator, many at a time: asking it for sixteen costs as much as for a thousand.
class RandomBytes {
public:
    void take(std::uint8_t* bytes, std::size_t count) {
        if (left_ < count) refill();
        left_ -= count;
        std::memcpy(bytes, &bytes_[left_], count);
    }

private:
    void refill() {
        if (RAND_bytes(bytes_.data(), static_cast<int>(bytes_.size())) != 1)
            throw std::runtime_error{"the system's random number generator does not answer"};
        left_ = bytes_.size();
    }

    std::array<std::uint8_t, 1024> bytes_{};
    std::size_t left_ = 0;
};

void fill_random(std::uint8_t* bytes, std::size_t count) {
    thread_local RandomBytes random;
    random.take(bytes, count);
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

struct Sequence {
    std::mutex mutex;
    std::uint64_t last = 0;

    std::uint64_t next(std::uint64_t now_ms) {
        const std::lock_guard lock{mutex};
        last = uuid_v7_stamp_after(last, now_ms);
        return last;
    }
};

void put_time(Uuid& id, std::uint64_t ms) {
    for (std::size_t i = 0; i < 6; ++i) id.bytes[i] = static_cast<std::uint8_t>(ms >> (40U - 8U * i));
}

}  // namespace

std::string Uuid::text() const {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    out.reserve(36);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) out.push_back('-');
        out.push_back(digits[bytes[i] >> 4U]);
        out.push_back(digits[bytes[i] & 0x0FU]);
    }
    return out;
}

Result<Uuid> Uuid::parse(std::string_view text) {
    const auto malformed = [&] {
        return fail(ErrorCode::invalid, "\"{}\" is not a UUID such as 018f3b1c-7c5a-7000-8000-000000000000",
                    text);
    };
    if (text.size() != 36) return malformed();
    Uuid id;
    std::size_t at = 0;
    for (std::size_t i = 0; i < 36; ++i) {
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (text[i] != '-') return malformed();
            continue;
        }
        const int high = hex_value(text[i]);
        const int low = hex_value(text[++i]);
        if (high < 0 || low < 0) return malformed();
        id.bytes[at++] = static_cast<std::uint8_t>(high * 16 + low);
    }
    return id;
}

std::uint64_t uuid_v7_stamp_after(std::uint64_t last, std::uint64_t now_ms) {
    // Beyond this it was the clock that was wrong, and the days of the ids would be too.
    constexpr std::uint64_t ahead_max_ms = 60'000;
    const std::uint64_t now = now_ms << 12U;
    return (last >> 12U) > now_ms + ahead_max_ms ? now : std::max(last + 1, now);
}

Uuid make_uuid_v7() {
    static Sequence sequence;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
    const std::uint64_t stamp = sequence.next(static_cast<std::uint64_t>(ms));
    Uuid id;
    put_time(id, stamp >> 12U);
    id.bytes[6] = static_cast<std::uint8_t>(0x70U | ((stamp >> 8U) & 0x0FU));
    id.bytes[7] = static_cast<std::uint8_t>(stamp);
    fill_random(&id.bytes[8], 8);
    id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3FU) | 0x80U);
    return id;
}

Uuid make_uuid_v4() {
    Uuid id;
    fill_random(id.bytes.data(), id.bytes.size());
    id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0FU) | 0x40U);
    id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3FU) | 0x80U);
    return id;
}

Timestamp time_of(const Uuid& id) {
    std::int64_t ms = 0;
    for (std::size_t i = 0; i < 6; ++i) ms = ms * 256 + id.bytes[i];
    return Timestamp{std::chrono::milliseconds{ms}};
}

Uuid first_uuid_v7_at(Timestamp time) {
    Uuid id;
    const auto ms = std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
    put_time(id, static_cast<std::uint64_t>(ms));
    id.bytes[6] = 0x70;
    id.bytes[8] = 0x80;
    return id;
}

}  // namespace tollgate

std::size_t std::hash<tollgate::Uuid>::operator()(const tollgate::Uuid& id) const noexcept {
    // The last eight bytes of a UUID are random: they are a hash already.
    std::size_t value = 0;
    std::memcpy(&value, &id.bytes[8], sizeof value);
    return value;
}
