#include "events/without_person.hpp"

#include <string>
#include <utility>

namespace tollgate::events {

void forget_person(PaymentEvent& event) {
    if (event.has_customer()) {
        std::string id = event.customer().id();
        event.mutable_customer()->Clear();
        event.mutable_customer()->set_id(std::move(id));
    }
    if (event.has_subject()) event.mutable_subject()->clear_description();
    event.clear_company();
    event.clear_external_reference();
    event.clear_cancel_reason();
    event.clear_card();
    event.clear_links();
    event.clear_attributes();
    event.clear_unrecognised();
    // The sender's own id of it may be a person's.
    if (event.has_references()) event.mutable_references()->clear_external_id();
}

void put_pseudonym(PaymentEvent& event, std::string_view pseudonym) {
    forget_person(event);
    const std::string id = std::exchange(*event.mutable_customer()->mutable_id(), std::string{pseudonym});
    if (id.empty()) return;
    if (event.subject().kind() == v1::SUBJECT_KIND_CUSTOMER && event.subject().id() == id)
        event.mutable_subject()->set_id(std::string{pseudonym});
    if (event.ordering_key() == id) event.set_ordering_key(std::string{pseudonym});
}

}  // namespace tollgate::events
