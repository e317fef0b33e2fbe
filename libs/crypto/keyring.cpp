#include "crypto/keyring.hpp"

#include <algorithm>
#include <optional>
#include <ranges>

#include "crypto/aes_gcm.hpp"
#include "crypto/base64.hpp"
#include "crypto/digest.hpp"
#include "crypto/random.hpp"

namespace tollgate::crypto {

namespace {

// A sealed value, format 1:
//   version   1 byte, 1
//   id        1 byte length, then the key's id
//   place     8 bytes of the SHA-256 of the context, only to tell a moved value from a tampered one
//   nonce    12 bytes
//   rest     ciphertext, and the tag of 16 bytes
// What stands before the nonce is authenticated together with the context.
constexpr char format_version = 1;
constexpr std::size_t place_bytes = 8;
constexpr std::size_t id_length_max = 64;
constexpr std::string_view blanks = " \t\r";

struct Sealed {
    std::string_view header;
    std::string_view key_id;
    std::string_view place;
    std::string_view nonce;
    std::string_view ciphertext_and_tag;
};

// Takes the next `count` bytes, or nothing if there are fewer.
std::optional<std::string_view> take(std::string_view& rest, std::size_t count) {
    if (rest.size() < count) return std::nullopt;
    const std::string_view taken = rest.substr(0, count);
    rest.remove_prefix(count);
    return taken;
}

Result<Sealed> split(std::string_view sealed) {
    std::string_view rest = sealed;
    const auto version = take(rest, 1);
    if (version && version->front() != format_version) {
        return fail(ErrorCode::misconfigured,
                    "the value is sealed in format {}, and this build knows only format {}",
                    static_cast<unsigned char>(version->front()), static_cast<int>(format_version));
    }
    const auto id_length = take(rest, 1);
    const auto key_id = id_length ? take(rest, static_cast<unsigned char>(id_length->front())) : std::nullopt;
    const auto place = key_id ? take(rest, place_bytes) : std::nullopt;
    const std::string_view header = sealed.substr(0, sealed.size() - rest.size());
    const auto nonce = place ? take(rest, gcm_nonce_bytes) : std::nullopt;
    if (!nonce || rest.size() < gcm_tag_bytes) {
        return fail(ErrorCode::misconfigured, "the value is not sealed, or was cut: it has only {} bytes",
                    sealed.size());
    }
    return Sealed{header, *key_id, *place, *nonce, rest};
}

std::string place_of(std::string_view context) {
    return sha256(context).substr(0, place_bytes);
}

// The header delimits itself, so that no other pair of header and context gives the same bytes.
std::string associated_data(std::string_view header, std::string_view context) {
    return std::string{header}.append(context);
}

bool is_key_id(std::string_view text) {
    return !text.empty() && text.size() <= id_length_max && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
               c == '_' || c == '-';
    });
}

constexpr std::string_view id_rule = "a key id is 1 to 64 of A-Z a-z 0-9 . _ -";

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace

// Nothing of the line is repeated in an error: a key may stand where the id should.
Result<Keyring::Key> Keyring::parse_line(std::string_view line) {
    const auto gap = line.find_first_of(blanks);
    if (gap == std::string_view::npos) {
        return fail(ErrorCode::misconfigured, "expected \"<key id> <base64 of 32 bytes>\", found one word");
    }
    const std::string_view id = line.substr(0, gap);
    if (!is_key_id(id)) return fail(ErrorCode::misconfigured, "{}, and the first word is not", id_rule);
    auto bytes = base64_decode(trim(line.substr(gap)));
    if (!bytes) return fail(ErrorCode::misconfigured, "the key of \"{}\" is {}", id, bytes.error().detail);
    Key key{std::string{id}, Secret{std::move(*bytes)}};
    if (const std::size_t size = key.bytes.reveal().size(); size != gcm_key_bytes) {
        return fail(ErrorCode::misconfigured, "the key of \"{}\" has {} bytes instead of {}", id, size,
                    gcm_key_bytes);
    }
    return key;
}

Result<Keyring> Keyring::parse(std::string_view text, std::string_view name) {
    std::vector<Key> keys;
    std::size_t number = 0;
    for (const auto part : std::views::split(text, '\n')) {
        const std::string_view line = trim(std::string_view{part});
        ++number;
        if (line.empty() || line.starts_with('#')) continue;
        auto key = parse_line(line);
        if (!key) return std::unexpected{key.error().within(fmt::format("{}:{}", name, number))};
        if (std::ranges::find(keys, key->id, &Key::id) != keys.end()) {
            return fail(ErrorCode::misconfigured, "{}:{}: the key id \"{}\" stands in the file twice", name,
                        number, key->id);
        }
        keys.push_back(std::move(*key));
    }
    if (keys.empty()) {
        return fail(ErrorCode::misconfigured, "{} has no key: add a line \"<key id> <base64 of 32 bytes>\"",
                    name);
    }
    return Keyring{std::move(keys)};
}

const Keyring::Key* Keyring::find(std::string_view id) const {
    const auto found = std::ranges::find(keys_, id, &Key::id);
    return found == keys_.end() ? nullptr : &*found;
}

std::string Keyring::seal(const Secret& plain, std::string_view context) const {
    const Key& key = keys_.front();
    std::string sealed{format_version, static_cast<char>(key.id.size())};
    sealed.append(key.id).append(place_of(context));
    const std::string associated = associated_data(sealed, context);
    const std::string nonce = random_bytes(gcm_nonce_bytes);
    return sealed.append(nonce).append(gcm_encrypt(key.bytes, nonce, associated, plain));
}

Result<Secret> Keyring::open(std::string_view sealed, std::string_view context) const {
    const auto parts = split(sealed);
    if (!parts) return std::unexpected{parts.error()};
    if (!is_key_id(parts->key_id)) {
        return fail(ErrorCode::misconfigured, "the value is not sealed: it names no key");
    }
    const Key* key = find(parts->key_id);
    if (key == nullptr) {
        return fail(
            ErrorCode::misconfigured,
            "the value is sealed under the key \"{}\", which is not among the keys given: put its line back",
            parts->key_id);
    }
    if (parts->place != place_of(context)) {
        return fail(ErrorCode::misconfigured,
                    "the value was sealed for another place than \"{}\": it has been moved", context);
    }
    auto plain = gcm_decrypt(key->bytes, parts->nonce, associated_data(parts->header, context),
                             parts->ciphertext_and_tag);
    if (!plain) {
        return fail(
            ErrorCode::misconfigured,
            "the sealed value has been tampered with, or the key \"{}\" is not the one that sealed it",
            parts->key_id);
    }
    return std::move(*plain);
}

bool Keyring::needs_reseal(std::string_view sealed) const {
    const auto parts = split(sealed);
    return !parts || parts->key_id != keys_.front().id;
}

Result<Secret> make_key_line(std::string_view key_id) {
    if (!is_key_id(key_id)) return fail(ErrorCode::invalid, "\"{}\" is no key id: {}", key_id, id_rule);
    const Secret bytes{random_bytes(gcm_key_bytes)};
    const Secret text{base64_encode(bytes.reveal())};
    return Secret{fmt::format("{} {}\n", key_id, text.reveal())};
}

}  // namespace tollgate::crypto
