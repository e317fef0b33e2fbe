#include "telemetry/redaction.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "telemetry/token_shapes.hpp"

namespace tollgate::telemetry {

namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::string_view replacement = "[redacted]";

// Without the underscores and dashes that some write between the words.
constexpr auto secret_words = std::to_array<std::string_view>(
    {"secret", "password", "passwd", "passphrase", "token", "authorization", "cookie", "apikey", "signature",
     "privatekey", "sealkey", "accesskey", "credential", "credentials"});

// Also what sentences are about ("unexpected token: }"), unlike "client_secret" or "password".
constexpr auto ordinary_words =
    std::to_array<std::string_view>({"secret", "token", "signature", "credential", "credentials"});

// What a URL in a sentence or in JSON does not contain.
constexpr std::string_view word_ends = " \t\r\n\"";

constexpr auto schemes = std::to_array<std::string_view>({"bearer ", "basic "});

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

bool is_quote(char c) {
    return c == '"' || c == '\'' || c == '`';
}

bool belongs_to_name(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
}

std::string lower(std::string_view text) {
    std::string lower{text};
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
    return lower;
}

std::string in_one_word(std::string_view name) {
    std::string word = lower(name);
    std::erase_if(word, [](char c) { return c == '_' || c == '-'; });
    return word;
}

// Where the next of some characters is. Asked from places that only grow, it looks at each byte once.
class Next {
public:
    Next(std::string_view text, std::string_view wanted) : text_{text}, wanted_{wanted} {}

    std::size_t from(std::size_t at) {
        if (!found_ || *found_ < at) found_ = std::min(text_.find_first_of(wanted_, at), text_.size());
        return *found_;
    }

private:
    std::string_view text_;
    std::string_view wanted_;
    std::optional<std::size_t> found_;
};

struct Part {
    std::size_t begin = 0;
    std::size_t end = 0;

    bool empty() const { return begin >= end; }
};

// The name to the left of '=' or ':'.
struct Key {
    std::string word;
    bool quoted = false;
    bool of_a_property = false;  // "sasl.password": such names begin sentences of ours

    bool names_a_secret() const {
        return std::ranges::any_of(secret_words,
                                   [this](std::string_view secret) { return word.ends_with(secret); });
    }
    bool may_begin_a_sentence() const {
        return quoted || of_a_property || std::ranges::find(ordinary_words, word) != ordinary_words.end();
    }
    // The rest of the line is the secret.
    bool is_header_with_parts() const {
        return !quoted && (word.ends_with("authorization") || word.ends_with("cookie"));
    }
};

class Redactor {
public:
    explicit Redactor(std::string_view text) : text_{text} { out_.reserve(text.size()); }

    std::string run() {
        while (at_ < text_.size()) {
            const Part secret = secret_here();
            if (secret.empty()) {
                out_.push_back(text_[at_++]);
            } else {
                out_.append(text_.substr(at_, secret.begin - at_)).append(replacement);
                at_ = secret.end;
            }
        }
        return std::move(out_);
    }

private:
    // Empty, or to be replaced; what lies between here and there stays.
    Part secret_here() {
        if (const Token token = token_at(text_, at_); token.secret > 0) {
            return {.begin = at_ + token.prefix, .end = at_ + token.prefix + token.secret};
        }
        if (text_[at_] != ':' && text_[at_] != '=') return {};
        const Part password = text_.substr(at_).starts_with("://") ? password_in_url(at_ + 3) : Part{};
        return password.empty() ? assigned() : password;
    }

    Part password_in_url(std::size_t authority);
    std::size_t last_at_sign(std::size_t begin, std::size_t end);
    std::size_t host_after_blanks(std::size_t from);
    bool is_port(std::size_t at) const;

    Part assigned();
    Key key() const;
    Part quoted_value(std::size_t begin) const;
    Part plain_value(std::size_t begin) const;
    std::size_t skip_blanks(std::size_t at) const {
        return std::min(text_.find_first_not_of(" \t", at), text_.size());
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::string out_;
    Next colon_{text_, ":"};
    Next at_sign_{text_, "@"};
    Next word_end_{text_, word_ends};
    Next quote_or_line_end_{text_, "\"\n"};
    // The word that ends there, and its last '@'.
    std::size_t known_word_end_ = npos;
    std::size_t known_at_sign_ = npos;
};

// In "scheme://user:password@host" the password, `authority` being where the user begins.
Part Redactor::password_in_url(std::size_t authority) {
    const std::size_t word_end = word_end_.from(authority);
    const std::size_t colon = colon_.from(authority);
    if (colon >= word_end || text_[authority] == '[') return {};  // '[' begins an address, and no user
    // A password may itself contain '@' or '/', unescaped by mistake: the last '@' before a blank decides.
    std::size_t host = last_at_sign(authority, word_end);
    const bool may_go_on = colon + 1 < word_end && !is_port(colon + 1) &&
                           !text_.substr(authority, colon - authority).contains('/');
    if (host == npos && may_go_on) host = host_after_blanks(word_end);
    if (host == npos || host < colon) return {};
    // Our own hints show where the password goes.
    const std::string_view password = text_.substr(colon + 1, host - colon - 1);
    if (password == "password" || password == "PASSWORD") return {};
    // Some give a token for the user.
    const Token user = token_at(text_, authority);
    return {.begin = user.secret > 0 ? authority + user.prefix : colon + 1, .end = host};
}

std::size_t Redactor::last_at_sign(std::size_t begin, std::size_t end) {
    if (end != known_word_end_) {
        const std::size_t found = text_.substr(begin, end - begin).rfind('@');
        known_at_sign_ = found == npos ? npos : begin + found;
        known_word_end_ = end;
    }
    return known_at_sign_ >= begin ? known_at_sign_ : npos;
}

// The '@' of a password that contains blanks; on the same line, and not past the quotes round a URL.
std::size_t Redactor::host_after_blanks(std::size_t from) {
    const std::size_t first = at_sign_.from(from);
    if (first >= quote_or_line_end_.from(from)) return npos;
    const std::size_t end = std::min(text_.find_first_of(word_ends, first), text_.size());
    return first + text_.substr(first, end - first).rfind('@');
}

bool Redactor::is_port(std::size_t at) const {
    const std::string_view digits = text_.substr(at, 6);
    const std::size_t length = std::min(digits.find_first_not_of("0123456789"), digits.size());
    constexpr std::string_view behind_a_port = " \t\r\n/?#,;.:)]}>'\"";
    return length > 0 && length <= 5 && (length == digits.size() || behind_a_port.contains(digits[length]));
}

Key Redactor::key() const {
    std::size_t end = at_;
    while (end > 0 && is_blank(text_[end - 1])) --end;
    const bool quoted = end > 0 && is_quote(text_[end - 1]);
    if (quoted) --end;
    while (quoted && end > 0 && text_[end - 1] == '\\') --end;  // JSON within a text of JSON
    // Longer names are the same by their ends.
    constexpr std::size_t longest = 64;
    std::size_t begin = end;
    while (begin > 0 && end - begin < longest && belongs_to_name(text_[begin - 1])) --begin;
    const std::string_view name = text_.substr(begin, end - begin);
    if (text_.substr(0, begin).ends_with("//")) return {};  // a host and its port
    return {.word = in_one_word(name), .quoted = quoted, .of_a_property = name.contains('.')};
}

// What stands after "password=", "client_secret" : or "Authorization:".
Part Redactor::assigned() {
    const std::string_view rest = text_.substr(at_ + 1);
    const bool only_named = text_[at_] == ':' && !rest.starts_with('=');
    if (only_named && (rest.starts_with(':') || rest.starts_with("//"))) return {};
    const Key name = key();
    if (!name.names_a_secret()) return {};
    const bool two = rest.starts_with('=') || rest.starts_with('>');  // := == =>
    std::size_t begin = skip_blanks(at_ + (two ? 2 : 1));
    if (const Part quoted = quoted_value(begin); !quoted.empty()) return quoted;
    for (const std::string_view scheme : schemes) {
        if (lower(text_.substr(begin, scheme.size())) == scheme) begin = skip_blanks(begin + scheme.size());
    }
    Part value = plain_value(begin);
    if (only_named && name.is_header_with_parts()) {
        value.end = std::min(text_.find_first_of("\"\r\n", begin), text_.size());
    } else if (only_named && name.may_begin_a_sentence() &&
               !looks_made_up(text_.substr(value.begin, value.end - value.begin))) {
        return {};
    }
    return value;
}

// Empty if none begins here. One that does not end takes the rest of the line.
Part Redactor::quoted_value(std::size_t begin) const {
    const std::size_t mark = std::min(text_.find_first_not_of('\\', begin), text_.size());
    if (mark == text_.size() || !is_quote(text_[mark])) return {};
    // Within a text of JSON the quotes have backslashes themselves, and one that belongs to the value has
    // more of them: these many make one that is not escaped any further.
    const std::size_t backslashes = mark - begin;
    std::size_t run = 0;
    for (std::size_t at = mark + 1; at < text_.size() && text_[at] != '\n'; ++at) {
        const bool closes = text_[at] == text_[mark] && run % (2 * (backslashes + 1)) == backslashes;
        run = text_[at] == '\\' ? run + 1 : 0;
        if (!closes) continue;
        if (!text_.substr(at).starts_with("''")) return {.begin = mark + 1, .end = at - backslashes};
        ++at;  // how SQL writes one quote within two
    }
    return {.begin = mark + 1, .end = std::min(text_.find('\n', mark), text_.size())};
}

Part Redactor::plain_value(std::size_t begin) const {
    std::size_t end = begin;
    while (end < text_.size()) {
        const std::string_view rest = text_.substr(end);
        if (rest.starts_with("\\ ")) {  // how libpq takes a blank without quotes
            end += 2;
            continue;
        }
        if (is_blank(rest.front()) || rest.starts_with("\\\"")) break;
        if (std::string_view{"&\"\r\n"}.contains(rest.front())) break;
        ++end;
    }
    return {.begin = begin, .end = end};
}

}  // namespace

bool names_a_secret(std::string_view key) {
    const std::string word = in_one_word(key);
    return std::ranges::any_of(secret_words, [&](std::string_view secret) { return word.contains(secret); });
}

std::string redact(std::string_view text) {
    return Redactor{text}.run();
}

}  // namespace tollgate::telemetry
