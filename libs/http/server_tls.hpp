// The server's certificate, read again when its files change, so that a renewed one needs no restart.
// Only sources of this folder include it.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>

#include <boost/asio/ssl/context.hpp>

#include "core/result.hpp"
#include "http/server.hpp"

namespace tollgate::http {

class ServerTls {
public:
    using Context = std::shared_ptr<boost::asio::ssl::context>;

    static Result<std::unique_ptr<ServerTls>> load(const TlsSettings& settings);

    // For a connection that begins now. Looks at the files at most once a second; a new pair that cannot be
    // used is logged, and the old one stays. Not thread-safe: the one that accepts calls it.
    Context current();

private:
    struct Times {
        std::filesystem::file_time_type certificate;
        std::filesystem::file_time_type key;
        bool operator==(const Times&) const = default;
    };

    ServerTls(TlsSettings settings, Context context, Times times);
    static Result<Context> read(const TlsSettings& settings);
    void tell_end() const;
    static Result<Times> times_of(const TlsSettings& settings);

    TlsSettings settings_;
    Context context_;
    Times times_;
    std::chrono::steady_clock::time_point looked_;
};

}  // namespace tollgate::http
