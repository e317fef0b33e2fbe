// All that Tollgate knows of a provider, as a row of functions; a folder each, and the rows in catalogue.hpp.
// A provider does no I/O and keeps nothing between calls that would change an answer: what it needs of a
// source it prepares once, as a Trust.
//
//   make_trust -> verify -> identify, and on what is stored of an event: normalise
//
// Safe from any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/clock.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"
#include "core/uuid.hpp"
#include "http/headers.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

namespace tollgate::v1 {
class PaymentEvent;
}

namespace tollgate::providers {

// A request as it was received; nothing of it is decoded. The views live as long as the request.
struct Received {
    http::Method method = http::Method::post;
    std::string_view url;  // as the sender wrote it: public scheme and host, path and query
    const http::Headers& headers;
    std::string_view body;
};

// One of a source's secrets, or its public key; several may be valid at a time.
struct SourceSecret {
    Uuid id;  // all zeros while it is not stored
    Secret value;
    Timestamp valid_from = Timestamp::min();
    Timestamp valid_until = Timestamp::max();  // not any more at this time
};

// What one source is verified with: its secrets, prepared, and its settings, read. Only its own provider
// looks inside. Made anew when the source or its secrets change.
class Trust {
public:
    Trust() = default;
    Trust(const Trust&) = delete;
    Trust& operator=(const Trust&) = delete;
    virtual ~Trust() = default;

    // Whether the proof covers the URL, so that it must be known as the sender wrote it.
    virtual bool needs_url() const { return false; }
};

struct Document {
    std::string text;
    std::optional<Uuid> secret{};  // which of the source's it was given for
};

// What was fetched because `verify` asked for it, by URL.
using Documents = std::map<std::string, Document, std::less<>>;

// How a request showed that it is the provider's.
enum class Proof {
    signature,  // over the bytes
    token,      // a secret sent along: nothing covers the bytes
    fetched,    // it was read back from the provider
    none,       // only where the process was told to take such
};
std::string_view name(Proof proof);

struct Verified {
    Proof proof = Proof::signature;
    std::optional<Uuid> secret;  // which of the source's secrets it was
};

// Why a request is not believed: a closed set, fit for a label.
enum class Reason {
    no_secret,        // none of the source's secrets is valid now
    proof_missing,    // what should carry the proof is not there
    proof_malformed,  // it is there, and cannot be one
    proof_unknown,    // only of versions or algorithms that are not accepted
    proof_wrong,      // it fits none of the secrets
    too_old,          // the signed time is further back than is tolerated
    too_new,          // further ahead
    wrong_account,    // signed, and for another account than the source's
    document_wrong,   // what was fetched does not vouch for it
};
std::string_view name(Reason reason);

// For the log and the operator, never for the sender: `where` names the header or the field, what was
// expected of it, and what it was like; never a secret or a signature that would have been right.
struct Refused {
    Reason reason;
    std::string where;
};

// `verify` cannot tell without this. Who asks fetches it, within a time limit and with a cache, and calls
// again with it among the documents. The host is the provider's own, checked by the provider.
struct DocumentRequest {
    struct Authorization {
        Uuid secret;
        Secret value;
    };

    std::string url;
    std::chrono::seconds keep{std::chrono::hours{1}};  // how long it may be used again; 0: once
    // Sent along, the next one where the host has no such document for one; what comes is then not kept.
    std::vector<Authorization> authorizations{};
};

// A question of the provider's that is answered on the spot and is no event (Slack's and Braintree's
// challenge).
struct Answer {
    http::Response response;
};

using Verdict = std::variant<Verified, Refused, DocumentRequest, Answer>;

enum class Mode { unknown, live, test };
std::string_view name(Mode mode);

// One event of a verified request.
struct Item {
    std::string type;  // the provider's own name of it
    // What makes it the same event when it comes again: the provider's id of it, or what stands in for one.
    std::string key;
    // Where the signature does not cover that id and the provider declares it safe: what else an event that
    // was sent before can be known by, so that a captured body is not taken again under another id.
    std::optional<std::string> second_key;
    // Differs between two events that have one key and should not; equal for honest repeats of one event,
    // also where a repeat's bytes differ (a counter of deliveries).
    std::string fingerprint;
    std::optional<std::string> event_id;  // the provider's, to be shown and searched
    std::optional<std::string> account;
    Mode mode = Mode::unknown;
    std::optional<std::string> subject;       // what it is about: "sub_123"
    std::optional<std::string> ordering_key;  // events with the same one keep their order on the bus
    std::optional<Timestamp> time;            // when it happened, as the provider says
    // Why it has no subject or ordering key although one was sent, which no table takes.
    std::vector<std::string> left_out{};
    // Which bytes of the body are this event; all of them where a request is one event.
    std::size_t offset = 0;
    std::size_t length = 0;
    // What the events are, as JSON, where that was fetched: kept in place of a body that only says where to
    // look. Of the first of them; offset and length are of this then.
    std::optional<std::string> content{};
};

// An event as it is stored and goes over the bus. Empty is what it does not have.
struct RawEvent {
    std::string_view source;    // its slug
    std::string_view settings;  // the source's JSON object
    std::string_view type;      // as identified, and so are the next five
    std::string_view event_id;
    std::string_view account;
    std::string_view mode;  // name(Mode)
    std::string_view subject;
    std::string_view ordering_key;
    std::optional<Timestamp> time;
    std::string_view proof;  // name(Proof)
    std::string_view content_type;
    std::string_view body;  // the event's own bytes
};

// Among what an id of one of the provider's objects (a payment, a customer) belongs to one object only.
enum class UniqueIds {
    everywhere,  // whatever account it is of: two sources of one account tell of the same objects
    in_account,  // the provider numbers them by account, and what proves an event covers which that is
    in_source,   // nothing that is proven says more than which source it came to
};

// A request such as the provider would send, ready to be sent.
struct Delivery {
    http::Headers headers;
    std::string body;
};

struct Sample {
    std::string_view type;
    std::string_view body;    // made up, of the provider's shape
    http::Headers headers{};  // beside those of the signature: "X-Shopify-Topic"
    std::string_view url{};   // where it will be sent, for who signs that
};

struct Provider {
    std::string_view name;   // "stripe": in URLs, tables and labels
    std::string_view title;  // "Stripe"
    std::size_t body_bytes_max = std::size_t{1} << 20U;
    // How long a dedupe key must be remembered: beyond it the signed time is too old. For ever where no time
    // is signed.
    std::optional<std::chrono::hours> keys_live;
    // Whether it asks a question of a new URL by GET, which `verify` then answers.
    bool asks_by_get = false;
    // The careful answer unless the provider is known to do better: what is wrongly kept apart is noticed,
    // what is wrongly taken for one is lost.
    UniqueIds unique_ids = UniqueIds::in_source;
    // What it must read in our answer before it sends the next; empty: nothing, and it is told our receipt.
    std::string_view must_read{};

    // `settings` is the source's JSON object. Errors are told to the operator who sets it, naming the field:
    // an unknown one, or a secret that cannot be one ("begins with sk_: that is an API key ..."). No secrets
    // is no error; such a source refuses everything (no_secret).
    Result<std::shared_ptr<const Trust>> (*make_trust)(std::string_view settings,
                                                       std::span<const SourceSecret> secrets);
    // Over the raw bytes, in constant time. Never throws, whatever the bytes.
    Verdict (*verify)(const Trust& trust, const Received& received, Timestamp now,
                      const Documents& documents);
    // The events of a request that is verified: at least one. An error is `invalid` and says what the body
    // lacks; its sender knows the secret, so it is told to him.
    Result<std::vector<Item>> (*identify)(const Trust& trust, const Received& received,
                                          const Documents& documents);

    // What the body tells, in our own words; `normalise` in normalise.hpp adds what is known of any event.
    // Without a category for a type that the provider's folder does not know. What is missing or of another
    // type than it should be is left out; what would make money wrong is `invalid`, and the sentence names
    // where it stands. Never throws, whatever the bytes.
    Result<v1::PaymentEvent> (*normalise)(const RawEvent& raw);

    // A secret of the kind that the provider itself would give.
    Secret (*make_secret)();
    // Why nobody else can sign in its name; empty: who knows a secret of it can.
    std::string_view why_not_sent{};
    // Signs a body as the provider does at that time: for samples, tests and load. `invalid` for a secret
    // that cannot sign (a public key), and where nobody can.
    Result<Delivery> (*deliver)(std::string_view settings, const Secret& secret, const Sample& sample,
                                Timestamp now);
    std::span<const Sample> samples;
};

}  // namespace tollgate::providers
