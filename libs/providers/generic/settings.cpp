#include <algorithm>

#include "providers/generic/generic.hpp"
#include "providers/settings_reader.hpp"

namespace tollgate::providers::generic {

namespace {

constexpr std::string_view header_prefix = "header:";
constexpr std::string_view part_prefix = "part:";

bool is_header_name(std::string_view name) {
    return http::is_sendable({.name = name, .value = ""});
}

std::optional<Piece> placeholder(std::string_view name) {
    if (name == "body") return Piece{.kind = Piece::Kind::body};
    if (name == "timestamp") return Piece{.kind = Piece::Kind::timestamp};
    if (name == "url") return Piece{.kind = Piece::Kind::url};
    if (!name.starts_with(header_prefix)) return std::nullopt;
    name.remove_prefix(header_prefix.size());
    if (!is_header_name(name)) return std::nullopt;
    return Piece{.kind = Piece::Kind::header, .text = std::string{name}};
}

bool has(const std::vector<Piece>& pieces, Piece::Kind kind) {
    return std::ranges::find(pieces, kind, &Piece::kind) != pieces.end();
}

std::vector<Piece> read_template(SettingsReader& reader) {
    const std::string text = reader.text("signed").value_or("{body}");
    std::string_view rest = text;
    std::vector<Piece> pieces;
    while (!rest.empty()) {
        const std::size_t open = std::min(rest.find('{'), rest.size());
        if (open > 0)
            pieces.push_back({.kind = Piece::Kind::literal, .text = std::string{rest.substr(0, open)}});
        rest.remove_prefix(open);
        if (rest.empty()) break;
        const std::size_t close = rest.find('}');
        const auto piece =
            close == std::string_view::npos ? std::nullopt : placeholder(rest.substr(1, close - 1));
        if (!piece) {
            reader.wrong("signed",
                         "may hold {body}, {timestamp}, {url} and {header:NAME}, and no other brace");
            return pieces;
        }
        pieces.push_back(*piece);
        rest.remove_prefix(close + 1);
    }
    if (!has(pieces, Piece::Kind::body))
        reader.wrong("signed", "has no {body}, so nothing would cover the event");
    return pieces;
}

std::optional<Place> read_place(SettingsReader& reader, std::string_view field, bool pointer_may) {
    const auto text = reader.text(field);
    if (!text) return std::nullopt;
    const std::string_view view = *text;
    if (pointer_may && view.starts_with('/')) return Place{.kind = Place::Kind::pointer, .name = *text};
    if (view.starts_with(header_prefix) && is_header_name(view.substr(header_prefix.size()))) {
        return Place{.kind = Place::Kind::header, .name = std::string{view.substr(header_prefix.size())}};
    }
    if (!pointer_may && view.starts_with(part_prefix) && view.size() > part_prefix.size()) {
        return Place{.kind = Place::Kind::part, .name = std::string{view.substr(part_prefix.size())}};
    }
    reader.wrong(field, pointer_may ? "must be a JSON pointer such as /data/id, or header:NAME"
                                    : "must be header:NAME, or part:NAME");
    return std::nullopt;
}

void read_timestamp(SettingsReader& reader, HmacSettings& hmac) {
    hmac.timestamp = read_place(reader, "timestamp", false);
    hmac.timestamp_format =
        static_cast<TimeFormat>(reader.one_of("timestamp_format", {"seconds", "milliseconds", "rfc3339"}));
    hmac.tolerance = read_tolerance(reader);
    const bool is_signed = has(hmac.pieces, Piece::Kind::timestamp);
    if (is_signed && !hmac.timestamp) {
        reader.wrong("timestamp", "is missing: \"signed\" has a {timestamp}, and this says where it stands");
    }
    if (!is_signed && hmac.timestamp) {
        reader.wrong(
            "timestamp",
            "is not among the signed bytes, so anybody could change it: put {timestamp} into \"signed\"");
    }
    for (const std::string_view field : {"timestamp_format", "tolerance"}) {
        if (!is_signed && reader.has(field)) reader.wrong(field, "needs a {timestamp} in \"signed\"");
    }
    if (hmac.timestamp && hmac.timestamp->kind == Place::Kind::part && !hmac.part) {
        reader.wrong("timestamp", "is a part of the header: \"part\" must name the signature's");
    }
}

HmacSettings read_hmac(SettingsReader& reader) {
    HmacSettings hmac;
    hmac.hash =
        std::array{crypto::HmacHash::sha256, crypto::HmacHash::sha1,
                   crypto::HmacHash::sha512}[reader.one_of("algorithm", {"sha256", "sha1", "sha512"})];
    hmac.encoding = reader.one_of("encoding", {"hex", "base64"}) == 0 ? Encoding::hex : Encoding::base64;
    hmac.secret_encoding = reader.one_of("secret_encoding", {"text", "hex", "base64"});
    hmac.pieces = read_template(reader);
    hmac.part = reader.text("part");
    hmac.separator = reader.one_of("separator", {",", ";"}) == 0 ? "," : ";";
    if (!hmac.part && reader.has("separator")) reader.wrong("separator", "needs \"part\"");
    read_timestamp(reader, hmac);
    return hmac;
}

}  // namespace

Result<GenericSettings> read_settings(std::string_view settings) {
    auto reader = SettingsReader::parse(settings);
    if (!reader) return std::unexpected{reader.error()};
    GenericSettings read;
    read.how = static_cast<How>(reader->one_of("proof", {"hmac", "token", "basic"}));
    if (read.how == How::hmac) read.hmac = read_hmac(*reader);
    if (read.how == How::basic) {
        read.user = reader->text("user").value_or("");
        if (!is_basic_user(read.user)) reader->wrong("user", "must be the user's name, without a colon");
    } else {
        read.header = reader->text("header").value_or(read.how == How::hmac ? "X-Signature" : "");
        if (!is_header_name(read.header)) reader->wrong("header", "must be the name of a header");
        read.prefix = reader->text("prefix").value_or("");
    }
    read.id = read_place(*reader, "id", true);
    read.type = read_place(*reader, "type", true);
    read.time = read_place(*reader, "time", true);
    read.account = read_place(*reader, "account", true);
    read.subject = read_place(*reader, "subject", true);
    read.ordering_key = read_place(*reader, "ordering_key", true);
    read.body_is_unique = reader->boolean("body_is_unique", false);
    if (!read.id && !read.body_is_unique) {
        reader->wrong(
            "id",
            "is missing: say where an event's id stands, as \"/id\" or \"header:X-Event-Id\"; or set "
            "\"body_is_unique\" to true if no two events ever have the same body, because then a body "
            "that comes again is taken for a repeat");
    }
    if (const auto good = reader->finish(); !good) return std::unexpected{good.error()};
    return read;
}

}  // namespace tollgate::providers::generic
