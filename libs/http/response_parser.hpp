// Beast's HTTP/1 parser, filling a ClientResponse within limits. Only sources of this folder include it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include "http/client.hpp"

namespace tollgate::http {

class ResponseParser final : public boost::beast::http::basic_parser<false> {
public:
    using ErrorCodeOut = boost::beast::error_code&;
    using Text = boost::beast::string_view;

    ResponseParser(std::size_t header_bytes_max, std::size_t body_bytes_max, bool without_body)
        : header_bytes_max_{header_bytes_max}, body_bytes_max_{body_bytes_max} {
        header_limit(static_cast<std::uint32_t>(header_bytes_max));
        body_limit(boost::none);
        skip(without_body);
    }

    ClientResponse& response() { return response_; }
    bool over_body_limit() const { return over_body_limit_; }

private:
    void on_request_impl(boost::beast::http::verb, Text, Text, int, ErrorCodeOut) override {}
    void on_response_impl(int status, Text, int, ErrorCodeOut) override { response_.status = status; }
    void on_field_impl(boost::beast::http::field, Text name, Text value, ErrorCodeOut error) override {
        if (in_trailers_) return;
        // Beast's own limit begins anew whenever it has waited for more: this one is on the sum.
        header_bytes_ += name.size() + value.size();
        if (header_bytes_ > header_bytes_max_) error = boost::beast::http::error::header_limit;
        response_.headers.add({name.data(), name.size()}, {value.data(), value.size()});
    }
    void on_header_impl(ErrorCodeOut) override { in_trailers_ = true; }
    void on_body_init_impl(const boost::optional<std::uint64_t>&, ErrorCodeOut) override {}
    std::size_t on_body_impl(Text bytes, ErrorCodeOut) override { return take(bytes); }
    void on_chunk_header_impl(std::uint64_t, Text, ErrorCodeOut) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, Text bytes, ErrorCodeOut) override { return take(bytes); }
    void on_finish_impl(ErrorCodeOut) override {}

    std::size_t take(Text bytes) {
        const std::size_t room = body_bytes_max_ - response_.body.size();
        over_body_limit_ = over_body_limit_ || bytes.size() > room;
        response_.body.append(bytes.data(), std::min(bytes.size(), room));
        return bytes.size();
    }

    const std::size_t header_bytes_max_;
    const std::size_t body_bytes_max_;
    std::size_t header_bytes_ = 0;  // names and values of fields
    ClientResponse response_;
    bool over_body_limit_ = false;
    bool in_trailers_ = false;
};

}  // namespace tollgate::http
