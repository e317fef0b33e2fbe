#include "http/server_tls.hpp"

#include <ctime>
#include <utility>

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "telemetry/log.hpp"

namespace tollgate::http {

namespace ssl = boost::asio::ssl;
namespace log = telemetry::log;

ServerTls::ServerTls(TlsSettings settings, Context context, Times times)
    : settings_{std::move(settings)},
      context_{std::move(context)},
      times_{times},
      looked_{std::chrono::steady_clock::now()} {
    tell_end();
}

Result<std::unique_ptr<ServerTls>> ServerTls::load(const TlsSettings& settings) {
    // The times first: what changes between the two steps is then seen at the next look.
    const auto times = times_of(settings);
    if (!times) return std::unexpected{times.error()};
    auto context = read(settings);
    if (!context) return std::unexpected{context.error()};
    return std::unique_ptr<ServerTls>{new ServerTls{settings, std::move(*context), *times}};
}

ServerTls::Context ServerTls::current() {
    const auto now = std::chrono::steady_clock::now();
    if (now - looked_ < std::chrono::seconds{1}) return context_;
    looked_ = now;
    const auto times = times_of(settings_);
    if (times && *times == times_) return context_;
    auto context = times ? read(settings_) : Result<Context>{std::unexpected{times.error()}};
    if (!context) {
        log::error("the renewed certificate cannot be used, the old one stays", {{"error", context.error()}});
        return context_;
    }
    log::info("the certificate was renewed", {{"file", settings_.certificate_file}});
    times_ = *times;
    context_ = std::move(*context);
    tell_end();
    return context_;
}

void ServerTls::tell_end() const {
    if (!settings_.taken_up) return;
    const X509* const certificate = SSL_CTX_get0_certificate(context_->native_handle());
    std::tm end{};
    if (certificate == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) != 1) return;
    settings_.taken_up(std::chrono::time_point_cast<Timestamp::duration>(
        std::chrono::system_clock::from_time_t(timegm(&end))));
}

Result<ServerTls::Context> ServerTls::read(const TlsSettings& settings) {
    auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
    boost::system::error_code error;
    context->use_certificate_chain_file(settings.certificate_file, error);
    boost::system::error_code ignored;
    // OpenSSL would ask the terminal for an encrypted key's password, and wait.
    context->set_password_callback([](std::size_t, ssl::context::password_purpose) { return std::string{}; },
                                   ignored);
    if (!error) context->use_private_key_file(settings.key_file, ssl::context::pem, error);
    const bool fits = !error && SSL_CTX_check_private_key(context->native_handle()) == 1 &&
                      SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION) == 1;
    if (fits) return context;
    return fail(ErrorCode::misconfigured, "certificate {} with key {} cannot be used: {}",
                settings.certificate_file, settings.key_file,
                error ? error.message() : "they do not belong together");
}

Result<ServerTls::Times> ServerTls::times_of(const TlsSettings& settings) {
    std::error_code error;
    Times times{};
    times.certificate = std::filesystem::last_write_time(settings.certificate_file, error);
    if (!error) times.key = std::filesystem::last_write_time(settings.key_file, error);
    if (!error) return times;
    return fail(ErrorCode::misconfigured, "certificate {} or key {} cannot be read: {}",
                settings.certificate_file, settings.key_file, error.message());
}

}  // namespace tollgate::http
