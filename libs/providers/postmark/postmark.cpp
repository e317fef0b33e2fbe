#include "providers/postmark/postmark.hpp"

#include <array>

#include "providers/basic_trust.hpp"
#include "providers/event_places.hpp"
#include "providers/items.hpp"
#include "providers/normalise.hpp"
#include "providers/samples.hpp"
#include "providers/signed_time.hpp"
#include "providers/signing.hpp"

namespace tollgate::providers::postmark {

namespace {

// Each kind has its own; an opening and a click say when they were received.
constexpr std::array<std::string_view, 5> times{"/BouncedAt", "/DeliveredAt", "/ReceivedAt", "/ChangedAt",
                                                "/Date"};

Result<std::vector<Item>> identify(const Trust& /*trust*/, const Received& received,
                                   const Documents& /*documents*/) {
    const auto json = Json::parse(received.body);
    if (!json) return std::unexpected{json.error()};
    JsonFields fields{*json};
    // Mail that came in has none.
    Item item{.type = fields.label("/RecordType").value_or("Inbound")};
    item.event_id = fields.required("/MessageID");
    const auto recipient = first_label(fields, {"/Recipient", "/Email", "/OriginalRecipient"});
    std::string time;
    for (const std::string_view place : times) {
        if (time.empty()) time = fields.label(place).value_or("");
    }
    item.key =
        id_key({*item.event_id, item.type, fields.label("/ID").value_or(""), recipient.value_or(""), time});
    item.fingerprint = fingerprint_of({item.type, json->canonical(json->root())});
    item.account = fields.label("/ServerID");
    item.subject = item.event_id;
    item.ordering_key = item.event_id;
    item.time = read_time(time);
    if (fields.error()) return std::unexpected{*fields.error()};
    return one_item(std::move(item), received);
}

}  // namespace

const Provider& provider() {
    static const std::vector<Sample> samples = samples_of(sample_files());
    static const Provider row{.name = "postmark",
                              .title = "Postmark",
                              .keys_live = std::nullopt,
                              .make_trust = make_basic_trust,
                              .verify = verify_basic,
                              .identify = identify,
                              .normalise = read_nothing,
                              .make_secret = make_hex_secret,
                              .deliver = deliver_basic,
                              .samples = samples};
    return row;
}

}  // namespace tollgate::providers::postmark
