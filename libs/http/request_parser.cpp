#include "http/request_parser.hpp"

#include <boost/beast/http/error.hpp>

#include "http/chunks.hpp"

namespace tollgate::http {

namespace beast = boost::beast;
using beast::http::error;
using beast::http::field;

namespace {

std::string_view view(beast::string_view text) {
    return {text.data(), text.size()};
}

// Beast joins such lines with the one before (RFC 9112 5.2); who reads the request before us may not.
bool has_folded_line(std::string_view lines) {
    for (std::size_t end = lines.find('\n'); end < lines.size() - 1; end = lines.find('\n', end + 1)) {
        if (lines[end + 1] == ' ' || lines[end + 1] == '\t') return true;
    }
    return false;
}

Response header_too_large(std::size_t limit) {
    return problem(431, {}, fmt::format("request line and headers may have {} bytes", limit));
}

}  // namespace

RequestParser::RequestParser(std::size_t header_bytes_max) : header_bytes_max_{header_bytes_max} {
    // Beast counts from its last pause, so the limit is kept here, on the sum. The body's depends on the
    // route and is set when the head is known.
    header_limit(static_cast<std::uint32_t>(header_bytes_max + 1));
    body_limit(boost::none);
}

std::size_t RequestParser::empty_lines(std::string_view bytes) {
    std::size_t count = 0;
    while (bytes.substr(count).starts_with("\r\n")) count += 2;
    return count;
}

std::expected<bool, Response> RequestParser::take_head(std::string_view bytes, std::size_t& taken) {
    beast::error_code code;
    taken = put(boost::asio::buffer(bytes), code);
    header_bytes_ += taken;
    // All that is left belongs to the head as long as its end has not come, and at least a byte more: there
    // may be no room for that one in the buffer, and to read into none would not wait.
    const std::size_t seen = is_header_done() ? header_bytes_ : header_bytes_ + bytes.size() - taken + 1;
    if (seen > header_bytes_max_) return std::unexpected{header_too_large(header_bytes_max_)};
    auto done = outcome(code);
    if (!done) return done;
    if (has_folded_line(bytes.substr(0, taken))) {
        return std::unexpected{problem(400, {}, "a header is folded: a line begins with white space")};
    }
    if (!is_header_done()) return false;
    if (auto refusal = check_head()) return std::unexpected{std::move(*refusal)};
    return true;
}

std::expected<bool, Response> RequestParser::take_body(std::string_view bytes, std::size_t& taken) {
    taken = 0;
    if (is_cut_last_chunk(bytes)) return false;
    beast::error_code code;
    taken = put(boost::asio::buffer(bytes), code);
    auto done = outcome(code);
    if (!done) return done;
    return is_done();
}

std::expected<bool, Response> RequestParser::outcome(ErrorCodeOut code) const {
    if (!code || code == error::need_more) return true;
    if (code == error::header_limit) return std::unexpected{header_too_large(header_bytes_max_)};
    if (code == error::body_limit) return std::unexpected{problem(413, {}, "the body is too large")};
    if (code == error::bad_version) return std::unexpected{problem(505, {}, "this is HTTP/1.1")};
    return std::unexpected{problem(400, {}, fmt::format("malformed request: {}", code.message()))};
}

// What Beast lets pass and two parsers in a row might read differently.
std::optional<Response> RequestParser::check_head() const {
    if (hosts_ > 1 || (hosts_ == 0 && version_ == 11)) {
        return problem(400, {}, "a request has exactly one Host");
    }
    if (transfer_coded_ && (version_ != 11 || content_length())) {
        return problem(400, {}, "Transfer-Encoding with Content-Length or HTTP/1.0");
    }
    if (transfer_coded_ && (coded_otherwise_ || !chunked())) {
        return problem(501, {}, "the only Transfer-Encoding understood is chunked");
    }
    if (expects_otherwise_) return problem(417, {}, "the only expectation understood is 100-continue");
    return std::nullopt;
}

void RequestParser::on_request_impl(beast::http::verb, beast::string_view method, beast::string_view target,
                                    int version, ErrorCodeOut) {
    request_.method = method_of(view(method));
    version_ = version;
    std::string_view path = view(target);
    // The absolute form, which proxies use and every server must take: only its path matters to us.
    if (path.starts_with("http://") || path.starts_with("https://")) {
        path.remove_prefix(path.find("://") + 3);
        const std::size_t slash = path.find_first_of("/?");
        path = slash == std::string_view::npos ? "/" : path.substr(slash);
        if (path.starts_with('?')) request_.target = "/";
    }
    request_.target += path;
}

void RequestParser::on_field_impl(field field, beast::string_view name, beast::string_view value,
                                  ErrorCodeOut) {
    if (in_trailers_) return;
    if (field == field::host) ++hosts_;
    if (field == field::transfer_encoding) {
        transfer_coded_ = true;
        coded_otherwise_ = coded_otherwise_ || !equal_ignoring_case(view(value), "chunked");
    }
    if (field == field::expect) {
        const bool known = equal_ignoring_case(view(value), "100-continue");
        expects_continue_ = expects_continue_ || (known && version_ == 11);
        expects_otherwise_ = expects_otherwise_ || !known;
    }
    request_.headers.add(view(name), view(value));
}

void RequestParser::on_chunk_header_impl(std::uint64_t, beast::string_view extension, ErrorCodeOut code) {
    if (!is_plain_extension(view(extension))) code = error::bad_chunk_extension;
}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, beast::string_view bytes, ErrorCodeOut) {
    request_.body.append(bytes.data(), bytes.size());
    return bytes.size();
}

}  // namespace tollgate::http
