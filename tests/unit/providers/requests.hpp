// What the tests of providers share: a request that is held, a source's trust, and what a verdict says in
// words.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "providers/catalogue.hpp"
#include "providers/provider.hpp"

namespace tollgate::providers::testing {

constexpr Timestamp noon{std::chrono::seconds{1'764'072'000}};  // 2025-11-25T12:00:00Z

struct Request {
    http::Headers headers;
    std::string body;
    std::string url = "https://pay.example.com/v1/in/acme/source";
    http::Method method = http::Method::post;

    Received received() const { return {.method = method, .url = url, .headers = headers, .body = body}; }
};

const Provider& provider(std::string_view name);

SourceSecret secret(std::string_view value);
Uuid secret_id(int number);

// All but PayPal, in whose name nobody can sign.
std::vector<const Provider*> all_that_sign();

// Whether its requests are lists of events.
bool brings_several(const Provider& provider);
// Whether nothing covers its bytes.
bool sends_its_secret(const Provider& provider);
// Whether each byte of the body is covered, and none of it is the proof.
bool signs_whole_bodies(const Provider& provider);

// The settings with all that a source of that provider needs: how the events of a generic one are told apart.
std::string complete(const Provider& provider, std::string_view settings);

// The settings and secrets must be good. The secrets are valid for ever, the first has secret_id(1).
std::shared_ptr<const Trust> trust(const Provider& provider, std::string_view settings,
                                   std::initializer_list<std::string_view> secrets);

// The error of settings or secrets that are not good; empty if they are.
std::string refusal(const Provider& provider, std::string_view settings,
                    std::initializer_list<std::string_view> secrets = {});

Verdict verify(const Provider& provider, const Trust& trust, const Request& request, Timestamp now = noon);

// "verified", else "proof_wrong: X-Signature: fits none of the secrets".
std::string said(const Verdict& verdict);

// The one event of the request.
Item item(const Provider& provider, const Trust& trust, const Request& request);
// Why there is none.
std::string not_identified(const Provider& provider, const Trust& trust, const Request& request);

// The same of any provider: of PayPal, which alone can sign, without a proof.
Request sent(const Provider& provider, std::string_view settings, std::string_view secret,
             const Sample& sample);

// The bytes of the one event that a sample brings.
std::string own_bytes(const Provider& provider, const Sample& sample);

// A sample as its provider sends it at noon.
Request delivered(const Provider& provider, std::string_view settings, std::string_view secret,
                  const Sample& sample, Timestamp now = noon);
const Sample& sample(const Provider& provider, std::string_view type);

}  // namespace tollgate::providers::testing
