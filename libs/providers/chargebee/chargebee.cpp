#include "providers/chargebee/chargebee.hpp"

#include "providers/basic_trust.hpp"
#include "providers/event_places.hpp"
#include "providers/samples.hpp"
#include "providers/signing.hpp"

namespace tollgate::providers::chargebee {

namespace {

constexpr EventPlaces places{.type = {"/event_type"},
                             .id = {"/id"},
                             .subject = {"/content/transaction/id", "/content/invoice/id",
                                         "/content/subscription/id", "/content/customer/id"},
                             .ordering_key = {"/content/subscription/id", "/content/invoice/subscription_id",
                                              "/content/transaction/subscription_id", "/content/customer/id"},
                             .time = {"/occurred_at"}};

Result<std::vector<Item>> identify(const Trust& /*trust*/, const Received& received,
                                   const Documents& /*documents*/) {
    return identify_by(places, received);
}

}  // namespace

const Provider& provider() {
    static const std::vector<Sample> samples = samples_of(sample_files());
    static const Provider row{.name = "chargebee",
                              .title = "Chargebee",
                              .keys_live = std::nullopt,
                              .make_trust = make_basic_trust,
                              .verify = verify_basic,
                              .identify = identify,
                              .normalise = normalise,
                              .make_secret = make_hex_secret,
                              .deliver = deliver_basic,
                              .samples = samples};
    return row;
}

}  // namespace tollgate::providers::chargebee
