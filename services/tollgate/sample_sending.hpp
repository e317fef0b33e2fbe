// Samples of providers' events, found by name and sent to a source.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/result.hpp"
#include "http/client.hpp"
#include "http/io_threads.hpp"
#include "providers/provider.hpp"

namespace tollgate {

// For who types them.
std::vector<std::string> names_of_providers();
std::vector<std::string> types_of(const std::string& provider);

Result<const providers::Provider*> find_provider(const std::string& name);
Result<const providers::Sample*> find_sample(const providers::Provider& provider, const std::string& type);

// Whoever calls it may call anything from here, so it asks no address whether it is public.
class SampleSender {
public:
    static Result<SampleSender> make();

    Result<http::ClientResponse> post(providers::Delivery delivery, const std::string& to) const;

private:
    explicit SampleSender(http::Client client)
        : client_{std::move(client)}, threads_{std::make_unique<http::IoThreads>(1)} {}

    http::Client client_;
    std::unique_ptr<http::IoThreads> threads_;
};

}  // namespace tollgate
