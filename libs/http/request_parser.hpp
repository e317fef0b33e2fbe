// Beast's HTTP/1 parser, filling a Request directly. Only sources of this folder include it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include <boost/beast/http/basic_parser.hpp>

#include "http/request.hpp"
#include "http/response.hpp"

namespace tollgate::http {

class RequestParser final : public boost::beast::http::basic_parser<true> {
public:
    using ErrorCodeOut = boost::beast::error_code&;

    explicit RequestParser(std::size_t header_bytes_max);

    // RFC 9112 2.2: how many bytes of empty lines to pass over before a request, for clients that end a body
    // with one.
    static std::size_t empty_lines(std::string_view bytes);

    // Of the bytes given, of which there is at least one, takes what belongs to the head. False: more bytes
    // are needed. An error is the answer to give.
    std::expected<bool, Response> take_head(std::string_view bytes, std::size_t& taken);
    // The same for a chunked body; true when it is complete.
    std::expected<bool, Response> take_body(std::string_view bytes, std::size_t& taken);

    Request& request() { return request_; }
    // HTTP/1.0 connections are closed after their answer: who still speaks it expects that.
    bool wants_keep_alive() const { return version_ == 11 && keep_alive(); }
    bool expects_continue() const { return expects_continue_; }

private:
    std::optional<Response> check_head() const;
    std::expected<bool, Response> outcome(ErrorCodeOut code) const;

    void on_request_impl(boost::beast::http::verb verb, boost::beast::string_view method,
                         boost::beast::string_view target, int version, ErrorCodeOut error) override;
    void on_response_impl(int, boost::beast::string_view, int, ErrorCodeOut) override {}
    void on_field_impl(boost::beast::http::field field, boost::beast::string_view name,
                       boost::beast::string_view value, ErrorCodeOut error) override;
    void on_header_impl(ErrorCodeOut) override { in_trailers_ = true; }
    void on_body_init_impl(const boost::optional<std::uint64_t>&, ErrorCodeOut) override {}
    std::size_t on_body_impl(boost::beast::string_view, ErrorCodeOut) override { return 0; }
    void on_chunk_header_impl(std::uint64_t, boost::beast::string_view extension,
                              ErrorCodeOut error) override;
    std::size_t on_chunk_body_impl(std::uint64_t remain, boost::beast::string_view bytes,
                                   ErrorCodeOut error) override;
    void on_finish_impl(ErrorCodeOut) override {}

    const std::size_t header_bytes_max_;
    std::size_t header_bytes_ = 0;
    Request request_;
    int version_ = 11;
    unsigned hosts_ = 0;
    bool transfer_coded_ = false;   // by anything at all
    bool coded_otherwise_ = false;  // by anything but chunks
    bool expects_continue_ = false;
    bool expects_otherwise_ = false;
    bool in_trailers_ = false;
};

}  // namespace tollgate::http
