#include "events/without_person.hpp"

#include <catch2/catch.hpp>
#include <google/protobuf/text_format.h>

using namespace tollgate;
using events::PaymentEvent;

namespace {

// Each field that may name a person says so.
PaymentEvent told() {
    PaymentEvent event;
    REQUIRE(google::protobuf::TextFormat::ParseFromString(
        R"(category: CATEGORY_CUSTOMER ordering_key: "cus_1"
           subject { kind: SUBJECT_KIND_CUSTOMER id: "cus_1" description: "Ada" }
           references { payment_id: "pi_1" external_id: "Ada" }
           customer { id: "cus_1" email: "Ada" name: "Ada" company: "Ada" phone: "Ada" country: "Ada" locale: "Ada" }
           company { domain: "Ada" name: "Ada" }
           external_reference: "Ada" cancel_reason: "Ada" card { brand: "Ada" last_four: "Ada" }
           links { kind: LINK_KIND_RECEIPT url: "Ada" } attributes { name: "Ada" value: "Ada" }
           unrecognised { content_type: "Ada" data: "Ada" }
           amount { minor: 9900 currency: "USD" } history { payments: 3 })",
        &event));
    return event;
}

}  // namespace

TEST_CASE("an event without its person says what happened to which id") {
    PaymentEvent event = told();
    events::forget_person(event);
    CHECK_FALSE(event.SerializeAsString().contains("Ada"));
    CHECK(event.customer().id() == "cus_1");
    CHECK(event.subject().id() == "cus_1");
    CHECK(event.references().payment_id() == "pi_1");
    CHECK(event.amount().minor() == 9900);
    CHECK(event.history().payments() == 3);
}

TEST_CASE("a pseudonym stands wherever the id stood, and nowhere else") {
    PaymentEvent event = told();
    events::put_pseudonym(event, "erased-1");
    CHECK_FALSE(event.SerializeAsString().contains("Ada"));
    CHECK_FALSE(event.SerializeAsString().contains("cus_1"));
    CHECK(event.customer().id() == "erased-1");
    CHECK(event.subject().id() == "erased-1");
    CHECK(event.ordering_key() == "erased-1");

    PaymentEvent of_nobody;
    of_nobody.mutable_subject()->set_kind(v1::SUBJECT_KIND_CUSTOMER);
    events::put_pseudonym(of_nobody, "erased-1");
    CHECK(of_nobody.customer().id() == "erased-1");
    CHECK(of_nobody.subject().id().empty());
    CHECK(of_nobody.ordering_key().empty());
}
